"""Pairs of a text and a query that must find it, or must not, with the real engine: our own pairs, and a larger set if
it is there beside the checkout.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.analysis.analyzer import default_analyzer
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.query.request import SearchRequest
from indexer.resource import Audience, Resource
from tests.support.places import CHECKOUT, SHARED

OURS = CHECKOUT / "tests/indexer/analysis/pairs.tsv"
THEIRS = SHARED / "french" / "pairs.tsv"


def written(text: str) -> str:
    """Return a text whose escapes, used for invisible characters in our file, are decoded."""
    return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda m: chr(int(m.group(1), 16)), text)


def read(path: Path) -> list[tuple[str, str, bool]]:
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return [(written(row[0]), written(row[1]), row[2] == "1") for row in rows if len(row) > 2 and row[2] in {"0", "1"}]


def plain(number: int, text: str) -> Resource:
    return Resource(f"p{number}", None, "Ressource", text, None, "Autres", False, (), None, None, None)


@pytest.fixture(params=[OURS, THEIRS], ids=["ours", "shared"])
def pairs(request: pytest.FixtureRequest) -> list[tuple[str, str, bool]]:
    if not request.param.is_file():
        pytest.skip(f"{request.param} is not there")
    return read(request.param)


@pytest.fixture
def engine(tmp_path: Path, pairs: list[tuple[str, str, bool]]) -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine(tmp_path, default_analyzer())
    # A page that contains the words of the query prevents spelling corrections.
    texts = dict.fromkeys([text for text, _, _ in pairs] + [query for _, query, match in pairs if not match])
    with engine.writer(fresh=True) as writer:
        for number, text in enumerate(texts):
            writer.put(plain(number, text))
    yield engine
    engine.close()


def test_pairs_hold(engine: EmbeddedEngine, pairs: list[tuple[str, str, bool]]) -> None:
    numbers = {text: number for number, text in enumerate(dict.fromkeys(text for text, _, _ in pairs))}
    wrong = []
    for text, query, match in pairs:
        strict = SearchRequest(Audience.VISITOR, query, per_page=100)
        found = {hit.id for hit in engine.search(strict).hits}
        if (f"p{numbers[text]}" in found) != match:
            wrong.append((text, query, match))
    assert len(pairs) > 60
    assert wrong == []
