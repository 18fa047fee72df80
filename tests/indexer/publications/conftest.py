"""What tests of publications share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.publications import LIMITS, Limits, Publication, read_publication

Read = Callable[..., Publication]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads bytes in a process of their own, as files are read."""

    def read_bytes(content: bytes, *, limits: Limits = LIMITS) -> Publication:
        path = tmp_path / "publication"
        path.write_bytes(content)
        return read_publication(path, limits=limits)

    return read_bytes
