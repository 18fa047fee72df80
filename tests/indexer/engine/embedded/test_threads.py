"""Many threads get the same results from one engine as one thread, while caches fill and generations change."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.analysis import Analyzer, default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from indexer.query import SearchRequest, SearchResponse
from indexer.resource import Audience
from tests.support.demo_resources import demo_resources
from tests.support.engines import fill, resource
from tests.support.threads import at_once

THREADS = 8
QUERIES = (
    "", "coopérative", "commande publique", '"monnaie locale"', "mobilite -voiture", "coop*", "*tive", "territ?ire",
    "alimantation", "titre:guide", "élu·e·s", "SCIC", "eau OU déchets", "zanzibar", "l’économie sociale et solidaire",
)  # fmt: skip
REQUESTS = tuple(SearchRequest(query=query, audience=audience) for audience in Audience for query in QUERIES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, analyzer: Analyzer) -> Path:
    """An index of the resources in `demo_resources`."""
    folder = tmp_path_factory.mktemp("threads") / "index"
    engine = EmbeddedEngine(folder, analyzer)
    fill(engine, *demo_resources())
    engine.close()
    return folder


@pytest.fixture
def cold(folder: Path) -> Iterator[EmbeddedEngine]:
    """An engine with empty caches and its own analyzer."""
    engine = EmbeddedEngine(folder, default_analyzer.__wrapped__())
    yield engine
    engine.close()


def answers(engine: EmbeddedEngine, first: int) -> dict[SearchRequest, SearchResponse]:
    """Send all requests, starting at the given one, and return the responses without the time that they took."""
    order = REQUESTS[first:] + REQUESTS[:first]
    return {request: replace(engine.search(request), took_ms=0.0) for request in order}


def test_threads_get_what_one_thread_gets(folder: Path, analyzer: Analyzer, cold: EmbeddedEngine) -> None:
    alone = EmbeddedEngine(folder, analyzer)
    expected = answers(alone, 0)
    ids = [hit.id for hit in alone.search(SearchRequest(audience=Audience.STAFF, per_page=100)).hits]
    resources = {name: alone.get(name, audience=Audience.STAFF) for name in ids}
    suggestions = alone.suggest("co", audience=Audience.MEMBER)
    alone.close()
    assert sum(response.total for response in expected.values()) > 100

    def work(number: int) -> bool:
        if number == 0:  # as a change of synonyms or a full cache does, at any moment
            for _ in range(20):
                cold.forget()
        same = answers(cold, number * len(REQUESTS) // THREADS) == expected
        read = {name: cold.get(name, audience=Audience.STAFF) for name in ids} == resources
        return same and read and cold.suggest("co", audience=Audience.MEMBER) == suggestions

    assert at_once(THREADS, work) == [True] * THREADS


def test_once_a_generation_is_published_no_thread_finds_an_older_one(tmp_path: Path, analyzer: Analyzer) -> None:
    switches = 8
    reader, writer = (EmbeddedEngine(tmp_path / "index", analyzer) for _ in range(2))
    fill(writer, resource("Mot 0", id="r", year=1900))
    published, over = [1900], threading.Event()

    def work(number: int) -> list[tuple[int, int | None]]:
        if number == 0:
            try:
                for year in range(1901, 1901 + switches):
                    fill(writer, resource(f"Mot {year}", id="r", year=year))
                    published.append(year)
            finally:
                over.set()
            return []
        wrong = []
        while not over.is_set():
            least = published[-1]
            (hit,) = reader.search(SearchRequest(query="mot", audience=Audience.VISITOR)).hits
            if hit.year is None or hit.year < least:
                wrong.append((least, hit.year))
            time.sleep(0.001)  # otherwise readers would leave no processor time to the writer
        return wrong

    assert at_once(4, work) == [[]] * 4
    assert [hit.year for hit in reader.search(SearchRequest(query="mot", audience=Audience.VISITOR)).hits] == [
        1900 + switches
    ]
    for engine in (reader, writer):
        engine.close()
