"""CSV files, every one of them: a French Excel opens them right, and no cell is a formula.

Semicolons, a byte order mark and CRLF are what Excel expects in French.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator

from search_app.web.text import printable

BYTE_ORDER_MARK = "\ufeff"
CONTENT_TYPE = "text/csv; charset=utf-8"
MOST_IN_CELL = 32_000
"""Excel cuts rows apart at a cell of more than 32,767 characters."""

_FORMULA = frozenset("=+-@\N{MINUS SIGN}")
_BLANK = frozenset(
    "\N{COMBINING GRAPHEME JOINER}\N{HANGUL CHOSEONG FILLER}\N{HANGUL JUNGSEONG FILLER}\N{KHMER VOWEL INHERENT AQ}"
    "\N{KHMER VOWEL INHERENT AA}\N{BRAILLE PATTERN BLANK}\N{HANGUL FILLER}\N{HALFWIDTH HANGUL FILLER}"
    "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
"""Characters that show nothing and whose category does not say so; variation selectors are the last of them."""


def write_csv(titles: Iterable[str], rows: Iterable[Iterable[str | int]]) -> Iterator[str]:
    """Yield a CSV file, row by row.

    Args:
        titles: of the columns.
        rows: the cells of each row; texts are guarded, numbers written as they are.
    """
    yield BYTE_ORDER_MARK + _row(titles)
    yield from map(_row, rows)


def cell(value: str) -> str:
    """Return a text fit for a cell, with an apostrophe where a spreadsheet would begin a formula."""
    text = printable(value)
    if len(text) > MOST_IN_CELL:
        text = text[: MOST_IN_CELL - 1] + "…"
    return f"'{text}" if _begins_formula(text) else text


def _begins_formula(text: str) -> bool:
    """Return whether the first character that shows is a sign of formulas, in whatever width or height."""
    if text.startswith("\t"):
        return True
    first = next((sign for sign in text if not _is_blank(sign)), "")
    return unicodedata.normalize("NFKC", first)[:1] in _FORMULA if first else False


def _is_blank(sign: str) -> bool:
    # Controls, formats (zero width, marks of direction), unassigned code points, and spaces of every kind.
    return sign in _BLANK or unicodedata.category(sign) in {"Cc", "Cf", "Cn", "Cs", "Zl", "Zp", "Zs"}


class _Line:
    """A file for `csv.writer` that keeps the row it was given."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def _row(values: Iterable[str | int]) -> str:
    line = _Line()
    cells = (cell(value) if isinstance(value, str) else value for value in values)
    csv.writer(line, delimiter=";", lineterminator="\r\n").writerow(cells)
    return line.text
