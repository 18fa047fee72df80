"""Imports: what is imported, unchanged or set aside; and nothing is ever lost."""

from __future__ import annotations

import os
import unicodedata
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from indexer.corpus import page_cache
from indexer.corpus.store import Corpus
from indexer.parsing.node import PageKind
from indexer.pipeline import importing
from tests.support.archive import Archive, export, listing, node, page, permissions_hold, reasons, write

EPICERIE = page("Monter une épicerie solidaire", address="https://reseau.example/epicerie")
RESSOURCERIE = page("Ouvrir une ressourcerie", address="https://reseau.example/ressourcerie")
AGENDA = "<html><body><h1>Agenda</h1><p>Rien ce mois-ci.</p></body></html>"


def counts(report: importing.ImportReport) -> tuple[int, int, int, int]:
    """Return the numbers of imported, unchanged and set aside files, and of warnings."""
    return report.imported, report.unchanged, len(report.set_aside), len(report.warnings)


def themes_of(archive: Archive) -> dict[str, tuple[str, ...]]:
    """Return the themes given at import, by page."""
    corpus = Corpus(archive.settings.corpus, create=False)
    try:
        return {Path(row.path).name: row.themes for row in corpus.catalogue.pages()}
    finally:
        corpus.close()


# Imported pages


def test_the_report_counts_pages(archive: Archive) -> None:
    archive.write("epicerie.html", EPICERIE)
    archive.write("doute.html", page("Statuts types", private=None))
    archive.write("agenda.html", AGENDA)
    archive.write("guide.pdf", b"%PDF-1.7 ...")
    archive.write("site.css", "body {}")
    report = archive.import_()
    assert counts(report) == (2, 0, 1, 1)
    assert (report.resources, report.publications, report.passed_over) == (2, 1, 1)
    assert report.succeeded
    assert "aucun libellé" in reasons(report.set_aside)["agenda.html"]
    (warning,) = report.warnings
    assert warning.path == str(archive.pages / "doute.html")
    assert warning.message.startswith("Statuts types : ")
    assert "privée" in warning.message


def test_a_listing_is_one_page_of_several_resources(archive: Archive) -> None:
    archive.write("theme.html", listing(node("Jardins partagés"), node("Cantines")))
    report = archive.import_()
    assert (report.imported, report.resources) == (1, 2)


def test_pages_are_kept_as_they_came(archive: Archive) -> None:
    """Line ends, byte order marks, broken markup and old encodings are all kept, byte for byte."""
    pages = {
        "windows.html": b"\xef\xbb\xbf" + EPICERIE.replace("><", ">\r\n<").encode(),
        "latin.html": page("Régie de quartier", address="/regie")
        .replace("utf-8", "iso-8859-1")
        .encode("latin-1", "ignore"),
        "casse.html": RESSOURCERIE.replace("</div>", "", 2).encode() + b"\x00\xff",
        "liste.txt": export(("Convention de coopération", "Oui", "Trois communes, une convention.")).encode("cp1252"),
    }
    for name, raw in pages.items():
        archive.write(f"d/{name}", raw)
    assert archive.import_().imported == 4
    assert archive.corpus_files() == {f"pages/d/{name}": raw for name, raw in pages.items()}


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(
    ("encoding", "form"),
    [("utf-8", "NFC"), ("utf-8", "NFD"), ("utf-16", "NFC"), ("utf-16", "NFD"), ("cp1252", "NFC"), ("latin-1", "NFC")],
)
def test_encodings_and_forms_give_one_text(archive: Archive, encoding: str, declared: bool, form: str) -> None:
    text = page("Être élu·e à l'économie sociale", body="Où l'été a-t-il mené la coopérative ?")
    text = text.replace("utf-8", encoding) if declared else text.replace('<meta charset="utf-8">', "")
    archive.write("page.html", unicodedata.normalize(form, text).encode(encoding))
    assert archive.import_().imported == 1
    archive.index()
    (resource,) = archive.resources().values()
    assert resource.title == "Être élu·e à l'économie sociale"
    assert resource.body == "Où l'été a-t-il mené la coopérative ?"


def test_a_page_without_labels_is_set_aside_and_the_others_come_in(archive: Archive) -> None:
    with zipfile.ZipFile(archive.pages / "lot.zip", "w") as lot:
        lot.writestr("agenda.html", AGENDA)
        lot.writestr("epicerie.html", EPICERIE)
    archive.write("vide.html", "")
    archive.write("ressourcerie.html", RESSOURCERIE)
    report = archive.import_()
    assert counts(report) == (2, 0, 2, 0)
    assert set(reasons(report.set_aside)) == {"agenda.html", "vide.html"}
    assert set(archive.corpus_files()) == {"pages/lot/epicerie.html", "pages/ressourcerie.html"}


def test_nothing_to_read_is_no_success(archive: Archive) -> None:
    archive.write("agenda.html", AGENDA)
    assert not archive.import_().succeeded


def test_a_path_that_is_missing_fails_alone(archive: Archive) -> None:
    path = archive.write("epicerie.html", EPICERIE)
    report = archive.import_(archive.pages / "absent.html", path)
    assert report.imported == 1
    assert not report.succeeded
    assert report.failures == (f"« {archive.pages / 'absent.html'} » n’existe pas : vérifiez le chemin.",)


def test_names_that_are_no_text_are_taken(archive: Archive) -> None:
    """Names in folders from old disks may not be valid in any encoding; pages are kept under a safe name."""
    folder = os.fsdecode(os.fsencode(archive.pages) + b"/d\xe9p\xf4t")
    write(Path(folder) / os.fsdecode(b"\xe9picerie.html"), EPICERIE)
    assert counts(archive.import_(Path(folder))) == (1, 0, 0, 0)
    assert counts(archive.import_(Path(folder))) == (0, 1, 0, 0)
    assert list(archive.corpus_files().values()) == [EPICERIE.encode()]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("a/b.html", "s/a/b.html"),
        ("b", "s/b.html"),
        ("b.php", "s/b.php.html"),
        ("page?id=1.html", "s/page_id=1.html"),
        ("../../b.html", "s/b.html"),
        ("/etc/b.html", "s/etc/b.html"),
        ("//serveur/b.html", "s/serveur/b.html"),
        (".cache/.b.html", "s/cache/b.html"),
        ("...", "s/_.html"),
        ("..\\b.html", "s/_b.html"),
        ("a\n\udce9.html", "s/a__.html"),
    ],
)
def test_a_page_stays_inside_its_source(name: str, place: str) -> None:
    """Whatever the name of a page, it is written below the folder of its source."""
    assert Corpus.place("s", PurePosixPath(name), PageKind.HTML) == place


def test_a_very_long_name_is_shortened_and_stays_its_own(archive: Archive) -> None:
    node_refs = {Corpus.place("s", PurePosixPath("é" * 200 + end + ".html"), PageKind.HTML) for end in ("a", "b")}
    assert len(node_refs) == 2
    assert all(len(place.encode()) < 160 and place.endswith(".html") for place in node_refs)


# Importing the same page twice


def test_twice_changes_nothing(archive: Archive) -> None:
    archive.write("epicerie.html", EPICERIE)
    archive.write("doute.html", page("Statuts types", private=None))
    archive.write("agenda.html", AGENDA)
    archive.write("liste.txt", export(("Convention", "Oui", "Trois communes."), ("Bilan", "Non", "Une année.")))
    archive.import_(theme="Coopération")
    files, rows = archive.corpus_files(), archive.catalogue_rows()
    stats = {path: path.stat().st_mtime_ns for path in archive.settings.corpus.rglob("*.html")}

    assert counts(archive.import_(theme="Coopération")) == (0, 3, 1, 0)
    assert archive.corpus_files() == files
    assert archive.catalogue_rows() == rows
    assert {path: path.stat().st_mtime_ns for path in archive.settings.corpus.rglob("*.html")} == stats


def test_a_page_that_changed_is_replaced(archive: Archive) -> None:
    path = archive.write("epicerie.html", EPICERIE)
    archive.import_()
    path.write_text(EPICERIE.replace("Monter", "Faire vivre"))
    assert counts(archive.import_()) == (1, 0, 0, 0)
    assert archive.corpus_files() == {"pages/epicerie.html": path.read_bytes()}


def test_the_same_content_from_another_place_is_unchanged(archive: Archive) -> None:
    archive.write("epicerie.html", EPICERIE)
    archive.import_()
    with zipfile.ZipFile(archive.folder / "autre.zip", "w") as other:
        other.writestr("ailleurs/epicerie-solidaire.html", EPICERIE)
    assert counts(archive.import_(archive.folder / "autre.zip")) == (0, 1, 0, 0)
    assert list(archive.corpus_files()) == ["pages/epicerie.html"]


def test_two_sources_of_one_name_stay_apart(archive: Archive) -> None:
    write(archive.folder / "mars" / "lot" / "page.html", EPICERIE)
    write(archive.folder / "avril" / "lot" / "page.html", RESSOURCERIE)
    archive.import_(archive.folder / "mars" / "lot", archive.folder / "avril" / "lot")
    assert set(archive.corpus_files()) == {"lot/page.html", "lot-2/page.html"}


# Several resources with one file name


def downloads(archive: Archive, *pages: str) -> list[str]:
    """Import pages one by one, all under one file name, as a browser saves them; return the HTML of the pages kept."""
    for content in pages:
        archive.import_(archive.write("telechargement.html", content))
    return sorted(raw.decode() for raw in archive.corpus_files().values())


def test_another_resource_under_the_same_name_takes_another_place(archive: Archive) -> None:
    assert downloads(archive, EPICERIE, RESSOURCERIE) == sorted([EPICERIE, RESSOURCERIE])


def test_a_new_version_replaces_the_old_one_wherever_it_is(archive: Archive) -> None:
    """Two versions of a page never remain in the corpus: one could say that the resource is private, the other not."""
    again = RESSOURCERIE.replace(">Non<", ">Oui<")
    assert downloads(archive, EPICERIE, RESSOURCERIE, again) == sorted([EPICERIE, again])


def test_pages_without_address_are_told_apart_by_their_title(archive: Archive) -> None:
    one, other = page("Une régie de quartier"), page("Une recyclerie")
    assert downloads(archive, one, other) == sorted([one, other])


def test_another_export_under_the_same_name_keeps_both(archive: Archive) -> None:
    one = export(("Convention", "Oui", "Trois communes."))
    other = export(("Bilan", "Non", "Une année."))
    for text in (one, other):
        archive.import_(archive.write("export.txt", text))
    assert sorted(archive.corpus_files().values()) == sorted([one.encode(), other.encode()])


def test_an_export_that_grew_replaces_the_old_one(archive: Archive) -> None:
    first = ("Convention", "Oui", "Trois communes.")
    for text in (export(first), export(first, ("Bilan", "Non", "Une année."))):
        archive.import_(archive.write("export.txt", text))
    assert list(archive.corpus_files().values()) == [text.encode()]


def test_a_cache_that_was_deleted_makes_no_page_be_overwritten(archive: Archive) -> None:
    downloads(archive, EPICERIE)
    (archive.settings.index / page_cache.PAGE_CACHE).unlink()
    assert downloads(archive, RESSOURCERIE) == sorted([EPICERIE, RESSOURCERIE])


def test_a_page_that_the_catalogue_does_not_know_is_not_overwritten(archive: Archive) -> None:
    """An import keeps a page of the same name that the corpus had without a catalogue, as in a copied corpus."""
    archive.put("pages/page.html", EPICERIE)
    archive.write("page.html", RESSOURCERIE)
    assert counts(archive.import_()) == (1, 0, 0, 0)
    assert sorted(archive.corpus_files().values()) == sorted([EPICERIE.encode(), RESSOURCERIE.encode()])


def test_a_page_that_the_catalogue_does_not_know_is_unchanged_when_it_is_the_same(archive: Archive) -> None:
    archive.put("exemple/page.html", EPICERIE)
    assert counts(archive.import_(archive.settings.corpus / "exemple")) == (0, 1, 0, 0)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_both_kept_and_stay_so(archive: Archive) -> None:
    with zipfile.ZipFile(archive.pages / "lot.zip", "w") as lot:
        for text in ("La coopérative a cinq ans.", "La coopérative a six ans."):
            lot.writestr("bilan.html", page("Bilan de la coopérative", body=text))
    assert counts(archive.import_()) == (2, 0, 0, 0)
    assert counts(archive.import_()) == (0, 2, 0, 0)
    assert len(archive.corpus_files()) == 2


def test_a_page_rotten_in_the_corpus_is_healed_by_its_import(archive: Archive) -> None:
    archive.write("epicerie.html", EPICERIE)
    archive.import_(theme="Alimentation")
    path = archive.settings.corpus / "pages" / "epicerie.html"
    stat = path.stat()
    path.write_bytes(b"\x00" * stat.st_size)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert counts(archive.import_()) == (1, 0, 0, 0)
    assert path.read_text() == EPICERIE
    assert themes_of(archive) == {"epicerie.html": ("Alimentation",)}


def test_a_page_removed_from_the_corpus_comes_in_again(archive: Archive) -> None:
    archive.write("epicerie.html", EPICERIE)
    archive.import_()
    (archive.settings.corpus / "pages" / "epicerie.html").unlink()
    assert counts(archive.import_()) == (1, 0, 0, 0)
    assert list(archive.corpus_files()) == ["pages/epicerie.html"]


# --theme


def test_a_theme_given_is_kept_with_the_page_and_another_adds_to_it(archive: Archive) -> None:
    archive.write("epicerie.html", EPICERIE)
    archive.import_(theme="  Alimentation durable ")
    assert themes_of(archive) == {"epicerie.html": ("Alimentation durable",)}
    assert counts(archive.import_(theme="Coopération")) == (1, 0, 0, 0)
    assert themes_of(archive) == {"epicerie.html": ("Alimentation durable", "Coopération")}
    assert counts(archive.import_(theme="COOPERATION")) == (0, 1, 0, 0)  # another spelling of the same theme


def test_the_theme_of_an_earlier_import_is_kept_by_the_next_version(archive: Archive) -> None:
    path = archive.write("epicerie.html", EPICERIE)
    archive.import_(theme="Alimentation")
    path.write_text(EPICERIE.replace("Monter", "Faire vivre"))
    archive.import_()
    assert themes_of(archive) == {"epicerie.html": ("Alimentation",)}


def test_a_blank_theme_is_none(archive: Archive) -> None:
    archive.write("epicerie.html", EPICERIE)
    archive.import_(theme="  ")
    assert themes_of(archive) == {"epicerie.html": ()}


def test_a_theme_given_takes_the_place_of_the_listings_own(archive: Archive) -> None:
    archive.write("theme.html", listing(node("Jardins partagés"), node("Cantines"), heading="Page 2"))
    archive.import_(theme="Alimentation durable")
    archive.index()
    assert {hit.themes for hit in archive.hits().values()} == {("Alimentation durable",)}


def test_a_page_that_cannot_be_read_for_a_while_keeps_its_theme(archive: Archive) -> None:
    archive.write("epicerie.html", EPICERIE)
    archive.import_(theme="Alimentation")
    path = archive.settings.corpus / "pages" / "epicerie.html"
    os.utime(path, ns=(1, 1))
    path.chmod(0)
    with permissions_hold():
        assert set(reasons(archive.index().set_aside)) == {"epicerie.html"}
    path.chmod(0o600)
    archive.index()
    assert {hit.themes for hit in archive.hits().values()} == {("Alimentation",)}


def test_a_theme_for_known_pages_is_reported_as_what_it_changes(archive: Archive) -> None:
    archive.write("epicerie.html", EPICERIE)
    archive.write("theme.html", listing(node("Jardins partagés"), node("Cantines")))
    first = archive.import_()
    assert (first.imported, first.resources, first.rethemed) == (2, 3, 0)
    archive.write("ressourcerie.html", RESSOURCERIE)
    second = archive.import_(theme="Mobilité")
    assert (second.imported, second.resources, second.rethemed, second.unchanged) == (3, 4, 2, 0)
    third = archive.import_(theme="mobilite")
    assert (third.imported, third.resources, third.rethemed, third.unchanged) == (0, 0, 0, 3)
