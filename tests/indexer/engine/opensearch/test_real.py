"""Real French texts on a cluster: pairs of text and query, and facts that people noted about publications, are found as
the embedded engine finds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.analysis import default_analyzer
from indexer.document.pages import Page
from indexer.engine import DocumentPages, Engine
from indexer.engine.embedded import EmbeddedEngine
from indexer.query import Matching
from indexer.resource import PublishedDocument
from tests.indexer.publications.test_facts import ALL, MISSING, read_all
from tests.support.cluster import needs_cluster, opened
from tests.support.depth import part
from tests.support.engines import MEMBER, VISITOR, ask, fill, resource
from tests.support.places import SHARED
from tests.support.shared import built_once

pytestmark = [needs_cluster, pytest.mark.slow]

PAIRS = SHARED / "french" / "pairs.tsv"


@pytest.mark.skipif(not PAIRS.exists(), reason="the French pairs are not beside the checkout")
def test_french_pairs() -> None:
    rows = [line.split("\t") for line in PAIRS.read_text("utf-8").splitlines()]
    with opened() as engine:
        fill(engine, *(resource("…", text, id=f"r{number}") for number, (text, *_) in enumerate(rows)))
        wrong = []
        for number, (text, query, match, why) in enumerate(rows):
            response = ask(engine, query, match=Matching.ALL, per_page=100)
            found = {hit.id for hit in response.hits if not response.corrected}
            if (f"r{number}" in found) != (match == "1"):
                wrong.append((text, query, why))
        assert len(rows) >= 64
        assert wrong == []


class Texts:
    """The pages of the publications, by file; implements `PageTexts`."""

    def __init__(self) -> None:
        self.pages: dict[tuple[str, int], Page] = {}

    def page(self, text: str, number: int, /) -> Page | None:
        return self.pages.get((text, number))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Engine]]:
    """The embedded engine and the cluster, with every real publication; every third is of a private resource."""
    if not ALL:
        pytest.skip(MISSING)
    read = built_once(tmp_path_factory, "publications", read_all)[1]
    texts = Texts()
    analyzer = default_analyzer()
    folder = tmp_path_factory.mktemp("index")
    embedded = EmbeddedEngine(folder, analyzer, texts=texts)
    with closing(embedded), opened(texts=texts) as engine:
        for one in (embedded, engine):
            with one.writer(fresh=True) as writer:
                for number, (file, publication) in enumerate(read.items()):
                    held = [page for page in publication.pages if not page.is_empty]
                    texts.pages |= {(file, page.number): page for page in held}
                    labels = tuple(page.label for page in publication.pages)
                    document = PublishedDocument(
                        1, Path(file).name, file, file, "application/pdf", 1, "read", labels=labels
                    )
                    plain = resource(f"Document {number}", id=f"d{number}", private=number % 3 == 2)
                    writer.put(replace(plain, documents=(document,)), (DocumentPages(1, tuple(held)),))
        yield {"embedded": embedded, "opensearch": engine}


def facts() -> list[tuple[str, str]]:
    return sorted({(fact.kind, fact.text.replace("|", "")) for fact in ALL if fact.kind != "pages"})


def test_facts_of_publications(both: Mapping[str, Engine]) -> None:
    embedded, engine = both["embedded"], both["opensearch"]
    differing = []
    asked = 0
    for number, (kind, text) in enumerate(part(facts(), step=2)):
        plain = text.replace('"', " ")[:200]
        for place, query in enumerate((f'"{plain}"', plain)):
            asked += 1
            audience = (VISITOR, MEMBER)[(number + place) % 2]
            expected, given = (ask(one, query, audience=audience) for one in (embedded, engine))
            if [hit.id for hit in expected.hits] != [hit.id for hit in given.hits] or expected.total != given.total:
                differing.append((kind, query, "hits"))
                continue
            for wanted, hit in zip(expected.hits, given.hits, strict=True):
                if (wanted.pages, wanted.pages_total) != (hit.pages, hit.pages_total):
                    differing.append((kind, query, f"pages of {hit.id}"))
                if abs(wanted.score - hit.score) > 1e-3:
                    differing.append((kind, query, f"score of {hit.id}"))
        for one in expected.hits[:1]:
            pages = [each.pages(one.id, plain, audience=MEMBER) for each in (embedded, engine)]
            if pages[0] != pages[1]:
                differing.append((kind, plain, f"every page of {one.id}"))
    assert asked > 100
    assert differing == []
