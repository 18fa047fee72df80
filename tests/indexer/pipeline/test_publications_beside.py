"""Publications that somebody puts beside pages in the corpus; and images of pages, which leave with their resource."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.pipeline import publications
from indexer.publications import PAGE_IMAGES, PageImages
from indexer.resource import PublishedDocument
from tests.indexer.pipeline.test_publications import documents, fake_read, linking, pdf
from tests.support.archive import Archive

IMAGE = b"RIFF image"


@pytest.fixture(autouse=True)
def read_without_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publications, "read_open_file", fake_read)


def source(archive: Archive) -> Path:
    """Return the folder of the only source in the corpus."""
    (found,) = (
        one for one in archive.settings.corpus.iterdir() if one.is_dir() and not one.name.startswith(("_", "."))
    )
    return found


def held(archive: Archive, title: str) -> PublishedDocument:
    (found,) = (one for r in archive.resources().values() if r.title == title for one in r.documents)
    return found


def test_a_file_beside_a_page_is_its_publication(archive: Archive) -> None:
    archive.write("guide.html", linking("Guide", "/fichiers/guide.pdf"))
    archive.import_()
    beside = source(archive) / "fichiers"
    beside.mkdir()
    (beside / "guide.pdf").write_bytes(pdf("légumerie"))
    (beside / "faux.pdf").write_bytes(b"<!doctype html>")
    report = archive.index()
    assert documents(archive) == {"Guide": ["guide.pdf"]}
    assert [Path(one.path).name for one in report.set_aside] == ["faux.pdf"]
    first = held(archive, "Guide").digest
    assert not archive.index().switched
    (beside / "guide.pdf").write_bytes(pdf("légumerie et conserverie"))
    archive.index()
    assert held(archive, "Guide").digest != first


@pytest.fixture
def images(archive: Archive) -> PageImages:
    """Two resources with a publication each, and an image of each of the two."""
    for name in ("guide", "carnet"):
        archive.write(f"{name}.html", linking(name.capitalize(), f"{name}.pdf"))
        archive.write(f"{name}.pdf", pdf(name))
    archive.import_()
    archive.index()
    images = PageImages(archive.settings.index / PAGE_IMAGES)
    for title in ("Guide", "Carnet"):
        digest = held(archive, title).digest
        path = images._path(digest, 1)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(IMAGE)
    return images


def kept(archive: Archive, images: PageImages, *titles: str) -> None:
    """Assert that page images are kept for the publications of these resources, and for no others."""
    digests = {held(archive, title).digest for title in titles}
    assert {path.name.partition("-")[0] for path in images.folder.glob("*/*.webp")} == digests


def test_images_stay_while_nothing_changes(archive: Archive, images: PageImages) -> None:
    archive.index(full=True)
    kept(archive, images, "Guide", "Carnet")


def test_an_import_that_makes_a_resource_private_deletes_its_images(archive: Archive, images: PageImages) -> None:
    archive.write("guide.html", linking("Guide", "guide.pdf", private="Oui"))
    archive.import_()
    kept(archive, images, "Carnet")


def test_a_run_that_writes_a_private_resource_deletes_its_images(archive: Archive, images: PageImages) -> None:
    digest = held(archive, "Guide").digest
    archive.write("guide.html", linking("Guide", "guide.pdf", private="Oui"))
    archive.import_()
    path = images._path(digest, 1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(IMAGE)  # a member looks at it in between
    archive.index(full=True)
    kept(archive, images, "Carnet")


def test_images_leave_with_a_page_that_is_gone(archive: Archive, images: PageImages) -> None:
    (source(archive) / "guide.html").unlink()
    archive.index()
    kept(archive, images, "Carnet")
