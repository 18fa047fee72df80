"""Write the CSV files of the site, so that a French Excel opens them correctly and runs no cell as a formula.

A French Excel expects semicolons, a byte order mark and CRLF.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator

from search_app.web.text import printable

BYTE_ORDER_MARK = "\ufeff"
CONTENT_TYPE = "text/csv; charset=utf-8"
MOST_IN_CELL = 32_000
"""Largest number of characters of a cell; Excel breaks rows with a cell of more than 32,767 characters."""

_FORMULA = frozenset("=+-@\N{MINUS SIGN}")
_BLANK = frozenset(
    "\N{COMBINING GRAPHEME JOINER}\N{HANGUL CHOSEONG FILLER}\N{HANGUL JUNGSEONG FILLER}\N{KHMER VOWEL INHERENT AQ}"
    "\N{KHMER VOWEL INHERENT AA}\N{BRAILLE PATTERN BLANK}\N{HANGUL FILLER}\N{HALFWIDTH HANGUL FILLER}"
    "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
"""Invisible characters whose Unicode category does not say so; the last of them are variation selectors."""


def write_csv(titles: Iterable[str], rows: Iterable[Iterable[str | int]]) -> Iterator[str]:
    """Yield a CSV file, row by row.

    Args:
        titles: column headings.
        rows: the cells of each row; texts are made safe, numbers are written unchanged.
    """
    yield BYTE_ORDER_MARK + _row(titles)
    yield from map(_row, rows)


def cell(value: str) -> str:
    """Return a text made safe for a cell: an apostrophe is put before one that a spreadsheet might run as a formula."""
    text = printable(value)
    if len(text) > MOST_IN_CELL:
        text = text[: MOST_IN_CELL - 1] + "…"
    return f"'{text}" if _begins_formula(text) else text


def _begins_formula(text: str) -> bool:
    """Return whether the first visible character can begin a formula, in any form (full-width, small, superscript)."""
    if text.startswith("\t"):
        return True
    first = next((sign for sign in text if not _is_blank(sign)), "")
    return unicodedata.normalize("NFKC", first)[:1] in _FORMULA if first else False


def _is_blank(sign: str) -> bool:
    # Controls, format characters (zero width, marks of direction), unassigned code points, and all spaces.
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
