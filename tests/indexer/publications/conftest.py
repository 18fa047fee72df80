"""Fixtures of tests of publications."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.publications import LIMITS, Limits, Publication, read_publication

Read = Callable[..., Publication]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that reads the bytes of a publication in a separate process, as the program reads files."""

    def read_bytes(content: bytes, *, limits: Limits = LIMITS) -> Publication:
        path = tmp_path / "publication"
        path.write_bytes(content)
        return read_publication(path, limits=limits)

    return read_bytes
