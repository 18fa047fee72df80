"""Pages that are no longer on their site: when one counts as gone, and when so many do that a person must look."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SURE_AFTER = timedelta(hours=24)
"""Time after which a missing page (404) counts as gone, if a later run finds that it is still missing."""
FEW = 20
"""Number of pages of a source that may disappear at once, however few pages it has."""
SHARE = 0.05
"""Share of the pages of a source that may disappear at once, if that is more than `FEW`."""

_DUE, _REMOVED = "due", "removed"


@dataclass(frozen=True, slots=True)
class Departed:
    """A page of the corpus that is gone from its site.

    Attributes:
        address: number of its address.
        url: its address as it was fetched.
        key: its normalised address, the same for all spellings.
        place: path of the page in the corpus.
        reason: how the site answers now (French).
        since: time (UTC, ISO 8601) when it was first missing.
    """

    address: int
    url: str
    key: str
    place: str
    reason: str
    since: str


def note_missing(db: sqlite3.Connection, address: int, run: int, now: datetime, *, at_once: bool) -> None:
    """Note that an address answers that there is no page; the caller opens the transaction.

    Args:
        db: connection to the SQLite file of the sources.
        address: number of the address.
        run: number of the run.
        now: the time.
        at_once: whether the page counts as gone at once, since the site says that it is gone for good (410).
    """
    since, before, gone, place = db.execute(
        "SELECT missing_since, missing_run, gone, place FROM addresses WHERE id = ?", (address,)
    ).fetchone()
    if gone == _REMOVED or not place:
        return
    first = not since
    if first:
        db.execute(
            "UPDATE addresses SET missing_since = ?, missing_run = ? WHERE id = ?", (now.isoformat(), run, address)
        )
    again = not first and before != run and now - datetime.fromisoformat(since) >= SURE_AFTER
    if at_once or again:
        db.execute("UPDATE addresses SET gone = ? WHERE id = ?", (_DUE, address))


def note_present(db: sqlite3.Connection, address: int) -> None:
    """Note that an address (its number) has a page; the caller opens the transaction.

    If the page was gone and its resource withdrawn, the next import brings the resource back.
    """
    db.execute("UPDATE addresses SET missing_since = '', missing_run = 0, gone = '' WHERE id = ?", (address,))


def due(db: sqlite3.Connection, source: str) -> Sequence[Departed]:
    """Return the pages of a source that are gone from its site, and are still to be withdrawn from the archive."""
    rows = db.execute(
        "SELECT id, url, key, place, reason, missing_since FROM addresses WHERE source = ? AND gone = ? ORDER BY id",
        (source, _DUE),
    )
    return [Departed(*row) for row in rows]


def too_many(db: sqlite3.Connection, source: str, number: int) -> bool:
    """Return whether `number` pages of a source, gone at once, are so many that the site is more likely broken."""
    held = db.execute("SELECT count(*) FROM addresses WHERE source = ? AND place != ''", (source,)).fetchone()[0]
    return number > FEW and number > SHARE * int(held)


def removed(db: sqlite3.Connection, address: int) -> None:
    """Note that the gone page of an address (its number) was withdrawn; the caller opens the transaction."""
    db.execute("UPDATE addresses SET gone = ? WHERE id = ?", (_REMOVED, address))


def removed_before(db: sqlite3.Connection, source: str, when: str) -> Sequence[Departed]:
    """Return the pages of a source that the archive has withdrawn, and that the site no longer had before `when` (UTC,
    ISO 8601).
    """
    rows = db.execute(
        "SELECT id, url, key, place, reason, missing_since FROM addresses WHERE source = ? AND gone = ? "
        "AND missing_since < ? ORDER BY id",
        (source, _REMOVED, when),
    )
    return [Departed(*row) for row in rows]


def put_removal(db: sqlite3.Connection, source: str, departed: Departed, resource: str, now: datetime) -> None:
    """Note that a resource was withdrawn because its page is gone; the caller opens the transaction.

    Args:
        db: connection to the SQLite file of the sources.
        source: name of the source.
        departed: the page that is gone.
        resource: id of the resource.
        now: time of the withdrawal.
    """
    db.execute(
        "INSERT OR REPLACE INTO removals (resource, source, key, reason, at) VALUES (?, ?, ?, ?, ?)",
        (resource, source, departed.key, departed.reason, now.isoformat(timespec="seconds")),
    )


def removals(db: sqlite3.Connection, source: str) -> dict[str, str]:
    """Return the ids of the resources of a source that were withdrawn because their pages are gone, each with the
    normalised address of its page.
    """
    return dict(db.execute("SELECT resource, key FROM removals WHERE source = ?", (source,)).fetchall())


def returned(db: sqlite3.Connection, source: str) -> Sequence[str]:
    """Return the ids of the resources that were withdrawn because their pages were gone, and whose pages are back."""
    rows = db.execute(
        "SELECT removals.resource FROM removals JOIN addresses USING (source, key) WHERE source = ? AND gone = '' "
        "AND place != '' AND missing_since = '' AND answer IN ('page', 'unchanged') ORDER BY removals.resource",
        (source,),
    )
    return [str(resource) for (resource,) in rows]


def drop_removal(db: sqlite3.Connection, source: str, resource: str) -> None:
    """Forget that a resource was withdrawn; the caller opens the transaction."""
    db.execute("DELETE FROM removals WHERE source = ? AND resource = ?", (source, resource))


def is_alive(db: sqlite3.Connection, key: str, place: str) -> bool:
    """Return whether the page with this normalised address, and this path in the corpus, is still on its site."""
    found = db.execute(
        "SELECT 1 FROM addresses WHERE key = ? AND place = ? AND resource AND gone = '' AND missing_since = '' "
        "AND answer IN ('page', 'unchanged')",
        (key, place),
    ).fetchone()
    return found is not None


def forget_missing_places(db: sqlite3.Connection, source: str, held: Collection[str]) -> int:
    """Forget what was noted of pages that the corpus no longer has, so that the next run fetches them again; return how
    many they are.

    Args:
        db: connection to the SQLite file of the sources, in a transaction.
        source: name of the source.
        held: paths of the pages of the corpus.
    """
    rows = db.execute("SELECT id, place FROM addresses WHERE source = ? AND place != ''", (source,)).fetchall()
    lost = [(number,) for number, place in rows if place not in held]
    db.executemany("UPDATE addresses SET place = '', digest = '', etag = '', modified = '' WHERE id = ?", lost)
    return len(lost)


def forget(db: sqlite3.Connection, address: int) -> None:
    """Forget an address (its number) whose page was deleted from the corpus; the caller opens the transaction. If
    the site still links to it, it stays among the addresses to fetch, since the page may return.
    """
    db.execute("DELETE FROM spool WHERE address = ?", (address,))
    linked = db.execute(
        "SELECT 1 FROM links WHERE target = ? UNION SELECT 1 FROM addresses WHERE id = ? AND listed", (address, address)
    ).fetchone()
    if linked is None:
        db.execute("DELETE FROM links WHERE origin = ?", (address,))
        db.execute("DELETE FROM nodes WHERE address = ?", (address,))
        db.execute("DELETE FROM addresses WHERE id = ?", (address,))
    else:
        db.execute(
            "UPDATE addresses SET place = '', digest = '', etag = '', modified = '', resource = 0, gone = '', "
            "missing_since = '', missing_run = 0 WHERE id = ?",
            (address,),
        )
