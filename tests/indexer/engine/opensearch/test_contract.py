"""The OpenSearch engine fulfils the contract of engines, on indexes of two shards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from indexer.engine.opensearch import OpenSearchEngine
from tests.support.cluster import needs_cluster, new_prefix, opened
from tests.support.engine_contract import EngineContract
from tests.support.engines import MEMBER, ask, fill, found, resource
from tests.support.publications_contract import PublicationContract

pytestmark = [needs_cluster, pytest.mark.slow]


class TestOpenSearchEngine(EngineContract, PublicationContract):
    @pytest.fixture
    def engine(self) -> Iterator[OpenSearchEngine]:
        with opened() as engine:
            yield engine

    @pytest.fixture(scope="class")
    @classmethod
    def another_engine(cls) -> Iterator[Callable[[], OpenSearchEngine]]:
        with ExitStack() as stack:
            yield lambda: stack.enter_context(opened())

    def test_another_process_sees_the_switch(self) -> None:
        prefix = new_prefix()
        with opened(prefix) as engine, opened(prefix) as other:
            fill(engine, resource("a", "mot"))
            assert found(other, "mot") == {"a"}
            fill(engine, resource("b", "mot"), remove=["a"])
            assert found(other, "mot") == {"b"}
            assert other.status() == engine.status()
            fill(other, resource("c", "mot"))
            assert found(engine, "mot", audience=MEMBER) == {"b", "c"}
            assert ask(other, "mot").hits == ask(engine, "mot").hits
