"""The desk's page of publications: what has no resource, what a resource lacks, and what staff do about it."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask.testing import FlaskClient

from indexer.corpus import FileRow, locked, publication_files
from indexer.document.pages import Page
from indexer.pipeline import corrections_of, publications
from indexer.publications import Publication, Status
from search_app.staff import publications as views
from search_app.stores import open_stores
from tests.support.archive import Archive, page
from tests.support.desk import post, said, text

EPICERIE = "Monter une épicerie solidaire"
SITE = "https://reseau.example"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read files without a separate process, and start no indexing after changes by staff: tests index themselves."""
    document = Publication("application/pdf", Status.READ, "", (Page(1, None, "Le texte"),), "Un titre")
    monkeypatch.setattr(publications, "read_open_file", lambda _, **__: document)
    monkeypatch.setattr(views, "publish", lambda: None)


@pytest.fixture
def loose(archive: Archive) -> FileRow:
    """A file without a resource, in an archive where one resource lacks another file."""
    archive.write("note.html", page("Une note", address=f"{SITE}/note", body=f'<a href="{SITE}/absent.pdf">Note</a>'))
    archive.write("guide <b>.pdf", b"%PDF-1.7")
    archive.import_()
    archive.index()
    (file,) = publication_files(archive.settings.corpus)
    return file


def documents(archive: Archive) -> dict[str, list[str]]:
    found = archive.resources().values()
    return {one.title: [document.name for document in one.documents] for one in found if one.documents}


def test_what_has_no_resource_and_what_a_resource_lacks_are_listed(staff: FlaskClient, loose: FileRow) -> None:
    shown = text(staff.get("/gestion/publications"))
    assert "Publications sans ressource (1)" in shown
    assert "guide <b>.pdf « Un titre » · 1 page · 0 ko" in shown.replace("\xa0", " ")
    assert "Publications absentes (1)" in shown
    assert f"Une note {SITE}/absent.pdf" in shown


def test_staff_read_a_file_before_they_attach_it(staff: FlaskClient, loose: FileRow) -> None:
    answer = staff.get(f"/gestion/publications/{loose.digest}/fichier")
    assert (answer.status_code, answer.data) == (200, b"%PDF-1.7")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert staff.get(f"/gestion/publications/{'0' * 32}/fichier").status_code == 404


@pytest.mark.parametrize(
    "named", ["{id}", "  {id} ", "https://archive.example/ressources/{id}?q=a#p", f"{SITE}/epicerie"]
)
def test_a_file_is_attached_and_detached(archive: Archive, staff: FlaskClient, loose: FileRow, named: str) -> None:
    resource_id = archive.ids()[EPICERIE]
    answer = post(staff, f"/gestion/publications/{loose.digest}", resource=named.format(id=resource_id))
    assert "est rattachée" in said(staff, answer)
    assert "Publications sans ressource (0)" in text(staff.get("/gestion/publications"))
    archive.index()
    assert documents(archive) == {EPICERIE: ["guide <b>.pdf"]}
    form = f"/gestion/ressources/{resource_id}"
    assert "Rattachée par l’équipe" in text(staff.get(form))
    assert "Publications rattachées : guide <b>.pdf" in text(staff.get(form)).replace("\xa0", " ")
    assert "est détachée" in said(staff, post(staff, f"{form}/publications/{loose.digest}"))
    archive.index()
    assert documents(archive) == {}
    assert corrections_of(archive.settings).all() == {}
    assert len(corrections_of(archive.settings).history(resource_id)) == 2
    assert post(staff, f"{form}/publications/{loose.digest}").status_code == 404


def test_what_names_no_resource_is_told(staff: FlaskClient, loose: FileRow) -> None:
    for named in ("", "rien", f"{SITE}/rien", "/"):
        answer = post(staff, f"/gestion/publications/{loose.digest}", resource=named)
        assert answer.status_code == 400
        assert "copiez l’adresse de sa page" in text(answer)
    answer = post(staff, f"/gestion/publications/{'0' * 32}", resource=f"{SITE}/note")
    assert "n’est plus dans l’archive" in text(answer)


def test_a_file_is_added_to_a_resource(archive: Archive, staff: FlaskClient) -> None:
    form = f"/gestion/ressources/{archive.ids()[EPICERIE]}"
    answer = post(staff, f"{form}/publications", file=(BytesIO(b"%PDF-1.7 " + bytes(100_000)), "bilan d’été.pdf"))
    assert "est rattachée" in said(staff, answer)
    archive.index()
    assert documents(archive) == {EPICERIE: ["bilan d’été.pdf"]}
    again = post(staff, f"{form}/publications", file=(BytesIO(b"%PDF-1.7 " + bytes(100_000)), "bilan d’été.pdf"))
    assert "Rien n’a changé" in said(staff, again)


def test_a_file_that_was_added_is_not_taken_for_one_that_a_page_names(archive: Archive, staff: FlaskClient) -> None:
    archive.write("note.html", page("Une note", address=f"{SITE}/note", body=f'<a href="{SITE}/bilan.pdf">Note</a>'))
    archive.import_()
    archive.index()
    ids = archive.ids()
    post(staff, f"/gestion/ressources/{ids[EPICERIE]}/publications", file=(BytesIO(b"%PDF-1.7"), "bilan.pdf"))
    archive.index()
    assert documents(archive) == {EPICERIE: ["bilan.pdf"]}


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [(b"<html>", "bilan.pdf", "une page HTML"), (b"x", "notes.txt", "n’est pas une page"), (b"", "", "Choisissez")],
)
def test_what_is_no_publication_is_not_added(
    archive: Archive, staff: FlaskClient, content: bytes, name: str, expected: str
) -> None:
    form = f"/gestion/ressources/{archive.ids()[EPICERIE]}"
    assert expected in said(staff, post(staff, f"{form}/publications", file=(BytesIO(content), name)))
    assert publication_files(archive.settings.corpus) == []


def test_a_run_that_holds_the_corpus_is_waited_for(archive: Archive, staff: FlaskClient) -> None:
    with locked(archive.settings.corpus):
        form = f"/gestion/ressources/{archive.ids()[EPICERIE]}"
        answer = post(staff, f"{form}/publications", file=(BytesIO(b"%PDF-1.7"), "bilan.pdf"))
        assert "attendez sa fin" in said(staff, answer)


def test_what_is_done_is_in_the_audit_log(archive: Archive, staff: FlaskClient, loose: FileRow) -> None:
    post(staff, f"/gestion/publications/{loose.digest}", resource=f"{SITE}/epicerie")
    done = [entry.detail for entry in open_stores(archive.settings).audit.entries() if entry.action == "correct"]
    assert done == [f"{archive.ids()[EPICERIE]} : document"]
