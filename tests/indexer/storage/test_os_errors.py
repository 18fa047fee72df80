"""The French reasons for errors of the operating system and of SQLite."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from indexer.storage.database import Database, reason_at
from indexer.storage.os_errors import because, concerns_one_file, failure_behind, lacks_resources, reason_of
from tests.support.archive import permissions_hold
from tests.support.refusals import refusing, sqlite_error

STEPS = (("CREATE TABLE things (name TEXT)",), ("ALTER TABLE things ADD COLUMN size INTEGER",))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("SQLITE_FULL", "il n’y a plus de place sur le disque"),
        ("SQLITE_READONLY", "il est en lecture seule"),
        ("SQLITE_READONLY_DIRECTORY", "il est en lecture seule"),
        ("SQLITE_READONLY_DBMOVED", "il a été déplacé ou remplacé"),
        ("SQLITE_CANTOPEN", "il ne peut pas être ouvert"),
        ("SQLITE_CANTOPEN_ISDIR", "c’est un dossier"),
        ("SQLITE_IOERR_WRITE", "le disque refuse de lire ou d’écrire"),
        ("SQLITE_IOERR_SHMSIZE", "le disque refuse de lire ou d’écrire"),
        ("SQLITE_IOERR_NOMEM", "la mémoire manque"),
        ("SQLITE_IOERR_CORRUPTFS", "le disque a une panne"),
        ("SQLITE_NOMEM", "la mémoire manque"),
        ("SQLITE_CORRUPT_INDEX", "son contenu est abîmé"),
        ("SQLITE_NOTADB", "son contenu est abîmé"),
        ("SQLITE_BUSY_SNAPSHOT", "un autre programme l’utilise"),
        ("SQLITE_LOCKED_SHAREDCACHE", "un autre programme l’utilise"),
        ("SQLITE_PERM", "droits insuffisants"),
        ("SQLITE_ERROR", "son contenu est inattendu"),
    ],
)
def test_every_code_of_sqlite_has_words(name: str, why: str) -> None:
    assert because(sqlite_error(name)) == why


def test_what_no_table_names() -> None:
    assert because(OSError(9999, "?")) == "erreur 9999 du système"
    assert because(sqlite3.ProgrammingError("closed")) == "son contenu est inattendu"
    assert because(MemoryError()) == because(OSError(errno.ENOMEM, "?")) == "la mémoire manque"
    assert reason_of(OSError("12 requested and 0 written")).then("?") == (
        "(écriture incomplète) : libérez de l’espace disque"
    )


def test_what_to_do_depends_on_the_file_only_if_the_error_does_not_say_it() -> None:
    assert reason_of(OSError(errno.ENOSPC, "?")).then("relancez").endswith(": libérez de l’espace disque")
    assert reason_of(OSError(errno.ENOENT, "?")).then("relancez") == "(il n’existe pas) : relancez"


@pytest.mark.parametrize("code", [errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EIO])
def test_errors_of_one_file(code: int) -> None:
    assert concerns_one_file(OSError(code, "?"))
    assert not lacks_resources(OSError(code, "?"))


@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENFILE, errno.ENOMEM])
def test_errors_of_the_whole_program(code: int) -> None:
    assert not concerns_one_file(OSError(code, "?"))
    assert lacks_resources(OSError(code, "?"))


def test_the_error_behind_that_of_a_library() -> None:
    cause = OSError(errno.EMFILE, "?")
    error = ValueError("empty")
    error.__context__ = RuntimeError("as libraries do")
    error.__context__.__cause__ = cause
    assert failure_behind(error) is cause
    assert failure_behind(ValueError("empty")) is None


@pytest.mark.parametrize("code", [errno.EMFILE, errno.EACCES, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("name", ["SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_IOERR_READ"])
def test_what_the_system_said_to_sqlite_is_found_again(tmp_path: Path, name: str, code: int) -> None:
    path = tmp_path / "x.sqlite"
    path.touch()
    with refusing(tmp_path, code):
        assert reason_at(path, sqlite_error(name)) == reason_of(OSError(code, "?"))
        assert reason_at(path, sqlite_error("SQLITE_NOTADB")) == reason_of(sqlite_error("SQLITE_NOTADB"))
    assert reason_at(path, sqlite_error(name)) == reason_of(sqlite_error(name))


def test_a_database_in_a_closed_folder(tmp_path: Path) -> None:
    path = tmp_path / "closed" / "x.sqlite"
    database = Database(path, STEPS, unusable=lambda reason: SystemExit(reason.why))  # type: ignore[arg-type,return-value]
    with database.changing() as db:
        db.execute("INSERT INTO things VALUES ('a', 1)")
    path.parent.chmod(0o500)
    try:
        with permissions_hold(), pytest.raises(SystemExit, match="droits insuffisants"), database.changing() as db:
            db.execute("INSERT INTO things VALUES ('b', 2)")
    finally:
        path.parent.chmod(0o700)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("ALTER TABLE things DROP COLUMN size", "son contenu est inattendu"),
        ("DROP TABLE things", "son contenu est inattendu"),
        ("PRAGMA user_version = 3", "version plus récente"),
        ("CREATE TABLE ours (name TEXT)", None),
        ("ALTER TABLE things ADD COLUMN more TEXT", None),
    ],
)
def test_examine_compares_the_schema(tmp_path: Path, statement: str, why: str | None) -> None:
    path = tmp_path / "x.sqlite"
    database = Database(path, STEPS, unusable=lambda reason: SystemExit(reason.why))  # type: ignore[arg-type,return-value]
    database.examine()  # nothing is there yet
    with database.changing() as db:
        db.execute("INSERT INTO things VALUES ('a', 1)")
    database.examine()
    with closing(sqlite3.connect(path)) as other:
        other.execute(statement)
    if why is None:
        database.examine()
    else:
        with pytest.raises(SystemExit, match=why):
            database.examine()


def test_examine_migrates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    older = Database(path, STEPS[:1], unusable=lambda reason: SystemExit(reason.why))  # type: ignore[arg-type,return-value]
    with older.changing() as db:
        db.execute("INSERT INTO things VALUES ('a')")
    before = path.read_bytes()
    Database(path, STEPS, unusable=lambda reason: SystemExit(reason.why)).examine()  # type: ignore[arg-type,return-value]
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["x.sqlite"]
