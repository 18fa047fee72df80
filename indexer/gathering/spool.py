"""Pages that were fetched and wait for an import. They are committed together with what was noted of their addresses.

A page leaves the spool once an import has stored it, so that a run that is killed anywhere loses none.
"""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from indexer.parsing.node import PageKind
from indexer.sources.entry import Found
from indexer.sources.place import place_of


@dataclass(frozen=True, slots=True)
class Spooled:
    """A page of the spool.

    Attributes:
        address: number of its address.
        url: its address.
        at: time when it was fetched (UTC, ISO 8601).
        raw: its bytes, which also state its address and whether visitors may see it; None if no new bytes came, but the
            page in the corpus is to be hidden from visitors.
        place: path of its page in the corpus, if there is one already.
    """

    address: int
    url: str
    at: str
    raw: bytes | None
    place: str

    @property
    def name(self) -> PurePosixPath:
        """Return its path within the source, which depends on its address alone."""
        return place_of(self.url)

    def found(self) -> Found:
        """Return the page in the form in which all import sources yield their pages."""
        return Found(self.url, self.name, self.raw or b"", PageKind.HTML, self.at)


def put(db: sqlite3.Connection, address: int, at: str, raw: bytes | None, *, hidden: bool) -> None:
    """Add a page to the spool, in place of an earlier one of its address; the caller opens the transaction.

    Args:
        db: connection to the SQLite file of the sources.
        address: number of its address.
        at: time when it was fetched (UTC, ISO 8601).
        raw: its bytes; None if the page in the corpus is only to be hidden.
        hidden: whether visitors may not see it.
    """
    body = None if raw is None else zlib.compress(raw, 6)
    db.execute("INSERT OR REPLACE INTO spool VALUES (?, ?, ?, ?)", (address, at, hidden, body))


def pages(db: sqlite3.Connection, source: str) -> Iterator[Spooled]:
    """Yield the pages of a source that wait, one in memory at a time."""
    numbers = db.execute(
        "SELECT spool.address FROM spool JOIN addresses ON addresses.id = spool.address WHERE source = ? ORDER BY 1",
        (source,),
    ).fetchall()
    for (number,) in numbers:
        row = db.execute(
            "SELECT url, at, body, place FROM spool JOIN addresses ON addresses.id = spool.address "
            "WHERE spool.address = ?",
            (number,),
        ).fetchone()
        if row is not None:
            url, at, body, place = row
            yield Spooled(int(number), url, at, None if body is None else zlib.decompress(body), place)


def holds(db: sqlite3.Connection, address: int) -> bool:
    """Return whether a page of an address waits for an import."""
    found = db.execute("SELECT 1 FROM spool WHERE address = ? AND body IS NOT NULL", (address,)).fetchone()
    return found is not None


def taken(db: sqlite3.Connection, places: Iterable[tuple[int, str, str]]) -> None:
    """Remove pages from the spool, unless they were fetched again since, and note where the corpus has them.

    Args:
        db: connection to the SQLite file of the sources, in a transaction.
        places: for each page, the number of its address, the time when it was fetched, and its path in the corpus
            (empty if the import set it aside).
    """
    for number, at, place in places:
        if db.execute("DELETE FROM spool WHERE address = ? AND at = ?", (number, at)).rowcount:
            db.execute("UPDATE addresses SET place = ? WHERE id = ? AND ? != ''", (place, number, place))


def hidden(db: sqlite3.Connection, addresses: Iterable[int]) -> None:
    """Note that the corpus hides the pages of these addresses (numbers); once visible again, they are stored anew."""
    db.executemany("UPDATE addresses SET hidden = 1, digest = '' WHERE id = ?", ((one,) for one in addresses))


def dropped(db: sqlite3.Connection, addresses: Iterable[int]) -> None:
    """Remove pages from the spool without importing them; the caller opens the transaction."""
    db.executemany("DELETE FROM spool WHERE address = ?", ((one,) for one in addresses))


def digest_of_body(raw: bytes) -> str:
    """Return a digest by which to tell whether a page changed since it was fetched last."""
    return hashlib.blake2b(raw, digest_size=16).hexdigest()
