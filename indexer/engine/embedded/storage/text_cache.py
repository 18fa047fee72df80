"""A cache of texts with a bound on their length."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Held = TypeVar("Held")


class TextCache(Generic[Held]):
    """What was read from texts, by number. A full cache is emptied. Safe to use from several threads.

    Args:
        limit: how many characters it may hold.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: dict[int, Held] = {}
        self._characters = 0

    def get(self, number: int, read: Callable[[], tuple[Held, int]]) -> Held:
        """Return what a number stands for.

        Args:
            number: the number.
            read: reads it if it is not held, and returns it with its number of characters.
        """
        held = self._held
        if number not in held:
            found, characters = read()
            if self._characters + characters > self._limit:
                self.forget()
                held = self._held
            # Of two threads that read the same, both count: it is then emptied a little early.
            self._characters += characters
            held[number] = found
            return found
        return held[number]

    def forget(self) -> None:
        """Empty it."""
        # Another dictionary, so that a thread that looks something up still finds it in the first.
        self._held = {}
        self._characters = 0
