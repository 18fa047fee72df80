"""Timing: contestants take turns at every query, so that whatever else the machine does weighs on all of them."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench.speed.base import Contestant, Kind, Query


@dataclass
class Timings:
    """Milliseconds of every call, by contestant and kind."""

    taken: dict[str, dict[Kind, list[float]]] = field(default_factory=dict)

    def add(self, name: str, kind: Kind, milliseconds: float) -> None:
        """Note a call."""
        self.taken.setdefault(name, {}).setdefault(kind, []).append(milliseconds)

    def of(self, name: str, kind: Kind | None = None) -> list[float]:
        """All calls of a contestant, or those of one kind."""
        kinds = self.taken.get(name, {})
        return kinds.get(kind, []) if kind is not None else [one for calls in kinds.values() for one in calls]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed (nearest rank); NaN of none."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else math.nan


def median(values: Sequence[float]) -> float:
    """The median; NaN of none."""
    return statistics.median(values) if values else math.nan


@contextmanager
def no_collection() -> Iterator[None]:
    """Without the garbage collector, whose pauses would fall on whoever is at work; what exists is frozen first."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def interleaved(contestants: Sequence[Contestant], queries: Sequence[Query], rounds: int) -> Timings:
    """Put every query to each contestant in turn, `rounds` times; who begins rotates.

    Args:
        contestants: open.
        queries: in their order.
        rounds: how often.
    """
    timings = Timings()
    clock = time.perf_counter
    for number in range(rounds):
        with no_collection():
            for place, query in enumerate(queries):
                first = (number + place) % len(contestants)
                for contestant in (*contestants[first:], *contestants[:first]):
                    contestant.forget()
                    began = clock()
                    contestant.search(query)
                    timings.add(contestant.name, query.kind, (clock() - began) * 1000)
    return timings
