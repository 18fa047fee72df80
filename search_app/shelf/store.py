"""The shelf's SQLite file: made 0600 by the first thing kept; what is deleted is overwritten."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.errors import AccountError
from search_app.messages import shelf as messages

_WAIT = 5.0
_VERSION = 1
_SCHEMA = (
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
    # When a search first found a resource, and whether it still does.
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
)


class Store:
    """One file.

    Args:
        path: where it is, or will be.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection to ask, or None if nothing was ever kept.

        Raises:
            AccountError: the file cannot be read.
        """
        with self._faults():
            if not self._path.exists():
                yield None
                return
            with self._connected() as database:
                yield database

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction: all that is done in it happens, or none.

        Raises:
            AccountError: the file cannot be made or written.
        """
        with self._faults():
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Made before SQLite opens it, so that it is never readable by others; its journal inherits the mode.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            with self._connected() as database, _transaction(database):
                yield database

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=_WAIT, isolation_level=None)
        try:
            database.row_factory = sqlite3.Row
            for pragma in ("foreign_keys=ON", "secure_delete=ON"):
                database.execute(f"PRAGMA {pragma}")
            if _version(database) != _VERSION:
                with _transaction(database):
                    _make(database)
            yield database
        finally:
            database.close()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise AccountError(messages.unusable(str(self._path), str(error))) from error


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _make(database: sqlite3.Connection) -> None:
    # Asked again under the lock: another worker may have been first.
    if _version(database) == _VERSION:
        return
    for statement in _SCHEMA:
        database.execute(statement)
    database.execute(f"PRAGMA user_version={_VERSION}")


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
