"""The engine in memory fulfils the contract of engines."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from indexer.analysis import Analyzer
from tests.support.engine_contract import EngineContract
from tests.support.memory_engine import MemoryEngine
from tests.support.publications_contract import PublicationContract


class TestMemoryEngine(EngineContract, PublicationContract):
    @pytest.fixture
    def engine(self, analyzer: Analyzer) -> MemoryEngine:
        return MemoryEngine(analyzer)

    @pytest.fixture(scope="class")
    @classmethod
    def another_engine(cls, analyzer: Analyzer) -> Callable[[], MemoryEngine]:
        return lambda: MemoryEngine(analyzer)
