"""What is sent to the cluster: for visitors nothing that names private indexes, and few requests a search."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from indexer.engine.opensearch import OpenSearchEngine
from indexer.engine.opensearch.client import Client
from indexer.query import Sort
from tests.support.cluster import needs_cluster, opened
from tests.support.engines import MEMBER, VISITOR, ask
from tests.support.publications_contract import GUIDE, NOTE, SECRET
from tests.support.published import publish

pytestmark = [needs_cluster, pytest.mark.slow]

QUERIES = ("", "marché", "marché régies", '"compostage collectif"', "compost*", "pisciculture", "marchet introuvable")


@pytest.fixture(scope="module")
def engine() -> Iterator[OpenSearchEngine]:
    with opened() as engine:
        publish(engine, GUIDE, NOTE, SECRET)
        yield engine


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests sent to the cluster so far, each as a string of its method, path and body."""
    requests: list[str] = []
    send = Client._send

    def recorded(self: Client, method: str, path: str, data: bytes | None, *rest: Any) -> dict[str, Any]:
        requests.append(f"{method} {path} {(data or b'').decode()}")
        return send(self, method, path, data, *rest)

    monkeypatch.setattr(Client, "_send", recorded)
    return requests


def test_a_visitor_s_requests_never_name_a_private_index(engine: OpenSearchEngine, sent: list[str]) -> None:
    engine._forget_views()
    for query in QUERIES:
        for sort in (None, Sort.TITLE):
            ask(engine, query, sort=sort, private=(True,))
            ask(engine, query, sort=sort, types=("Fiche",), themes=("Eau",))
    engine.get("secret", audience=VISITOR)
    engine.pages("secret", "pisciculture", audience=VISITOR)
    engine.suggest("pisci", audience=VISITOR)
    engine.complete("pisci", audience=VISITOR)
    assert len(sent) > 20
    assert not [request for request in sent if "-private" in request]
    sent.clear()
    ask(engine, "pisciculture", audience=MEMBER)
    assert [request for request in sent if "-private" in request]


@pytest.mark.parametrize("query", QUERIES)
def test_a_warm_search_takes_three_requests_at_most(engine: OpenSearchEngine, sent: list[str], query: str) -> None:
    first = ask(engine, query)
    sent.clear()
    assert ask(engine, query).hits == first.hits
    assert 1 <= len(sent) <= 3, [request[:60] for request in sent]
    searches = [line for request in sent for line in request.split("\n") if '"aggs"' in line]
    assert len(searches) == (2 if first.corrected else 1)
    assert all(json.loads(line[line.index("{") :])["track_total_hits"] is True for line in searches)
