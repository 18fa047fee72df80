"""Synonyms and search statistics at the staff desk."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from search_app.staff import search_stats, synonyms
from tests.support.archive import Archive
from tests.support.desk import post, said, text

TODAY = datetime.date(2026, 3, 16)


@dataclass(frozen=True)
class Day:
    day: datetime.date
    searches: int
    fruitless: int


@dataclass(frozen=True)
class Query:
    query: str
    searches: int
    fruitless: int
    last: datetime.date = TODAY


@dataclass
class Log:
    """A log of searches that records which statistics were requested."""

    on: bool = True
    today: datetime.date = TODAY
    asked: list[tuple[datetime.date, datetime.date]] = field(default_factory=list)

    def by_day(self, since: datetime.date, until: datetime.date) -> Sequence[Day]:
        self.asked.append((since, until))
        return [Day(TODAY - datetime.timedelta(days=2), 4, 0), Day(TODAY, 10, 3)]

    def most_frequent(self, since: datetime.date, until: datetime.date, *, limit: int) -> Sequence[Query]:
        return [Query("régie", 8, 0), Query("gratiferia", 3, 3)][:limit]

    def without_result(self, since: datetime.date, until: datetime.date, *, limit: int) -> Sequence[Query]:
        return [Query("gratiferia", 3, 3), Query("=1+1", 1, 1)][:limit]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    log = Log()
    monkeypatch.setattr(search_stats, "search_log", lambda: log)
    return log


def edit(client: FlaskClient, lines: str, action: str = "preview", **fields: str):
    found = re.search(r'name="version" value="([^"]*)"', client.get("/gestion/synonymes").text)
    assert found
    return post(client, "/gestion/synonymes", **{"text": lines, "action": action, "version": found[1], **fields})


def total(client: FlaskClient, query: str) -> int:
    answer = client.get("/api/v1/search", query_string={"q": query}).json
    assert answer is not None
    return int(answer["total"])


# Synonyms


def test_synonyms_are_tried_then_put_in_force(archive: Archive, staff: FlaskClient, visitor: FlaskClient) -> None:
    assert total(visitor, "gratiferia") == 0
    seen = edit(staff, "gratiferia = épicerie solidaire\r\n")
    assert seen.status_code == 200
    assert re.search(r"gratiferia 0 1\b", text(seen))
    assert not (archive.settings.data / "synonyms.txt").exists()
    assert total(visitor, "gratiferia") == 0
    assert "enregistrés" in said(staff, edit(staff, "gratiferia = épicerie solidaire\r\n", "save"))
    assert total(visitor, "gratiferia") == 1
    assert (archive.settings.data / "synonyms.txt").read_text("utf-8") == "gratiferia = épicerie solidaire\n"
    said(staff, edit(staff, "", "save"))
    assert total(visitor, "gratiferia") == 0


def test_recent_searches_are_tried_too(staff: FlaskClient, log: Log) -> None:
    seen = text(edit(staff, "gratiferia => ferme"))
    assert "qui répondraient autrement" in seen
    assert "Aucune des" in text(edit(staff, "zzz = yyy"))


def test_faulty_lines_are_named_and_kept(archive: Archive, staff: FlaskClient) -> None:
    refused = edit(staff, "# liste\ngratiferia\na => b => c", "save")
    assert refused.status_code == 400
    assert "Ligne 2" in text(refused)
    assert "Ligne 3" in text(refused)
    assert "gratiferia" in refused.text
    assert not (archive.settings.data / "synonyms.txt").exists()


def test_two_people_at_once(staff: FlaskClient) -> None:
    said(staff, edit(staff, "gratiferia = marché gratuit", "save"))
    late = edit(staff, "troc = échange", "save", version="0" * 16)
    assert late.status_code == 409
    assert "troc = échange" in late.text
    assert "gratiferia" in late.text


def test_a_list_too_long(staff: FlaskClient) -> None:
    assert edit(staff, "a = b\n" * (synonyms.MAX_BYTES // 6 + 1)).status_code == 400


def test_nothing_to_save(staff: FlaskClient) -> None:
    assert "Rien n’a changé" in said(staff, edit(staff, "", "save"))


@pytest.mark.parametrize(("term", "begun"), [("gratiferia", "gratiferia = "), ("= # !a", "a = ")])
def test_a_fruitless_search_begins_a_line(staff: FlaskClient, term: str, begun: str) -> None:
    shown = staff.get("/gestion/synonymes", query_string={"terme": term}).text
    assert f">{begun}</textarea>" in shown


# Searches


def test_searches_are_plotted_and_listed(staff: FlaskClient, log: Log) -> None:
    shown = staff.get("/gestion/recherches?jours=7")
    assert "14 recherches, dont 3 sans résultat" in text(shown)
    assert len(BeautifulSoup(shown.text, "lxml").select("svg.timeline rect")) == 3
    assert log.asked == [(TODAY - datetime.timedelta(days=6), TODAY)]
    assert 'href="/gestion/synonymes?terme=gratiferia"' in shown.text
    assert 'href="/gestion/synonymes?terme=r%C3%A9gie"' not in shown.text


def test_no_log_is_said(staff: FlaskClient, log: Log) -> None:
    log.on = False
    assert "Aucun journal" in text(staff.get("/gestion/recherches"))


HEAD = "recherche;fois;sans résultat;dernière fois"


@pytest.mark.parametrize(
    ("what", "rows"),
    [
        ("jours", ["jour;recherches;sans résultat", f"{TODAY - datetime.timedelta(days=2)};4;0", f"{TODAY};10;3"]),
        ("frequentes", [HEAD, f"régie;8;0;{TODAY}", f"gratiferia;3;3;{TODAY}"]),
        (
            "sans-resultat",
            [HEAD, f"gratiferia;3;3;{TODAY}", f"'=1+1;1;1;{TODAY}"],
        ),
    ],
)
def test_csv_opens_in_a_french_spreadsheet(staff: FlaskClient, log: Log, what: str, rows: list[str]) -> None:
    answer = staff.get(f"/gestion/recherches/{what}.csv")
    assert answer.mimetype == "text/csv"
    assert answer.text.startswith("\ufeff")
    assert answer.text.lstrip("\ufeff").split("\r\n") == [*rows, ""]


def test_csv_of_something_else(staff: FlaskClient, log: Log) -> None:
    assert staff.get("/gestion/recherches/tout.csv").status_code == 404
