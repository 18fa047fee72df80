"""Fixtures of tests of logs: those that start Chromium."""

from __future__ import annotations

from tests.support.browser import browser_type_launch_args, chromium

__all__ = ["browser_type_launch_args", "chromium"]
