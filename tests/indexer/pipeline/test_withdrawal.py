"""Visitors no longer find what becomes private after the run that reads the change, even if it is only an import."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.corpus.corrections import CORRECTIONS, Correction, Corrections, Field
from indexer.corpus.store import Corpus
from indexer.engine.embedded import engine as embedded
from indexer.errors import EngineError, IndexDamagedError
from indexer.pipeline.provenance import PROVENANCE, ProvenanceStore
from indexer.resolution.assembler import Assembler
from indexer.resource import Audience
from tests.support.archive import Archive, Killed, Models, dies_at, export, listing, node, page, permissions_hold

SITE = "https://reseau.example"
EPICERIE, REGIE, CHARTE = "Monter une épicerie solidaire", "Ouvrir une régie de quartier", "Charte des achats"


def write(archive: Archive, name: str, title: str, private: str | None = "Non") -> Path:
    return archive.write(f"{name}.html", page(title, address=f"{SITE}/{name}", private=private))


def _three(archive: Archive) -> None:
    for name, title, private in (("epicerie", EPICERIE, "Non"), ("regie", REGIE, "Non"), ("charte", CHARTE, "Oui")):
        write(archive, name, title, private)
    archive.import_()
    archive.index()


@pytest.fixture
def three(archive: Archive, models: Models) -> Archive:
    """Three resources, indexed: the last one is private."""
    return models.copy(_three, archive)


def visible(archive: Archive) -> set[str]:
    return set(archive.ids(Audience.VISITOR))


def generations(archive: Archive) -> list[str]:
    return sorted(path.name for path in (archive.settings.index / "generations").iterdir())


@pytest.mark.parametrize("said", ["Oui", None, "Peut-être", ""])
def test_an_import_withdraws_what_it_makes_private(three: Archive, said: str | None) -> None:
    """The import hides a page from visitors if its field of privacy now says yes, is missing or cannot be read."""
    write(three, "regie", REGIE, said)
    report = three.import_()
    assert visible(three) == {EPICERIE}
    assert set(three.ids()) == {EPICERIE, REGIE, CHARTE}  # members still find it
    assert [w.message for w in report.warnings if "les visiteurs ne la voient plus" in w.message] == [
        f"{REGIE} : Ressource devenue privée : les visiteurs ne la voient plus, sans attendre la prochaine indexation."
    ]
    assert {w.path for w in report.warnings if "devenue privée" in w.message} == {"pages/regie.html"}


def test_the_next_index_has_only_the_rest_to_do(three: Archive) -> None:
    write(three, "regie", REGIE, "Oui")
    write(three, "jardin", "Jardins partagés")
    three.import_()
    assert visible(three) == {EPICERIE}
    report = three.index()
    assert (report.added, report.updated, report.removed) == (1, 0, 0)
    assert visible(three) == {EPICERIE, "Jardins partagés"}
    assert not three.index().switched


def test_a_copy_in_a_listing_is_enough(three: Archive) -> None:
    there = node(REGIE, link=f"{SITE}/regie", private="Oui")
    three.write("theme.html", listing(there, node("Autre", link=f"{SITE}/autre")))
    three.import_()
    assert visible(three) == {EPICERIE}


def test_an_export_without_addresses_is_enough(three: Archive) -> None:
    three.write("liste.txt", export((REGIE, "Oui", "La régie de quartier.")))
    three.import_()
    assert visible(three) == {EPICERIE}


def test_two_public_resources_that_turn_out_to_be_one_private_one_both_go(three: Archive) -> None:
    bridge = page("Tout un autre titre", address=f"{SITE}/regie", private="Oui")
    three.write("pont.html", bridge.replace("<head>", f'<head><link rel="shortlink" href="{SITE}/epicerie">'))
    three.import_()
    assert visible(three) == set()


def test_the_same_import_again_and_another_theme_withdraw_nothing_more(three: Archive) -> None:
    write(three, "regie", REGIE, "Oui")
    three.import_()
    before = generations(three)
    assert three.import_().warnings == ()
    three.import_(theme="Autre thème")
    assert generations(three) == before


def test_an_import_that_makes_nothing_private_publishes_nothing(three: Archive) -> None:
    before = generations(three)
    write(three, "regie", "Ouvrir une autre régie")
    write(three, "note", "Note interne", "Oui")
    three.import_()
    assert generations(three) == before
    assert visible(three) == {EPICERIE, REGIE}


def test_what_is_removed_leaves_with_the_next_index(three: Archive) -> None:
    (three.settings.corpus / "pages" / "regie.html").unlink()
    three.index()
    assert visible(three) == {EPICERIE}


def test_an_import_needs_no_index(archive: Archive) -> None:
    write(archive, "charte", CHARTE, "Oui")
    archive.import_()
    assert not (archive.settings.index / "generations").exists()


STEPS: list[tuple[type, str]] = [
    (Corpus, "record"),
    (embedded.EmbeddedWriter, "finish"),
    (embedded.Generations, "publish"),
    (ProvenanceStore, "save"),
    (Assembler, "resource"),
]


@pytest.mark.parametrize(("owner", "name"), STEPS)
@pytest.mark.parametrize("then", [Archive.import_, Archive.index])
def test_an_import_that_dies_has_reported_nothing_and_the_next_run_finishes(
    three: Archive, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, then: Callable[[Archive], object]
) -> None:
    write(three, "regie", REGIE, "Oui")
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dies_at(1, getattr(owner, name)))
        with pytest.raises(Killed):
            three.import_()
    then(three)
    assert visible(three) == {EPICERIE}
    three.index()
    assert set(three.ids()) == {EPICERIE, REGIE, CHARTE}


def test_where_nobody_knows_what_visitors_see_everything_is_written_again(three: Archive) -> None:
    (three.settings.index / PROVENANCE).unlink()
    write(three, "regie", REGIE, "Oui")
    three.import_()
    assert visible(three) == {EPICERIE}
    assert not three.index().switched


def test_an_index_of_another_version_is_written_again_rather_than_carried_on(
    three: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "SEGMENT_VERSION", 10_000)
    write(three, "regie", REGIE, "Oui")
    three.import_()
    assert visible(three) == {EPICERIE}
    assert not three.index().switched


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), sqlite3.OperationalError("disk full")])
def test_an_import_that_cannot_withdraw_fails_and_says_what_to_do(
    three: Archive, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    write(three, "regie", REGIE, "Oui")
    with monkeypatch.context() as patch:
        patch.setattr(embedded.EmbeddedWriter, "finish", fails)
        with pytest.raises(EngineError, match="lancez « python run"):
            three.import_()
    three.index()
    assert visible(three) == {EPICERIE}


@pytest.mark.parametrize("damaged", ["ids.json", "manifest.json"])
def test_the_generation_before_does_not_answer_for_a_damaged_one_with_what_became_private(
    three: Archive, damaged: str
) -> None:
    write(three, "regie", REGIE, "Oui")
    three.import_()
    (three.settings.index / "generations" / generations(three)[-1] / damaged).write_text("rien de bon")
    with pytest.raises(IndexDamagedError):
        visible(three)
    three.index()
    assert visible(three) == {EPICERIE}


def correct(archive: Archive, title: str, **what: bool) -> None:
    corrections = Corrections(archive.settings.corpus / CORRECTIONS)
    corrections.change(archive.ids()[title], Correction(**what), actor="test", title=title)


def test_what_staff_made_private_or_withdrew_is_hidden_by_the_next_import_too(three: Archive) -> None:
    write(three, "jardin", "Jardins partagés")
    three.import_()
    three.index()
    correct(three, REGIE, private=True)
    correct(three, EPICERIE, withdrawn=True)
    three.import_()
    assert visible(three) == {"Jardins partagés"}
    assert set(three.ids()) == {REGIE, CHARTE, "Jardins partagés"}
    assert not three.index().switched


def test_what_staff_made_public_stays_public_whatever_pages_say(three: Archive) -> None:
    before = three.ids()[CHARTE]
    correct(three, CHARTE, private=False)
    three.index()
    write(three, "charte", CHARTE, "Peut-être")
    three.import_()
    assert three.ids(Audience.VISITOR)[CHARTE] == before


def test_a_resource_that_staff_hid_is_no_namesake_for_visitors(three: Archive) -> None:
    """A resource of a text export (without address) joins the visible one of its title; the hidden one is ignored."""
    three.write("regie-0.html", page(REGIE, address=f"{SITE}/regie-0", body="Une autre régie."))
    three.import_()
    three.index()
    hidden = next(i for i, r in three.resources().items() if r.url == f"{SITE}/regie-0")
    corrections = Corrections(three.settings.corpus / CORRECTIONS)
    corrections.change(hidden, Correction(private=True), actor="test", title=REGIE)
    three.write("liste.txt", export((REGIE, "Non", "La régie de quartier.")))
    three.import_()
    three.index()
    assert len([hit for hit in three.search(audience=Audience.VISITOR).hits if hit.title == REGIE]) == 1


def test_a_private_copy_that_cannot_be_read_today_keeps_its_resource_private(three: Archive) -> None:
    there = node(REGIE, link=f"{SITE}/regie", private="Oui")
    three.write("theme.html", listing(there, node("Autre", link=f"{SITE}/autre")))
    three.import_()
    three.index()
    (three.settings.corpus / "pages" / "theme.html").chmod(0)
    (three.settings.corpus / "pages" / "theme.html").touch()
    with permissions_hold():
        for _ in range(2):
            three.index()
            three.import_(three.pages / "epicerie.html")
            assert visible(three) == {EPICERIE}


def test_the_corpus_is_compared_whole(three: Archive) -> None:
    """Any import hides a resource whose page was edited in the corpus and is now private."""
    path = three.settings.corpus / "pages" / "regie.html"
    path.write_text(page(REGIE, address=f"{SITE}/regie", private="Oui"))
    three.import_(three.pages / "epicerie.html")
    assert visible(three) == {EPICERIE}


def test_a_withdrawal_that_an_import_published_is_undone(archive: Archive) -> None:
    """The resource comes back with its id, though only an import saw the withdrawal, and no indexing run."""
    archive.write("a.html", page(EPICERIE, address=f"{SITE}/a"))
    archive.write("b.html", page(REGIE, address=f"{SITE}/b"))
    archive.import_()
    archive.index()
    given = archive.ids()[EPICERIE]
    archive.correct(EPICERIE, withdrawn=True)
    archive.import_()
    assert list(archive.hits()) == [REGIE]
    archive.correct(given, clear=[Field.WITHDRAWN])
    archive.index()
    assert archive.ids()[EPICERIE] == given
