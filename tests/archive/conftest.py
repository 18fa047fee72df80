"""An archive of one's own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive_support import Archive


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)
