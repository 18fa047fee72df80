"""Fixtures that all tests of engines share."""

from __future__ import annotations

import pytest

from indexer.analysis import Analyzer, default_analyzer


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return default_analyzer()
