"""The frontier: every address known of a source, which of them to fetch, and in which order.

The depth of an address is the number of links from the start. Its chain is the number of barren pages (which show no
resource and link to none) of its own family of addresses just before it. Both are the least over all pages that link to
it, however late such a page is found; a change is passed on along the stored links. So the set of addresses that are
fetched is the same in whatever order they are discovered.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from indexer.gathering.addresses import key_of
from indexer.gathering.traps import LONGEST_CHAIN, family_of, template_of

MAX_ADDRESSES = 300_000
"""Number of addresses of one source, after which no further ones are noted."""
MAX_TRIES = 2
"""Number of times in one run that an address is tried before it is given up; each time, a few requests are made."""
MAX_SPENT = 3
"""Number of barren pages (no resource, no link to one) after which other pages found only from these are not read.

It is counted in each family (addresses with the same host and first segment of the path), unless a page of the family
shows a resource.
"""
_FAR = 1 << 30


@dataclass(frozen=True, slots=True)
class Known:
    """An address of the frontier, and what is known of its page.

    Attributes:
        id: its number.
        url: the address to fetch.
        template: the address without its numbers and the values of its parameters.
        listed: whether a sitemap names it.
        resource: whether its page showed a resource when it was last read.
        digest: digest of the bytes last read; empty if none were.
        place: path in the corpus of its page, empty if the corpus has none.
        fetched: time when these bytes came.
        etag, modified: validators of these bytes (headers `ETag` and `Last-Modified`).
        open_etag, open_modified: validators of what an anonymous request was shown, for sources with credentials.
        open: whether the page that was kept is what an anonymous request was shown, for sources with credentials.
        hidden: whether its page was kept as one that visitors do not see.
        tries: number of times that it gave no answer in this run; -1 for an address to fetch before the others.
    """

    id: int
    url: str
    template: str
    listed: bool
    resource: bool
    digest: str
    place: str
    fetched: str
    etag: str
    modified: str
    open_etag: str
    open_modified: str
    open: bool
    hidden: bool
    tries: int


_COLUMNS = (
    "id, url, template, listed, resource, digest, place, fetched, etag, modified, open_etag, open_modified, open, "
    "hidden, tries"
)


_OPEN = (
    "(listed OR (chain < ? AND depth <= ? "
    "AND (chain = 0 OR family NOT IN (SELECT family FROM closed WHERE source = ?))))"
)


class Frontier:
    """The addresses known of one source, and which of them one run is to fetch. The caller opens transactions.

    Args:
        database: connection to the SQLite file of the sources.
        source: name of the source.
        run: number of the run; addresses whose answer was noted in it (settled ones) are not fetched again.
        depth: largest number of links between the start and an address to fetch, or None for any.
    """

    def __init__(self, database: sqlite3.Connection, source: str, run: int, *, depth: int | None = None) -> None:
        self._db, self._source, self._run = database, source, run
        self._depth = _FAR if depth is None else depth
        found = database.execute("SELECT count(*) FROM addresses WHERE source = ?", (source,))
        self._count = int(found.fetchone()[0])

    def start(self, address: str) -> int:
        """Add an address that a run begins with, and return its number."""
        number = self._add(address)
        self._lower(number, 0, 0)
        return number

    def listed(self, addresses: Iterable[tuple[str, str]]) -> None:
        """Add addresses that a sitemap names; the limits of depth and of barren pages in a row do not apply to them.

        Args:
            addresses: each with the time of its last change as the sitemap has it (ISO 8601), or an empty text. What
                changed since it was fetched comes first; the rest is asked for too, since sitemaps may be wrong.
        """
        for address, changed in addresses:
            number = self._add(address)
            if number:
                self._db.execute(
                    "UPDATE addresses SET listed = 1, tries = CASE WHEN fetched != '' AND ? > fetched AND NOT done "
                    "THEN -1 ELSE tries END WHERE id = ?",
                    (changed, number),
                )
                self._lower(number, 1, 0)

    def forget_listed(self) -> None:
        """Forget which addresses sitemaps name, before they are read again."""
        self._db.execute("UPDATE addresses SET listed = 0 WHERE source = ?", (self._source,))

    def next(self) -> Known | None:
        """Return the next address to fetch, or None if nothing is left."""
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM addresses WHERE source = ? AND done = 0 AND tries < ? "  # noqa: S608 - a constant
            f"AND {_OPEN} ORDER BY tries, chain, depth, id LIMIT 1",
            (self._source, MAX_TRIES, LONGEST_CHAIN, self._depth, self._source),
        ).fetchone()
        return None if row is None else _known(row)

    def known(self, address: str) -> Known | None:
        """Return what is known of an address, None if it is not in the frontier."""
        row = self._db.execute(
            f"SELECT {_COLUMNS} FROM addresses WHERE source = ? AND key = ?",  # noqa: S608 - a constant
            (self._source, key_of(address)),
        ).fetchone()
        return None if row is None else _known(row)

    def is_settled(self, number: int) -> bool:
        """Return whether the answer of an address was noted in this run, so that it is not fetched again."""
        found = self._db.execute("SELECT done FROM addresses WHERE id = ?", (number,)).fetchone()
        return bool(found and found[0])

    def waiting(self) -> int:
        """Return how many addresses are still to be fetched."""
        found = self._db.execute(
            f"SELECT count(*) FROM addresses WHERE source = ? AND done = 0 AND tries < ? AND {_OPEN}",  # noqa: S608
            (self._source, MAX_TRIES, LONGEST_CHAIN, self._depth, self._source),
        )
        return int(found.fetchone()[0])

    def settle(self, number: int, answer: str, reason: str = "") -> None:
        """Note what an address answered: it is not asked again in this run.

        Args:
            number: the address.
            answer: the kind of answer, such as a value of `Answer`.
            reason: why it gave no page (French), or empty.
        """
        self._db.execute(
            "UPDATE addresses SET run = ?, done = 1, tries = 0, answer = ?, reason = ? WHERE id = ?",
            (self._run, answer, reason, number),
        )

    def put_off(self, number: int, answer: str, reason: str) -> None:
        """Note that an address gave no answer: it is asked again after the others.

        Args:
            number: the address.
            answer: the kind of failure, a value of `Answer`.
            reason: why it gave no answer (French).
        """
        self._db.execute(
            "UPDATE addresses SET tries = tries + 1, answer = ?, reason = ? WHERE id = ?", (answer, reason, number)
        )

    def read(self, number: int, links: Iterable[str], *, resource: bool, echo: bool, signature: str = "") -> None:
        """Note what the page of an address shows, and add what it links to.

        Args:
            number: the address.
            links: addresses of pages of the source.
            resource: whether it shows a resource.
            echo: whether it only repeats another page whose address differs in numbers or values of parameters.
            signature: digest of what the page shows, by which such repetitions are found.
        """
        targets = {target for target in map(self._add, links) if target and target != number}
        before = {row[0] for row in self._db.execute("SELECT target FROM links WHERE origin = ?", (number,))}
        self._db.executemany(
            "DELETE FROM links WHERE origin = ? AND target = ?", ((number, one) for one in before - targets)
        )
        self._db.executemany("INSERT OR IGNORE INTO links VALUES (?, ?)", ((number, one) for one in targets))
        self._db.execute(
            "UPDATE addresses SET resource = ?, echo = ?, signature = ? WHERE id = ?",
            (resource, echo, signature, number),
        )
        parents = self._db.execute("SELECT origin FROM links WHERE target = ?", (number,)).fetchall()
        for one in (number, *(parent for (parent,) in parents)):
            self._judge(one)
        self._relax(targets)
        self._weigh(number)

    def repeats(self, number: int, template: str, signature: str) -> list[str]:
        """Return the addresses, other than that with `number`, that have this template (address without its numbers)
        and whose pages have this signature (digest of what a page shows); 50 at most.
        """
        rows = self._db.execute(
            "SELECT url FROM addresses WHERE source = ? AND template = ? AND signature = ? AND id != ? LIMIT 50",
            (self._source, template, signature, number),
        )
        return [str(url) for (url,) in rows]

    def _judge(self, number: int) -> None:
        """Note whether a page is fruitful: it shows a resource or links to one, and repeats no other page. If it
        becomes fruitful, fewer barren pages are counted before the addresses that it links to.
        """
        row = self._db.execute("SELECT resource, echo, fruitful FROM addresses WHERE id = ?", (number,)).fetchone()
        resource, echo, before = row
        leads = (
            resource
            or self._db.execute(
                "SELECT 1 FROM links JOIN addresses ON addresses.id = links.target "
                "WHERE origin = ? AND resource LIMIT 1",
                (number,),
            ).fetchone()
        )
        now = bool(leads) and not echo
        if now and not before:
            self._db.execute("UPDATE addresses SET fruitful = 1 WHERE id = ?", (number,))
            self._weigh(number)
            self._relax(row[0] for row in self._db.execute("SELECT target FROM links WHERE origin = ?", (number,)))

    def _weigh(self, number: int) -> None:
        """Count a page if it is barren (shows no resource and links to none) and was found only from barren pages of
        its family. If a family has many of these and no resource, it is closed: no more of these pages are read.
        """
        family, chain, fruitful, spent = self._db.execute(
            "SELECT family, chain, fruitful, spent FROM addresses WHERE id = ?", (number,)
        ).fetchone()
        now = chain > 0 and not fruitful
        if not family or (now == bool(spent) and not fruitful):
            return
        self._db.execute("UPDATE addresses SET spent = ? WHERE id = ?", (now, number))
        count = self._db.execute(
            "SELECT count(*) FROM addresses WHERE source = ? AND family = ? AND spent", (self._source, family)
        ).fetchone()[0]
        fruit = (
            count >= MAX_SPENT
            and self._db.execute(
                "SELECT 1 FROM addresses WHERE source = ? AND family = ? AND resource LIMIT 1", (self._source, family)
            ).fetchone()
        )
        if count >= MAX_SPENT and not fruit:
            self._db.execute("INSERT OR IGNORE INTO closed VALUES (?, ?)", (self._source, family))
        else:
            self._db.execute("DELETE FROM closed WHERE source = ? AND family = ?", (self._source, family))

    def _relax(self, numbers: Iterable[int]) -> None:
        waiting = list(numbers)
        while waiting:
            number = waiting.pop()
            family = self._db.execute("SELECT family FROM addresses WHERE id = ?", (number,)).fetchone()[0]
            depth, chain = self._db.execute(
                "SELECT min(depth) + 1, min(CASE WHEN ? = '' OR fruitful OR family != ? THEN 0 ELSE chain + 1 END) "
                "FROM links JOIN addresses ON addresses.id = links.origin WHERE target = ?",
                (family, family, number),
            ).fetchone()
            if depth is not None and self._lower(number, int(depth), int(chain), follow=False):
                waiting += (row[0] for row in self._db.execute("SELECT target FROM links WHERE origin = ?", (number,)))

    def _lower(self, number: int, depth: int, chain: int, *, follow: bool = True) -> bool:
        """Lower the depth (links from the start) and chain (barren pages just before) of an address to the given
        values, unless they are lower already; return whether either changed.

        With `follow`, the change is passed on to the addresses that the page links to.
        """
        changed = self._db.execute(
            "UPDATE addresses SET depth = min(depth, ?), chain = min(chain, ?) "
            "WHERE id = ? AND (depth > ? OR chain > ?)",
            (depth, chain, number, depth, chain),
        ).rowcount
        if changed and follow:
            self._relax(row[0] for row in self._db.execute("SELECT target FROM links WHERE origin = ?", (number,)))
        return bool(changed)

    def _add(self, address: str) -> int:
        """Return the number of an address, added if it is new; 0 if the source has too many addresses to add it."""
        key = key_of(address)
        row = self._db.execute("SELECT id FROM addresses WHERE source = ? AND key = ?", (self._source, key)).fetchone()
        if row is not None:
            return int(row[0])
        if self._count >= MAX_ADDRESSES:
            return 0
        self._count += 1
        added = self._db.execute(
            "INSERT INTO addresses (source, key, url, family, template, depth, chain) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (self._source, key, address, family_of(address), template_of(address), _FAR, _FAR),
        )
        return int(added.lastrowid or 0)


def _known(row: tuple[object, ...]) -> Known:
    held = dict(zip(_COLUMNS.split(", "), row, strict=True))
    flags = {name: bool(held[name]) for name in ("listed", "resource", "open", "hidden")}
    return Known(**{**held, **flags})  # type: ignore[arg-type]
