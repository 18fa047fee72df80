"""A small plot with logarithmic axes, as SVG that is legible on light and on dark backgrounds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _GAP, _LEFT, _TOP, _PLOT = 300, 34, 46, 56, 250
"""Sizes in pixels: width of a panel, gap between panels, room for axis labels and for the title, height of the plot."""
_LEGEND_LINE = 18
# Distinguishable by colour-blind people too (M. Okabe, K. Ito, 2008); dashes distinguish lines of similar colours.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b86fa0")
_DARK = ("#56b4e9", "#f0863a", "#2fc49a", "#dd9fc6")
_DASHES = ("", "6 3", "2 3", "8 3 2 3")
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#333}.title{font-weight:600;font-size:13px}.small{font-size:11px}"
    ".power{font-size:9px}"
    ".paper{fill:#fff}.grid{stroke:#ddd;fill:none}.frame{stroke:#999;fill:none}"
    ".line{fill:none;stroke-width:2}"
    + "".join(f".c{i}{{stroke:{c}}}.d{i}{{fill:{c}}}" for i, c in enumerate(_COLOURS))
    + "@media(prefers-color-scheme:dark){text{fill:#ddd}.paper{fill:#16181d}.grid{stroke:#353942}.frame{stroke:#777}"
    + "".join(f".c{i}{{stroke:{c}}}.d{i}{{fill:{c}}}" for i, c in enumerate(_DARK))
    + "}"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name, its points (x, y), the exponent of its growth, and an index of a colour."""

    name: str
    points: tuple[tuple[int, float], ...]
    exponent: float
    colour: int


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines that share their axes."""

    title: str
    lines: tuple[Line, ...]


def draw(panels: Sequence[Panel]) -> str:
    """Draw panels side by side.

    Args:
        panels: each with at least one line; all values above 0.

    Returns:
        An SVG document.
    """
    legend = max((len(panel.lines) for panel in panels), default=0) * _LEGEND_LINE
    width = max(1, len(panels)) * (_LEFT + _WIDTH + _GAP) + _GAP // 2
    height = _TOP + _PLOT + 60 + legend
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="Growth of each cost with the number of pages">',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{width}" height="{height}" rx="6"/>',
    ]
    for number, panel in enumerate(panels):
        left = number * (_LEFT + _WIDTH + _GAP) + _LEFT + _GAP // 2
        parts += [f'<g transform="translate({left} {_TOP})">', *_panel(panel), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(panel: Panel) -> list[str]:
    xs = [x for line in panel.lines for x, _ in line.points]
    ys = [y for line in panel.lines for _, y in line.points]
    low, high = _decades(min(ys), max(ys))
    right, left = math.log10(max(xs)), math.log10(min(xs))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - left) / ((right - left) or 1)
        return across * _WIDTH, (high - math.log10(y)) / (high - low) * _PLOT

    parts = [f'<text class="title" x="0" y="-24">{escape(panel.title)}</text>']
    for decade in range(low, high + 1):
        y = place(min(xs), 10.0**decade)[1]
        parts.append(f'<path class="grid" d="M0 {y:.1f}H{_WIDTH}"/>')
        parts.append(f'<text class="small" x="-7" y="{y + 4:.1f}" text-anchor="end">{10.0**decade:,.10g}</text>')
        if decade < high:
            halves = (place(min(xs), step * 10.0**decade)[1] for step in (2, 5))
            parts += [f'<path class="grid" stroke-dasharray="1 4" d="M0 {half:.1f}H{_WIDTH}"/>' for half in halves]
    for size in sorted(set(xs)):
        x = place(size, 10.0**low)[0]
        parts.append(f'<path class="grid" d="M{x:.1f} 0V{_PLOT}"/>')
        parts.append(f'<text class="small" x="{x:.1f}" y="{_PLOT + 17}" text-anchor="middle">{size:,}</text>')
    parts.append(f'<text class="small" x="{_WIDTH / 2}" y="{_PLOT + 34}" text-anchor="middle">pages (n)</text>')
    parts.append(f'<rect class="frame" width="{_WIDTH}" height="{_PLOT}"/>')
    for number, line in enumerate(panel.lines):
        colour, dashes = line.colour, _DASHES[line.colour]
        points = [place(*point) for point in line.points]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        parts.append(f'<path class="line c{colour}"{dashed} d="M{path}"/>')
        parts += [f'<circle class="d{colour}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points]
        y = _PLOT + 60 + number * _LEGEND_LINE
        parts.append(f'<path class="line c{colour}"{dashed} d="M0 {y - 4}H26"/>')
        parts.append(f'<text x="34" y="{y}">{escape(line.name)}</text>')
        power = f'n<tspan class="power" dy="-4">{line.exponent:.2f}</tspan>'
        parts.append(f'<text class="small" x="{_WIDTH}" y="{y}" text-anchor="end">{power}</text>')
    return parts


def _decades(low: float, high: float) -> tuple[int, int]:
    """Return the powers of ten below and above a range; they always differ."""
    bottom, top = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return bottom, max(top, bottom + 1)
