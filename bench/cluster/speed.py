"""The speed of the OpenSearch engine: `python -m bench.cluster.speed PAGES [SHARDS …]`.

The judged sheets, repeated under other ids until there are enough, are indexed; then every judged query that fits is
asked once to warm caches and measured. Printed are times of searches of the embedded engine and of the cluster, of a
full index, of ten changed pages, and sizes.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

from bench import fiches
from bench.cluster.equality import fill, on_cluster
from indexer.analysis import default_analyzer
from indexer.engine import Engine
from indexer.engine.embedded import EmbeddedEngine
from indexer.engine.opensearch import OpenSearchEngine
from indexer.query import SearchRequest
from indexer.resource import Audience, Resource

QUERIES = 300


def archive(pages: int) -> list[Resource]:
    """Return so many resources, every third private."""
    sheets = fiches.resources()
    repeated = (
        replace(sheet, id=f"{sheet.id}-{round_}" if round_ else sheet.id, private=number % 3 == 2)
        for round_ in count()
        for number, sheet in enumerate(sheets)
    )
    return list(islice(repeated, pages))


def times(engine: Engine, queries: list[str]) -> list[float]:
    """Return the milliseconds of each search by a member, the second time that it is asked."""
    found = []
    for query in queries:
        request = SearchRequest(Audience.MEMBER, query)
        engine.search(request)
        began = time.perf_counter()
        engine.search(request)
        found.append((time.perf_counter() - began) * 1000)
    return sorted(found)


def change(engine: Engine, resources: list[Resource]) -> float:
    """Return the seconds until ten changed pages are searchable."""
    began = time.perf_counter()
    with engine.writer(fresh=False) as writer:
        for one in resources[:10]:
            writer.put(replace(one, title=one.title + " (corrigé)"))
    return time.perf_counter() - began


def report(name: str, engine: Engine, resources: list[Resource], queries: list[str], size: int, built: float) -> None:
    """Print the figures of one engine."""
    found = times(engine, queries)
    p95 = found[int(len(found) * 0.95)]
    print(
        f"| {name} | {statistics.median(found):.1f} ms | {p95:.1f} ms | {built:.0f} s | {size / 1e6:.0f} MB "
        f"| {change(engine, resources):.1f} s |",
        flush=True,
    )


def size_of(engine: OpenSearchEngine) -> int:
    """Return the bytes of the primary shards of the current generation."""
    state = engine._generations.state()
    if state is None:
        return 0
    names = ",".join(state.current.every_index())
    stats = engine.client.call("GET", f"/{names}/_stats/store")
    return int(stats["_all"]["primaries"]["store"]["size_in_bytes"])


def main() -> int:
    """Print a row for each engine."""
    if not fiches.available():
        print(f"{fiches.FICHES} is not there: nothing to measure.")
        return 1
    pages = int(sys.argv[1])
    resources = archive(pages)
    queries = [query.text for query in fiches.queries()][:QUERIES]
    print(f"\n{pages} pages, {len(queries)} queries\n")
    print("| | search p50 | search p95 | full index | size | ten changed pages |\n|---|---|---|---|---|---|")
    analyzer = default_analyzer()
    with tempfile.TemporaryDirectory() as folder, closing(EmbeddedEngine(Path(folder), analyzer)) as embedded:
        built = fill(embedded, resources)
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        report("embedded", embedded, resources, queries, size, built)
    for shards in [int(text) for text in sys.argv[2:]] or [1, 3]:
        with on_cluster(shards) as engine:
            built = fill(engine, resources)
            report(f"OpenSearch, {shards} shards", engine, resources, queries, size_of(engine), built)
    return 0


if __name__ == "__main__":
    sys.exit(main())
