"""A cluster of three nodes, of which one is killed: searches go on with the same answers, and no answer is partial.

These tests start a cluster of their own, which takes a minute: only where OPENSEARCH_TEST_FAILURES is set.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from indexer.analysis import default_analyzer
from indexer.engine.opensearch import Access, Cluster, OpenSearchEngine
from indexer.errors import EngineError
from indexer.query import SearchRequest, SearchResponse
from indexer.resource import Audience
from tests.support.cluster import delete_all, new_prefix
from tests.support.engines import ask, fill, found, resource
from tests.support.places import CHECKOUT
from tests.support.waiting import PATIENCE, free_port, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("OPENSEARCH_TEST_FAILURES"),
        reason="set OPENSEARCH_TEST_FAILURES to start three nodes of OpenSearch and kill some",
    ),
]

NODES = 3
SCRIPT = CHECKOUT / "deploy/opensearch/cluster"
QUERIES = ("", "loi", "eau douce", '"eau douce"', "rivi*", "eau -loi")
ARCHIVE = [
    resource(f"Note {n}", f"La loi sur l’eau douce {'et la rivière ' * (n % 5)}", id=f"n{n}", year=2000 + n % 20)
    for n in range(120)
]


@dataclass(frozen=True)
class Nodes:
    """A cluster of three nodes that `SCRIPT` started.

    Attributes:
        environment: environment variables for the script.
        hosts: addresses of the nodes.
    """

    environment: dict[str, str]
    hosts: tuple[str, ...]

    def run(self, *arguments: str) -> None:
        subprocess.run([SCRIPT, *arguments], check=True, env=self.environment, timeout=PATIENCE, capture_output=True)


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    folder = tmp_path_factory.mktemp("opensearch")
    first, transport = free_port(), free_port()
    environment = {
        "OPENSEARCH_DIR": str(folder),
        **os.environ,
        "OPENSEARCH_DATA": str(folder),
        "NODES": str(NODES),
        "HTTP_PORT": str(first),
        "TRANSPORT_PORT": str(transport),
        "WAIT": "280",
    }
    started = Nodes(environment, tuple(f"http://127.0.0.1:{first + number}" for number in range(NODES)))
    try:
        started.run("start")
        yield started
    finally:
        started.run("stop", "--wipe")


@pytest.fixture
def opened(nodes: Nodes) -> Iterator[Callable[[int], OpenSearchEngine]]:
    engines: list[tuple[OpenSearchEngine, str]] = []

    def open_engine(replicas: int) -> OpenSearchEngine:
        prefix = new_prefix()
        cluster = Cluster(Access(nodes.hosts), prefix, shards=3, replicas=replicas)
        engines.append((OpenSearchEngine(cluster, default_analyzer()), prefix))
        return engines[-1][0]

    yield open_engine
    nodes.run("start")
    for engine, prefix in engines:
        delete_all(engine, prefix)
        engine.close()


def answer(response: SearchResponse) -> object:
    return response.total, response.hits, response.facets, response.matching


def node_of_a_primary(engine: OpenSearchEngine) -> str:
    """Return the number of a node that holds a primary shard of the public resources."""
    state = engine._generations.state()
    assert state is not None
    index = state.current.indexes["public"]
    shards = engine.client.call("GET", f"/_cat/shards/{index}?format=json&h=prirep,node")["found"]
    return str(next(one["node"] for one in shards if one["prirep"] == "p")).removeprefix("node")


class Searches:
    """Searches in the background, until told to end; remembers what failed or differed."""

    def __init__(self, engine: OpenSearchEngine) -> None:
        self.engine = engine
        self.expected = {query: answer(ask(engine, query)) for query in QUERIES}
        self.faults: list[str] = []
        self.done = 0
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._search) for _ in range(2)]
        for thread in self._threads:
            thread.start()

    def _search(self) -> None:
        while not self._end.is_set():
            for query, expected in self.expected.items():
                try:
                    given = answer(self.engine.search(SearchRequest(Audience.VISITOR, query)))
                except EngineError as error:
                    self.faults.append(f"{query}: {error}")
                else:
                    if given != expected:
                        self.faults.append(f"{query}: another answer")
                self.done += 1

    def some_more(self) -> None:
        done = self.done
        wait_until(lambda: self.done >= done + 3 * len(QUERIES))

    def end(self) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()


def test_a_node_that_is_killed_changes_no_answer(nodes: Nodes, opened: Callable[[int], OpenSearchEngine]) -> None:
    engine = opened(1)
    fill(engine, *ARCHIVE)
    searches = Searches(engine)
    try:
        searches.some_more()
        nodes.run("kill", node_of_a_primary(engine))
        searches.some_more()
        state = engine._generations.state()
        assert state is not None
        names = ",".join(state.current.every_index())
        # Every shard gets a copy again, on the two nodes that are left.
        path = f"/_cluster/health/{names}"
        wait_until(lambda: engine.client.call("GET", path)["status"] == "green", "a shard has no copy")
        searches.some_more()
    finally:
        searches.end()
    assert searches.faults == []
    assert searches.done >= 9 * len(QUERIES)
    fill(engine, resource("après", id="apres"))
    assert found(engine, "après") == {"apres"}


def test_a_node_that_is_killed_while_a_run_writes(nodes: Nodes, opened: Callable[[int], OpenSearchEngine]) -> None:
    engine = opened(1)
    fill(engine, *ARCHIVE)
    searches = Searches(engine)
    killed = node_of_a_primary(engine)
    said = ""
    try:
        with engine.writer(fresh=False) as writer:
            for number in range(600):
                if number == 300:
                    nodes.run("kill", killed)
                writer.put(resource(f"z{number}", "zèbre"))
    except EngineError as error:
        said = str(error)
    finally:
        searches.end()
    differing = [fault for fault in searches.faults if "another answer" not in fault]
    assert differing == []
    if said:
        assert found(engine, "zèbre") == set()
        assert searches.faults == []
    else:
        assert ask(engine, "zèbre").total == 600
    nodes.run("start")
    fill(engine, resource("ensuite", "zèbre"))
    assert "ensuite" in found(engine, "ensuite")


def test_an_index_without_a_shard_is_an_error(nodes: Nodes, opened: Callable[[int], OpenSearchEngine]) -> None:
    engine = opened(0)
    fill(engine, *ARCHIVE)
    nodes.run("kill", node_of_a_primary(engine))
    for query in QUERIES:
        with pytest.raises(EngineError, match="ne répond pas"):
            ask(engine, query)
    nodes.run("start")
    wait_until(lambda: _answers(engine))
    assert ask(engine, "loi").total == len(ARCHIVE)


def _answers(engine: OpenSearchEngine) -> bool:
    try:
        ask(engine, "loi")
    except EngineError:
        return False
    return True
