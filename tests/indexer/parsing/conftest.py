from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared():
    """Material that stands beside a checkout, not in it."""
    place = Path(__file__).resolve().parents[2] / "../shared"
    if not place.is_dir():
        pytest.skip("le dossier « shared » n’est pas à côté de ce dépôt")
    return place
