"""Publications from import to index: to which resource each belongs, what is read, and what leaves with a resource."""

from __future__ import annotations

import itertools
import os
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO

import pytest

from indexer.corpus import CATALOGUE, PUBLICATIONS, Catalogue, FileRow
from indexer.engine import DocumentPages
from indexer.engine.embedded.write.writer import EmbeddedWriter
from indexer.errors import IndexDamagedError
from indexer.pipeline import publications
from indexer.pipeline.rollback import roll_back
from indexer.publications import (
    PUBLICATION_CACHE,
    UNKNOWN_TYPE,
    CachedPageTexts,
    Page,
    Publication,
    Status,
    cache,
    text_key,
)
from indexer.resource import Audience, PublishedDocument, Resource
from tests.support.archive import SITE, Archive, page

FILES = f"{SITE}/sites/default/files"


def link(href: str, text: str = "La publication complète") -> str:
    return f'<a href="{href}">{text}</a>'


def linking(title: str, *hrefs: str, private: str = "Non") -> str:
    """Return a page of a resource that links to files."""
    address = f"{SITE}/{title.lower().replace(' ', '-')}"
    return page(title, address=address, body=tuple(map(link, hrefs)), private=private)


def pdf(text: str) -> bytes:
    return b"%PDF-1.7 " + text.encode()


def fake_read(file: BinaryIO, **_: object) -> Publication:
    """Return the publication for a file of these tests: after "%PDF-1.7 " comes its text, or the failure that reading
    it is to give ("password" or "damaged").
    """
    text = file.read().removeprefix(b"%PDF-1.7 ").decode()
    if text.startswith(("password", "damaged")):
        return Publication(UNKNOWN_TYPE, Status(text.split()[0]), f"motif {text}.")
    return Publication("application/pdf", Status.READ, "", (Page(1, "i", text), Page(2, None, "")), f"Titre de {text}")


class Written:
    """What index writers were given: the last texts of publications of each resource, by its title."""

    def __init__(self) -> None:
        self.texts: dict[str, tuple[DocumentPages, ...]] = {}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Written:
    held = Written()
    put = EmbeddedWriter.put

    def note(writer: EmbeddedWriter, resource: Resource, texts: Sequence[DocumentPages] = (), /) -> None:
        held.texts[resource.title] = tuple(texts)
        put(writer, resource, texts)

    monkeypatch.setattr(EmbeddedWriter, "put", note)
    return held


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Read files with `fake_read` instead of a separate process; return the contents that are read, in order."""
    contents: list[bytes] = []

    def reading(file: BinaryIO, **_: object) -> Publication:
        contents.append(file.read())
        file.seek(0)
        return fake_read(file)

    monkeypatch.setattr(publications, "read_open_file", reading)
    return contents


pytestmark = pytest.mark.usefixtures("read")


def documents(archive: Archive) -> dict[str, list[str]]:
    """Return the names of the documents of each resource that has any, by title."""
    return {
        resource.title: [one.name for one in resource.documents]
        for resource in archive.resources().values()
        if resource.documents
    }


def document(archive: Archive, title: str) -> PublishedDocument:
    (found,) = (
        one for resource in archive.resources().values() for one in resource.documents if title == resource.title
    )
    return found


def catalogue_of(archive: Archive) -> Iterator[Catalogue]:
    held = Catalogue(archive.settings.corpus / CATALOGUE)
    yield held
    held.close()


def files(archive: Archive) -> list[FileRow]:
    (rows,) = (held.files() for held in catalogue_of(archive))
    return rows


def originals(archive: Archive) -> set[bytes]:
    folder = archive.settings.corpus / PUBLICATIONS
    return {path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# From the import to the index


def test_a_publication_is_stored_read_and_indexed_with_its_resource(archive: Archive, written: Written) -> None:
    archive.write("guide.html", linking("Guide", "guide.pdf"))
    archive.write("guide.pdf", pdf("Épiceries"))
    report = archive.import_()
    assert (report.imported, report.publications, report.set_aside) == (1, 1, ())
    assert archive.index().publications == 1
    held = document(archive, "Guide")
    assert (held.n, held.name, held.media_type, held.size) == (1, "guide.pdf", "application/pdf", len(pdf("Épiceries")))
    assert (held.status, held.title, held.labels, held.empty_pages) == ("read", "Titre de Épiceries", ("i", None), (2,))
    assert written.texts["Guide"] == (DocumentPages(1, (Page(1, "i", "Épiceries"),)),)
    assert originals(archive) == {pdf("Épiceries")}


def test_the_same_twice_changes_nothing(archive: Archive, read: list[bytes]) -> None:
    archive.write("guide.html", linking("Guide", "guide.pdf"))
    archive.write("guide.pdf", pdf("Épiceries"))
    archive.import_()
    archive.index()
    report = archive.import_()
    assert (report.imported, report.publications, report.known_publications) == (0, 0, 1)
    assert not archive.index().switched
    assert not archive.index(full=True).set_aside
    assert read == [pdf("Épiceries")]


def test_a_new_version_at_the_same_place_replaces_the_old_one(archive: Archive) -> None:
    archive.write("guide.html", linking("Guide", "guide.pdf"))
    archive.write("guide.pdf", pdf("Épiceries"))
    archive.import_()
    archive.index()
    archive.write("guide.pdf", pdf("Cantines"))
    archive.import_()
    report = archive.index()
    assert (report.updated, report.publications) == (1, 1)
    assert document(archive, "Guide").title == "Titre de Cantines"
    assert [file.released is None for file in files(archive)].count(False) == 1


@pytest.mark.parametrize("order", list(itertools.permutations(("pages", "fichiers", "index"))))
def test_the_order_of_imports_does_not_matter(archive: Archive, order: tuple[str, ...]) -> None:
    archive.write("pages/guide.html", linking("Guide", f"{FILES}/2021-03/guide%20des%20%C3%A9lus.pdf?itok=x#page=4"))
    archive.write("fichiers/guide des élus.pdf", pdf("Épiceries"))
    for step in (*order, "index"):
        if step == "index":
            if (archive.settings.corpus / CATALOGUE).exists():
                archive.index()
        else:
            archive.import_(archive.pages / step)
    assert documents(archive) == {"Guide": ["guide des élus.pdf"]}


def test_what_cannot_be_read_is_told_with_its_reason(archive: Archive) -> None:
    archive.write("guide.html", linking("Guide", "secret.pdf", "perdu.pdf"))
    archive.write("secret.pdf", pdf("password"))
    archive.write("perdu.pdf", pdf("damaged"))
    archive.write("seul.pdf", pdf("damaged seul"))
    archive.import_()
    report = archive.index()
    assert {entry.path.rpartition("/")[2]: entry.reason for entry in report.set_aside} == {
        "secret.pdf": "motif password.",
        "perdu.pdf": "motif damaged.",
        "seul.pdf": "motif damaged seul.",
    }
    assert len(report.warnings) == 2
    assert [entry.reason for entry in archive.index().set_aside] == [entry.reason for entry in report.set_aside]


def test_what_the_machine_interrupted_is_read_by_the_next_run(
    archive: Archive, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.write("guide.html", linking("Guide", "guide.pdf"))
    archive.write("guide.pdf", pdf("Épiceries"))
    archive.import_()
    with monkeypatch.context() as patched:
        patched.setattr(
            publications, "read_open_file", lambda _, **__: Publication(UNKNOWN_TYPE, Status.INTERRUPTED, "arrêtée.")
        )
        assert len(archive.index().set_aside) == 1
    assert document(archive, "Guide").status == "interrupted"
    report = archive.index()
    assert (report.updated, report.set_aside) == (1, ())
    assert written.texts["Guide"] == (DocumentPages(1, (Page(1, "i", "Épiceries"),)),)


def test_a_cache_that_was_deleted_is_filled_again(archive: Archive, read: list[bytes]) -> None:
    archive.write("guide.html", linking("Guide", "guide.pdf"))
    archive.write("guide.pdf", pdf("Épiceries"))
    archive.import_()
    archive.index()
    for path in archive.settings.index.glob(f"{PUBLICATION_CACHE}*"):
        path.unlink()
    texts = CachedPageTexts(archive.settings.index / PUBLICATION_CACHE)
    assert texts.page(document(archive, "Guide").text, 1) is None
    assert not archive.index().switched
    assert texts.page(document(archive, "Guide").text, 1) == Page(1, "i", "Épiceries")
    texts.close()
    assert len(read) == 2


def test_a_new_reader_reads_everything_again(
    archive: Archive, read: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.write("guide.html", linking("Guide", "guide.pdf"))
    archive.write("guide.pdf", pdf("Épiceries"))
    archive.import_()
    archive.index()
    before = document(archive, "Guide")
    monkeypatch.setattr(cache, "reader_version", lambda: "autre")
    assert archive.index().updated == 1
    after = document(archive, "Guide")
    assert (before.digest, before.text) != (after.digest, after.text) == (before.digest, text_key(before.digest))
    texts = CachedPageTexts(archive.settings.index / PUBLICATION_CACHE)
    assert texts.page(before.text, 1) is None
    texts.close()
    assert len(read) == 2


# Whose a file is


def test_the_place_in_the_source_comes_before_all(archive: Archive) -> None:
    archive.write("a/guide.html", linking("Premier", "rapport.pdf"))
    archive.write("a/rapport.pdf", pdf("un"))
    archive.write("b/guide.html", linking("Second", "./rapport.pdf"))
    archive.write("b/rapport.pdf", pdf("deux"))
    archive.import_()
    archive.index()
    assert [document(archive, title).title for title in ("Premier", "Second")] == ["Titre de un", "Titre de deux"]


@pytest.mark.parametrize("root", [".", "reseau.example", "copie/www.reseau.example"])
def test_a_mirror(archive: Archive, root: str) -> None:
    """In the copy of a site (mirror), absolute, root-relative and relative links all lead to the files of the copy."""
    archive.write(f"{root}/guide.html", linking("Guide", f"{FILES}/2021/rapport.pdf"))
    archive.write(f"{root}/note.html", linking("Note", "/sites/default/files/2022/rapport.pdf"))
    archive.write(f"{root}/dossier/charte.html", linking("Charte", "../sites/default/files/rapport.pdf"))
    for year in ("2021/", "2022/", ""):
        archive.write(f"{root}/sites/default/files/{year}rapport.pdf", pdf(f"l’an {year}"))
    archive.import_()
    archive.index()
    assert {title: document(archive, title).title for title in ("Guide", "Note", "Charte")} == {
        "Guide": "Titre de l’an 2021/",
        "Note": "Titre de l’an 2022/",
        "Charte": "Titre de l’an ",
    }


def test_the_folder_of_files_of_a_site(archive: Archive) -> None:
    """A site's folder of files repeats names from month to month; the folders of months tell the files apart."""
    for month in ("2021-03", "2022-05"):
        archive.write(f"pages/{month}.html", linking(f"Bilan {month}", f"{FILES}/{month}/bilan.pdf"))
        archive.write(f"files/{month}/bilan.pdf", pdf(month))
    for folder in ("files", "pages"):
        archive.import_(archive.pages / folder)
    archive.index()
    assert [document(archive, f"Bilan {month}").title for month in ("2021-03", "2022-05")] == [
        "Titre de 2021-03",
        "Titre de 2022-05",
    ]


def test_the_folder_that_a_browser_saved_with_a_page(archive: Archive) -> None:
    for name in ("un", "deux"):
        archive.write(f"{name}.html", linking(name, f"{FILES}/{name}/rapport.pdf"))
        archive.write(f"{name}_fichiers/rapport.pdf", pdf(name))
    archive.import_()
    archive.index()
    assert [document(archive, name).title for name in ("un", "deux")] == ["Titre de un", "Titre de deux"]


def test_two_saved_pages_that_link_to_one_file_which_drupal_renamed(archive: Archive) -> None:
    for name in ("un", "deux"):
        archive.write(f"{name}.html", linking(name, f"{FILES}/rapport_0.pdf"))
        archive.write(f"{name}_fichiers/rapport.pdf", pdf("rapport"))
    archive.import_()
    archive.index()
    assert [document(archive, name).title for name in ("un", "deux")] == ["Titre de rapport", "Titre de rapport"]


def test_a_zip(archive: Archive) -> None:
    path = archive.folder / "lot.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("lot/fichiers/rapport.pdf", pdf("zip"))
        zipped.writestr("lot/guide.html", linking("Guide", "fichiers/rapport.pdf"))
    archive.import_(path)
    archive.index()
    assert documents(archive) == {"Guide": ["rapport.pdf"]}


def test_a_name_that_two_files_bear_is_nobodys(archive: Archive) -> None:
    archive.write("guide.html", linking("Guide", f"{FILES}/2024/rapport.pdf"))
    archive.write("a/rapport.pdf", pdf("un"))
    archive.write("b/rapport.pdf", pdf("deux"))
    archive.import_()
    archive.index()
    assert documents(archive) == {}


def test_a_name_that_two_addresses_bear_is_nobodys(archive: Archive) -> None:
    archive.write("guide.html", linking("Guide", f"{FILES}/2024/rapport.pdf"))
    archive.write("note.html", linking("Note", f"{FILES}/2025/rapport.pdf"))
    archive.write("rapport.pdf", pdf("un"))
    archive.import_()
    archive.index()
    assert documents(archive) == {}


def test_a_file_that_one_page_links_to_surely_is_no_other_pages_by_its_name(archive: Archive) -> None:
    archive.write("a/note.html", linking("Note interne", "rapport.pdf", private="Oui"))
    archive.write("a/rapport.pdf", pdf("secret"))
    archive.write("guide.html", linking("Guide", "https://ailleurs.example/rapport.pdf"))
    archive.import_()
    archive.index()
    assert documents(archive) == {"Note interne": ["rapport.pdf"]}


@pytest.mark.parametrize(
    ("place", "meant", "stray"),
    [
        ("rapport.pdf", f"{FILES}/2024/rapport.pdf", "https://ailleurs.example/rapport.pdf"),
        ("rapport.pdf", "../rapport.pdf", "https://ailleurs.example/rapport.pdf"),
        ("a/files/rapport.pdf", "files/rapport.pdf", "https://ailleurs.example/files/rapport.pdf"),
        (
            "sites/default/files/rapport.pdf",
            f"{FILES}/rapport.pdf",
            "https://ailleurs.example/sites/default/files/rapport.pdf",
        ),
    ],
)
def test_a_path_on_another_site_is_no_place_in_the_source(archive: Archive, place: str, meant: str, stray: str) -> None:
    archive.write("a/note.html", linking("Note interne", meant, private="Oui"))
    archive.write(place, pdf("secret"))
    archive.write("guide.html", linking("Guide", stray))
    archive.import_()
    archive.index()
    assert "Guide" not in documents(archive)


@pytest.mark.parametrize(
    ("place", "meant", "stray"),
    [
        ("note_fichiers/rapport.pdf", "membres.html", f"{FILES}/rapport.pdf"),
        ("a/rapport.pdf", "a/Rapport.PDF", "https://ailleurs.example/rapport.pdf"),
        ("x/lire.pdf", f"{SITE}/lire.pdf?id=1", f"{SITE}/lire.pdf?id=2"),
    ],
    ids=["saved with another page", "other letters", "other query"],
)
def test_a_name_alone_gives_no_file_that_another_resource_may_mean(
    archive: Archive, place: str, meant: str, stray: str
) -> None:
    archive.write("note.html", linking("Note interne", meant, private="Oui"))
    archive.write(place, pdf("secret"))
    archive.write("guide.html", linking("Guide", stray))
    archive.import_()
    archive.index()
    assert documents(archive) == {}


def test_a_link_to_another_site_means_no_file_of_another_source(archive: Archive) -> None:
    archive.write("pages/guide.html", linking("Guide", "https://ailleurs.example/rapport.pdf"))
    archive.write("fichiers/rapport.pdf", pdf("un"))
    for folder in ("pages", "fichiers"):
        archive.import_(archive.pages / folder)
    archive.index()
    assert documents(archive) == {}
    archive.write("pages/rapport.pdf", pdf("un"))
    archive.import_(archive.pages / "pages")
    archive.index()
    assert documents(archive) == {"Guide": ["rapport.pdf"]}


@pytest.mark.parametrize(("href", "name"), [("bilan_0.pdf", "bilan.pdf"), ("bilan.pdf", "bilan_0.pdf")])
def test_drupals_renaming(archive: Archive, href: str, name: str) -> None:
    archive.write("guide.html", linking("Guide", f"{FILES}/{href}"))
    archive.write(name, pdf("un"))
    archive.import_()
    archive.index()
    assert documents(archive) == {"Guide": [name]}


@pytest.mark.parametrize(
    ("hrefs", "names", "expected"),
    [
        (("bilan_0.pdf", "bilan.pdf"), ("bilan.pdf",), {"bilan.pdf": ["bilan.pdf"]}),
        (("bilan_0.pdf", "bilan.pdf"), ("bilan.pdf", "bilan_0.pdf"), {n: [n] for n in ("bilan.pdf", "bilan_0.pdf")}),
        (("bilan_0.pdf",), ("a/bilan.pdf", "b/bilan.pdf"), {}),
        (("bilan_1.pdf",), ("bilan_2.pdf",), {}),
        (("bilan_1.pdf",), ("bilan.pdf",), {}),
    ],
)
def test_drupals_renaming_is_believed_only_where_it_is_unique(
    archive: Archive, hrefs: tuple[str, ...], names: tuple[str, ...], expected: dict[str, list[str]]
) -> None:
    for href in hrefs:
        archive.write(f"{href}.html", linking(href, f"{FILES}/{href}"))
    for name in names:
        archive.write(f"fichiers/{name}", pdf(name))
    archive.import_()
    archive.index()
    assert documents(archive) == expected


def test_files_of_one_name_that_were_sent_at_different_times_are_told_apart(archive: Archive) -> None:
    """Files that people send come without a folder. The second may be another document than the first, so the page that
    links to that name gets neither.
    """
    archive.write("page/guide.html", linking("Guide", f"{FILES}/rapport.pdf"))
    archive.write("un/rapport.pdf", pdf("un"))
    archive.write("deux/rapport.pdf", pdf("deux"))
    for folder in ("page", "un"):
        archive.import_(archive.pages / folder, origin="envois")
    archive.index()
    assert documents(archive) == {"Guide": ["rapport.pdf"]}
    archive.import_(archive.pages / "deux", origin="envois")
    archive.index()
    assert documents(archive) == {}
    assert len(originals(archive)) == 2


def test_one_file_of_two_resources_is_stored_and_read_once(archive: Archive, read: list[bytes]) -> None:
    archive.write("guide.html", linking("Guide", f"{FILES}/rapport.pdf"))
    archive.write(
        "note.html",
        linking("Note interne", "https://www.reseau.example/sites/default/files/rapport.pdf?a=b", private="Oui"),
    )
    archive.write("rapport.pdf", pdf("un"))
    archive.import_()
    archive.index()
    assert documents(archive) == {"Guide": ["rapport.pdf"], "Note interne": ["rapport.pdf"]}
    assert len(read) == 1


def test_numbers_stay_when_links_come_and_go(archive: Archive) -> None:
    for name in ("un", "deux", "trois"):
        archive.write(f"{name}.pdf", pdf(name))

    def numbered(*names: str) -> dict[str, int]:
        archive.write("guide.html", linking("Guide", *(f"{name}.pdf" for name in names)))
        archive.import_()
        archive.index()
        (guide,) = archive.resources().values()
        return {one.name.removesuffix(".pdf"): one.n for one in guide.documents}

    assert numbered("un", "deux") == {"un": 1, "deux": 2}
    assert numbered("trois", "deux") == {"trois": 3, "deux": 2}
    assert numbered("trois", "un") == {"trois": 3, "un": 1}


# What leaves with a resource


def test_a_resource_that_turns_private_takes_its_publication_along(archive: Archive) -> None:
    archive.write("guide.html", linking("Guide", "guide.pdf"))
    archive.write("guide.pdf", pdf("Épiceries"))
    archive.import_()
    archive.index()
    archive.write("guide.html", linking("Guide", "guide.pdf", private="Oui"))
    archive.import_()
    held = document(archive, "Guide")
    assert (held.n, held.status) == (1, "read")
    archive.index()
    assert document(archive, "Guide") == held


def test_an_import_that_withdraws_leaves_reading_to_the_index(
    archive: Archive, written: Written, read: list[bytes]
) -> None:
    archive.write("guide.html", linking("Guide"))
    archive.import_()
    archive.index()
    archive.write("guide.html", linking("Guide", "guide.pdf", private="Oui"))
    archive.write("guide.pdf", pdf("Épiceries"))
    archive.import_()
    assert (document(archive, "Guide").status, written.texts["Guide"], read) == ("interrupted", (), [])
    archive.index()
    assert document(archive, "Guide").status == "read"
    assert written.texts["Guide"] == (DocumentPages(1, (Page(1, "i", "Épiceries"),)),)


def test_a_file_of_a_private_resource_that_is_gone_is_nobodys_by_its_name(archive: Archive) -> None:
    archive.write("guide.html", linking("Guide", f"{FILES}/2024/rapport.pdf"))
    archive.import_()
    archive.write("a/note.html", linking("Note interne", "rapport.pdf", private="Oui"))
    archive.write("a/rapport.pdf", pdf("secret"))
    archive.import_()
    archive.index()
    for path in archive.settings.corpus.rglob("note.html"):
        path.unlink()
    for full in (False, True):
        archive.index(full=full)
        assert documents(archive) == {}


def test_a_resource_that_turns_public_keeps_the_file_that_its_name_gave_it(archive: Archive) -> None:
    archive.write("guide.html", linking("Guide", f"{FILES}/2024/guide.pdf", private="Oui"))
    archive.write("guide.pdf", pdf("Épiceries"))
    archive.import_()
    archive.index()
    archive.write("guide.html", linking("Guide", f"{FILES}/2024/guide.pdf"))
    archive.import_()
    for full in (False, True):
        archive.index(full=full)
        assert documents(archive) == {"Guide": ["guide.pdf"]}
    archive.write("note.html", linking("Note", f"{FILES}/2024/guide.pdf"))
    archive.import_()
    archive.index()
    assert documents(archive) == {"Guide": ["guide.pdf"], "Note": ["guide.pdf"]}


def test_a_file_is_erased_some_days_after_its_last_resource_let_go_of_it(archive: Archive) -> None:
    archive.write("guide.html", linking("Guide", "guide.pdf"))
    archive.write("guide.pdf", pdf("Épiceries"))
    archive.write("seul.pdf", pdf("que personne n’a"))
    archive.import_()
    archive.index()
    archive.correct("Guide", withdrawn=True)
    archive.index()
    assert originals(archive) == {pdf("Épiceries"), pdf("que personne n’a")}
    archive.index(publication_grace_days=0)
    assert originals(archive) == {pdf("que personne n’a")}
    assert archive.import_().publications == 1
    assert len(originals(archive)) == 2


def test_a_resource_that_comes_back_within_the_days_keeps_its_file(archive: Archive) -> None:
    archive.write("guide.html", linking("Guide", "guide.pdf"))
    archive.write("guide.pdf", pdf("Épiceries"))
    archive.import_()
    archive.index()
    (guide,) = archive.resources()
    archive.correct("Guide", withdrawn=True)
    archive.index()
    assert [file.released is None for file in files(archive)] == [False]
    archive.correct(guide, withdrawn=False)
    archive.index(publication_grace_days=0)
    assert [file.released is None for file in files(archive)] == [True]
    assert documents(archive) == {"Guide": ["guide.pdf"]}


def test_what_staff_attach_to_a_resource(archive: Archive) -> None:
    archive.write("guide.html", linking("Guide"))
    archive.write("autre nom.pdf", pdf("Épiceries"))
    archive.import_()
    archive.index()
    (file,) = files(archive)
    archive.correct("Guide", documents=(file.digest,))
    assert archive.index().updated == 1
    assert documents(archive) == {"Guide": ["autre nom.pdf"]}
    archive.index(full=True)
    assert documents(archive) == {"Guide": ["autre nom.pdf"]}


def test_links_to_files_that_the_archive_lacks_are_listed(archive: Archive) -> None:
    archive.write(
        "guide.html",
        linking("Guide", f"{FILES}/absent.pdf", f"{FILES}/la.pdf", "https://ailleurs.example/a.pdf", f"{FILES}/a.xlsx"),
    )
    archive.write("la.pdf", pdf("ici"))
    archive.import_()
    archive.index()
    (lacks,) = (held.lacks() for held in catalogue_of(archive))
    assert lacks == [(archive.ids()["Guide"], f"{FILES}/absent.pdf")]
    archive.write("absent.pdf", pdf("venu"))
    archive.import_()
    archive.index()
    assert [held.lacks() for held in catalogue_of(archive)] == [[]]


def test_an_original_that_is_damaged_is_stored_again(archive: Archive) -> None:
    archive.write("guide.pdf", pdf("Épiceries"))
    archive.import_()
    (path,) = (path for path in (archive.settings.corpus / PUBLICATIONS).rglob("*") if path.is_file())
    path.write_bytes(pdf("abîmé"))
    archive.import_()
    assert originals(archive) == {pdf("Épiceries")}


def test_a_missing_original_is_told_and_stops_nothing(archive: Archive) -> None:
    archive.write("guide.html", linking("Guide", "guide.pdf"))
    archive.write("guide.pdf", pdf("Épiceries"))
    archive.import_()
    shutil.rmtree(archive.settings.corpus / PUBLICATIONS)
    (entry,) = archive.index().set_aside
    assert "importez-le de nouveau" in entry.reason
    archive.import_()
    assert archive.index().set_aside == ()
    assert document(archive, "Guide").status == "read"


def test_an_import_takes_at_once_what_is_a_private_file_now(archive: Archive) -> None:
    for name in ("guide", "charte"):
        archive.write(f"{name}.html", linking(name.title(), f"{FILES}/2024/{name}.pdf", "commun.pdf"))
        archive.write(f"a/{name}.pdf", pdf(name))
    archive.write("commun.pdf", pdf("commun"))
    archive.import_()
    archive.index()
    before = public_documents(archive)
    assert before == {"Guide": ["guide.pdf", "commun.pdf"], "Charte": ["charte.pdf", "commun.pdf"]}
    archive.write("a/note.html", linking("Note interne", "guide.pdf", "../commun.pdf", private="Oui"))
    archive.write("charte.html", linking("Charte", f"{FILES}/2024/charte.pdf"))
    archive.import_()
    assert public_documents(archive) == {"Guide": ["commun.pdf"], "Charte": ["charte.pdf", "commun.pdf"]}
    assert archive.hits("guide", Audience.VISITOR)["Guide"].pages == ()
    with archive.engine() as engine:
        generation = engine.status().generation
        archive.import_()
        assert engine.status().generation == generation, "there is nothing left to take"
    archive.index()
    assert public_documents(archive) == {"Guide": ["commun.pdf"], "Charte": ["charte.pdf"]}
    archive.write("guide.html", linking("Guide", "commun.pdf", private="Oui"))
    archive.import_()
    assert list(public_documents(archive)) == ["Charte"]


def public_documents(archive: Archive) -> dict[str, list[str]]:
    """Return the names of the documents of each public resource, by title."""
    resources = archive.resources().values()
    return {one.title: [each.name for each in one.documents] for one in resources if not one.private}


# What a rollback gives back


def go_back(archive: Archive) -> None:
    with archive.engine() as engine:
        roll_back(archive.settings, engine)


def test_a_rollback_gives_no_public_resource_a_file_that_only_a_private_one_holds_now(archive: Archive) -> None:
    archive.write("guide.html", linking("Guide", f"{FILES}/2024/rapport.pdf"))
    archive.write("a/rapport.pdf", pdf("secret"))
    archive.import_()
    archive.index()
    assert public_documents(archive) == {"Guide": ["rapport.pdf"]}
    archive.write("a/note.html", linking("Note interne", "rapport.pdf", private="Oui"))
    archive.import_()
    archive.index()
    assert public_documents(archive) == {"Guide": []}
    go_back(archive)
    assert public_documents(archive) == {"Guide": []}
    before = archive.folder.with_name("avant")
    shutil.copytree(archive.folder, before)
    archive.index()
    assert documents(archive) == {"Note interne": ["rapport.pdf"]}
    other = Archive(before)
    other.write("guide.html", linking("Guide", f"{FILES}/2024/rapport.pdf", private="Oui"))
    other.import_()
    assert public_documents(other) == {}, "at once, as after any other run"


def test_a_damaged_generation_is_not_answered_for_by_one_that_shows_a_file_that_staff_detached(
    archive: Archive,
) -> None:
    archive.write("guide.html", linking("Guide"))
    archive.write("erreur.pdf", pdf("secret"))
    archive.import_()
    archive.index()
    (file,) = files(archive)
    archive.correct("Guide", documents=(file.digest,))
    archive.index()
    archive.correct("Guide", documents=())
    archive.index()
    manifest = sorted((archive.settings.index / "generations").glob("*/manifest.json"))[-1]
    os.truncate(manifest, 10)
    with pytest.raises(IndexDamagedError):
        public_documents(archive)
    archive.index()
    assert public_documents(archive) == {"Guide": []}


def test_a_rollback_gives_back_no_file_that_staff_detached(archive: Archive) -> None:
    archive.write("guide.html", linking("Guide", "guide.pdf"))
    archive.write("guide.pdf", pdf("Épiceries"))
    archive.write("erreur.pdf", pdf("secret"))
    archive.import_()
    archive.index()
    (digest,) = (file.digest for file in files(archive) if file.digest != document(archive, "Guide").digest)
    archive.correct("Guide", documents=(digest,))
    archive.index()
    assert public_documents(archive) == {"Guide": ["guide.pdf", "erreur.pdf"]}
    archive.correct("Guide", documents=())
    archive.index()
    go_back(archive)
    assert public_documents(archive) == {"Guide": ["guide.pdf"]}
    archive.index()
    assert public_documents(archive) == {"Guide": ["guide.pdf"]}


def test_a_rollback_gives_back_a_file_whose_link_was_lost(archive: Archive) -> None:
    archive.write("guide.html", linking("Guide", "guide.pdf"))
    archive.write("guide.pdf", pdf("Épiceries"))
    archive.import_()
    archive.index()
    archive.write("guide.html", linking("Guide"))
    archive.import_()
    archive.index()
    go_back(archive)
    assert public_documents(archive) == {"Guide": ["guide.pdf"]}


# Titles


def test_a_link_titles_a_publication_that_has_no_title_and_no_other_resource_does(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    untitled = Publication("application/pdf", Status.READ, "", (Page(1, None, "Une pastèque"),))
    monkeypatch.setattr(publications, "read_open_file", lambda _, **__: untitled)
    for title, label, private in (
        ("Page ouverte", "Télécharger", "Non"),
        ("Page nommée", "Le bilan des épiceries", "Non"),
        ("Page fermée", "Le plan quetschotine", "Oui"),
    ):
        address = f"{SITE}/{title.lower().replace(' ', '-')}"
        archive.write(
            f"{title}.html", page(title, address=address, body=link(f"{FILES}/a.pdf", label), private=private)
        )
    archive.write("a.pdf", pdf("a"))
    archive.import_()
    archive.index()
    titles = {one.title: [document.title for document in one.documents] for one in archive.resources().values()}
    assert titles == {
        "Page ouverte": [None],
        "Page nommée": ["Le bilan des épiceries"],
        "Page fermée": ["Le plan quetschotine"],
    }
    held = document(archive, "Page nommée").links
    assert held == (f"{FILES}/a.pdf",)
    with archive.engine() as engine:
        for prefix, audience in (("le plan", Audience.VISITOR), ("le bilan", Audience.VISITOR)):
            assert not any("quetschotine" in one for one in engine.suggest(prefix, audience=audience))
    assert [hit.title for hit in archive.search("quetschotine", Audience.VISITOR).hits] == []


def test_the_title_of_a_file_comes_before_that_of_a_link(archive: Archive) -> None:
    archive.write("a.html", linking("Page ouverte", "a.pdf"))
    archive.write("a.pdf", pdf("a"))
    archive.import_()
    archive.index()
    assert document(archive, "Page ouverte").title == "Titre de a"


def test_a_link_that_gets_another_text_gives_another_title(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    untitled = Publication("application/pdf", Status.READ, "", (Page(1, None, "Une pastèque"),))
    monkeypatch.setattr(publications, "read_open_file", lambda _, **__: untitled)
    archive.write("a.pdf", pdf("a"))
    for label in ("Le bilan des épiceries", "Le bilan des ressourceries"):
        archive.write("a.html", page("Page ouverte", address=f"{SITE}/a", body=link("a.pdf", label)))
        archive.import_()
        archive.index()
        assert document(archive, "Page ouverte").title == label
