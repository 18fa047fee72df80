"""One SQLite file of the data folder: made 0600, brought to the schema of this version, every fault in French."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from indexer.errors import StoreError
from indexer.storage.files import make_folder
from indexer.storage.os_errors import because
from search_app.messages import access as messages

WAIT = 5.0
"""Seconds to wait for another worker that writes, unless told otherwise."""


class Store:
    """A file and the steps that make its schema.

    The number of steps done stands in the file (``user_version``): an older file is brought up to date in one
    transaction, a newer one is refused, since this version could not keep what that one wrote.

    Args:
        path: the file; made, with its folder, by the first change.
        steps: for each version of the schema, the statements that lead to it from the one before.
        wait: seconds to wait for a writer.
        synchronous: SQLite's setting: ``EXTRA`` where nothing may be lost in a power cut (``FULL`` does not flush the
            removal of the journal, which then undoes what was committed), ``OFF`` where it may.
    """

    def __init__(
        self, path: Path, steps: Sequence[Sequence[str]], *, wait: float = WAIT, synchronous: str = "EXTRA"
    ) -> None:
        self.path = path
        self._steps = steps
        self._wait = wait
        self._synchronous = synchronous

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection to ask, or None if there is no file yet.

        Raises:
            StoreError: the file cannot be read, or comes from a newer version.
        """
        with self._faults():
            if not self.path.exists():
                yield None
                return
            with self._connected() as database:
                yield database

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction of its own: all that is done in it happens, or none.

        Raises:
            StoreError: the file cannot be made or written, or comes from a newer version.
        """
        with self._faults():
            self._make()
            with self._connected() as database, _transaction(database):
                yield database

    def _make(self) -> None:
        if self.path.exists():
            return
        make_folder(self.path.parent, 0o700)
        # Made before SQLite opens it, so that it is never readable by others; its journal inherits the mode.
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self.path, timeout=self._wait, isolation_level=None)
        try:
            # What is deleted is overwritten: an erasure leaves nothing in the free pages of the file.
            for pragma in ("foreign_keys=ON", "secure_delete=ON", f"synchronous={self._synchronous}"):
                database.execute(f"PRAGMA {pragma}")
            self._bring_up_to_date(database)
            yield database
        finally:
            database.close()

    def _bring_up_to_date(self, database: sqlite3.Connection) -> None:
        if self._version(database) == len(self._steps):
            return
        with _transaction(database):
            # Asked again under the lock: another worker may have been first.
            for statements in self._steps[self._version(database) :]:
                for statement in statements:
                    database.execute(statement)
            database.execute(f"PRAGMA user_version={len(self._steps)}")

    def _version(self, database: sqlite3.Connection) -> int:
        found = int(database.execute("PRAGMA user_version").fetchone()[0])
        if found > len(self._steps):
            raise StoreError(messages.store_newer(str(self.path)))
        return found

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(messages.store_unusable(str(self.path), because(error))) from error


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
