"""Files of the data folder: permissions, schema migrations, and error messages about unusable ones."""

from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from indexer.storage.database import Database
from search_app.data_files import open_data_file
from search_app.errors import StoreError

ONE = ("CREATE TABLE things (name TEXT)",)
TWO = ("ALTER TABLE things ADD COLUMN size INTEGER NOT NULL DEFAULT 7", "CREATE INDEX things_name ON things (name)")


def put(store: Database, name: str) -> None:
    with store.changing() as database:
        database.execute("INSERT INTO things (name) VALUES (?)", (name,))


def ask(store: Database, question: str) -> list[tuple[object, ...]]:
    with store.reading() as database:
        return [] if database is None else database.execute(question).fetchall()


def test_made_by_the_first_change_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "neuf" / "x.sqlite"
    store = open_data_file(path, (ONE,))
    assert ask(store, "SELECT * FROM things") == []
    assert not path.parent.exists()
    put(store, "a")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert ask(store, "SELECT * FROM things") == [("a",)]


def test_an_older_file_is_brought_up_to_date_whoever_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    put(open_data_file(path, (ONE,)), "a")
    assert ask(open_data_file(path, (ONE, TWO)), "SELECT * FROM things") == [("a", 7)]


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    put(open_data_file(path, (ONE,)), "a")
    with pytest.raises(StoreError):
        put(open_data_file(path, (ONE, (TWO[0], "CREATE NONSENSE"))), "b")
    assert ask(open_data_file(path, (ONE, TWO)), "SELECT * FROM things") == [("a", 7)]


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    put(open_data_file(path, (ONE, TWO)), "a")
    for use in (lambda: put(open_data_file(path, (ONE,)), "b"), lambda: ask(open_data_file(path, (ONE,)), "SELECT 1")):
        with pytest.raises(StoreError, match="version plus récente"):
            use()


def test_a_change_that_fails_did_nothing(tmp_path: Path) -> None:
    store = open_data_file(tmp_path / "x.sqlite", (ONE,))

    def half() -> None:
        with store.changing() as database:
            database.execute("INSERT INTO things VALUES ('a')")
            database.execute("INSERT INTO nothing VALUES ('a')")

    with pytest.raises(StoreError):
        half()
    assert ask(store, "SELECT * FROM things") == []


@pytest.mark.parametrize("damage", [b"rien de bon " * 100, b"SQLite format 3\0" + b"\xff" * 500])
def test_a_damaged_file_is_said_in_french(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(damage)
    for use in (
        lambda: put(open_data_file(path, (ONE,)), "b"),
        lambda: ask(open_data_file(path, (ONE,)), "SELECT * FROM things"),
    ):
        with pytest.raises(StoreError, match=r"x\.sqlite ne peut pas être utilisé .* vérifiez"):
            use()
    assert path.read_bytes() == damage


def test_a_place_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_text("x")
    with pytest.raises(StoreError, match="vérifiez"):
        put(open_data_file(tmp_path / "fichier" / "x.sqlite", (ONE,)), "a")


def test_a_writer_is_waited_for_only_so_long(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    put(open_data_file(path, (ONE,)), "a")
    with open_data_file(path, (ONE,)).changing():
        assert ask(open_data_file(path, (ONE,), wait=0.01), "SELECT * FROM things") == [("a",)]
        with pytest.raises(StoreError, match="vérifiez"):
            put(open_data_file(path, (ONE,), wait=0.01), "b")


def test_what_is_deleted_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    store = open_data_file(path, (ONE,))
    put(store, "une-adresse@exemple.fr")
    with store.changing() as database:
        database.execute("DELETE FROM things")
    assert b"une-adresse" not in path.read_bytes()


def test_made_and_grown_by_many_at_once(tmp_path: Path) -> None:
    for turn in range(5):
        path, gate, failures = tmp_path / f"{turn}.sqlite", threading.Barrier(6), []

        def work(path: Path = path, gate: threading.Barrier = gate, failures: list = failures) -> None:
            gate.wait()
            try:
                put(open_data_file(path, (ONE, TWO)), "a")
            except StoreError as error:
                failures.append(error)

        workers = [threading.Thread(target=work) for _ in range(6)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert failures == []
        database = sqlite3.connect(path)
        assert database.execute("SELECT COUNT(*), MIN(size) FROM things").fetchone() == (6, 7)
        database.close()
