"""Indexing runs: only changes are written, what has left the corpus is removed, and deleted files are rebuilt."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from indexer.errors import CorpusError
from indexer.pipeline import indexing
from indexer.resource import Audience
from tests.support.archive import CHARTE, EPICERIE, REGIE, Archive, listing, node, page, reasons


def changes(report: indexing.IndexReport) -> tuple[int, int, int, bool]:
    """Return the numbers of added, updated and removed resources, and whether there is a new generation."""
    return report.added, report.updated, report.removed, report.switched


def in_corpus(archive: Archive, name: str) -> Path:
    return archive.settings.corpus / "pages" / name


# What a run does


def test_a_first_run_adds_everything(archive: Archive) -> None:
    archive.put("s/theme.html", listing(node(EPICERIE, link="/a"), node(REGIE, link="/b", private="Oui")))
    archive.put("s/agenda.html", "<html><body><p>Rien ce mois-ci.</p></body></html>")
    report = archive.index()
    assert changes(report) == (2, 0, 0, True)
    assert (report.generation, report.pages, report.resources, report.public) == ("000001", 2, 2, 1)
    assert set(reasons(report.set_aside)) == {"agenda.html"}


def test_a_second_run_does_nothing(three: Archive) -> None:
    rows = three.catalogue_rows()
    report = three.index()
    assert changes(report) == (0, 0, 0, False)
    assert (report.generation, report.resources, report.public) == ("000001", 3, 2)
    assert three.catalogue_rows() == rows


def test_an_import_that_brings_nothing_new_makes_no_new_generation(three: Archive) -> None:
    three.import_()
    assert not three.index().switched


def test_only_what_changed_is_written_again(three: Archive) -> None:
    three.write("epicerie.html", page("Faire vivre une épicerie", address="https://reseau.example/epicerie"))
    three.write("jardin.html", page("Jardins partagés", address="https://reseau.example/jardin"))
    three.import_()
    before = three.ids()
    assert changes(three.index()) == (1, 1, 0, True)
    assert three.ids()["Faire vivre une épicerie"] == before[EPICERIE]


def test_a_page_edited_in_the_corpus_is_taken_in(three: Archive) -> None:
    path = in_corpus(three, "regie.html")
    path.write_text(path.read_text().replace(REGIE, "Fermer une régie"))
    assert changes(three.index()) == (0, 1, 0, True)
    assert "Fermer une régie" in three.ids()
    assert three.hits("fermer")["Fermer une régie"].themes == ("Coopération",)


def test_a_page_put_into_the_corpus_by_hand_is_taken_in(three: Archive) -> None:
    three.put("a-la-main/jardin.html", page("Jardins partagés"))
    assert changes(three.index()) == (1, 0, 0, True)


def test_a_page_gone_from_the_corpus_leaves_the_index(three: Archive) -> None:
    in_corpus(three, "regie.html").unlink()
    report = three.index()
    assert changes(report) == (0, 0, 1, True)
    assert set(three.ids()) == {EPICERIE, CHARTE}
    assert "regie.html" not in {Path(getattr(row, "path", "")).name for row in three.catalogue_rows()}


def test_a_page_that_comes_back_has_the_same_id(three: Archive) -> None:
    before, path = three.ids(), in_corpus(three, "regie.html")
    raw = path.read_bytes()
    path.unlink()
    three.index()
    path.write_bytes(raw)
    assert changes(three.index()) == (1, 0, 0, True)
    assert three.ids() == before


def test_an_emptied_corpus_gives_an_empty_index(three: Archive) -> None:
    shutil.rmtree(three.settings.corpus / "pages")
    assert changes(three.index()) == (0, 0, 3, True)
    assert three.search().total == 0


def test_a_copy_gone_leaves_the_resource(three: Archive) -> None:
    """A resource on two pages stays if one of them is deleted, without what only that page said."""
    other = node(REGIE, link="https://reseau.example/regie", theme="Ruralité")
    three.put("theme/page.html", listing(other, node("Jardins", link="/jardin"), heading="Quartiers"))
    three.index()
    assert three.hits("régie")[REGIE].themes == ("Coopération", "Quartiers", "Ruralité")
    (three.settings.corpus / "theme" / "page.html").unlink()
    assert changes(three.index()) == (0, 1, 1, True)
    assert three.hits("régie")[REGIE].themes == ("Coopération",)


def test_full_writes_everything_again_with_the_same_ids(three: Archive) -> None:
    before = three.ids()
    assert changes(three.index(full=True)) == (3, 0, 0, True)
    assert three.ids() == before


def test_the_last_two_generations_are_kept(three: Archive) -> None:
    for _ in range(3):
        three.index(full=True)
    assert sorted(p.name for p in (three.settings.index / "generations").iterdir()) == ["000003", "000004"]


def test_another_site_address_is_taken_into_account(archive: Archive) -> None:
    """When the setting of the site's address changes, the addresses of resources from relative links change with it."""
    archive.put("s/theme.html", listing(node(EPICERIE, link="/a"), node(REGIE, link="/b")))
    archive.index()
    assert archive.hits()[EPICERIE].url == "https://www.rtes.fr/a"
    assert archive.index(site_url="https://ailleurs.example/").switched
    assert archive.hits()[EPICERIE].url == "https://ailleurs.example/a"


def test_a_corpus_that_does_not_exist_says_what_to_do(archive: Archive) -> None:
    with pytest.raises(CorpusError, match="importez d’abord des pages"):
        archive.index()


# The next run applies changes of privacy


def visitors(archive: Archive) -> set[str]:
    return set(archive.ids(Audience.VISITOR))


def test_what_becomes_private_leaves_visitors_and_stays_for_members(three: Archive) -> None:
    path = in_corpus(three, "regie.html")
    path.write_text(path.read_text().replace(">Non<", ">Oui<"))
    before = three.ids()
    report = three.index()
    assert (changes(report), report.public) == ((0, 1, 0, True), 1)
    assert visitors(three) == {EPICERIE}
    assert three.hits("régie", Audience.VISITOR) == {}
    with three.engine() as engine:
        assert engine.get(before[REGIE], audience=Audience.VISITOR) is None
    assert three.ids() == before
    assert three.hits("régie")[REGIE].private


def test_what_becomes_public_is_found_by_visitors(three: Archive) -> None:
    path = in_corpus(three, "charte.html")
    path.write_text(path.read_text().replace(">Oui<", ">Non<"))
    three.index()
    assert visitors(three) == {EPICERIE, REGIE, CHARTE}


def test_a_copy_that_says_private_is_enough(three: Archive) -> None:
    three.put("theme/page.html", page(REGIE, address="http://www.reseau.example/regie?page=0", private="Oui"))
    report = three.index()
    assert visitors(three) == {EPICERIE}
    assert any("ne s’accordent pas" in notice.message for notice in report.warnings)


def test_a_label_lost_makes_it_private(three: Archive) -> None:
    path = in_corpus(three, "regie.html")
    path.write_text(path.read_text().replace(">Non<", "><"))
    three.index()
    assert visitors(three) == {EPICERIE}
