"""The resources that staff put above the results of a query, with the history of these choices."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from indexer.analysis import collation_key, default_analyzer
from indexer.errors import RequestError
from indexer.storage.database import Database
from search_app.data_files import open_data_file
from search_app.errors import StoreError
from search_app.messages import typeset

MOST_RESOURCES = 3
MOST_QUERIES = 500
MAX_QUERY = 120

_STEPS = (
    (
        """
        CREATE TABLE curated (
            query TEXT PRIMARY KEY,
            resources TEXT NOT NULL
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE history (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            actor TEXT NOT NULL,
            query TEXT NOT NULL,
            before TEXT NOT NULL,
            after TEXT NOT NULL
        )
        """,
    ),
)


@dataclass(frozen=True, slots=True)
class Curated:
    """The resources chosen for a query.

    Attributes:
        query: the query as staff wrote it.
        resources: ids, in the order in which they are shown.
    """

    query: str
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CuratedChange:
    """One change of the resources chosen for a query.

    Attributes:
        number: number of the change.
        at: time in UTC, ISO 8601.
        actor: address of the account that made it; empty if the account was erased.
        query: the query.
        before, after: ids of the resources chosen before and after it; empty if none.
        undoable: whether the current choice for the query is still the one that this change made.
    """

    number: int
    at: str
    actor: str
    query: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    undoable: bool


@lru_cache(maxsize=4096)
def query_key(query: str) -> frozenset[str]:
    """Return the key by which queries are compared: their words without accents, inflections, stop words and order.

    If a query consists of stop words only, its key consists of these.
    """
    tokens = default_analyzer().tokens(query)
    told = [token for token in tokens if not token.word.stop] or tokens
    return frozenset(token.word.terms[0] for token in told)


class CuratedStore:
    """The resources that staff chose for queries, in one SQLite file.

    Args:
        path: the SQLite file, created by the first change.
        clock: returns the time in UTC.
    """

    def __init__(self, path: Path, *, clock: Callable[[], datetime] | None = None) -> None:
        self._store = open_data_file(path, _STEPS)
        self._clock = clock or (lambda: datetime.now(UTC))

    @property
    def database(self) -> Database:
        """The database of the choices."""
        return self._store

    def chosen(self) -> tuple[Curated, ...]:
        """Return all choices in alphabetical order.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._store.reading() as database:
            rows = [] if database is None else database.execute("SELECT query, resources FROM curated").fetchall()
        found = (Curated(query, _ids(resources)) for query, resources in rows)
        return tuple(sorted(found, key=lambda one: collation_key(one.query)))

    def find(self, query: str) -> Curated | None:
        """Return the choice for a query, however it is inflected and ordered, or None.

        Raises:
            StoreError: the file cannot be read.
        """
        key = query_key(query)
        return next((one for one in self.chosen() if key and query_key(one.query) == key), None)

    def choose(self, query: str, resources: Iterable[str], *, actor: str) -> None:
        """Choose the resources of a query, in place of those chosen before; none removes the choice.

        Args:
            query: the query.
            resources: ids; repeated ones are ignored.
            actor: address of the account.

        Raises:
            RequestError: the query has no word, or there are too many resources or queries.
            StoreError: the file cannot be written.
        """
        text, ids = " ".join(query.split())[:MAX_QUERY], tuple(dict.fromkeys(resources))
        if not query_key(text):
            raise RequestError(typeset("Écrivez les mots de la recherche."), field="q")
        if len(ids) > MOST_RESOURCES:
            raise RequestError(
                typeset(f"Choisissez {MOST_RESOURCES} ressources au plus : retirez-en."), field="resource"
            )
        with self._store.changing() as database:
            self._change(database, text, ids, actor)

    def undo(self, number: int, *, actor: str) -> bool:
        """Undo a change, unless the choice for its query was changed again since; return whether it was undone.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._store.changing() as database:
            row = database.execute("SELECT query, before, after FROM history WHERE id = ?", (number,)).fetchone()
            if row is None:
                return False
            query, before, after = row
            if _held(database, query) != _ids(after):
                return False
            self._change(database, query, _ids(before), actor)
        return True

    def history(self, limit: int) -> tuple[CuratedChange, ...]:
        """Return the latest changes, the last one first.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._store.reading() as database:
            if database is None:
                return ()
            rows = database.execute(
                "SELECT id, at, actor, query, before, after FROM history ORDER BY id DESC LIMIT ?", (limit,)
            ).fetchall()
            held = {number: _held(database, query) for number, _, _, query, _, _ in rows}
        return tuple(
            CuratedChange(number, at, actor, query, _ids(before), _ids(after), undoable=held[number] == _ids(after))
            for number, at, actor, query, before, after in rows
        )

    def forget_actor(self, actor: str) -> int:
        """Remove a person's name from the history; return in how many changes it was.

        Raises:
            StoreError: the file cannot be written.
        """
        return self._store.change_existing("UPDATE history SET actor = '' WHERE actor = ?", (actor,))

    def _change(self, database: sqlite3.Connection, query: str, after: tuple[str, ...], actor: str) -> None:
        rows = database.execute("SELECT query FROM curated").fetchall()
        # The choice for « guides » replaces the one for « guide ».
        same = [row[0] for row in rows if query_key(row[0]) == query_key(query)]
        if after and not same and len(rows) >= MOST_QUERIES:
            raise RequestError(
                typeset(f"Il y a déjà des choix pour {MOST_QUERIES} recherches : retirez-en d’abord."), field="q"
            )
        before: tuple[str, ...] = ()
        for old in same:
            before = before or _held(database, old)
            database.execute("DELETE FROM curated WHERE query = ?", (old,))
        if after:
            database.execute("INSERT INTO curated (query, resources) VALUES (?, ?)", (query, json.dumps(after)))
        if before != after:
            database.execute(
                "INSERT INTO history (at, actor, query, before, after) VALUES (?, ?, ?, ?, ?)",
                (self._clock().isoformat(timespec="seconds"), actor, query, json.dumps(before), json.dumps(after)),
            )


def _held(database: sqlite3.Connection, query: str) -> tuple[str, ...]:
    """Return the ids of the resources chosen for a query; the stored query need only have the same `query_key`."""
    rows = database.execute("SELECT query, resources FROM curated").fetchall()
    return next((_ids(row[1]) for row in rows if query_key(row[0]) == query_key(query)), ())


def _ids(text: str) -> tuple[str, ...]:
    try:
        return tuple(str(one) for one in json.loads(text))
    except (ValueError, TypeError) as error:
        raise StoreError(typeset("Les choix de l’équipe ne peuvent pas être lus.")) from error
