"""Timing: contestants take turns at every query, so that whatever else the machine does weighs on all of them."""

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
        queries: what is asked, in order.
    """

    def __init__(self, queries: Sequence[Query]) -> None:
        self._queries = queries
        self._taken: dict[str, list[list[float]]] = {}

    def add(self, name: str, place: int, milliseconds: float) -> None:
        """Note a call of the query at `place`."""
        self._taken.setdefault(name, [[] for _ in self._queries])[place].append(milliseconds)

    def calls(self, name: str, kind: Kind | None = None) -> list[float]:
        """Every call of a contestant, or those of one kind."""
        return [one for calls in self._of(name, kind) for one in calls]

    def typical(self, name: str, kind: Kind | None = None) -> list[float]:
        """What each query usually takes: the median of its calls."""
        return [statistics.median(calls) for calls in self._of(name, kind) if calls]

    def _of(self, name: str, kind: Kind | None) -> list[list[float]]:
        taken = zip(self._queries, self._taken.get(name, ()), strict=False)
        return [calls for query, calls in taken if kind is None or query.kind is kind]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed (nearest rank); NaN of none."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else math.nan


def median(values: Sequence[float]) -> float:
    """The median; NaN of none."""
    return statistics.median(values) if values else math.nan


@contextmanager
def no_collection() -> Iterator[None]:
    """Without the garbage collector, whose pauses would fall on the timed engine; what exists is frozen first."""
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

    Their order is drawn anew for every query (the same in every run): whoever comes after an engine that reads much
    finds the processor's caches full of that engine's data, and this must not always be the same one.

    Args:
        contestants: open.
        queries: in their order.
        rounds: how often.
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
