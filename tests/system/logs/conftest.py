"""Fixtures of tests of logs, shared with those of the archive and of the site."""

from __future__ import annotations

from tests.support.browser import browser_type_launch_args, chromium

__all__ = ["browser_type_launch_args", "chromium"]
