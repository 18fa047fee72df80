"""SQLite: how every database of the archive is opened, migrated, copied and checked.

A schema is a list of steps, one a version: the statements that lead to it from the version before. The file says in
``user_version`` how many steps it has taken. An older file is brought up to date in one transaction; a newer one is
refused, since this version could not keep what that one wrote.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path

from indexer.errors import ArchiveError, EngineError
from indexer.storage.files import make_folder
from indexer.storage.os_errors import because

WAIT = 5.0
"""Seconds to wait for another process that writes, unless told otherwise."""

Step = Sequence[str] | Callable[[sqlite3.Connection], None]
"""One version of a schema: its statements, or a function for what statements alone cannot decide."""

_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_NEWER = "il vient d’une version plus récente du programme"


class Durability(StrEnum):
    """What a power cut may undo (SQLite's ``synchronous``).

    `EXTRA` loses nothing that was committed; ``FULL`` alone would not flush the removal of the journal, whose return
    undoes the last transaction. `FULL` is enough with a write-ahead log. `NORMAL` may lose the last transactions and
    leaves the file whole; `OFF` promises nothing.
    """

    EXTRA = "EXTRA"
    FULL = "FULL"
    NORMAL = "NORMAL"
    OFF = "OFF"


class Database:
    """One file that holds what must not be lost; each use opens it, so that no connection outlives a worker's fork.

    Args:
        path: the file; made, with its folder and readable by its owner alone, by the first change.
        steps: its schema.
        unusable: makes the error to raise from a few French words that say why the file cannot be used.
        newer: makes the error to raise for a file that a newer version wrote; what `unusable` makes if None.
        wait: seconds to wait for another process that writes.
        durability: what a power cut may undo.
    """

    def __init__(
        self,
        path: Path,
        steps: Sequence[Step],
        *,
        unusable: Callable[[str], ArchiveError],
        newer: Callable[[], ArchiveError] | None = None,
        wait: float = WAIT,
        durability: Durability = Durability.EXTRA,
    ) -> None:
        self.path = path
        self._steps, self._wait, self._durability = steps, wait, durability
        self._unusable, self._newer = unusable, newer or (lambda: unusable(_NEWER))

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """Give a connection to read from, or None if there is no file yet.

        Raises:
            ArchiveError: what `unusable` or `newer` makes: the file cannot be read, or comes from a newer version.
        """
        with self._faults():
            if not self.path.exists():
                yield None
                return
            with self._connected() as database:
                yield database

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection in a transaction: all that is done in it happens, or none.

        Raises:
            ArchiveError: what `unusable` or `newer` makes: the file cannot be made or written, or comes from a newer
                version.
        """
        with self._faults():
            self._make()
            with self._connected() as database, transaction(database):
                yield database

    def _make(self) -> None:
        if self.path.exists():
            return
        make_folder(self.path.parent, 0o700)
        # Made before SQLite opens it, so that it is never readable by others; its journal inherits the mode.
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with closing(_connect(self.path, wait=self._wait)) as database:
            # What is deleted is overwritten: an erasure leaves nothing in the free pages of the file.
            for pragma in ("foreign_keys=ON", "secure_delete=ON", f"synchronous={self._durability}"):
                database.execute(f"PRAGMA {pragma}")
            if not migrate(database, self._steps):
                raise self._newer()
            yield database

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise self._unusable(because(error)) from error


def open_shared(path: Path, steps: Sequence[Step], *, unusable: Callable[[str], ArchiveError]) -> sqlite3.Connection:
    """Open a database that one process keeps open while others read it (a write-ahead log, flushed at each commit).

    Args:
        path: the file; made if it does not exist, its folder must.
        steps: its schema.
        unusable: makes the error to raise from a few French words that say why the file cannot be used.

    Raises:
        ArchiveError: what `unusable` makes.
    """
    try:
        database = _connect(path)
        try:
            database.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous={Durability.FULL};")
            if not migrate(database, steps):
                raise unusable(_NEWER)
        except BaseException:
            database.close()
            raise
    except sqlite3.Error as error:
        raise unusable(because(error)) from error
    return database


def open_cache(path: Path, schema: str) -> sqlite3.Connection:
    """Open a database that only saves work: one that is damaged, or was made for another schema, is thrown away.

    Each statement is a transaction of its own until told otherwise. A power cut may undo the last transactions, and
    leaves the file whole.

    Args:
        path: the file; made, with its folder, if it does not exist.
        schema: the statements that make its tables.

    Raises:
        EngineError: it can be neither used nor replaced.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _open_cache(path, schema)
        except _OtherSchemaError:
            pass
        except sqlite3.DatabaseError as error:
            if not getattr(error, "sqlite_errorname", "").startswith(_DAMAGED):
                raise
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _open_cache(path, schema)
    except (sqlite3.Error, OSError) as error:
        raise EngineError(
            f"« {path} » ne peut être lu ou écrit ({because(error)}) : vérifiez les droits et l’espace disque, "
            "ou supprimez-le, il sera refait."
        ) from error


class _OtherSchemaError(Exception):
    """The file was made for another schema."""


def _open_cache(path: Path, schema: str) -> sqlite3.Connection:
    database = _connect(path)
    ours = zlib.crc32(schema.encode()) >> 1  # what SQLite keeps for it is a signed number
    try:
        database.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous={Durability.NORMAL};")
        if _version(database) != ours:
            if database.execute("SELECT 1 FROM sqlite_master").fetchone() is not None:
                raise _OtherSchemaError
            database.executescript(f"BEGIN IMMEDIATE; {schema}; PRAGMA user_version = {ours}; COMMIT;")
        found = database.execute("PRAGMA quick_check(1)").fetchone()
        if found != ("ok",):
            error = sqlite3.DatabaseError(found[0])
            error.sqlite_errorname = "SQLITE_CORRUPT"
            raise error
    except BaseException:
        database.close()
        raise
    return database


def migrate(database: sqlite3.Connection, steps: Sequence[Step]) -> bool:
    """Bring a database up to date, in one transaction.

    Args:
        database: a connection outside any transaction.
        steps: its schema.

    Returns:
        Whether the file has this schema now; False for one of a newer version, which is left alone.

    Raises:
        sqlite3.Error: it cannot be read or written.
    """
    if _version(database) < len(steps):
        with transaction(database):
            # Asked again under the lock: another process may have been first.
            for step in steps[_version(database) :]:
                if callable(step):
                    step(database)
                else:
                    for statement in step:
                        database.execute(statement)
            database.execute(f"PRAGMA user_version={max(len(steps), _version(database))}")
    return _version(database) <= len(steps)


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Make all changes of the body happen, or none.

    Raises:
        sqlite3.Error: the database cannot be written.
    """
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def copy_database(source: Path, target: Path) -> None:
    """Copy a database as it is at one moment, whoever writes to it meanwhile.

    Raises:
        sqlite3.Error: it cannot be read, or the copy cannot be written.
    """
    with closing(_connect(source, read_only=True)) as held, closing(_connect(target)) as copy:
        held.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def is_sound(path: Path) -> bool:
    """Return whether SQLite's own check finds nothing wrong in a database.

    Raises:
        sqlite3.Error: it cannot be read at all.
    """
    with closing(_connect(path, read_only=True)) as database:
        return bool(database.execute("PRAGMA integrity_check").fetchone() == ("ok",))


def _connect(path: Path, *, wait: float = WAIT, read_only: bool = False) -> sqlite3.Connection:
    """Connect; each statement is a transaction of its own until told otherwise."""
    name = f"{path.absolute().as_uri()}?mode=ro" if read_only else path
    return sqlite3.connect(name, timeout=wait, isolation_level=None, uri=read_only)


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])
