"""The speed of the OpenSearch engine: `python -m bench.cluster.speed PAGES [SHARDS …]`; `--help` lists the options.

The practical sheets of `bench.fiches`, repeated under other ids until there are enough, are indexed; then a sample of
the queries for them is asked as a member, once to warm caches, and measured from then on. Printed are, for the
embedded engine, for the cluster, and for the cluster with its own `french` analyzer (`french.py`): times of a search,
CPU time of it in this process and in all nodes, times of a full index and of ten changed pages, and sizes. Each query
is put to all engines one after the other, so that whatever else the machine does falls on all of them; the least time
of each query counts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count, islice
from pathlib import Path
from unittest import mock

from bench import fiches
from bench.cluster.equality import fill, hosts, on_cluster
from bench.cluster.french import FrenchIndex
from indexer.analysis import Analyzer, default_analyzer
from indexer.engine import Engine
from indexer.engine.embedded import EmbeddedEngine
from indexer.engine.opensearch import OpenSearchEngine, writer
from indexer.engine.opensearch.client import Client
from indexer.engine.opensearch.documents import Written, packed
from indexer.engine.protocol import DocumentPages
from indexer.query import SearchRequest
from indexer.resource import Audience, Resource

JUDGED = 1_500
"""Approximate number of judged queries in all; of these, every n-th is measured, so that a sample spans the list."""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.cluster.speed")
    parser.add_argument("pages", type=int, help="size of the archive")
    parser.add_argument("shards", type=int, nargs="*", default=[1, 3], help="layouts that are measured")
    parser.add_argument("--queries", type=int, default=300, metavar="N", help="number of queries")
    parser.add_argument("--passes", type=int, default=3, metavar="N", help="how often each is asked")
    parser.add_argument("--without-embedded", action="store_true", help="measure the cluster alone")
    parser.add_argument(
        "--prepared",
        action="store_true",
        help="analyse each sheet once, however often it is repeated: a full index on a cluster then takes the time of "
        "the cluster alone; searches are the same",
    )
    return parser


def archive(pages: int) -> list[Resource]:
    """Return `pages` resources: the practical sheets, repeated under other ids, every third one private."""
    sheets = fiches.resources()
    repeated = (
        replace(sheet, id=f"{sheet.id}-{round_}" if round_ else sheet.id, private=number % 3 == 2)
        for round_ in count()
        for number, sheet in enumerate(sheets)
    )
    return list(islice(repeated, pages))


@contextmanager
def prepared() -> Iterator[None]:
    """Return a context manager in which the OpenSearch engine analyses each distinct sheet only once."""
    known: dict[str, Written] = {}
    write = writer.write_resource

    def written(resource: Resource, texts: Sequence[DocumentPages], analyzer: Analyzer) -> Written:
        sheet = f"{resource.title}\n{resource.body}"
        if sheet not in known:
            known[sheet] = write(resource, texts, analyzer)
        made = known[sheet]
        line = made.line._replace(id=resource.id)
        own = {"id": resource.id, "line": packed(line), "resource": {**made.document["resource"], "id": resource.id}}
        return Written(line, made.forms, made.titled, {**made.document, **own})

    with mock.patch.object(writer, "write_resource", written):
        yield


@dataclass
class Contestant:
    """An engine under comparison, and its measurements.

    Attributes:
        name: name of the engine, the head of its row.
        built: seconds of the full index.
        size: bytes of the index.
        search: asks a query.
        change: changes ten pages, and returns the seconds until they are searchable.
        times: the least milliseconds of each query.
        cpu: the least milliseconds of CPU of this process for each query.
        nodes: a client of the cluster, if there is one.
        nodes_cpu: milliseconds of CPU of all nodes for one query, on average.
    """

    name: str
    built: float
    size: int
    search: Callable[[str], object]
    change: Callable[[Sequence[Resource]], float]
    times: dict[str, float] = field(default_factory=dict)
    cpu: dict[str, float] = field(default_factory=dict)
    nodes: Client | None = None
    nodes_cpu: float = 0.0

    def measure(self, query: str) -> None:
        """Ask a query once, and keep its times if they are the least so far."""
        began, worked = time.perf_counter(), time.process_time()
        self.search(query)
        worked, took = time.process_time() - worked, time.perf_counter() - began
        self.times[query] = min(self.times.get(query, 1e9), took * 1000)
        self.cpu[query] = min(self.cpu.get(query, 1e9), worked * 1000)

    def measure_nodes(self, queries: Sequence[str]) -> None:
        """Ask all queries, and store the CPU time that they cost the nodes; nobody else should use the cluster
        meanwhile.
        """
        if self.nodes is None:
            return
        before = _cpu_of(self.nodes)
        for query in queries:
            self.search(query)
        self.nodes_cpu = (_cpu_of(self.nodes) - before) / len(queries)

    def row(self, changed: Sequence[Resource]) -> str:
        """Return the figures of the engine as a row of a table; `changed` is indexed to measure the last figure."""
        found = sorted(self.times.values())
        p50, p95, cpu = statistics.median(found), found[int(len(found) * 0.95)], statistics.median(self.cpu.values())
        return (
            f"| {self.name} | {p50:.1f} ms | {p95:.1f} ms | {cpu:.1f} ms | {self.nodes_cpu:.1f} ms "
            f"| {self.built:.0f} s | {self.size / 1e6:.0f} MB | {self.change(changed):.1f} s |"
        )


def _cpu_of(nodes: Client) -> float:
    """Return the milliseconds of CPU that all nodes of a cluster have used."""
    stats = nodes.call("GET", "/_nodes/stats/process?filter_path=nodes.*.process.cpu.total_in_millis")
    return float(sum(node["process"]["cpu"]["total_in_millis"] for node in stats["nodes"].values()))


def contestant(name: str, engine: Engine, resources: list[Resource], size: Callable[[], int]) -> Contestant:
    """Index resources with an engine, and return it as a contestant; `size` returns the bytes of its index."""

    def change(changed: Sequence[Resource]) -> float:
        began = time.perf_counter()
        with engine.writer(fresh=False) as writer:
            for one in changed:
                writer.put(one)
        return time.perf_counter() - began

    built = fill(engine, resources)
    print(f"{name}: built in {built:.0f} s", file=sys.stderr, flush=True)
    made = Contestant(name, built, size(), lambda query: engine.search(SearchRequest(Audience.MEMBER, query)), change)
    made.nodes = engine.client if isinstance(engine, OpenSearchEngine) else None
    return made


def french(resources: list[Resource], shards: int, ends: ExitStack) -> Contestant:
    """Index resources under OpenSearch's `french` analyzer, and return the index as a contestant; it is deleted when
    `ends` closes.
    """
    index = FrenchIndex(hosts(), shards)
    ends.callback(index.delete)
    built = index.build(resources)
    name = f"OpenSearch’s french, {_counted(shards)}"
    return Contestant(name, built, index.size(), index.search, index.change, nodes=index.client)


def _counted(shards: int) -> str:
    return "1 shard" if shards == 1 else f"{shards} shards"


def size_of(engine: OpenSearchEngine) -> int:
    """Return the bytes of the primary shards of the current generation (version of the index); 0 if there is none."""
    state = engine._generations.state()
    if state is None:
        return 0
    names = ",".join(state.current.every_index())
    stats = engine.client.call("GET", f"/{names}/_stats/store")
    return int(stats["_all"]["primaries"]["store"]["size_in_bytes"])


def main() -> int:
    """Print a row for each contestant, and return the exit status."""
    if not fiches.available():
        print(f"{fiches.FICHES} is not there: nothing to measure.")
        return 1
    args = make_parser().parse_args()
    resources = archive(args.pages)
    queries = [query.text for query in fiches.queries()][:: max(1, JUDGED // args.queries)][: args.queries]
    analyzer = default_analyzer()
    with ExitStack() as ends:
        contestants = []
        if not args.without_embedded:
            folder = Path(ends.enter_context(tempfile.TemporaryDirectory()))
            embedded = ends.enter_context(closing(EmbeddedEngine(folder, analyzer)))

            def embedded_size() -> int:
                return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

            contestants.append(contestant("embedded", embedded, resources, embedded_size))
        for shards in args.shards:
            engine = ends.enter_context(on_cluster(shards))
            name = f"OpenSearch with ours, {_counted(shards)}"
            with prepared() if args.prepared else nullcontext():
                contestants.append(contestant(name, engine, resources, partial(size_of, engine)))
            contestants.append(french(resources, shards, ends))
        for query in queries:
            for each in contestants:
                each.search(query)
        for _ in range(args.passes):
            for query in queries:
                for each in contestants:
                    each.measure(query)
        for each in contestants:
            each.measure_nodes(queries)
        print(f"\n{args.pages} pages, {len(queries)} queries, the least of {args.passes} times\n")
        print("| | search p50 | search p95 | CPU here | CPU of the nodes | full index | size | ten changed pages |")
        print("|---|---|---|---|---|---|---|---|")
        changed = [replace(one, title=one.title + " (corrigé)") for one in resources[:10]]
        for each in contestants:
            print(each.row(changed), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
