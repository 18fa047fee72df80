"""The preview of an import says what the import then does, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.pipeline.preview import PlannedChange, Preview, preview_import
from indexer.progress import Silent
from tests.support.archive import Archive, page

ORIGIN = "essai"


@pytest.fixture
def held(archive: Archive) -> Archive:
    """An archive of three resources, imported from the same source as the pages of the tests."""
    archive.write("epicerie.html", page("Épicerie", address="https://reseau.example/epicerie"))
    archive.write("regie.html", page("Régie", address="https://reseau.example/regie"))
    archive.write("charte.html", page("Charte", address="https://reseau.example/charte", private="Oui"))
    archive.import_(archive.pages, origin=ORIGIN)
    archive.index()
    return archive


def foresee(archive: Archive, theme: str | None = None) -> Preview:
    return preview_import(archive.settings, [archive.pages], theme=theme, origin=ORIGIN, progress=Silent())


def by_title(seen: Preview) -> dict[str, PlannedChange]:
    return {resource.title: resource for resource in seen.resources}


def test_it_tells_what_is_new_changed_set_aside_and_who_will_see_it(held: Archive) -> None:
    held.write("epicerie.html", page("Épicerie", address="https://reseau.example/epicerie", private="Oui"))
    held.write("charte.html", page("Charte", address="https://reseau.example/charte", private="Non"))
    held.write("ferme.html", page("Ferme", address="https://reseau.example/ferme"))
    held.write("notes.docx", "ceci n'est pas une page")
    seen = foresee(held)
    assert (seen.pages.imported, seen.pages.unchanged, len(seen.pages.set_aside)) == (3, 1, 1)
    found = by_title(seen)
    assert set(found) == {"Épicerie", "Charte", "Ferme"}
    assert (found["Épicerie"].turns_private, found["Épicerie"].turns_public) == (True, False)
    assert (found["Charte"].turns_private, found["Charte"].turns_public) == (False, True)
    assert (found["Ferme"].new, found["Ferme"].was_private, found["Ferme"].private) == (True, None, False)


def test_it_changes_nothing(held: Archive) -> None:
    held.write("ferme.html", page("Ferme", address="https://reseau.example/ferme"))
    before = held.corpus_files(), held.catalogue_rows(), held.ids()
    foresee(held, theme="Ruralité")
    assert (held.corpus_files(), held.catalogue_rows(), held.ids()) == before
    assert not held.index().switched


def test_an_archive_that_holds_nothing_yet(archive: Archive) -> None:
    archive.write("ferme.html", page("Ferme", address="https://reseau.example/ferme"))
    assert [resource.new for resource in foresee(archive).resources] == [True]
    assert archive.corpus_files() == {}
    assert archive.catalogue_rows() == ()


def test_what_it_foresees_is_what_the_import_does(held: Archive) -> None:
    held.write("epicerie.html", page("Épicerie", address="https://reseau.example/epicerie", body="Autre texte."))
    held.write("ferme.html", page("Ferme", address="https://reseau.example/ferme"))
    seen = foresee(held)
    done = held.import_(held.pages, origin=ORIGIN)
    assert seen.pages == done
    indexed = held.index()
    assert (indexed.added, indexed.updated) == (1, 1)
    assert {resource.id for resource in seen.resources} <= set(held.resources())
    again = foresee(held)
    assert (again.pages.unchanged, again.resources) == (4, ())


def test_corrections_are_taken_into_account(held: Archive) -> None:
    held.correct("Épicerie", private=True)
    held.correct("Régie", withdrawn=True)
    for name in ("epicerie", "regie"):
        held.write(f"{name}.html", page(name, address=f"https://reseau.example/{name}", body="Autre texte."))
    assert [(r.title, r.turns_public) for r in foresee(held).resources] == [("epicerie", False)]


def test_a_theme_alone_is_a_change(held: Archive) -> None:
    assert len(foresee(held, theme="Ruralité").resources) == 3


def test_it_tells_type_year_and_themes_as_read_and_what_changes(held: Archive) -> None:
    held.write(
        "epicerie.html", page("Épicerie", address="https://reseau.example/epicerie", type="Fiche", theme="Achats")
    )
    held.write("ferme.html", page("Ferme", address="https://reseau.example/ferme", type=None, published="3 mars 2021"))
    kept: list[str] = []
    seen = preview_import(
        held.settings,
        [held.pages],
        theme=None,
        origin=ORIGIN,
        progress=Silent(),
        keep=lambda resource: kept.append(resource.title),
    )
    assert kept == [one.title for one in seen.resources]
    found = by_title(seen)
    assert (found["Épicerie"].type, found["Épicerie"].year, found["Épicerie"].themes) == ("Fiche", None, ("Achats",))
    assert found["Épicerie"].changes == ("type", "themes")
    assert (found["Ferme"].type, found["Ferme"].year, found["Ferme"].changes) == (None, 2021, ())


PDF = "%PDF-1.4\n"


def linking(title: str, name: str, private: str = "Non") -> str:
    """Return the page of a resource that links to the publication with a file name (`name`)."""
    body = f'<a href="{name}">La publication</a>'
    return page(title, address=f"https://reseau.example/{title}", body=body, private=private)


def holders(seen: Preview) -> dict[str, list[tuple[str, bool, bool]]]:
    return {
        Path(one.path).name: [(each.title, each.private, each.new) for each in one.holders] for one in seen.publications
    }


def test_it_tells_whose_a_publication_would_be(held: Archive) -> None:
    held.write("guide.html", linking("Guide", "guide.pdf"))
    held.write("note.html", linking("Note", "note.pdf", private="Oui"))
    for name in ("guide", "note", "seul"):
        held.write(f"{name}.pdf", PDF + name)
    before = held.catalogue_rows()
    seen = foresee(held)
    assert holders(seen) == {
        "guide.pdf": [("Guide", False, True)],
        "note.pdf": [("Note", True, True)],
        "seul.pdf": [],
    }
    assert held.catalogue_rows() == before
    held.import_(held.pages, origin=ORIGIN)
    held.index()
    documents = {one.title: [each.name for each in one.documents] for one in held.resources().values()}
    assert (documents["Guide"], documents["Note"]) == (["guide.pdf"], ["note.pdf"])
    assert holders(foresee(held)) == {}


def test_a_publication_that_comes_alone_joins_the_page_that_the_archive_has(held: Archive) -> None:
    held.write("guide.html", linking("Guide", "guide.pdf"))
    held.import_(held.pages, origin=ORIGIN)
    held.index()
    held.write("guide.pdf", PDF)
    seen = foresee(held)
    assert holders(seen) == {"guide.pdf": [("Guide", False, False)]}
    assert [(one.title, one.changes) for one in seen.resources] == [("Guide", ("documents",))]
