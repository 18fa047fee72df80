"""Publications in back-ups, checks and rollbacks: which files are kept, and how missing ones are reported."""

from __future__ import annotations

import shutil
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.backup import back_up, restore
from indexer.check import check_corpus, describe_publications
from indexer.corpus import PUBLICATIONS
from indexer.document.pages import Page
from indexer.pipeline import publications, roll_back
from indexer.publications import PUBLICATION_CACHE, Publication, Status
from indexer.resource import Audience
from tests.support.archive import SITE, Archive, page

CONTENT = b"%PDF-1.7 un guide"


@pytest.fixture
def kept(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """An archive with one publication, whose resource also links to one that is missing."""
    document = Publication("application/pdf", Status.READ, "", (Page(1, None, "Une pastèque dans le texte"),))
    monkeypatch.setattr(publications, "read_open_file", lambda _, **__: document)
    archive.write("guide.html", guide("Non"))
    archive.write("guide.pdf", CONTENT)
    archive.import_()
    archive.index()
    return archive


def guide(private: str) -> str:
    body = tuple(f'<a href="{name}.pdf">La publication</a>' for name in ("guide", "absent"))
    return page("Guide", address=f"{SITE}/guide", body=body, private=private)


def original(archive: Archive) -> Path:
    (path,) = (path for path in (archive.settings.corpus / PUBLICATIONS).rglob("*") if path.is_file())
    return path


def test_a_check_finds_nothing_wrong_and_tells_sizes_and_what_lacks(kept: Archive) -> None:
    assert check_corpus(kept.settings) == []
    size, lacking = describe_publications(kept.settings, {kept.ids()["Guide"]: "Guide"}.get)
    assert size == "Publications : 1 fichier, 0,0 Mo."
    assert lacking.startswith("Publications absentes : 1, que citent ces ressources : « Guide » ;")
    assert "importez-les de nouveau" in lacking


def test_a_check_tells_what_is_to_be_read(kept: Archive) -> None:
    for path in kept.settings.index.glob(f"{PUBLICATION_CACHE}*"):
        path.unlink()
    said = describe_publications(kept.settings, lambda _: None)
    assert "Publications à lire : 1 ; lancez « python run.py index »." in said
    assert not (kept.settings.index / PUBLICATION_CACHE).exists()


def test_a_check_of_nothing(archive: Archive) -> None:
    assert describe_publications(archive.settings, lambda _: None) == []


def test_a_check_names_damaged_and_missing_files(kept: Archive) -> None:
    path = original(kept)
    path.write_bytes(CONTENT[:-1] + b"X")
    (fault,) = check_corpus(kept.settings)
    assert "« guide.pdf »" in fault
    assert fault.endswith("est abîmée : importez-la de nouveau.")
    path.unlink()
    (fault,) = check_corpus(kept.settings)
    assert fault.startswith("Fichiers de publications qui manquent au corpus : 1 (« guide.pdf »).")
    kept.import_()
    assert check_corpus(kept.settings) == []


@pytest.mark.parametrize("with_publications", [True, False])
@pytest.mark.parametrize("with_index", [True, False])
def test_a_back_up_and_what_comes_back(kept: Archive, with_publications: bool, with_index: bool) -> None:
    file = kept.folder / "sauvegarde.tar.gz"
    back_up(kept.settings, file, with_index=with_index, with_publications=with_publications)
    with tarfile.open(file) as archive:
        names = archive.getnames()
    assert any(name.startswith(f"corpus/{PUBLICATIONS}/") for name in names) is with_publications
    assert (f"index/{PUBLICATION_CACHE}" in names) is with_index
    other = Archive(kept.folder / "autre")
    restore(other.settings, file, force=False)
    assert bool(check_corpus(other.settings)) is not with_publications
    if with_index:
        (hit,) = other.search("pastèque", Audience.VISITOR).hits
        assert [piece.text for piece in hit.pages[0].snippet if piece.matched] == ["pastèque"]
    other.index()
    assert [hit.title for hit in other.search("pastèque", Audience.VISITOR).hits] == (
        ["Guide"] if with_publications or with_index else []
    )
    other.import_(kept.pages)
    assert other.index().set_aside == ()
    assert check_corpus(other.settings) == []
    assert [hit.title for hit in other.search("pastèque", Audience.VISITOR).hits] == ["Guide"]


def test_a_rollback_keeps_a_publication_with_its_private_resource(kept: Archive) -> None:
    kept.write("guide.html", guide("Oui"))
    kept.import_()
    kept.index()
    with kept.engine() as engine:
        roll_back(kept.settings, engine)
    assert kept.search("pastèque", Audience.VISITOR).total == 0
    (hit,) = kept.search("pastèque", Audience.MEMBER).hits
    assert (hit.private, [one.page for one in hit.pages]) == (True, [1])


def test_a_withdrawn_resource_takes_its_words_along(kept: Archive) -> None:
    kept.correct("Guide", withdrawn=True)
    kept.index()
    assert kept.search("pastèque", Audience.STAFF).total == 0
    assert original(kept).read_bytes() == CONTENT
    kept.index(publication_grace_days=0)
    assert not [path for path in (kept.settings.corpus / PUBLICATIONS).rglob("*") if path.is_file()]


def test_files_that_a_killed_import_left_unlisted_are_erased_in_the_end(kept: Archive) -> None:
    folder = kept.settings.corpus / PUBLICATIONS
    stray = folder / "ab" / ("ab" * 16)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"%PDF-1.7")
    (folder / ".0123456789abcdef.new").write_bytes(b"%PDF")
    kept.index()
    assert stray.exists()
    assert not list(folder.glob(".*.new"))
    kept.index(publication_grace_days=0)
    assert not stray.exists()
    assert original(kept).read_bytes() == CONTENT


def test_a_copy_of_the_corpus_alone_is_enough(kept: Archive, tmp_path: Path) -> None:
    other = Archive(tmp_path / "copie")
    shutil.copytree(kept.settings.corpus, other.settings.corpus)
    other.settings = replace(other.settings)
    other.index()
    assert [hit.title for hit in other.search("pastèque", Audience.VISITOR).hits] == ["Guide"]
