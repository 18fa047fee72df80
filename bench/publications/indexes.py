"""Writes one index of the bench in a process of its own, and prints the CPU time and the seconds that it took.

`python -m bench.publications.indexes FOLDER COUNT NAME`, where NAME is ours, plain (ours without publications),
tantivy or sqlite. If NAME is queries, the queries of the bench are chosen and written instead of an index.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path

from bench.publications import making
from bench.publications.peers import SqliteWriter, TantivyWriter, rows
from bench.speed import queries
from bench.speed.feed import Feeder
from bench.speed.processes import watched
from bench.speed.statistics import Statistics
from indexer.analysis import default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from indexer.query import TextField
from indexer.query.fields import AnalysedField, AnalysedResource, analyse

ROOT = Path(__file__).resolve().parents[2]


def cpu() -> float:
    """Return the CPU time of this process and of its ended children, in seconds."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def write_ours(folder: Path, count: int, *, pages: bool) -> None:
    """Write our index; without the publications if `pages` is false."""
    place = folder / ("ours" if pages else "plain")
    shutil.rmtree(place, ignore_errors=True)
    engine = EmbeddedEngine(place, default_analyzer())
    with engine.writer(fresh=True) as writer:
        for resource, texts in making.resources(folder, count, pages=pages):
            writer.put(resource, texts)
    engine.close()


def write_peer(folder: Path, count: int, name: str) -> None:
    """Write the index of another engine (`name` is ``tantivy`` or ``sqlite``), with the same analysis of texts."""
    writer = TantivyWriter(folder / name) if name == "tantivy" else SqliteWriter(folder / f"{name}.db")
    feeder = Feeder(default_analyzer())
    for number, (resource, texts) in enumerate(making.resources(folder, count)):
        analysed = analyse(resource, default_analyzer(), [(text.document, text.pages) for text in texts])
        columns = (resource.type, resource.year, resource.private, resource.themes)
        writer.add(number, columns, rows(number, analysed, feeder))
    writer.finish()


def choose_queries(folder: Path, count: int) -> None:
    """Choose the queries of the bench by how frequent words are in a sample of `count` publications, and write them to
    the folder.
    """
    sampled = range(0, count, max(1, count // 100))
    statistics = Statistics(len(sampled) * making.PAGES)
    for number, (resource, texts) in enumerate(making.resources(folder, count)):
        if number not in sampled:
            continue
        for page in analyse(resource, default_analyzer(), [(text.document, text.pages) for text in texts]).pages:
            statistics.add(AnalysedResource(resource, (AnalysedField(TextField.BODY, list(page.tokens)),)))
    queries.save(queries.choose(statistics), folder / "queries.json")


def main() -> None:
    """Write the index or the queries named on the command line; print CPU time and duration in seconds, as JSON."""
    folder, count, name = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    began, used = time.perf_counter(), cpu()
    if name in {"ours", "plain"}:
        write_ours(folder, count, pages=name == "ours")
    elif name == "queries":
        choose_queries(folder, count)
    else:
        write_peer(folder, count, name)
    print(json.dumps({"cpu": cpu() - used, "seconds": time.perf_counter() - began}))


def run(folder: Path, count: int, name: str) -> dict[str, float]:
    """Write an index in a process of its own. Return its ``cpu`` time in seconds, its duration in ``seconds``, and its
    ``peak`` memory in megabytes.
    """
    ran = watched([sys.executable, "-m", __name__, str(folder), str(count), name], ROOT)
    return {**json.loads(ran.output), "peak": ran.peak}


if __name__ == "__main__":
    main()
