"""The members' store: selections and saved searches by account."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from indexer.analysis import collation_key
from indexer.errors import RequestError
from indexer.storage.database import WAIT, Database
from search_app.data_files import open_data_file
from search_app.errors import StoreError
from search_app.messages import THIN, typeset

MOST_SELECTED = 1000
MOST_SEARCHES = 30
MOST_NAME = 100
FEED_DAYS = 365
"""Number of days after which an unread private feed expires."""
VISIT = 30 * 60
"""Number of seconds without a request after which a visit is over; until then new resources stay new."""

_STEPS = (
    (
        """
        CREATE TABLE selected (
            account TEXT NOT NULL,
            resource TEXT NOT NULL,
            rank INTEGER NOT NULL,
            PRIMARY KEY (account, resource)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE searches (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            account TEXT NOT NULL,
            name TEXT NOT NULL,
            arguments TEXT NOT NULL,
            saved REAL NOT NULL,
            since REAL NOT NULL,
            visited REAL NOT NULL,
            generation TEXT,
            feed TEXT UNIQUE
        )
        """,
        "CREATE INDEX searches_account ON searches (account)",
        # Records when a search first found a resource, and whether it still finds it.
        """
        CREATE TABLE found (
            search INTEGER NOT NULL REFERENCES searches (id) ON DELETE CASCADE,
            resource TEXT NOT NULL,
            first REAL NOT NULL,
            present INTEGER NOT NULL DEFAULT 1,
            PRIMARY KEY (search, resource)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX found_first ON found (search, first)",
    ),
    (
        # All private feeds of an account can be ended at once, and unused feeds expire. Existing feeds stay valid.
        "ALTER TABLE searches ADD COLUMN feed_epoch INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE searches ADD COLUMN feed_made REAL",
        "ALTER TABLE searches ADD COLUMN feed_used REAL",
        "ALTER TABLE searches ADD COLUMN feed_counted REAL NOT NULL DEFAULT 0",
        "UPDATE searches SET feed_counted = CAST(strftime('%s', 'now') AS REAL) WHERE feed IS NOT NULL",
    ),
    (
        # Searches saved before this could be chosen require all words from now on, so that none is flooded with hits
        # that have only some.
        "UPDATE searches SET arguments = arguments || '&match=all' WHERE '&' || arguments LIKE '%&q=%'",
    ),
)

_COUNTED = """
    SELECT s.*, (SELECT COUNT(*) FROM found f WHERE f.search = s.id AND f.present AND f.first > s.since) AS fresh
    FROM searches s
"""


@dataclass(frozen=True, slots=True)
class PrivateFeed:
    """The private feed of a saved search, without its secret. `search_app.accounts.rights` decides whether it is valid.

    Attributes:
        epoch: the account's `feed_epoch` when the feed was opened.
        made: day on which it was opened, ISO 8601; None for feeds of older versions, which did not record it.
        used: day of its last use, or None.
        expires: last day on which it is valid if nobody reads it until then (UTC).
        expired: whether that day has passed.
    """

    epoch: int
    made: str | None
    used: str | None
    expires: str
    expired: bool


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search that a member follows.

    Attributes:
        id: number of the search.
        account: key of the member's account.
        name: name given by the member.
        arguments: query string of the search page, without the page number.
        fresh: number of resources that it first found since the last visit.
        generation: generation in which it was last run.
        feed: its private feed, or None.
    """

    id: int
    account: str
    name: str
    arguments: str
    fresh: int
    generation: str | None
    feed: PrivateFeed | None


@dataclass(frozen=True, slots=True)
class Finding:
    """A resource, and the time at which a saved search first found it, in seconds since 1970."""

    resource: str
    first: float


class MembersStore:
    """Selections and saved searches of all members, in one file.

    Args:
        path: the SQLite file, created by the first change.
        clock: returns the time in seconds since 1970.
        wait: seconds to wait for another process that is writing.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time, *, wait: float = WAIT) -> None:
        self._store = open_data_file(path, _STEPS, wait=wait)
        self._clock = clock

    @property
    def database(self) -> Database:
        """The file that holds them."""
        return self._store

    def forget(self, account: str) -> None:
        """Delete everything stored for an account.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._reading() as database:
            if database is None:
                return
        with self._changing() as database:
            for table in ("selected", "searches"):
                database.execute(f"DELETE FROM {table} WHERE account = ?", (account,))  # noqa: S608

    # The selection

    def selected(self, account: str) -> tuple[str, ...]:
        """Return the ids of the resources that a member selected, the latest first.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._reading() as database:
            if database is None:
                return ()
            rows = database.execute("SELECT resource FROM selected WHERE account = ? ORDER BY rank DESC", (account,))
            return tuple(row["resource"] for row in rows)

    def select(self, account: str, resource: str) -> None:
        """Add a resource to the selection; one that is already selected keeps its position.

        Raises:
            RequestError: the selection is full.
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            count, last = database.execute(
                "SELECT COUNT(*), COALESCE(MAX(rank), 0) FROM selected WHERE account = ?", (account,)
            ).fetchone()
            added = database.execute(
                "INSERT OR IGNORE INTO selected (account, resource, rank) VALUES (?, ?, ?)",
                (account, resource, last + 1),
            ).rowcount
            if added and count >= MOST_SELECTED:
                raise RequestError(_selection_full(), field="resource")

    def deselect(self, account: str, resource: str | None = None) -> None:
        """Remove a resource from the selection, or all if it is None; it is no error if it is not selected.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            database.execute(
                "DELETE FROM selected WHERE account = ? AND (? IS NULL OR resource = ?)", (account, resource, resource)
            )

    # Saved searches

    def save(self, account: str, name: str, arguments: str, found: Iterable[str], generation: str | None) -> int:
        """Save a search; the resources that it finds now do not count as new.

        Args:
            account: key of the account.
            name: name given by the member.
            arguments: query string of the search page.
            found: ids of the resources that it finds now.
            generation: generation that was searched.

        Returns:
            The number of the saved search.

        Raises:
            RequestError: the member has too many searches already.
            StoreError: the file cannot be written.
        """
        now = self._clock()
        with self._changing() as database:
            (count,) = database.execute("SELECT COUNT(*) FROM searches WHERE account = ?", (account,)).fetchone()
            if count >= MOST_SEARCHES:
                raise RequestError(
                    typeset(
                        f"Vous suivez déjà {MOST_SEARCHES} recherches : "
                        "supprimez-en une avant d’en enregistrer une autre."
                    ),
                    field="name",
                )
            saved = database.execute(
                "INSERT INTO searches (account, name, arguments, saved, since, visited, generation) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (account, name[:MOST_NAME], arguments, now, now, now, generation),
            ).fetchone()
            _note(database, saved["id"], found, now)
        return int(saved["id"])

    def searches(self, account: str) -> tuple[SavedSearch, ...]:
        """Return a member's searches, ordered by name.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._reading() as database:
            if database is None:
                return ()
            rows = database.execute(_COUNTED + "WHERE s.account = ? ORDER BY s.id", (account,))
            found = (_search(row, self._clock()) for row in rows)
            return tuple(sorted(found, key=lambda search: collation_key(search.name)))

    def search(self, account: str, search_id: int) -> SavedSearch | None:
        """Return one of a member's searches, or None.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._one("WHERE s.account = ? AND s.id = ?", account, search_id)

    def note(self, search: SavedSearch, found: Iterable[str], generation: str | None) -> None:
        """Record the resources that a search finds now; those that it never found before are new.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            _note(database, search.id, found, self._clock())
            database.execute("UPDATE searches SET generation = ? WHERE id = ?", (generation, search.id))

    def visit(self, search: SavedSearch) -> None:
        """Record that a member looks at the new resources: at the next visit they are no longer new.

        Raises:
            StoreError: the file cannot be written.
        """
        now = self._clock()
        with self._changing() as database:
            database.execute(
                "UPDATE searches SET since = CASE WHEN ? - visited > ? THEN visited ELSE since END, visited = ? "
                "WHERE id = ?",
                (now, VISIT, now, search.id),
            )

    def fresh(self, search: SavedSearch, limit: int) -> tuple[Finding, ...]:
        """Return the resources found for the first time since the last visit, the latest first.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._findings(search, limit, fresh=True)

    def since_saved(self, search: SavedSearch, limit: int) -> tuple[Finding, ...]:
        """Return all resources found for the first time since the search was saved, the latest first.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._findings(search, limit, fresh=False)

    def rename(self, search: SavedSearch, name: str) -> None:
        """Give a search another name.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            database.execute("UPDATE searches SET name = ? WHERE id = ?", (name[:MOST_NAME], search.id))

    def delete(self, search: SavedSearch) -> None:
        """Delete a search and its private feed.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            database.execute("DELETE FROM searches WHERE id = ?", (search.id,))

    # Private feeds

    def open_feed(self, search: SavedSearch, epoch: int) -> str:
        """Open a private feed of a search, replacing the former one, and return its token, of which only a hash is
        stored.

        Args:
            search: the search.
            epoch: the account's `feed_epoch`.

        Raises:
            StoreError: the file cannot be written.
        """
        token, now = secrets.token_urlsafe(32), self._clock()
        with self._changing() as database:
            database.execute(
                "UPDATE searches SET feed = ?, feed_epoch = ?, feed_made = ?, feed_used = NULL, feed_counted = ? "
                "WHERE id = ?",
                (_hash(token), epoch, now, now, search.id),
            )
        return token

    def close_feed(self, search: SavedSearch) -> None:
        """End the private feed of a search.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._changing() as database:
            database.execute("UPDATE searches SET feed = NULL WHERE id = ?", (search.id,))

    def note_feed_use(self, search: SavedSearch) -> None:
        """Record the current day as the day of last use, at most once a day. Does nothing if the file cannot be
        written.
        """
        now = self._clock()
        if search.feed is None or search.feed.used == _day(now):
            return
        with suppress(StoreError), self._reading() as database:
            # A single statement is atomic, so it needs no transaction, for whose lock it might have to wait.
            if database is not None:
                database.execute(
                    "UPDATE searches SET feed_used = ?, feed_counted = ? WHERE id = ?", (now, now, search.id)
                )

    def by_token(self, token: str) -> SavedSearch | None:
        """Return the search whose private feed has this token, or None; the caller checks the account.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._one("WHERE s.feed = ?", _hash(token))

    def _one(self, condition: str, *values: str | int) -> SavedSearch | None:
        with self._reading() as database:
            if database is None:
                return None
            row = database.execute(_COUNTED + condition, values).fetchone()
            return None if row is None else _search(row, self._clock())

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        with self._store.reading() as database:
            if database is not None:
                database.row_factory = sqlite3.Row
            yield database

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._store.changing() as database:
            database.row_factory = sqlite3.Row
            yield database

    def _findings(self, search: SavedSearch, limit: int, *, fresh: bool) -> tuple[Finding, ...]:
        with self._reading() as database:
            if database is None:
                return ()
            rows = database.execute(
                "SELECT f.resource, f.first FROM found f JOIN searches s ON s.id = f.search "
                "WHERE s.id = ? AND f.present AND f.first > CASE WHEN ? THEN s.since ELSE s.saved END "
                "ORDER BY f.first DESC, f.resource LIMIT ?",
                (search.id, fresh, limit),
            )
            return tuple(Finding(row["resource"], row["first"]) for row in rows)


def _selection_full() -> str:
    count = f"{MOST_SELECTED:,}".replace(",", THIN)
    return typeset(f"Votre sélection est pleine ({count} ressources) : retirez-en avant d’en ajouter.")


def _note(database: sqlite3.Connection, search_id: int, found: Iterable[str], now: float) -> None:
    database.execute("UPDATE found SET present = 0 WHERE search = ?", (search_id,))
    database.executemany(
        "INSERT INTO found (search, resource, first) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET present = 1",
        ((search_id, resource, now) for resource in found),
    )


def _search(row: sqlite3.Row, now: float) -> SavedSearch:
    return SavedSearch(
        row["id"], row["account"], row["name"], row["arguments"], row["fresh"], row["generation"],
        feed=None if row["feed"] is None else _feed(row, now),
    )  # fmt: skip


def _feed(row: sqlite3.Row, now: float) -> PrivateFeed:
    made, used = row["feed_made"], row["feed_used"]
    expires = _day(row["feed_counted"] + FEED_DAYS * 24 * 3600)
    return PrivateFeed(
        row["feed_epoch"],
        None if made is None else _day(made),
        None if used is None else _day(used),
        expires,
        expires < _day(now),
    )


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _hash(token: str) -> str:
    # The token is long and random and cannot be guessed, so a fast hash is enough.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
