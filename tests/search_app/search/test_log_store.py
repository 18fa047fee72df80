"""The log of searches: what it stores, for how long, and its statistics."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from search_app.search import log_store
from search_app.search.log_store import MAX_QUERY, SearchesOfDay, SearchesOfQuery, SearchLog, normalised

START, END = date(2000, 1, 1), date(2100, 1, 1)


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2024, 2, 16, 14, 30)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "searches.sqlite"


@pytest.fixture
def log(path: Path, clock: Clock) -> SearchLog:
    return SearchLog(path, 90, clock=clock)


def note(log: SearchLog, query: str, results: int = 1, *, member: bool = False, corrected: bool = False) -> None:
    log.note(query, results=results, member=member, corrected=corrected)


def queries(log: SearchLog) -> list[str]:
    return [row.query for row in log.most_frequent(START, END)]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Épicerie \t SOLIDAIRE\n", "épicerie solidaire"),
        ("E\u0301picerie", "épicerie"),
        ('titre:"Régie" -ville coop*', 'titre:"régie" -ville coop*'),
        ("écrire à jean.dupont@exemple.fr", "écrire à [adresse]"),
        ("06 12 34 56 78", "[numéro]"),
        ("+33 6.12.34.56.78 mobilité", "[numéro] mobilité"),
        ("siret 12345678901234", "siret [numéro]"),
        ("bilan 2019-2020", "bilan 2019-2020"),
        ("2019 2020 2021", "2019 2020 2021"),
        ("a\x00b\udc80c", "a b c"),
        ("x" * 5000, "x" * MAX_QUERY),
        (" \n", ""),
    ],
)
def test_normalised(typed: str, kept: str) -> None:
    assert normalised(typed) == kept


def test_equal_searches_are_one_row_that_tells_no_order(log: SearchLog, path: Path) -> None:
    for query in ("zèbre", "Épicerie", "épicerie ", "abeille"):
        note(log, query)
    database = sqlite3.connect(path)
    rows = database.execute("SELECT * FROM searches").fetchall()
    database.close()
    assert rows == [
        ("2024-02-16", 14, "abeille", 0, 0, 1, 1),
        ("2024-02-16", 14, "zèbre", 0, 0, 1, 1),
        ("2024-02-16", 14, "épicerie", 0, 0, 1, 2),
    ]


def test_by_day(log: SearchLog, clock: Clock) -> None:
    note(log, "a", 3)
    note(log, "a", 3, member=True)
    note(log, "b", 0, member=True)
    clock.now += timedelta(days=2)
    note(log, "c", 0)
    first, second = SearchesOfDay(date(2024, 2, 16), 3, 1, 2), SearchesOfDay(date(2024, 2, 18), 1, 1, 0)
    assert log.by_day(START, END) == (first, second)
    assert log.by_day(date(2024, 2, 17), END) == (second,)
    assert log.by_day(START, date(2024, 2, 17)) == (first,)


def test_most_frequent_and_without_result(log: SearchLog, clock: Clock) -> None:
    for _ in range(3):
        note(log, "épicerie", 4)
    note(log, "epicrie", 4, corrected=True)
    note(log, "tiers lieu", 0)
    clock.now += timedelta(days=1)
    note(log, "tiers lieu", 2)
    note(log, "xyz", 0)
    note(log, "xyz", 0)
    today, yesterday = date(2024, 2, 17), date(2024, 2, 16)
    assert log.most_frequent(START, END) == (
        SearchesOfQuery("épicerie", 3, 0, 0, yesterday),
        SearchesOfQuery("tiers lieu", 2, 1, 0, today),
        SearchesOfQuery("xyz", 2, 2, 0, today),
        SearchesOfQuery("epicrie", 1, 0, 1, yesterday),
    )
    assert [row.query for row in log.without_result(START, END)] == ["xyz", "tiers lieu"]
    assert [row.query for row in log.most_frequent(START, END, limit=1)] == ["épicerie"]
    assert [row.query for row in log.without_result(today, today)] == ["xyz"]


def test_kept_for_so_many_days(log: SearchLog, clock: Clock, path: Path) -> None:
    note(log, "ancienne")
    clock.now += timedelta(days=89)
    note(log, "nouvelle")
    assert sorted(queries(log)) == ["ancienne", "nouvelle"]
    clock.now += timedelta(days=1)
    # An old search is not shown even before it is deleted; the next logged search deletes it.
    assert queries(log) == ["nouvelle"]
    note(log, "nouvelle")
    assert b"ancienne" not in path.read_bytes()


def test_purged_when_the_site_starts(log: SearchLog, clock: Clock, path: Path) -> None:
    note(log, "ancienne")
    clock.now += timedelta(days=365)
    SearchLog(path, 90, clock=clock).purge()
    assert b"ancienne" not in path.read_bytes()


def test_no_log_at_all(log: SearchLog, clock: Clock, path: Path, tmp_path: Path) -> None:
    note(log, "ancienne")
    off = SearchLog(path, 0, clock=clock)
    assert not off.on
    note(off, "nouvelle")
    assert queries(off) == []
    off.purge()
    assert b"ancienne" not in path.read_bytes()
    none = SearchLog(tmp_path / "autre.sqlite", 0)
    note(none, "a")
    none.purge()
    assert none.erase() == 0
    assert not (tmp_path / "autre.sqlite").exists()


def test_erase(log: SearchLog, path: Path) -> None:
    for query in ("épicerie", "épicerie", "régie"):
        note(log, query)
    assert log.erase() == 3
    assert queries(log) == []
    assert b"picerie" not in path.read_bytes()
    assert log.erase() == 0


def test_a_log_that_cannot_be_written_stops_nothing(
    log: SearchLog, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_bytes(b"abime" * 1000)
    with caplog.at_level(logging.WARNING):
        note(log, "un titre privé")
        log.purge()
    assert [record.message.split(" : ")[0] for record in caplog.records] == [
        "recherche non notée",
        "journal des recherches non purgé",
    ]
    assert "privé" not in caplog.text.replace("non purgé", "")


def test_a_log_in_use_is_not_waited_for(log: SearchLog, path: Path, caplog: pytest.LogCaptureFixture) -> None:
    note(log, "a")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    note(log, "b")
    writer.close()
    assert "recherche non notée" in caplog.text
    assert queries(log) == ["a"]


def rows(path: Path, what: str = "day, COUNT(*)") -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(f"SELECT {what} FROM searches GROUP BY day ORDER BY day").fetchall()


def test_a_day_has_so_many_rows_and_the_oldest_go_first(
    log: SearchLog, clock: Clock, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_store, "MOST_ROWS_A_DAY", 40)
    monkeypatch.setattr(log_store, "_DROPPED", 10)
    for _ in range(3):
        note(log, "demandée par plusieurs")
    for number in range(30):
        note(log, f"du matin {number}")
    clock.now += timedelta(hours=3)
    for number in range(200):
        note(log, f"de l’après-midi {number:03}")
        assert rows(path)[0][1] <= 40
    held = queries(log)
    assert "de l’après-midi 199" in held
    assert not [query for query in held if query.startswith("du matin")]
    clock.now += timedelta(days=1)
    note(log, "du lendemain")
    assert [day for day, _ in rows(path)] == ["2024-02-16", "2024-02-17"]


def test_what_many_ask_outlives_what_one_client_makes_up(
    log: SearchLog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_store, "MOST_ROWS_A_DAY", 40)
    monkeypatch.setattr(log_store, "_DROPPED", 10)
    for _ in range(3):
        note(log, "demandée par plusieurs")
    for number in range(100):
        note(log, f"inventée {number}")
    assert "demandée par plusieurs" in queries(log)


def test_the_file_has_a_size_and_the_oldest_days_go_first(
    log: SearchLog, clock: Clock, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_store, "MOST_BYTES", 100_000)
    monkeypatch.setattr(log_store, "_DROPPED", 20)
    for day in range(8):
        for number in range(40):
            note(log, f"{day} {number} " + "資" * MAX_QUERY)
        clock.now += timedelta(days=1)
        assert path.stat().st_size <= 100_000 + 5 * 4096
    days = [day for day, _ in rows(path)]
    assert 1 < len(days) < 8
    assert days[-1] == "2024-02-23"
    assert log.erase() > 0
    note(log, "encore")
    assert [count for _, count in rows(path)] == [1]


def test_a_file_of_an_earlier_version_is_counted_and_cut(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute(log_store._SCHEMA[0][0])
        lines = [("2024-02-16", 9, f"{n} " + "x" * 150, 0, 0, 1, 1) for n in range(2000)]
        database.executemany("INSERT INTO searches VALUES (?, ?, ?, ?, ?, ?, ?)", lines)
        database.execute("PRAGMA user_version = 1")
        database.commit()
    monkeypatch.setattr(log_store, "MOST_BYTES", 100_000)
    monkeypatch.setattr(log_store, "_DROPPED", 200)
    SearchLog(path, 90, clock=clock).purge()
    with closing(sqlite3.connect(path)) as database:
        ((held,),) = database.execute("SELECT COUNT(*) FROM searches").fetchall()
        assert database.execute("SELECT * FROM days").fetchall() == [("2024-02-16", held)]
    assert 0 < held < 700
    assert path.stat().st_size < 150_000
