"""SQLite: opens, migrates, copies and checks every database of the archive.

A schema is a list of steps, one per version, each of which migrates from the previous version. ``user_version`` of a
file is the number of steps that were applied to it. An older file is migrated in one transaction; a file of a newer
version of the program is refused, since this version could not preserve its data.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from enum import StrEnum
from pathlib import Path

from indexer.errors import ArchiveError, EngineError
from indexer.storage.files import make_folder
from indexer.storage.os_errors import Reason, reason_of

WAIT = 5.0
"""Default number of seconds to wait for another process that is writing."""

Step = Sequence[str] | Callable[[sqlite3.Connection], None]
"""The step to a version of a schema from the one before: SQL statements or, where they do not suffice, a function."""

_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
_NEWER = Reason("il vient d’une version plus récente du programme", "mettez le programme à jour")
_EMPTY = Reason("il est vide", "restaurez-le d’une sauvegarde, ou supprimez-le s’il n’a jamais servi")
_UNEXPECTED = Reason("son contenu est inattendu")
_MADE_BY_THE_SYSTEM = ("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_IOERR")
_KNOWN_CAUSE = ("SQLITE_IOERR_NOMEM", "SQLITE_IOERR_CORRUPTFS", "SQLITE_CANTOPEN_ISDIR", "SQLITE_READONLY_DBMOVED")


class Durability(StrEnum):
    """What a power cut may undo (SQLite's ``synchronous``).

    `EXTRA` loses nothing that was committed. With ``FULL``, the deletion of the rollback journal may be lost, and a
    journal that reappears undoes the last transaction; `FULL` is enough with a write-ahead log. `NORMAL` may lose the
    last transactions but leaves the file intact; `OFF` guarantees nothing.
    """

    EXTRA = "EXTRA"
    FULL = "FULL"
    NORMAL = "NORMAL"
    OFF = "OFF"


class Database:
    """A database file whose data must not be lost. Each use opens it again, so that no connection is shared across a
    fork.

    Args:
        path: the file; the first change creates it, with its folder, readable only by its owner.
        steps: its schema, one step per version.
        unusable: makes the error to raise from the reason why the file cannot be used.
        newer: returns the error to raise for a file of a newer version of the program; if None, `unusable` makes it.
        wait: seconds to wait for another process that is writing.
        durability: what a power cut may undo; see `Durability`.
    """

    def __init__(
        self,
        path: Path,
        steps: Sequence[Step],
        *,
        unusable: Callable[[Reason], ArchiveError],
        newer: Callable[[], ArchiveError] | None = None,
        wait: float = WAIT,
        durability: Durability = Durability.EXTRA,
    ) -> None:
        self.path = path
        self._steps, self._wait, self._durability = steps, wait, durability
        self._unusable, self._newer = unusable, newer or (lambda: unusable(_NEWER))

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """Yield a connection to read from, or None if the file does not exist yet.

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
        """Yield a connection in a transaction, which is committed on a clean exit and rolled back on an error.

        Raises:
            ArchiveError: what `unusable` or `newer` makes: the file cannot be made or written, or comes from a newer
                version.
        """
        with self._faults():
            self._make()
            with self._connected() as database, transaction(database):
                yield database

    def change_existing(self, statement: str, values: Sequence[object] = ()) -> int:
        """Run one statement in a transaction and return how many rows it changed; without a file it changes none.

        Raises:
            ArchiveError: what `unusable` or `newer` makes: the file cannot be written, or comes from a newer version.
        """
        if not self.path.exists():
            return 0
        with self.changing() as database:
            return database.execute(statement, values).rowcount

    def examine(self) -> None:
        """Check that the file, if it exists, can be read and written and has this schema or an older one. Nothing is
        migrated.

        Raises:
            ArchiveError: what `unusable` or `newer` makes.
        """
        with self._faults():
            if not self.path.exists():
                return
            open_as_sqlite_does(self.path)
            with closing(_connect(self.path, wait=self._wait)) as database:
                version = _version(database)
                if not self.path.stat().st_size:
                    raise self._unusable(_EMPTY)
                if version > len(self._steps):
                    raise self._newer()
                if not _columns(database) >= _columns_after(self._steps[:version]):
                    raise self._unusable(_UNEXPECTED)

    def _make(self) -> None:
        if self.path.exists():
            return
        make_folder(self.path.parent, 0o700)
        # Created before SQLite opens it, so that it is never readable by others; its journal inherits the mode.
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with closing(_connect(self.path, wait=self._wait)) as database:
            # secure_delete overwrites deleted data, so that erased personal data does not stay in free pages.
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
            raise self._unusable(reason_at(self.path, error)) from error


def open_shared(path: Path, steps: Sequence[Step], *, unusable: Callable[[Reason], ArchiveError]) -> sqlite3.Connection:
    """Open a database that one process keeps open while others read it (a write-ahead log, flushed at each commit).

    Args:
        path: the file; made if it does not exist, its folder must.
        steps: its schema, one step per version.
        unusable: makes the error to raise from the reason why the file cannot be used.

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
        raise unusable(reason_at(path, error)) from error
    return database


def open_cache(path: Path, schema: str) -> sqlite3.Connection:
    """Open a database that is only a cache: if it is damaged or has another schema, it is deleted and created again.

    The connection is in autocommit mode. A power cut may undo the last transactions, but leaves the file intact.

    Args:
        path: the file; created, with its folder, if it does not exist.
        schema: SQL statements that create its tables.

    Raises:
        EngineError: the file can be neither used nor replaced.
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
            f"« {path} » ne peut être lu ou écrit {reason_at(path, error).then('supprimez-le, il sera refait')}."
        ) from error


def open_cache_to_read(path: Path) -> sqlite3.Connection:
    """Open an existing cache only to read it, in autocommit mode; it may have any schema.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    return _connect(path, read_only=True)


def is_refusal(error: sqlite3.Error) -> bool:
    """Return whether the system or another process kept SQLite from reading a file; otherwise the file is damaged,
    or has another schema.
    """
    name = getattr(error, "sqlite_errorname", "")
    return isinstance(error, sqlite3.OperationalError) and name != "SQLITE_ERROR"


class _OtherSchemaError(Exception):
    """The file of a cache has another schema than the one asked for."""


def _open_cache(path: Path, schema: str) -> sqlite3.Connection:
    database = _connect(path)
    ours = zlib.crc32(schema.encode()) >> 1  # user_version is a signed 32-bit number
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
    """Migrate a database to the current schema, in one transaction.

    Args:
        database: a connection without an open transaction.
        steps: the current schema, one step per version.

    Returns:
        Whether the file now has this schema; False for a file of a newer version, which is left unchanged.

    Raises:
        sqlite3.Error: it cannot be read or written.
    """
    if _version(database) < len(steps):
        with transaction(database):
            # Checked again under the lock: another process may have migrated it meanwhile.
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
    """Run the body in a transaction: its changes are all committed, or none is.

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
    """Write a consistent copy of a database, even while others write to it.

    Raises:
        sqlite3.Error: it cannot be read, or the copy cannot be written.
    """
    with closing(_connect(source, read_only=True)) as held, closing(_connect(target)) as copy:
        held.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def is_sound(path: Path) -> bool:
    """Return whether SQLite's integrity check finds no fault in a database.

    Raises:
        sqlite3.Error: it cannot be read at all.
    """
    with closing(_connect(path, read_only=True)) as database:
        return bool(database.execute("PRAGMA integrity_check").fetchone() == ("ok",))


def reason_at(path: Path, error: sqlite3.Error | OSError) -> Reason:
    """Return why a database cannot be used.

    SQLite does not pass on what the system said when it refused to open, read or write, so the files are opened again
    to find out.

    Args:
        path: the database.
        error: what was raised when it was used.
    """
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(_MADE_BY_THE_SYSTEM) and not name.startswith(_KNOWN_CAUSE):
        try:
            open_as_sqlite_does(path)
        except OSError as cause:
            return reason_of(cause)
    return reason_of(error)


def open_as_sqlite_does(path: Path) -> None:
    """Open the files that a commit to a database has open at the same time, and check that there are rights and space
    to write.

    Raises:
        OSError: the system refuses.
    """
    folder = path.parent
    with ExitStack() as opened:
        if path.exists():
            opened.callback(os.close, os.open(path, os.O_RDWR))
        for _ in ("the journal", "the folder, to flush it", "one to spare"):
            opened.callback(os.close, os.open(folder, os.O_RDONLY))
        if not os.access(folder, os.W_OK, effective_ids=True):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
        if not os.statvfs(folder).f_bavail:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def _connect(path: Path, *, wait: float = WAIT, read_only: bool = False) -> sqlite3.Connection:
    """Return a connection to a database file in autocommit mode; `wait` is how long to wait for locks, in seconds."""
    name = f"{path.absolute().as_uri()}?mode=ro" if read_only else path
    return sqlite3.connect(name, timeout=wait, isolation_level=None, uri=read_only)


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _columns(database: sqlite3.Connection) -> set[tuple[str, str]]:
    """Return the table and name of every column."""
    return set(
        database.execute(
            "SELECT held.name, each.name FROM sqlite_schema AS held JOIN pragma_table_info(held.name) AS each "
            "WHERE held.type = 'table'"
        )
    )


def _columns_after(steps: Sequence[Step]) -> set[tuple[str, str]]:
    """Return the columns that some steps make in an empty database."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        migrate(database, steps)
        return _columns(database)
