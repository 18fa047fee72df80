"""How deep tests look: property tests draw few examples with every change, and all of them in the slow tests; faults
are caused at half of the chosen instants, and the longest tests take a part of their cases. With `FAULTS=all` in the
environment, all instants and all cases are taken.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")

ALL_FAULTS = os.environ.get("FAULTS") == "all"


def examples(*, light: int, full: int) -> pytest.MarkDecorator:
    """Return a mark that gives a test its argument `examples`, the number that Hypothesis draws: the test runs with
    `light`, and among the slow tests with `full`.
    """
    return pytest.mark.parametrize(
        "examples", [pytest.param(light, id="light"), pytest.param(full, id="full", marks=pytest.mark.slow)]
    )


def faults(count: int) -> int:
    """Return at how many instants to cause a fault: `count` if the environment says `FAULTS=all`, otherwise half."""
    return count if ALL_FAULTS else max(2, count // 2)


def part(cases: Sequence[T], *, step: int, start: int = 0) -> Sequence[T]:
    """Return one case in `step`, from the case at `start` on; all cases if the environment says `FAULTS=all`."""
    return cases if ALL_FAULTS else cases[start % step :: step]
