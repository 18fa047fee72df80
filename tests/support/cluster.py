"""An OpenSearch cluster for tests: the one whose addresses OPENSEARCH_TEST_HOSTS lists (docs/CLUSTER.md).

Each engine has a prefix of its own, whose indexes are deleted afterwards.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from indexer.analysis import default_analyzer
from indexer.engine import PageTexts
from indexer.engine.opensearch import Access, Cluster, OpenSearchEngine
from tests.support.published import KeptTexts

HOSTS = tuple(filter(None, os.environ.get("OPENSEARCH_TEST_HOSTS", "").split(",")))

needs_cluster = pytest.mark.skipif(
    not HOSTS,
    reason="no OpenSearch cluster: start one with deploy/opensearch/cluster, and set OPENSEARCH_TEST_HOSTS to its "
    "addresses",
)


def cluster(prefix: str, *, shards: int = 2, replicas: int = 0, lease: float = 60.0) -> Cluster:
    """Return the settings of an archive on the cluster, whose indexes have names that begin with `prefix`.

    Indexes have several shards by default, so that responses are merged from them. `lease` is the number of seconds
    after which the lock of a run that has died is free.
    """
    return Cluster(Access(HOSTS), prefix, shards=shards, replicas=replicas, lease=lease)


def new_prefix() -> str:
    return f"test-{secrets.token_hex(5)}"


def delete_all(engine: OpenSearchEngine, prefix: str) -> None:
    """Delete all indexes whose names begin with a prefix."""
    names = engine.client.call("GET", f"/{prefix}-*/_settings?filter_path=*.settings.index.uuid")
    if names:
        engine.client.call("DELETE", f"/{','.join(names)}", slow=True)


@contextmanager
def opened(
    prefix: str | None = None,
    *,
    shards: int = 2,
    replicas: int = 0,
    texts: PageTexts | None = None,
    placeholders: bool = False,
) -> Iterator[OpenSearchEngine]:
    """Yield an engine over indexes of its own, which are deleted at the end; None for `prefix` chooses a new one.

    `texts` gives the texts of publications, by default those that tests made; with `placeholders`, visitors find
    private resources by title, type and year.
    """
    name = prefix or new_prefix()
    engine = OpenSearchEngine(
        cluster(name, shards=shards, replicas=replicas),
        default_analyzer(),
        texts=KeptTexts() if texts is None else texts,
        placeholders=placeholders,
    )
    try:
        yield engine
    finally:
        delete_all(engine, name)
        engine.close()
