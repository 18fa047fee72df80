"""A cache of texts with a bound on their length."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Held = TypeVar("Held")


class TextCache(Generic[Held]):
    """A least-recently-used cache of values read from texts, by number of the text. Safe to use from several threads.

    Args:
        limit: how many characters the texts of all cached values may have.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: dict[int, tuple[Held, int]] = {}
        self._characters = 0
        self._lock = threading.Lock()

    def get(self, number: int, read: Callable[[], tuple[Held, int]]) -> Held:
        """Return the value cached for a text, or read it.

        Args:
            number: number of the text, the key of the cache.
            read: reads the value if it is not cached, and returns it with its number of characters.
        """
        with self._lock:
            known = self._held.pop(number, None)
            if known is not None:
                self._held[number] = known
                return known[0]
        found = read()  # unlocked: two threads may read the same
        with self._lock:
            self._put(number, found)
        return found[0]

    def _put(self, number: int, found: tuple[Held, int]) -> None:
        _, known = self._held.pop(number, (None, 0))
        self._held[number] = found
        self._characters += found[1] - known
        while self._characters > self._limit and self._held:
            oldest = next(iter(self._held))
            self._characters -= self._held.pop(oldest)[1]

    def forget(self) -> None:
        """Empty the cache."""
        with self._lock:
            self._held = {}
            self._characters = 0
