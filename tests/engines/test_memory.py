"""The engine in memory keeps the contract."""

from __future__ import annotations

import pytest
from contract import EngineContract
from memory import MemoryEngine

from indexer.french.analyzer import Analyzer


class TestMemoryEngine(EngineContract):
    @pytest.fixture
    def engine(self, analyzer: Analyzer) -> MemoryEngine:
        return MemoryEngine(analyzer)
