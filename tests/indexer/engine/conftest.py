"""What every engine test shares."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from indexer.analysis import Analyzer, default_analyzer


@pytest.fixture(scope="module", autouse=True)
def quick_disk() -> Iterator[None]:
    """No power cut happens here: flushing a hundred files a generation would be most of the suite's time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return default_analyzer()
