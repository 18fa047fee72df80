"""Find running lines (headers, footers and page numbers) by comparing all pages of a file."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

EDGE = 4
"""Number of lines at the beginning, and at the end, of a page that may be running lines."""
_OUTER = 2
"""As `EDGE`, but for headers of chapters: fewer lines, since these headers stand on few pages."""
_FEWEST = 3
_SHARE = 0.3
_SHARE_INSIDE = 0.6
"""Share of the pages from which a line that stands on so many counts as running, even in the middle of the page."""
_LONGEST = 250

_NUMBER = re.compile(r"\d+|\b(?=[ivxlcdm])m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})\b")
_NUMBER_ALONE = re.compile(
    r"\W*(?:p(?:age|g|\.)?\s*)?(?P<number>\d{1,4}|[ivxlcdm]{1,8}|[a-z]-?\d{1,3})\W*(?:(?:/|sur|de|of)\s*\d{1,4})?\W*",
    re.IGNORECASE,
)
_AROUND = re.compile(r"^[\W_]+|[\W_]+$")
_SPACES = re.compile(r"\s+")


def running_lines(pages: Sequence[Sequence[str]], labels: Sequence[str | None]) -> list[frozenset[int]]:
    """Return, for each page, the indexes of its running lines, from 0.

    Args:
        pages: the lines of each page.
        labels: for each page, the page number printed on it; None if that is its number in the file.
    """
    found: list[set[int]] = [set() for _ in pages]
    filled = [number for number, lines in enumerate(pages) if lines]
    if len(filled) >= _FEWEST:
        for number, line in _repeated(pages, filled):
            found[number].add(line)
    for number, line in _page_numbers(pages, labels):
        found[number].add(line)
    return [frozenset(lines) for lines in found]


def key_of(line: str) -> str:
    """Return the part of a line that is the same on other pages: its text in lower case, without numbers."""
    marked = _NUMBER.sub("#", line.casefold())
    return _AROUND.sub("", _SPACES.sub(" ", marked).replace("#", " ")).strip()


def _repeated(pages: Sequence[Sequence[str]], filled: Sequence[int]) -> Iterable[tuple[int, int]]:
    places: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for number in filled:
        for line, text in enumerate(pages[number]):
            if len(text) <= _LONGEST:
                key = _SPACES.sub(" ", key_of(text))
                if key:
                    places[key].append((number, line))
    for key, all_places in places.items():
        at_edge = [place for place in all_places if _depth(pages, place) < EDGE]
        on = sorted({number for number, _ in at_edge})
        if len(on) >= max(_FEWEST, _SHARE * len(filled)):
            yield from at_edge
            continue
        outer = [place for place in at_edge if _depth(pages, place) < _OUTER]
        near = _in_a_row(sorted({number for number, _ in outer}))
        if near and len(key) >= 5:
            yield from (place for place in outer if place[0] in near)
        everywhere = Counter(number for number, _ in all_places)
        if (
            len(key) >= 10
            and len(everywhere) >= max(2 * _FEWEST, _SHARE_INSIDE * len(filled))
            and len(all_places) <= 1.1 * len(everywhere)
        ):
            yield from all_places


def _depth(pages: Sequence[Sequence[str]], place: tuple[int, int]) -> int:
    """Return how many lines stand between a line (index of the page, index in it) and the nearer edge of its page."""
    number, line = place
    return min(line, len(pages[number]) - 1 - line)


def _in_a_row(numbers: Sequence[int]) -> set[int]:
    """Return the page numbers that are in a row of at least three, each one or two greater than the one before it."""
    rows: list[list[int]] = []
    for number in numbers:
        if rows and number - rows[-1][-1] <= 2:
            rows[-1].append(number)
        else:
            rows.append([number])
    return {number for row in rows if len(row) >= _FEWEST for number in row}


def _page_numbers(pages: Sequence[Sequence[str]], labels: Sequence[str | None]) -> Iterable[tuple[int, int]]:
    candidates: list[tuple[int, int, int | None, bool]] = []
    for number, lines in enumerate(pages):
        label = (labels[number] or str(number + 1)).casefold()
        for line in sorted({*range(min(EDGE, len(lines))), *range(max(0, len(lines) - EDGE), len(lines))}):
            match = _NUMBER_ALONE.fullmatch(lines[line])
            if match:
                written = match["number"].casefold()
                value = int(written) - number if written.isdigit() else None
                candidates.append((number, line, value, written in {label, str(number + 1)}))
    shifts = Counter(value for _, _, value, _ in candidates if value is not None)
    for number, line, value, is_label in candidates:
        if (is_label and len(pages) > 1) or (value is not None and shifts[value] >= _FEWEST):
            yield number, line
