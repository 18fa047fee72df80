"""Timing: contestants take turns at every query, so that other processes affect all of them equally."""

from __future__ import annotations

import gc
import math
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bench.speed.base import Contestant, Kind, Query


class Timings:
    """Milliseconds of every call, by contestant and query.

    Args:
        queries: the queries, in order.
    """

    def __init__(self, queries: Sequence[Query]) -> None:
        self._queries = queries
        self._taken: dict[str, list[list[float]]] = {}

    def add(self, name: str, place: int, milliseconds: float) -> None:
        """Record a call of the query at index `place`."""
        self._taken.setdefault(name, [[] for _ in self._queries])[place].append(milliseconds)

    def calls(self, name: str, kind: Kind | None = None) -> list[float]:
        """Return the times of all calls of a contestant, or of its calls with queries of one kind."""
        return [one for calls in self._of(name, kind) for one in calls]

    def typical(self, name: str, kind: Kind | None = None) -> list[float]:
        """Return the typical time of each query, or of each query of one kind: the median of a contestant's calls."""
        return [statistics.median(calls) for calls in self._of(name, kind) if calls]

    def _of(self, name: str, kind: Kind | None) -> list[list[float]]:
        taken = zip(self._queries, self._taken.get(name, ()), strict=False)
        return [calls for query, calls in taken if kind is None or query.kind is kind]


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of the values do not exceed (nearest rank); NaN if there are no
    values.
    """
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else math.nan


def median(values: Sequence[float]) -> float:
    """Return the median; NaN if there are no values."""
    return statistics.median(values) if values else math.nan


@contextmanager
def no_collection() -> Iterator[None]:
    """Return a context manager that disables the garbage collector, whose pauses would distort the times; existing
    objects are frozen.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def interleaved(contestants: Sequence[Contestant], queries: Sequence[Query], rounds: int) -> Timings:
    """Put every query to each contestant in turn, `rounds` times.

    The order of contestants is random for every query (but the same in every run). An engine that runs after one that
    reads much finds the processor's caches full of the other's data; this must not always affect the same engine.

    Args:
        contestants: the opened engines.
        queries: the queries, in order.
        rounds: how many times each query is run.
    """
    timings = Timings(queries)
    clock = time.perf_counter
    drawn = random.Random(2026)
    for _ in range(rounds):
        with no_collection():
            for place, query in enumerate(queries):
                for contestant in drawn.sample(contestants, len(contestants)):
                    contestant.forget()
                    began = clock()
                    contestant.search(query)
                    timings.add(contestant.name, place, (clock() - began) * 1000)
    return timings
