"""Clock: a clock that tests set."""

from __future__ import annotations


class Clock:
    """A clock for code that takes a function: a call returns `now`, seconds since 1970, which only tests change."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now
