"""Helpers for tests with many threads."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def switching_often() -> Iterator[None]:
    """Let Python switch threads every microsecond, in place of every five milliseconds."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def at_once(count: int, work: Callable[[int], T]) -> list[T]:
    """Call `work` with each number below `count`, each in a thread; all start together. Return the results.

    Raises:
        Exception: one of the calls raised it.
    """
    ready = threading.Barrier(count)

    def begin(number: int) -> T:
        ready.wait()
        return work(number)

    with switching_often(), ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))
