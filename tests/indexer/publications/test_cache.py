"""The cache of publications: each version of the reader reads a file once; if the cache is damaged, files are only read
again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from indexer.errors import EngineError
from indexer.publications import CachedPageTexts, Page, Publication, PublicationCache, Span, Status, cache
from tests.support.archive import permissions_hold

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


def test_another_reader_gives_other_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts of an earlier version of the reader stay until they are forgotten: a generation may still need them."""
    before = cache.text_key("a")
    assert before == cache.text_key("a") != cache.text_key("b")
    monkeypatch.setattr(cache, "READER_VERSION", cache.READER_VERSION + 1)
    assert cache.text_key("a") != before


@pytest.mark.parametrize("document", [DOCUMENT, ASIDE])
def test_facts_without_pages(held: PublicationCache, document: Publication) -> None:
    held.put("a", document)
    facts = held.facts("a")
    assert facts is not None
    assert (facts.media_type, facts.status, facts.reason, facts.title, facts.labels, facts.empty_pages) == (
        *(document.media_type, document.status, document.reason),
        *(document.title, document.labels, document.empty_pages),
    )
    assert held.facts("b") is None


def test_pages_for_engines(path: Path) -> None:
    """`CachedPageTexts` reads what another process writes, from any thread, even if the cache file is replaced."""
    texts = CachedPageTexts(path)
    assert texts.page("a", 1) is None
    held = PublicationCache(path)
    held.put("a", DOCUMENT)
    assert [texts.page("a", number) for number in (1, 3, 4)] == [DOCUMENT.pages[0], DOCUMENT.pages[2], None]
    with ThreadPoolExecutor(4) as pool:
        assert (
            list(pool.map(lambda number: texts.page("a", number), [1, 3] * 20))
            == [
                DOCUMENT.pages[0],
                DOCUMENT.pages[2],
            ]
            * 20
        )
    held.close()
    for part in path.parent.iterdir():
        part.unlink()
    assert texts.page("a", 1) is None
    again = PublicationCache(path)
    again.put("b", DOCUMENT)
    again.close()
    assert (texts.page("a", 1), texts.page("b", 1)) == (None, DOCUMENT.pages[0])
    texts.close()


@pytest.mark.parametrize("content", [b"no database" * 1000, b""])
def test_a_damaged_cache_holds_nothing_for_engines(path: Path, content: bytes) -> None:
    """Searches go on without passages; the next indexing run makes the cache again."""
    path.parent.mkdir()
    path.write_bytes(content)
    texts = CachedPageTexts(path)
    assert (texts.page("a", 1), texts.facts("a"), texts.known()) == (None, None, frozenset())
    texts.close()


def test_a_cache_that_the_system_refuses_is_an_error_of_the_engine(path: Path) -> None:
    held = PublicationCache(path)
    held.put("a", DOCUMENT)
    held.close()
    path.chmod(0)
    texts = CachedPageTexts(path)
    with permissions_hold(), pytest.raises(EngineError, match="droits"):
        texts.page("a", 1)
    path.chmod(0o600)
    assert texts.page("a", 1) == DOCUMENT.pages[0]
    texts.close()


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
