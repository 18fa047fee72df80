"""How each cost grows with the number of pages: fitted exponents, a plot, and a projection to a million pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.speed.plot import Line, Panel, draw
from bench.speed.report import Report, markdown_table, shown

MILLION = 1_000_000
FARTHEST = 10 * MILLION
"""Largest number of pages of a projection; beyond it, the measurements are too far away."""
BY_HAND = "## On a cluster"
"""Heading of the part of docs/SCALING.md that is written by hand."""


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost that is measured at several sizes.

    Attributes:
        label: its name.
        part, engine, measure: fields of the `Figure` objects of the report that hold its values.
        unit: unit of its values.
        colour: colour of its line, an index into the plot's colours.
        bearable: the largest acceptable value on an ordinary machine with 8 cores and 16 GB; None for costs that are
            only compared.
    """

    label: str
    part: str
    engine: str
    measure: str
    unit: str
    colour: int
    bearable: float | None = None


_WARM, _EMPTIED = "warm, all, p95", "caches emptied, all, p95"
COSTS = (
    Cost("search p95, ours", "search", "ours", _WARM, "ms", 0, 100),
    Cost("search p95, ours, caches emptied", "search", "ours, caches emptied", _EMPTIED, "ms", 3, 100),
    Cost("search p95, SQLite FTS5", "search", "SQLite FTS5", _WARM, "ms", 1),
    Cost("search p95, tantivy", "search", "tantivy", _WARM, "ms", 2),
    Cost("full index", "index", "ours", "full index from HTML", "s", 0, 8 * 3600),
    Cost("full index, SQLite FTS5", "index", "SQLite FTS5", "full index from HTML", "s", 1),
    Cost("ten changed pages searchable", "changes", "ours", "ten changed pages searchable", "s", 2, 60),
    Cost("generation opened", "opening", "ours", "and one query of each kind answered", "s", 3, 30),
    Cost("peak memory of a full index", "index", "ours", "peak memory", "MB", 0, 12_000),
    Cost("memory of a worker", "site", "ours", "memory of a worker, resident", "MB", 3, 12_000),
    Cost("index on disk", "index", "ours", "index on disk", "MB", 2, 500_000),
)
"""All costs, in the order of the plot's panels; there is one panel per unit."""
_TITLES = {"ms": "Search p95, warm (ms)", "s": "Indexing and opening (s)", "MB": "Memory and disk (MB)"}


@dataclass(frozen=True, slots=True)
class Growth:
    """A cost at several sizes.

    Attributes:
        cost: the cost.
        points: pairs of size and value, by ascending size; at least two.
        exponent: exponent of the power of the size that fits best (least squares of the logarithms).
        steepest: the larger of this exponent and the exponent between the last two sizes; projections use it, since a
            fixed cost at small sizes hides the growth of the rest.
    """

    cost: Cost
    points: tuple[tuple[int, float], ...]
    exponent: float
    steepest: float

    def at(self, size: int) -> float:
        """Return the projected cost at a larger size."""
        last, value = self.points[-1]
        return float(value * (size / last) ** self.steepest)

    def bears(self) -> float:
        """Return the projected number of pages up to which the cost stays acceptable; infinite if it does not grow."""
        last, value = self.points[-1]
        if self.cost.bearable is None or self.steepest <= 0:
            return math.inf
        return float(last * (self.cost.bearable / value) ** (1 / self.steepest))


def exponent(points: Sequence[tuple[int, float]]) -> float:
    """Return the slope of the least-squares line through the logarithms of sizes and values.

    Args:
        points: at least two, of different sizes; values above 0.
    """
    xs, ys = ([math.log(point[i]) for point in points] for i in (0, 1))
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)


def growths(report: Report) -> list[Growth]:
    """Return every cost that the report contains at two sizes or more."""
    found = []
    for cost in COSTS:
        points = tuple(
            sorted(
                (figure.size, figure.value)
                for figure in report.figures
                if (figure.part, figure.engine, figure.measure) == (cost.part, cost.engine, cost.measure)
                and figure.value > 0
            )
        )
        if len(points) > 1:
            fitted = exponent(points)
            found.append(Growth(cost, points, fitted, max(fitted, exponent(points[-2:]))))
    return found


def tell(report: Report) -> None:
    """Add the table of exponents to the report, if a cost was measured at two sizes or more."""
    found = growths(report)
    if found:
        report.table("Growth", *_table(found))


def _table(found: Sequence[Growth]) -> tuple[list[str], list[list[str]]]:
    sizes = sorted({size for growth in found for size, _ in growth.points})
    head = ["", *(f"{size:,} pages" for size in sizes), "grows as", "last step", f"{MILLION:,} pages, projected"]
    rows = []
    for growth in found:
        values = dict(growth.points)
        rows.append(
            [
                growth.cost.label,
                *(f"{shown(values[size])} {growth.cost.unit}" if size in values else "–" for size in sizes),
                f"n^{growth.exponent:.2f}",
                f"n^{exponent(growth.points[-2:]):.2f}",
                f"{shown(growth.at(MILLION))} {growth.cost.unit}",
            ]
        )
    return head, rows


def plot(report: Report) -> str:
    """Return the plot of growth as SVG."""
    found = growths(report)
    panels = []
    for unit, title in _TITLES.items():
        lines = tuple(
            Line(growth.cost.label.removeprefix("search p95, "), growth.points, growth.exponent, growth.cost.colour)
            for growth in found
            if growth.cost.unit == unit
        )
        if lines:
            panels.append(Panel(title, lines))
    return draw(panels)


def scaling(report: Report, svg: Path | None, beside: Path) -> str:
    """Return the Markdown page on larger archives (docs/SCALING.md).

    Args:
        report: a complete report.
        svg: path of the plot, or None.
        beside: path of the page, for the relative link to the plot; if the page exists, its part from the heading
            `BY_HAND` on is kept.
    """
    found = growths(report)
    if not found:
        return "# Scaling\n\nOnly one size was measured: nothing can be projected.\n"
    bounded = sorted((growth for growth in found if growth.cost.bearable is not None), key=Growth.bears)
    head = ("", "acceptable on one machine", "up to about")
    rows = [
        (g.cost.label, f"{shown(g.cost.bearable or 0)} {g.cost.unit}", f"{_rounded(g.bears())} pages") for g in bounded
    ]
    first = bounded[0] if bounded else None
    parts = [
        "# Scaling",
        f"Made by `{report.command}`; [SPEED.md](SPEED.md) says how each figure is measured.",
        *([f"![Growth of each cost with the number of pages]({link(svg, beside)})"] if svg is not None else []),
        "## How each cost grows",
        markdown_table(*_table(found)),
        "« Grows as » is the power of the number of pages that best fits all sizes; « last step » is the power between "
        "the last two sizes. The projection to a million pages starts from the largest size and uses the larger of the "
        "two powers. It is an extrapolation by a factor of ten, not a measurement.",
        "## Limits of one machine",
        markdown_table(head, rows),
    ]
    if first is not None:
        parts.append(
            f"According to this projection, the first limit that is reached is that of the {first.cost.label}, at "
            f"about {_rounded(first.bears())} pages. We chose the limits in the table: an answer within a tenth of a "
            "second, a full index within a night, a change within a minute, and a machine of 16 GB that also does "
            "other things."
        )
    parts.append(
        "Beyond these limits, the next steps are, in this order: more memory, since arrays are memory-mapped and not "
        "copied; then a cluster. The network’s own archive has some thousands of resources, far below these limits."
    )
    if beside.is_file():
        parts.append(_by_hand(beside.read_text(encoding="utf-8")))
    return "\n\n".join(filter(None, parts)) + "\n"


def _by_hand(page: str) -> str:
    """Return the part of a page from the heading `BY_HAND` on, which is about clusters; empty if there is none."""
    _, heading, rest = page.partition(f"\n{BY_HAND}\n")
    return f"{heading}{rest}".strip()


def _rounded(pages: float) -> str:
    """Return a number of pages rounded to two significant digits."""
    if pages > FARTHEST:
        return f"more than {FARTHEST:,}"
    digits = 10 ** max(0, math.floor(math.log10(max(pages, 1))) - 1)
    return f"{round(pages / digits) * digits:,}"


def link(svg: Path, beside: Path) -> str:
    """Return the relative link from a page to a drawing; only the name of the drawing if it is not below the page's
    folder.
    """
    folder, target = beside.resolve().parent, svg.resolve()
    return target.relative_to(folder).as_posix() if target.is_relative_to(folder) else target.name
