"""The effect of each constant of the ranking: `python -m bench.ranking` prints nDCG@10, changing one at a time.

This takes some minutes, since some constants affect the impacts (BM25 weights) stored in the index: each of their
values needs a new index.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from bench import fiches
from bench.relevance import ours
from indexer.engine.embedded.read import filters, matching
from indexer.engine.embedded.write import inverter
from indexer.query import feedback, relaxation, scoring

MANY = 1_000_000
AT_QUESTION = (
    ("EXACT_BONUS", 0.0),
    ("EXACT_BONUS", 0.3),
    ("NEAR_BONUS", 1.0),
    ("NEAR_BONUS", 2.0),
    ("NEAR_IN_TITLE", 1.0),
    ("RERANKED", 50),
    ("RERANKED", 200),
    ("FEW", 0),
    ("FEW", 10),
    ("FEW", 30),
    ("FEW", 100),
    ("FEW", MANY),
    ("MOST", 51),
    ("MOST", 102),
    ("DOCS", 8),
    ("TERMS", 15),
    ("TERMS", 60),
    ("WEIGHT", 0.0),
    ("WEIGHT", 0.1),
    ("WEIGHT", 0.3),
)
AT_INDEXING = (("KEPT", 64), ("K1", 1.0), ("K1", 1.5), ("title", 1.5), ("title", 2.5), ("B", 0.75))


@contextmanager
def changed(name: str, value: Any) -> Iterator[None]:
    """Return a context manager that sets a constant of the ranking in every module that imported it. The name ``title``
    stands for the weight of titles, ``B`` for the length normalisation of the body.
    """
    if name == "title":
        before = scoring.WEIGHTS["title"]
        tables = (inverter.FIELD_WEIGHTS, matching.FIELD_WEIGHTS)
        scoring.WEIGHTS["title"] = value
        for table in tables:
            table[0] = value
        try:
            yield
        finally:
            scoring.WEIGHTS["title"] = before
            for table in tables:
                table[0] = before
    elif name == "B":
        before = scoring.B["body"]
        scoring.B["body"] = value
        try:
            yield
        finally:
            scoring.B["body"] = before
    else:
        with ExitStack() as replaced:
            for module in (scoring, relaxation, feedback, filters):
                if hasattr(module, name):
                    replaced.enter_context(mock.patch.object(module, name, value))
            yield


def half_of(topic: str) -> int:
    """Return the half, 0 or 1, in which a topic is; constants are chosen on one and checked on the other."""
    return hashlib.sha256(topic.encode()).digest()[0] & 1


def main() -> int:
    """Print nDCG@10 for each changed constant, and return the exit status."""
    if not fiches.available():
        print(f"{fiches.FICHES} is not there: nothing to measure.")
        return 1
    resources, queries = fiches.resources(), fiches.queries()

    def measure(search: Any) -> str:
        values = [(half_of(q.topic), fiches.ndcg(search(q.text), q.grades)) for q in queries]
        halves = [[value for half, value in values if half == one] for one in (0, 1)]
        means = [sum(half) / len(half) for half in halves]
        return f"{sum(value for _, value in values) / len(values):.4f} (halves {means[0]:.4f} {means[1]:.4f})"

    with tempfile.TemporaryDirectory() as folder:
        search = ours(resources, Path(folder) / "as-is")
        print(f"as shipped: {measure(search)}", flush=True)
        for name, value in AT_QUESTION:
            with changed(name, value):
                print(f"{name} = {'any' if value == MANY else value}: {measure(search)}", flush=True)
        for name, value in AT_INDEXING:
            with changed(name, value):
                print(f"{name} = {value}: {measure(ours(resources, Path(folder) / f'{name}-{value}'))}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
