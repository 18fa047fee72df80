"""The anonymous log of searches: counts by hour and query, kept for some weeks.

Equal searches of one hour are one row with a count, and rows are stored in the order of their content, so the file
shows neither who searched nor which searches followed each other. E-mail addresses and long numbers in queries are
masked. Members' queries may contain words of private resources, so only staff may read the log.
"""

from __future__ import annotations

import logging
import re
import sqlite3
import threading
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from indexer.analysis import collation_key
from indexer.storage.database import Database, Durability
from search_app.control_characters import CONTROLS
from search_app.data_files import open_data_file
from search_app.errors import StoreError

MAX_QUERY = 200
MOST_ROWS_A_DAY = 20_000
MOST_BYTES = 99_000_000
"""Largest size of the file in bytes; with its journal it stays below 100 MB."""

_DROPPED = 1000
"""Number of rows deleted at once, so that deletions are rare."""

_EMAIL = re.compile(r"\S+@\S+")
_NUMBER = re.compile(r"(?:\+\d\d|\b0)[\s.]*\d(?:[\s.\-]*\d\d){4}|\d{9,}")
_SPACES = re.compile(rf"[\s{CONTROLS}]+")
_SCHEMA = (
    (
        """
        CREATE TABLE searches (
            day TEXT NOT NULL, hour INTEGER NOT NULL, query TEXT NOT NULL,
            member INTEGER NOT NULL, corrected INTEGER NOT NULL, results INTEGER NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (day, hour, query, member, corrected, results)
        ) WITHOUT ROWID
        """,
    ),
    (
        "CREATE TABLE days (day TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID",
        "INSERT INTO days SELECT day, COUNT(*) FROM searches GROUP BY day",
    ),
)
_KEY = "day, hour, query, member, corrected, results"
_SAME = " AND ".join(f"{column} = ?" for column in _KEY.split(", "))
_Queries = tuple["SearchesOfQuery", ...]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SearchesOfDay:
    """Searches of one day.

    Attributes:
        day: local day.
        searches: how many.
        fruitless: how many of them found nothing.
        by_members: how many of them were made by members or staff.
    """

    day: date
    searches: int
    fruitless: int
    by_members: int


@dataclass(frozen=True, slots=True)
class SearchesOfQuery:
    """Searches of one query.

    Attributes:
        query: the query in small letters, with e-mail addresses and long numbers masked.
        searches: how many.
        fruitless: how many of them found nothing.
        corrected: how many of them were answered with a corrected spelling.
        last: day of the latest one.
    """

    query: str
    searches: int
    fruitless: int
    corrected: int
    last: date


class SearchLog:
    """The log of searches in one file.

    Args:
        path: the SQLite file, created by the first search.
        keep: number of days for which searches are kept; 0 turns the log off and deletes existing entries.
        clock: returns the local time.
    """

    def __init__(self, path: Path, keep: int, *, clock: Callable[[], datetime] = datetime.now) -> None:
        # Short wait, no flush: rather than slow a search down, the log loses it.
        self._store = open_data_file(path, _SCHEMA, wait=0.1, durability=Durability.OFF)
        self._path = path
        self._keep = keep
        self._clock = clock
        self._purged: date | None = None
        # Threads of one process wait their turn here, so that the short wait is for other processes alone.
        self._noting = threading.Lock()

    @property
    def database(self) -> Database:
        """The database of the log."""
        return self._store

    @property
    def on(self) -> bool:
        """Return whether searches are logged."""
        return self._keep > 0

    @property
    def today(self) -> date:
        """Return the current local day, by which searches are counted."""
        return self._clock().date()

    def note(self, query: str, *, results: int, member: bool, corrected: bool) -> None:
        """Log one search. Never raises; errors go to the server's log, since the search itself was answered.

        Args:
            query: as typed; an empty query is not logged.
            results: number of resources found.
            member: whether a member or staff searched, so that private resources were searched too.
            corrected: whether it was answered with a corrected spelling.
        """
        query = normalised(query)
        if not self.on or not query:
            return
        now = self._clock()
        try:
            with self._noting, self._store.changing() as database:
                _add(database, (now.date().isoformat(), now.hour, query, member, corrected, results))
        except StoreError as error:
            _log.warning("recherche non notée : %s", error)
        else:
            if self._purged != now.date():
                self.purge()

    def purge(self) -> None:
        """Delete searches older than the retention period. Never raises. Called once a day and at start."""
        today = self.today
        if not self._path.exists():
            return
        try:
            with self._store.changing() as database:
                last = (today - timedelta(days=self._keep)).isoformat()
                for table in ("searches", "days"):
                    database.execute(f"DELETE FROM {table} WHERE day <= ?", (last,))  # noqa: S608
                while _is_full(database) and _drop(database):
                    pass
            if self._path.stat().st_size > MOST_BYTES:
                # Deleting rows does not shrink a file that grew under an earlier version.
                with self._store.reading() as held:
                    if held is not None:
                        held.execute("VACUUM")
        except (StoreError, OSError) as error:
            _log.warning("journal des recherches non purgé : %s", error)
        else:
            self._purged = today

    def erase(self) -> int:
        """Empty the log.

        Returns:
            Number of searches deleted.

        Raises:
            StoreError: the file cannot be written.
        """
        if not self._path.exists():
            return 0
        with self._store.changing() as database:
            held = database.execute("SELECT TOTAL(count) FROM searches").fetchone()[0]
            database.execute("DELETE FROM searches")
            database.execute("DELETE FROM days")
        return int(held)

    def by_day(self, since: date, until: date) -> tuple[SearchesOfDay, ...]:
        """Return the searches of each day, oldest first; days without searches are left out.

        Args:
            since: first day.
            until: last day.

        Raises:
            StoreError: the file cannot be read.
        """
        rows = self._ask(
            """
            SELECT day, SUM(count), SUM(count * (results = 0)), SUM(count * member) FROM searches
            WHERE day BETWEEN ? AND ? GROUP BY day ORDER BY day
            """,
            since,
            until,
        )
        return tuple(SearchesOfDay(date.fromisoformat(day), *counts) for day, *counts in rows)

    def most_frequent(self, since: date, until: date, *, limit: int = 50) -> tuple[SearchesOfQuery, ...]:
        """Return the queries of a period, most frequent first.

        Args:
            since: first day.
            until: last day.
            limit: how many at most.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._queries("asked", since, until, limit)

    def without_result(self, since: date, until: date, *, limit: int = 50) -> tuple[SearchesOfQuery, ...]:
        """Return the queries of a period that found nothing at least once, those that did so most often first.

        Args:
            since: first day.
            until: last day.
            limit: how many at most.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._queries("fruitless", since, until, limit)

    def _queries(self, order: Literal["asked", "fruitless"], since: date, until: date, limit: int) -> _Queries:
        rows = self._ask(
            # `order` is one of two constants of this module, never user input.
            f"""
            SELECT query, SUM(count) AS asked, SUM(count * (results = 0)) AS fruitless, SUM(count * corrected), MAX(day)
            FROM searches WHERE day BETWEEN ? AND ? GROUP BY query HAVING {order} > 0
            ORDER BY {order} DESC, asked DESC, query LIMIT ?
            """,  # noqa: S608
            since,
            until,
            limit,
        )
        found = (SearchesOfQuery(q, n, none, other, date.fromisoformat(last)) for q, n, none, other, last in rows)
        counts = ("fruitless", "searches") if order == "fruitless" else ("searches",)
        return tuple(
            sorted(found, key=lambda one: (*(-getattr(one, count) for count in counts), collation_key(one.query)))
        )

    def _ask(self, question: str, since: date, until: date, *more: int) -> list[Any]:
        # Expired searches are not counted, even if they are not deleted yet.
        since = max(since, self.today - timedelta(days=self._keep - 1))
        with self._store.reading() as database:
            if database is None:
                return []
            return database.execute(question, (since.isoformat(), until.isoformat(), *more)).fetchall()


def _add(database: sqlite3.Connection, key: tuple[str, int, str, bool, bool, int]) -> None:
    """Count one search, given as a row without its count: day (ISO 8601), hour, query, whether a member searched,
    whether the spelling was corrected, number of results. If there are then too many rows, some are deleted.
    """
    if database.execute(f"UPDATE searches SET count = count + 1 WHERE {_SAME}", key).rowcount:  # noqa: S608
        return
    database.execute("INSERT INTO searches VALUES (?, ?, ?, ?, ?, ?, 1)", key)
    (rows,) = database.execute(
        "INSERT INTO days VALUES (?, 1) ON CONFLICT DO UPDATE SET rows = rows + 1 RETURNING rows", key[:1]
    ).fetchone()
    if rows > MOST_ROWS_A_DAY:
        _drop(database, key[0])
    if _is_full(database):
        _drop(database)


def _is_full(database: sqlite3.Connection) -> bool:
    pages, free, size = (
        database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return bool((pages - free) * size > MOST_BYTES)


def _drop(database: sqlite3.Connection, day: str | None = None) -> bool:
    """Delete some rows of a day, or of the oldest day, and return whether there were any.

    Rows of the first hours are deleted first and, within an hour, the least frequent queries, so that queries invented
    by one client do not displace those of many.
    """
    oldest = day or database.execute("SELECT MIN(day) FROM days").fetchone()[0]
    chosen = f"SELECT {_KEY} FROM searches WHERE day = ? ORDER BY hour, count LIMIT ?"  # noqa: S608
    gone = database.execute(chosen, (oldest, _DROPPED)).fetchall()
    database.executemany(f"DELETE FROM searches WHERE {_SAME}", gone)  # noqa: S608
    database.execute("UPDATE days SET rows = rows - ? WHERE day = ?", (len(gone), oldest))
    database.execute("DELETE FROM days WHERE rows <= 0")
    return bool(gone)


def normalised(query: str) -> str:
    """Return a query as it is stored: NFC, case folded, single spaces, addresses and long numbers masked, cut."""
    # Cut first: the following steps may take quadratic time.
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", query[: 2 * MAX_QUERY])).strip().casefold()
    return _NUMBER.sub("[numéro]", _EMAIL.sub("[adresse]", text))[:MAX_QUERY]
