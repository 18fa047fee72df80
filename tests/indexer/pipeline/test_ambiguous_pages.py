"""Doubtful pages and captures of pages, from import and indexing to what a visitor finds."""

from __future__ import annotations

import sqlite3

import pytest

from indexer.corpus import page_cache
from indexer.corpus.catalogue import Catalogue
from indexer.corpus.store import CATALOGUE
from indexer.parsing.html import regions
from indexer.resolution import assembler
from indexer.resource import Audience
from tests.support.archive import BODY, Archive, page

WAYBACK = "https://web.archive.org/web"
LABELS = "<div><div>Type de ressource</div><div>Guide</div></div><div><div>Ressource privée</div><div>{}</div></div>"
TWO_COLUMNS = (
    "<html><head><title>Note du bureau</title></head><body><main><div><h1>Note du bureau</h1></div><div><div>"
    "<p>Un texte zorglubien.</p></div><div><p>Voir aussi</p><div><a href='/halles'>Guide des halles</a>"
    f"{LABELS.format('Non')}</div></div></div><div>{LABELS.format('Oui')}</div></main></body></html>"
)


@pytest.mark.parametrize(
    "prefix", [f"{WAYBACK}/20210303000000/", f"{WAYBACK}/202019id_/", "https://archive.ph/2020/", ""]
)
def test_a_private_capture_hides_all_others(archive: Archive, prefix: str) -> None:
    address = "https://www.exemple.test/jardins"
    archive.write("a.html", page("Des jardins partagés", address=f"{WAYBACK}/20190504101112/{address}"))
    archive.write("b.html", page("Des jardins partagés", address=prefix + address, private="Oui"))
    archive.import_()
    archive.index()
    assert archive.hits(audience=Audience.VISITOR) == {}
    (hit,) = archive.hits().values()
    assert (hit.private, hit.url) == (True, address)


def test_captures_are_one_resource(archive: Archive) -> None:
    for year in (2019, 2021):
        archive.write(f"{year}.html", page("Des jardins", address=f"{WAYBACK}/{year}/https://www.exemple.test/jardins"))
    archive.import_()
    archive.index()
    (hit,) = archive.hits("jardins", Audience.VISITOR).values()
    assert hit.url == "https://www.exemple.test/jardins"


def test_a_text_beside_another_nodes_fields_is_no_visitors(archive: Archive) -> None:
    archive.write("note.html", TWO_COLUMNS)
    report = archive.import_()
    archive.index()
    assert any("mise en page" in warning.message for warning in report.warnings)
    assert archive.hits("zorglubien", Audience.VISITOR) == {}
    assert set(archive.hits("zorglubien")) == {"Note du bureau"}


def test_what_older_code_showed_is_withdrawn_by_the_next_run(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.write("note.html", TWO_COLUMNS)
    with monkeypatch.context() as older:
        older.setattr(regions, "settle", lambda *_: False)
        older.setattr(page_cache, "PARSER_VERSION", page_cache.PARSER_VERSION - 1)
        older.setattr(assembler, "PARSER_VERSION", assembler.PARSER_VERSION - 1)
        archive.import_()
        archive.index()
        assert archive.hits("zorglubien", Audience.VISITOR)
    archive.index()
    assert archive.hits("zorglubien", Audience.VISITOR) == {}
    assert archive.hits("zorglubien")


def test_an_id_given_to_a_capture_stays(archive: Archive) -> None:
    archive.write("a.html", page("Des jardins", address="https://www.exemple.test/jardins", body=BODY))
    archive.import_()
    archive.index()
    given = archive.ids()["Des jardins"]
    place = archive.settings.corpus / CATALOGUE
    key = "https://web.archive.org/web/2019/https://exemple.test/jardins"
    database = sqlite3.connect(place)
    with database:  # as an older version stored it
        database.execute("UPDATE identities SET key = ? WHERE id = ?", (key, given))
        database.execute("PRAGMA user_version = 0")
    database.close()
    catalogue = Catalogue(place)
    assert [(one.key, one.id) for one in catalogue.identities()] == [("https://exemple.test/jardins", given)]
    catalogue.close()
    archive.index(full=True)
    assert archive.ids() == {"Des jardins": given}
