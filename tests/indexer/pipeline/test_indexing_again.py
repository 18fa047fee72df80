"""The next run rebuilds what was deleted, damaged, left by a killed run or written by another version."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable

import pytest

from indexer.corpus import page_cache
from indexer.corpus.catalogue import Catalogue
from indexer.corpus.store import CATALOGUE
from indexer.engine.embedded import engine as embedded
from indexer.errors import CorpusError, EngineError
from indexer.pipeline.provenance import ProvenanceStore
from indexer.resolution import assembler
from indexer.resolution.assembler import Assembler
from tests.indexer.pipeline.test_indexing import changes, in_corpus
from tests.support.archive import (
    CHARTE,
    EPICERIE,
    REGIE,
    Archive,
    Killed,
    analyzer,
    dies_at,
    listing,
    node,
    page,
    permissions_hold,
    reasons,
)

# Deleted, damaged, killed


def forget_cache(archive: Archive) -> None:
    (archive.settings.index / page_cache.PAGE_CACHE).unlink()


def forget_state(archive: Archive) -> None:
    (archive.settings.index / "built.sqlite").unlink()


def forget_index(archive: Archive) -> None:
    shutil.rmtree(archive.settings.index)


def forget_generation(archive: Archive) -> None:
    shutil.rmtree(archive.settings.index / "generations")
    (archive.settings.index / "current.json").unlink()


def forget_catalogue(archive: Archive) -> None:
    for path in archive.settings.corpus.glob(f"{CATALOGUE}*"):
        path.unlink()


@pytest.mark.parametrize(
    ("forget", "switched"),
    [
        (forget_cache, False),
        (forget_state, True),
        (forget_index, True),
        (forget_generation, True),
        (forget_catalogue, False),
    ],
)
def test_what_is_deleted_is_made_again_with_the_same_ids(
    archive: Archive, forget: Callable[[Archive], None], switched: bool
) -> None:
    archive.put("s/epicerie.html", page(EPICERIE, address="https://reseau.example/epicerie"))
    archive.put("s/theme.html", listing(node(REGIE, link="/b"), node(CHARTE, private="Oui"), heading="Quartiers"))
    archive.index()
    before = archive.resources()
    forget(archive)
    report = archive.index()
    assert (report.resources, report.public, report.switched) == (3, 2, switched)
    assert archive.resources() == before
    assert not archive.index().switched


def test_ids_come_from_the_catalogue_and_not_from_todays_titles(three: Archive) -> None:
    before = three.ids()
    path = in_corpus(three, "regie.html")
    path.write_text(path.read_text().replace(REGIE, "Fermer une régie"))
    forget_index(three)
    three.index()
    assert three.ids()["Fermer une régie"] == before[REGIE]


@pytest.mark.parametrize("name", ["built.sqlite", page_cache.PAGE_CACHE])
def test_a_damaged_work_file_is_made_anew(three: Archive, name: str) -> None:
    before = three.ids()
    (three.settings.index / name).write_bytes(b"rien de bon " * 100)
    three.index()
    assert three.ids() == before


@pytest.mark.parametrize("name", ["built.sqlite", page_cache.PAGE_CACHE])
def test_a_work_file_that_cannot_be_replaced_says_what_to_do_and_the_old_generation_answers(
    three: Archive, name: str
) -> None:
    (three.settings.index / name).unlink()
    (three.settings.index / name).mkdir()
    with pytest.raises(EngineError, match="supprimez-le, il sera refait"):
        three.index()
    assert len(three.ids()) == 3


def test_a_page_rotten_in_the_cache_says_what_to_do(three: Archive) -> None:
    cache = sqlite3.connect(three.settings.index / page_cache.PAGE_CACHE)
    with cache:
        cache.execute("UPDATE pages SET page = substr(page, 1, 40)")
    cache.close()
    with pytest.raises(EngineError, match="ils seront refaits"):
        three.index(full=True)
    assert len(three.ids()) == 3


def test_a_damaged_catalogue_says_what_to_do_and_the_old_generation_answers(three: Archive) -> None:
    (three.settings.corpus / CATALOGUE).write_bytes(b"rien de bon " * 100)
    with pytest.raises(CorpusError, match="restaurez-le d’une sauvegarde"):
        three.index()
    assert len(three.ids()) == 3


def test_a_page_that_cannot_be_read_is_set_aside_even_without_a_cache(three: Archive) -> None:
    forget_index(three)
    in_corpus(three, "regie.html").chmod(0)
    with permissions_hold():
        report = three.index()
    assert set(three.ids()) == {EPICERIE, CHARTE}
    assert "vérifiez les droits" in reasons(report.set_aside)["regie.html"]
    in_corpus(three, "regie.html").chmod(0o600)
    assert changes(three.index()) == (1, 0, 0, True)


def test_a_run_killed_between_the_switch_and_its_note_is_done_again(
    three: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = three.ids()
    three.write("jardin.html", page("Jardins partagés"))
    three.import_()
    in_corpus(three, "regie.html").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(ProvenanceStore, "save", dies_at(1, ProvenanceStore.save))
        with pytest.raises(Killed):
            three.index()
    after = {EPICERIE: before[EPICERIE], CHARTE: before[CHARTE], "Jardins partagés": three.ids()["Jardins partagés"]}
    assert three.ids() == after  # the switch had happened
    assert three.index().switched
    assert three.ids() == after
    assert not three.index().switched


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (Assembler, "resource"),
        (embedded.EmbeddedWriter, "finish"),
        (embedded.Generations, "publish"),
        (Catalogue, "put_identities"),
    ],
)
def test_a_run_killed_before_the_switch_leaves_the_old_generation(
    three: Archive, monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    before = three.ids()
    three.put("s/jardin.html", page("Jardins partagés"))
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dies_at(1, getattr(owner, name)))
        with pytest.raises(Killed):
            three.index()
    assert three.ids() == before
    assert changes(three.index()) == (1, 0, 0, True)
    assert three.ids().items() > before.items()


# Another version of the program


def test_another_parser_reads_every_page_again(three: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    before, read = three.ids(), []
    genuine = page_cache.parse_page
    monkeypatch.setattr(page_cache, "parse_page", lambda *a, **k: (read.append(a), genuine(*a, **k))[1])
    assert not three.index().switched
    assert read == []
    for module in (page_cache, assembler):
        monkeypatch.setattr(module, "PARSER_VERSION", 10_000)
    assert changes(three.index()) == (0, 3, 0, True)
    assert len(read) == 3
    assert three.ids() == before


@pytest.mark.parametrize("what", ["schema", "analysis"])
def test_another_schema_or_analysis_rebuilds_by_itself_while_the_old_one_answers(
    three: Archive, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    before = three.ids()
    if what == "schema":
        monkeypatch.setattr(embedded, "SEGMENT_VERSION", 10_000)
    else:
        monkeypatch.setattr(analyzer(), "fingerprint", "une autre")
    with three.engine() as engine:
        assert engine.status().stale
    assert three.ids() == before
    assert three.index().generation == "000002"
    assert three.ids() == before
    assert not three.index().switched


def test_a_rebuild_that_fails_leaves_the_old_generation(three: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    before = three.ids()
    monkeypatch.setattr(embedded, "SEGMENT_VERSION", 10_000)
    monkeypatch.setattr(embedded.EmbeddedWriter, "finish", dies_at(1, embedded.EmbeddedWriter.finish))
    with pytest.raises(Killed):
        three.index()
    assert three.ids() == before


def test_an_engine_already_open_sees_the_new_generation(three: Archive) -> None:
    with three.engine() as reader:
        assert reader.status().total == 3
        three.put("s/jardin.html", page("Jardins partagés"))
        three.index()
        assert reader.status().total == 4
