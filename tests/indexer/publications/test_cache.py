"""The cache of publications: each content is read once with each reader; damage costs a reading, never more."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.publications import Page, Publication, PublicationCache, Span, Status, cache

DOCUMENT = Publication(
    "application/pdf",
    Status.READ,
    "la page 2 est sans texte.",
    (Page(1, "i", "Rapport\nL’été des élus", (Span(0, 7),)), Page(2, None, ""), Page(3, "1", "Fin")),
    "Étude",
)
ASIDE = Publication("application/octet-stream", Status.DAMAGED, "abîmé")
LATER = Publication("application/octet-stream", Status.INTERRUPTED, "plus tard")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "index" / "publications.sqlite"


@pytest.fixture
def held(path: Path) -> Iterator[PublicationCache]:
    held = PublicationCache(path)
    yield held
    held.close()


def fail() -> Publication:
    raise AssertionError("read again")


@pytest.mark.parametrize("document", [DOCUMENT, ASIDE])
def test_a_file_is_read_once(path: Path, held: PublicationCache, document: Publication) -> None:
    assert held.read("a", lambda: document) == document
    assert held.read("a", fail) == document
    again = PublicationCache(path)
    assert again.get("a") == document
    again.close()


def test_what_the_machine_interrupted_is_read_again(held: PublicationCache) -> None:
    assert held.read("a", lambda: LATER) == LATER
    assert held.read("a", lambda: DOCUMENT) == DOCUMENT


def test_one_page(held: PublicationCache) -> None:
    held.put("a", DOCUMENT)
    assert [held.page("a", number) for number in (1, 2, 3)] == list(DOCUMENT.pages)
    assert (held.page("a", 4), held.page("b", 1), held.get("b")) == (None, None, None)


def test_a_document_replaces_another(held: PublicationCache) -> None:
    held.put("a", DOCUMENT)
    held.put("a", ASIDE)
    assert held.get("a") == ASIDE
    assert held.page("a", 1) is None


def test_forgetting(held: PublicationCache) -> None:
    for digest in "abc":
        held.put(digest, DOCUMENT)
    held.forget_all_but(["b", "d"])
    assert [digest for digest in "abc" if held.get(digest)] == ["b"]
    assert held.page("a", 1) is None


def test_another_reader_reads_again(path: Path, held: PublicationCache, monkeypatch: pytest.MonkeyPatch) -> None:
    held.put("a", DOCUMENT)
    monkeypatch.setattr(cache, "READER_VERSION", cache.READER_VERSION + 1)
    other = PublicationCache(path)
    assert (other.get("a"), other.page("a", 1)) == (None, None)
    other.close()


def test_a_damaged_file_is_made_again(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1000)
    held = PublicationCache(path)
    assert held.read("a", lambda: DOCUMENT) == DOCUMENT
    held.close()


@pytest.mark.parametrize("page", [b"noise", b""])
def test_a_damaged_page_is_an_error_of_the_cache(path: Path, held: PublicationCache, page: bytes) -> None:
    held.put("a", DOCUMENT)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE pages SET page = ?", (page,))
    database.close()
    with pytest.raises(sqlite3.DatabaseError, match="damaged"):
        held.get("a")
    with pytest.raises(sqlite3.DatabaseError, match="damaged"):
        held.page("a", 1)
