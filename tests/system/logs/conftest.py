"""What is logged: modules shared with the tests of the archive and of the site."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "archive"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "site"))

from tests.support.browser import browser_type_launch_args, chromium

__all__ = ["browser_type_launch_args", "chromium"]
