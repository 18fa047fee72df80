"""Importing web archives: the latest capture of each address is kept, whatever the order and the number of files."""

from __future__ import annotations

from itertools import permutations

import pytest

from indexer.corpus.store import Corpus
from indexer.pipeline.preview import preview_import
from indexer.progress import Silent
from tests.support.archive import Archive, page
from tests.support.warc import response, warc

ADDRESS = "https://reseau.example/jardins"
DATES = ("2019-03-01T08:00:00Z", "2021-03-01T08:00:00Z", "2023-03-01T08:00:00Z")


def capture(year: int, *, private: str | None = "Non", address: str = ADDRESS) -> bytes:
    """Return the WARC record of a page that was captured in a given year; `private` is its « Ressource privée »."""
    html = page("Des jardins partagés", body=f"Les jardins de {year}.", private=private)
    return response(address, html, date=f"{year}-03-01T08:00:00Z")


def bodies(archive: Archive) -> list[str | None]:
    archive.index()
    return [one.body for one in archive.resources().values()]


def captured(archive: Archive) -> list[str | None]:
    corpus = Corpus(archive.settings.corpus, create=False)
    try:
        return [row.captured for row in corpus.catalogue.pages()]
    finally:
        corpus.close()


@pytest.mark.parametrize("order", list(permutations((2019, 2021, 2023))))
def test_the_latest_capture_is_the_page(archive: Archive, order: tuple[int, ...]) -> None:
    path = archive.write("site.warc", warc(*map(capture, order)))
    report = archive.import_(path)
    assert (report.imported, report.resources, report.passed_over) == (1, 1, 2)
    assert bodies(archive) == ["Les jardins de 2023."]
    assert captured(archive) == ["2023-03-01T08:00:00+00:00"]
    (name,) = archive.corpus_files()
    assert name.startswith("site/reseau.example/jardins-")
    again = archive.import_(path)
    assert (again.imported, again.unchanged, again.passed_over) == (0, 1, 2)


@pytest.mark.parametrize("order", list(permutations((2019, 2021, 2023))))
def test_files_of_one_crawl_are_read_as_one(archive: Archive, order: tuple[int, ...]) -> None:
    for n, year in enumerate(order):
        archive.write(f"crawl/{n}.warc.gz", warc(capture(year), compressed=True))
    assert archive.import_().imported == 1
    assert bodies(archive) == ["Les jardins de 2023."]


def test_the_next_crawl_replaces_and_an_older_one_does_not(archive: Archive) -> None:
    path = archive.write("site.warc", warc(capture(2021)))
    archive.import_(path)
    archive.write("site.warc", warc(capture(2023)))
    assert archive.import_(path).imported == 1
    archive.write("site.warc", warc(capture(2019)))
    report = archive.import_(path)
    assert (report.imported, report.unchanged, report.passed_over) == (0, 0, 1)
    assert bodies(archive) == ["Les jardins de 2023."]


def test_a_page_that_did_not_change_is_unchanged_and_has_its_last_date(archive: Archive) -> None:
    html = page("Des jardins partagés")
    for date in DATES:
        path = archive.write("site.warc", warc(response(ADDRESS, html, date=date)))
        report = archive.import_(path)
    assert (report.imported, report.unchanged) == (0, 1)
    assert captured(archive) == ["2023-03-01T08:00:00+00:00"]


def test_a_capture_without_a_date_gives_way(archive: Archive) -> None:
    undated = response(ADDRESS, page("Des jardins partagés", body="Sans date."), date=None)
    archive.import_(archive.write("site.warc", warc(capture(2019), undated)))
    assert bodies(archive) == ["Les jardins de 2019."]


def test_a_page_damaged_on_disk_is_mended(archive: Archive) -> None:
    path = archive.write("site.warc", warc(capture(2021)))
    archive.import_(path)
    (name,) = archive.corpus_files()
    (archive.settings.corpus / name).write_bytes(b"")
    assert archive.import_(path).imported == 1
    assert bodies(archive) == ["Les jardins de 2021."]


def test_a_capture_that_turns_private_hides_the_page(archive: Archive) -> None:
    path = archive.write("site.warc", warc(capture(2019)))
    archive.import_(path)
    archive.index()
    archive.write("site.warc", warc(capture(2021, private="Oui")))
    assert "devenue privée" in archive.import_(path).warnings[-1].message
    archive.write("site.warc", warc(capture(2019)))
    archive.import_(path)
    archive.index()
    assert [one.private for one in archive.resources().values()] == [True]


def test_a_preview_counts_as_the_import_does(archive: Archive) -> None:
    path = archive.write("site.warc", warc(capture(2023), capture(2019), capture(2021, address=f"{ADDRESS}/a")))
    seen = preview_import(archive.settings, [path], theme=None, origin="essai", progress=Silent())
    assert (seen.pages.imported, seen.pages.passed_over) == (2, 1)
    assert archive.corpus_files() == {}
