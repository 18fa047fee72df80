"""SQLite files that only save work: whatever is wrong with one, it is thrown away and made anew."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from indexer.errors import EngineError
from indexer.reasons import because

_DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


def open_scratch(path: Path, schema: str) -> sqlite3.Connection:
    """Open a file, or make it; each statement is a transaction of its own until told otherwise.

    Its journal is flushed before its pages are (WAL, synchronous=NORMAL): a power cut may undo the last transactions,
    and leaves the file whole.

    Args:
        path: the file.
        schema: statements that make its tables where they are not there.

    Raises:
        EngineError: it can be neither used nor replaced.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _open(path, schema)
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
    try:
        database.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {schema}")
        found = database.execute("PRAGMA quick_check(1)").fetchone()
        if found != ("ok",):
            error = sqlite3.DatabaseError(found[0])
            error.sqlite_errorname = "SQLITE_CORRUPT"
            raise error
    except BaseException:
        database.close()
        raise
    return database
