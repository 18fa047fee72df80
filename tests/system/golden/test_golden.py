"""Golden searches on the demonstration archive: the first hits and totals that searches.json requires."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from indexer.analysis.analyzer import default_analyzer
from indexer.engine import Engine
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.pipeline.indexing import index_corpus
from indexer.progress import Silent
from indexer.resource import Audience
from indexer.settings import Settings
from search_app.search.params import parse
from tests.support.cluster import needs_cluster, opened
from tests.support.places import EXAMPLE

HERE = Path(__file__).parent
SEARCHES: list[dict[str, Any]] = json.loads((HERE / "searches.json").read_text("utf-8"))
ARGUMENTS = ("type", "year", "theme", "private", "sort")


def told(search: dict[str, Any]) -> str:
    return " ".join(str(search[k]) for k in ("audience", "query", *ARGUMENTS) if search.get(k)) or "(vide)"


@pytest.fixture(
    scope="module",
    params=["embedded", pytest.param("opensearch", marks=[needs_cluster, pytest.mark.slow])],
)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    place = tmp_path_factory.mktemp("golden")
    copytree(EXAMPLE, place / "corpus" / "exemple")
    settings = Settings(corpus=place / "corpus", index=place / "index", data=place / "data")
    embedded = request.param == "embedded"
    with closing(EmbeddedEngine(settings.index, default_analyzer())) if embedded else opened() as engine:
        index_corpus(settings, engine, full=True, progress=Silent())
        yield engine


@pytest.mark.parametrize("search", SEARCHES, ids=told)
def test_golden(engine: Engine, search: dict[str, Any]) -> None:
    arguments = MultiDict([("q", search["query"]), *((k, search[k]) for k in ARGUMENTS if k in search)])
    response = engine.search(parse(arguments, Audience(search.get("audience", "visitor"))))
    if "total" in search:
        assert response.total == search["total"]
    if "matching" in search:
        assert response.matching == search["matching"]
    assert (response.did_you_mean if response.corrected else None) == search.get("corrected")
    first = [hit.id for hit in response.hits][: len(search.get("first", ()))]
    assert len(first) == len(search.get("first", ()))
    for found, beginning in zip(first, search.get("first", ()), strict=True):
        assert found.startswith(beginning)
