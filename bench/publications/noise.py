"""How much unrelated publications harm the ranking: `python -m bench.publications.noise` prints nDCG@10.

The practical sheets of `bench.fiches` are indexed, one in five with a publication of fifteen real pages that have
nothing to do with the sheet. This is done for several weights of the text of publications. Such publications cannot
improve the ranking: a good weight is one with which nDCG@10 falls little.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from bench import fiches
from bench.publications import making
from indexer.analysis import default_analyzer
from indexer.document.pages import Page
from indexer.engine import DocumentPages
from indexer.engine.embedded import EmbeddedEngine
from indexer.engine.embedded.read import matching
from indexer.engine.embedded.write import inverter, writer
from indexer.publications import PublicationCache
from indexer.query import SearchRequest, TextField, scoring
from indexer.resource import Audience

WEIGHTS = (None, 0.3, 0.5, 0.8, 1.0)
"""Weights of the text of publications that are measured; None for an index without publications."""
_PAGES = 15
_EVERY = 5


def measure(real: list[list[str]], folder: Path, weight: float | None) -> float:
    """Index the sheets with a weight of publications, and return nDCG@10.

    Args:
        real: paragraphs of each real page.
        folder: folder of the index.
        weight: the weight; None to index no publications.
    """
    if weight is not None:
        scoring.WEIGHTS["publication"] = weight
        for table in (inverter.FIELD_WEIGHTS, matching.FIELD_WEIGHTS):
            table[TextField.PUBLICATION] = weight
    engine = EmbeddedEngine(folder, default_analyzer())
    with engine.writer(fresh=True) as pen:
        for number, resource in enumerate(fiches.resources()):
            texts: tuple[DocumentPages, ...] = ()
            if weight is not None and number % _EVERY == 0:
                drawn = random.Random(number).sample(real, _PAGES)
                pages = tuple(Page(at, None, "\n".join(lines)) for at, lines in enumerate(drawn, start=1))
                texts = (DocumentPages(1, pages),)
            pen.put(resource, texts)
    gains = []
    for query in fiches.queries():
        response = engine.search(SearchRequest(Audience.VISITOR, query.text, snippets=False))
        gains.append(fiches.ndcg([hit.id for hit in response.hits], query.grades))
    engine.close()
    return sum(gains) / len(gains)


def main() -> int:
    """Print nDCG@10 for each weight; return 1 if the sheets or the real publications are missing, else 0."""
    if not fiches.available() or not making.available():
        print(f"{fiches.FICHES} or {making.SHARED} is not there: nothing to measure.")
        return 1
    writer.worker_count = lambda: 1  # other processes would index with the shipped weight
    with tempfile.TemporaryDirectory() as folder:
        cache = PublicationCache(Path(folder) / "texts.sqlite")
        real = making.real_pages(cache)
        cache.close()
        for weight in WEIGHTS:
            print(f"{weight}: {measure(real, Path(folder) / str(weight), weight):.4f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
