"""Years as they are typed after « annee: »."""

from __future__ import annotations

import re

from indexer.analysis.folding import fold
from indexer.query.ast import YearRange

_NO_YEAR = frozenset({"aucun", "aucune", "sans", "none"})
_RANGE = re.compile(r"([0-9]{4})?(?:\.\.|[-–])([0-9]{4})?")
_BOUND = re.compile(r"(>=|<=|>|<|≥|≤)?([0-9]{4})")


def read_years(source: str) -> YearRange | None:
    """Read the value of a year field: a year, a span, a bound, or « aucune »; None if it is none of these.

    Args:
        source: as typed.
    """
    value = fold(source.strip(",;:!?")).replace("…", "..")
    value = value.replace("...", "..")
    if value in _NO_YEAR:
        return YearRange(None, None)
    bound = _BOUND.fullmatch(value)
    if bound is not None:
        sign, year = bound[1] or "", int(bound[2])
        low, high = {
            "": (year, year),
            ">": (year + 1, None),
            "<": (None, year - 1),
            ">=": (year, None),
            "≥": (year, None),
            "<=": (None, year),
            "≤": (None, year),
        }[sign]
    else:
        span = _RANGE.fullmatch(value)
        if span is None or span[0] in {"..", "-", "–"}:
            return None
        low, high = (int(end) if end else None for end in span.groups())
        if low is not None and high is not None:
            low, high = min(low, high), max(low, high)
    if any(end is not None and not 1000 <= end <= 9999 for end in (low, high)):
        return None
    return YearRange(low, high)
