"""Importing the engine protocol imports no implementation."""

from __future__ import annotations

import subprocess
import sys

from tests.support.places import CHECKOUT
from tests.support.waiting import PATIENCE


def test_the_contract_imports_neither_numpy_nor_whoosh() -> None:
    script = "import sys, indexer.engine; print([name for name in ('numpy', 'whoosh') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, cwd=CHECKOUT, timeout=PATIENCE, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"
