"""A subprocess of the benchmark: SQLite FTS5 indexes a corpus in one process, with our parser and our analysis.

`python -m bench.speed.plain_index CORPUS FILE BASE` prints, as JSON, the seconds that each step took.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.speed.feed import Feeder
from bench.speed.sqlite import SqliteWriter
from indexer.analysis import default_analyzer
from indexer.corpus import Corpus
from indexer.parsing.page import parse_page
from indexer.resolution import Copy, merge_copies

STEPS = ("reading", "parsing", "analysis", "writing terms", "writing forms")


class _Clock:
    def __init__(self) -> None:
        self.spent = dict.fromkeys(STEPS, 0.0)

    @contextmanager
    def on(self, step: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.spent[step] += time.perf_counter() - began


def index(folder: Path, path: Path, base: str) -> dict[str, float]:
    """Index every page of a corpus with SQLite FTS5.

    Args:
        folder: the corpus.
        path: file of SQLite's index, which is replaced.
        base: address of the original site.

    Returns:
        Seconds by step.
    """
    clock = _Clock()
    feeder, writer = Feeder(default_analyzer()), SqliteWriter(path)
    corpus = Corpus(folder, create=False)
    with clock.on("reading"):
        pages = corpus.scan().pages
    for page in pages:
        with clock.on("reading"):
            raw = corpus.read(page.path)
        with clock.on("parsing"):
            nodes = parse_page(raw, page.kind, base=base).nodes
            resources = [merge_copies(page.path, [Copy(node, page.path, page.themes)], ()) for node in nodes]
        for resource in resources:
            with clock.on("analysis"):
                fed = feeder.feed(feeder.analyse(resource))
            with clock.on("writing terms"):
                writer.add_page(fed)
            with clock.on("writing forms"):
                writer.add_forms(fed)
    corpus.close()
    with clock.on("writing terms"):
        writer.finish_pages()
    with clock.on("writing forms"):
        writer.finish_forms()
    return clock.spent


if __name__ == "__main__":
    print(json.dumps(index(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])))
