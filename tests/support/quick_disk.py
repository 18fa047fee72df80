"""Switches off flushes to the disk in the processes of tests that need none, to save time."""

from __future__ import annotations

import os
import re
import sqlite3
from functools import partial
from typing import Any

import pytest

SYNCHRONOUS = re.compile(r"synchronous=\w+")


class UnflushedConnection(sqlite3.Connection):
    """A SQLite connection that never flushes, whatever `PRAGMA synchronous` says."""

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        return super().execute(SYNCHRONOUS.sub("synchronous=OFF", sql), parameters)

    def executescript(self, script: str, /) -> sqlite3.Cursor:
        return super().executescript(SYNCHRONOUS.sub("synchronous=OFF", script))


def skip_flushes(patch: pytest.MonkeyPatch) -> None:
    """Make fsync, sync and the flushes of SQLite do nothing in this process, as long as `patch` lasts."""
    patch.setattr(os, "fsync", lambda handle: None)
    patch.setattr(os, "sync", lambda: None)
    patch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=UnflushedConnection))
