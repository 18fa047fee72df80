"""A writer that is killed: searches use the old state of the index or the new one, and the next run cleans up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from indexer.engine.opensearch import OpenSearchEngine
from indexer.query import SearchRequest
from indexer.resource import Audience
from tests.support.cluster import HOSTS, needs_cluster, new_prefix, opened
from tests.support.engines import MEMBER, fill, found, resource
from tests.support.places import CHECKOUT
from tests.support.waiting import PATIENCE

pytestmark = [needs_cluster, pytest.mark.slow]

WRITER = """
import os, signal, sys
from indexer.engine.opensearch.client import Client
from tests.support.cluster import cluster
from tests.support.engines import resource
from indexer.analysis import default_analyzer
from indexer.engine.opensearch import OpenSearchEngine

prefix, point = sys.argv[1:]
send = Client._send
bulks = 0

def killed(self, method, path, *rest):
    global bulks
    bulks += path.startswith("/_bulk")
    switch = method == "PUT" and "/_doc/current" in path
    if point == "before the switch" and switch or point == "mid-clone" and "_clone" in path and "private" in path:
        os.kill(os.getpid(), signal.SIGKILL)
    if point == "mid-bulk" and bulks == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    answer = send(self, method, path, *rest)
    if point == "after the switch" and switch:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

Client._send = killed
engine = OpenSearchEngine(cluster(prefix), default_analyzer())
with engine.writer(fresh=False) as writer:
    for number in range(250):
        writer.put(resource(f"n{number}", "nouveau"))
    writer.remove("a")
"""


@pytest.mark.parametrize(
    ("point", "answers"),
    [("mid-bulk", "old"), ("mid-clone", "old"), ("before the switch", "old"), ("after the switch", "new")],
)
def test_a_killed_writer_leaves_one_generation_or_the_other(point: str, answers: str) -> None:
    prefix = new_prefix()
    with opened(prefix) as engine:
        fill(engine, resource("a", "ancien"), resource("b", "ancien", private=True))
        done = subprocess.run(
            [sys.executable, "-c", WRITER, prefix, point],
            check=False,
            cwd=CHECKOUT,
            env={**os.environ, "OPENSEARCH_TEST_HOSTS": ",".join(HOSTS)},
            capture_output=True,
            timeout=PATIENCE,
            text=True,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr
        if answers == "old":
            assert found(engine, audience=MEMBER) == {"a", "b"}
            assert found(engine, "nouveau") == set()
        else:
            assert engine.search(request("nouveau")).total == 250
            assert found(engine, "ancien", audience=MEMBER) == {"b"}
        left = indexes(engine, prefix)
        fill(engine, resource("c", "encore"))
        assert found(engine, "encore") == {"c"}
        state = engine._generations.state()
        assert state is not None
        assert state.previous is not None
        kept = {f"{prefix}-state", *state.current.every_index(), *state.previous.every_index()}
        assert indexes(engine, prefix) == kept
        # Killed while it clones, it may have made no index yet.
        assert left - kept or point in {"mid-clone", "after the switch"}


def request(query: str) -> SearchRequest:
    return SearchRequest(Audience.VISITOR, query)


def indexes(engine: OpenSearchEngine, prefix: str) -> set[str]:
    return set(engine.client.call("GET", f"/{prefix}-*/_settings?filter_path=*.settings.index.uuid"))
