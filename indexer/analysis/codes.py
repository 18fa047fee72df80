"""Codes: dates, law numbers, decimals, host names and addresses are found as typed, and by their parts.

Parts take successive positions. Each part is also indexed under the longer codes that begin with it ("2014" also under
"2014-856"), so that a query for "2014-856" matches the whole code, and "2014" alone matches it too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.analysis.tokenizer import LetterRun

# Limits that keep the time linear in the length of the text.
_LONGEST = 8
_MOST_LABELS = 16
_YEAR = re.compile(r"(?:19|20)\d\d")
# Ends of host names met in French pages, and of file names.
_ENDINGS_LISTED = """
fr com org net eu info io coop bzh paris asso gouv edu be ch ca de uk tv social pro app 
pdf doc docx odt ods odp xls xlsx ppt pptx csv zip html htm jpg jpeg png txt mp3 mp4 json xml php
"""
_ENDINGS = frozenset(_ENDINGS_LISTED.split())
_HOST_SIGNS = frozenset({".", "@", "-", "_"})


def number_end(runs: Sequence[LetterRun], first: int) -> int:
    """Return the end of a number: digits joined by punctuation.

    Args:
        runs: runs of a chunk.
        first: index of the run at which the number would begin.

    Returns:
        Index past the last run of the number; `first + 1` for a single run of digits, `first` if there is no number.
    """
    last = first
    while last < len(runs) and runs[last].text.isdigit() and (last == first or runs[last].sign in {*"-/.,:"}):
        last += 1
    return last


def host_end(runs: Sequence[LetterRun], first: int) -> int:
    """Find the end of a host name, an address or a file name.

    Args:
        runs: runs of a chunk.
        first: index of the run where it would begin.

    Returns:
        Index past its last run, or `first` where there is none.
    """
    last = first + 1
    while last < min(len(runs), first + _MOST_LABELS) and runs[last].sign in _HOST_SIGNS:
        last += 1
    while last - first > 1:
        if runs[last - 1].sign == "." and runs[last - 1].text.lower() in _ENDINGS:
            return last
        last -= 1
    return first


def _separator(runs: Sequence[LetterRun], number: int) -> str:
    """Return the sign before the run at index `number` of a code, normalised so that all spellings of a code agree
    ("18.03.2021", "18/03/2021").
    """
    sign = runs[number].sign
    if not runs[number].text.isdigit() or sign == ":":
        return sign
    if sign in {".", ","} and len(runs) == 2:
        return "."
    return "-"


def wholes(runs: Sequence[LetterRun]) -> list[list[str]]:
    """Return, for each part of a code, the index terms of the longer codes that begin with it.

    Args:
        runs: the runs of one code.

    Returns:
        For each run, the codes of two or more runs that begin at it, in lower case, the longest last.
    """
    separators = [_separator(runs, number) for number in range(len(runs))]
    found = []
    for first in range(len(runs)):
        text, longer = runs[first].text.lower(), []
        for following in range(first + 1, min(len(runs), first + _LONGEST)):
            text += separators[following] + runs[following].text.lower()
            longer.append(text)
        found.append(longer)
    return found


def is_period(runs: Sequence[LetterRun]) -> bool:
    """Return whether two numbers are the first and last year of a period ("2018-2020"), each searched alone."""
    return len(runs) == 2 and all(_YEAR.fullmatch(run.text) for run in runs)
