"""SQLite files that only save work: whatever is wrong with one, or was made for other code, is thrown away."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

from indexer.errors import EngineError
from indexer.storage.os_errors import because

_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


class _OtherSchema(Exception):
    """The file was made with another schema."""


def open_cache(path: Path, schema: str) -> sqlite3.Connection:
    """Open a file, or make it; each statement is a transaction of its own until told otherwise.

    Its journal is flushed before its pages are (WAL, synchronous=NORMAL): a power cut may undo the last transactions,
    and leaves the file whole.

    Args:
        path: the file.
        schema: statements that make its tables where they are not there; a file made with others is thrown away.

    Raises:
        EngineError: it can be neither used nor replaced.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _open(path, schema)
        except _OtherSchema:
            pass
        except sqlite3.DatabaseError as error:
            if not getattr(error, "sqlite_errorname", "").startswith(_DAMAGED):
                raise
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _open(path, schema)
    except (sqlite3.Error, OSError) as error:
        raise EngineError(
            f"« {path} » ne peut être lu ou écrit ({because(error)}) : vérifiez les droits et l’espace disque, "
            "ou supprimez-le, il sera refait."
        ) from error


def _open(path: Path, schema: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    ours = zlib.crc32(schema.encode()) >> 1  # what SQLite keeps for it is a signed number
    try:
        database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version != ours:
            if database.execute("SELECT 1 FROM sqlite_master").fetchone() is not None:
                raise _OtherSchema
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
