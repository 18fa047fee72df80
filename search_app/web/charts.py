"""The geometry of plots: positions of bars and lines in the view box of an SVG. Templates only copy the numbers.

Lengths are in units of the view box, whose origin is the top left corner.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

GAP = 0.18
"""Share of the width of a bar that is left empty as a gap."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: its rectangle, the value that it shows, and the number of its series from 0 (in `stacks`)."""

    x: float
    y: float
    width: float
    height: float
    value: int
    series: int = 0


@dataclass(frozen=True, slots=True)
class Tick:
    """A horizontal line of a plot, and the value that it marks."""

    y: float
    value: int


def bars(values: Sequence[int], *, width: float, height: float, least: float = 3) -> tuple[Bar, ...]:
    """Return one bar per value, side by side; the highest fills the height of the box.

    Args:
        values: the value of each bar; none is negative.
        width: width of the box.
        height: height of the box.
        least: minimum height of a bar for a value above 0, so that one resource among thousands is still visible.
    """
    top = max(values, default=0)
    return tuple(
        Bar(x, height - high, wide, high, value)
        for (x, wide), value in zip(_places(len(values), width), values, strict=True)
        for high in (_round(max(least, value / top * height) if value else 0.0),)
    )


def stacks(
    columns: Sequence[Sequence[int]], *, width: float, height: float, top: int, least: float = 3
) -> tuple[tuple[Bar, ...], ...]:
    """Return one stack of bars per column, with a bar for each series whose value is not 0, the first series at the
    bottom.

    Args:
        columns: for each column, the values of all series in the same order; not negative.
        width: width of the box.
        height: height of the box.
        top: the value that fills the height of the box, from `ticks`.
        least: minimum height of a bar for a value above 0, so that one resource beside hundreds is still visible; a
            stack that becomes higher than the box is shortened at its highest bar.
    """
    piles = []
    for (x, wide), column in zip(_places(len(columns), width), columns, strict=True):
        highs = {series: max(least, value / top * height) for series, value in enumerate(column) if value}
        beyond = sum(highs.values()) - height
        if beyond > 0:
            highs[max(highs, key=highs.__getitem__)] -= beyond
        pile, under = [], 0.0
        for series, high in highs.items():
            y = _round(height - under - high)
            pile.append(Bar(x, y, wide, _round(height - under - y), column[series], series))
            under += high
        piles.append(tuple(pile))
    return tuple(piles)


def ticks(highest: int, *, height: float, wanted: int = 4) -> tuple[Tick, ...]:
    """Return the ticks of an axis: ascending round values from 0 to the first at or above `highest`, in about `wanted`
    steps; `height` is the height of the box.

    Steps are 1, 2 or 5 times a power of ten (P. Heckbert, « Nice numbers for graph labels », Graphics Gems, 1990).
    """
    rough = max(highest, 1) / wanted
    power = 10 ** math.floor(math.log10(rough)) if rough > 1 else 1
    step = max(1, next(int(power * nice) for nice in (1, 2, 5, 10) if power * nice >= rough))
    count = max(1, -(-highest // step))
    return tuple(Tick(_round(height - height * n / count), n * step) for n in range(count + 1))


def _places(count: int, width: float) -> tuple[tuple[float, float], ...]:
    place = width / max(count, 1)
    return tuple((_round(n * place + place * GAP / 2), _round(place * (1 - GAP))) for n in range(count))


def _round(value: float) -> float:
    return round(value, 2)
