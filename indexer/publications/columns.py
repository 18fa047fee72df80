"""Put pages of two columns back in reading order, where a file draws them line by line, across both columns.

PDFium gives text in the order in which it is drawn, which nearly always is the reading order. Some programs draw a
page of two columns row by row, as they would a table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

GAP = 8.0
"""Gap, in points, from which two texts of one row are separate; words stand closer, even in justified lines."""
_ROWS = 6
"""Least number of rows with two wide texts side by side on a page of two columns."""
_WIDE = 0.25
"""Least share of the width of the page that a column of prose takes; cells of a table are narrower."""


class Segment(NamedTuple):
    """A text on one line, without a wide gap in it.

    Attributes:
        left, bottom, right, top: its box, in points; the origin is the lower left corner of the page.
        text: its text; empty where only its place is of interest.
    """

    left: float
    bottom: float
    right: float
    top: float
    text: str = ""


def join_boxes(boxes: Iterable[Segment]) -> list[Segment]:
    """Return boxes in the order in which they are drawn, with boxes that are parts of one text joined."""
    joined: list[Segment] = []
    for box in boxes:
        last = joined[-1] if joined else None
        if last is not None and _same_row(last, box) and -GAP < box.left - last.right < GAP:
            joined[-1] = Segment(
                min(last.left, box.left),
                min(last.bottom, box.bottom),
                max(last.right, box.right),
                max(last.top, box.top),
            )
        else:
            joined.append(box)
    return joined


def gutter_of(segments: Sequence[Segment], width: float) -> float | None:
    """Return where the gutter is, in points from the left, on a page of two columns of prose that was drawn line by
    line, across both columns; None for any other page.

    Args:
        segments: its texts, in the order in which they are drawn.
        width: width of the page, in points.
    """
    pairs = [
        (one, other) for one, other in pairwise(segments) if _same_row(one, other) and other.left - one.right >= GAP
    ]
    wide = [
        (one, other)
        for one, other in pairs
        if one.right - one.left >= _WIDE * width and other.right - other.left >= _WIDE * width
    ]
    if len(wide) < _ROWS:
        return None
    low, high = max(one.right for one, _ in wide), min(other.left for _, other in wide)
    if high - low < GAP / 2 or not 0.3 * width < (low + high) / 2 < 0.7 * width:
        return None
    # A table has a third column, or rows whose cells are short.
    return (low + high) / 2 if 2 * len(wide) > len(pairs) else None


def in_reading_order(segments: Iterable[Segment], gutter: float) -> str:
    """Return the text of a page of two columns: the left one, then the right one. A line that spans both of them comes
    after the parts of both that stand above it.

    Args:
        segments: its texts, in the order in which they are drawn.
        gutter: as `gutter_of` returns it.
    """
    done: list[str] = []
    left: list[str] = []
    right: list[str] = []
    for segment in segments:
        if segment.right <= gutter + GAP / 4:
            left.append(segment.text)
        elif segment.left >= gutter - GAP / 4:
            right.append(segment.text)
        else:
            done += (*left, *right, segment.text)
            left, right = [], []
    return "\n".join((*done, *left, *right))


def _same_row(one: Segment, other: Segment) -> bool:
    height = min(one.top - one.bottom, other.top - other.bottom)
    return min(one.top, other.top) - max(one.bottom, other.bottom) > height / 2
