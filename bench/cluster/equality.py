"""Compares the answers of the OpenSearch and the embedded engine: `python -m bench.cluster.equality [SHARDS …]`.

Every judged query (one whose relevant resources are known) is asked as a visitor and as a member, in an archive of
which every third resource is private.
Printed are the queries whose total, facets, matching, correction, messages, snippets or missing words differ, those
whose order of hits differs by more than differences in scores of up to 0.001 explain, and nDCG@10 of both engines.
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench import fiches
from indexer.analysis import default_analyzer
from indexer.engine import Engine
from indexer.engine.embedded import EmbeddedEngine
from indexer.engine.opensearch import Access, Cluster, OpenSearchEngine
from indexer.query import Hit, SearchRequest, SearchResponse
from indexer.resource import Audience, Resource

TOLERANCE = 1e-3


def hosts() -> tuple[str, ...]:
    """Return the addresses of the cluster, from the variable OPENSEARCH_TEST_HOSTS; empty if it is not set."""
    return tuple(filter(None, os.environ.get("OPENSEARCH_TEST_HOSTS", "").split(",")))


@contextmanager
def on_cluster(shards: int) -> Iterator[OpenSearchEngine]:
    """Return a context manager around an OpenSearch engine; its indexes, of `shards` shards, are deleted at the end."""
    prefix = f"bench-{secrets.token_hex(4)}"
    engine = OpenSearchEngine(Cluster(Access(hosts()), prefix, shards, replicas=0), default_analyzer())
    try:
        yield engine
    finally:
        names = engine.client.call("GET", f"/{prefix}-*/_settings?filter_path=*.settings.index.uuid")
        engine.client.call("DELETE", f"/{','.join(names)}", slow=True)
        engine.close()


def fill(engine: Engine, resources: list[Resource]) -> float:
    """Index some resources, and return the seconds it took."""
    began = time.perf_counter()
    with engine.writer(fresh=True) as writer:
        for resource in resources:
            writer.put(resource)
    return time.perf_counter() - began


def same_order(expected: tuple[Hit, ...], found: tuple[Hit, ...]) -> bool:
    """Return whether two lists of hits agree; hits whose scores differ by `TOLERANCE` or less may change places."""
    if len(expected) != len(found):
        return False
    scores = {hit.id: hit.score for hit in expected}
    for wanted, hit in zip(expected, found, strict=True):
        if abs(wanted.score - hit.score) > TOLERANCE:
            return False
        if wanted.id != hit.id and abs(scores.get(hit.id, wanted.score) - wanted.score) > TOLERANCE:
            return False
    return True


@dataclass
class Comparison:
    """What differs between the answers of two engines to the same searches.

    Attributes:
        asked: number of searches compared.
        differing: for each part of an answer (total, facets, order…), number of searches in which it differs.
        examples: for each such part, the queries for which it differs.
        exact: number of searches for which both engines return the same ids in the same order.
    """

    asked: int = 0
    differing: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    exact: int = 0

    def add(self, text: str, expected: SearchResponse, found: SearchResponse) -> None:
        """Compare the answers of the two engines to a query, and count the parts that differ."""
        self.asked += 1
        parts = {
            "total": expected.total == found.total,
            "total_all": expected.total_all == found.total_all,
            "facets": expected.facets == found.facets,
            "matching": expected.matching == found.matching,
            "correction": (expected.did_you_mean, expected.corrected) == (found.did_you_mean, found.corrected),
            "messages": (expected.messages, expected.unknown) == (found.messages, found.unknown),
            "order": same_order(expected.hits, found.hits),
        }
        shown = {hit.id: hit for hit in expected.hits}
        both = [(shown[hit.id], hit) for hit in found.hits if hit.id in shown]
        parts["snippets"] = all(one.snippet == other.snippet for one, other in both)
        parts["missing"] = all(one.missing == other.missing for one, other in both)
        self.exact += [hit.id for hit in expected.hits] == [hit.id for hit in found.hits]
        for part, good in parts.items():
            if not good:
                self.differing[part] += 1
                self.examples.setdefault(part, []).append(text)


def main() -> int:
    """Print how the engines differ on every judged query; return 1 if the judged queries are missing, else 0."""
    if not fiches.available():
        print(f"{fiches.FICHES} is not there: nothing to compare.")
        return 1
    queries = fiches.queries()[: int(os.environ.get("QUERIES", "100000"))]
    mixed = [replace(one, private=number % 3 == 2) for number, one in enumerate(fiches.resources())]
    analyzer = default_analyzer()
    with tempfile.TemporaryDirectory() as folder, closing(EmbeddedEngine(Path(folder), analyzer)) as embedded:
        print(f"embedded: {len(mixed)} resources in {fill(embedded, mixed):.1f} s", flush=True)
        for shards in [int(text) for text in sys.argv[1:]] or [3]:
            with on_cluster(shards) as engine:
                print(f"\nOpenSearch, {shards} shards: in {fill(engine, mixed):.1f} s", flush=True)
                for audience in (Audience.VISITOR, Audience.MEMBER):
                    compared, ndcg = Comparison(), [0.0, 0.0]
                    for query in queries:
                        answers = [one.search(SearchRequest(audience, query.text)) for one in (embedded, engine)]
                        compared.add(query.text, *answers)
                        for number, answer in enumerate(answers):
                            ndcg[number] += fiches.ndcg([hit.id for hit in answer.hits], query.grades)
                    judged = sum(bool(query.grades) for query in queries)
                    print(
                        f"{audience}: {compared.asked} queries, same ten ids {compared.exact}; "
                        f"nDCG@10 {ndcg[0] / judged:.4f} and {ndcg[1] / judged:.4f}; "
                        f"differing {dict(compared.differing) or 'nothing'}",
                        flush=True,
                    )
                    for part, texts in compared.examples.items():
                        print(f"    {part}: {texts[:12]}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
