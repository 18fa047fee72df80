"""Tokenizer: splits a text into chunks, and chunks into runs of letters with the signs between them.

A chunk is a string that may be one word or several connected ones: "l'élu·e", "tiers-lieux", "rtes.fr", "20 000". One
regular expression finds chunks. Equal chunks always give equal tokens, so the rest of the analysis is cached by chunk.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from indexer.analysis import references
from indexer.analysis.normalization import (
    APOSTROPHES,
    FULL_STOPS,
    HYPHENS,
    INVISIBLE,
    MIDDLE_DOTS,
    NO_BREAK_SPACES,
    RUN,
    clean,
)
from indexer.analysis.prefixes import SPACED

_WORD = rf"[\w\u0300-\u036f{INVISIBLE}]"
_SIGNS = re.escape(APOSTROPHES + HYPHENS + MIDDLE_DOTS + FULL_STOPS + "/@&")
_SPACES = f" {NO_BREAK_SPACES}"
# Thousands: groups of three digits after one to three ("2014 856" is a year and a number); their number is limited.
# Between thousands a full stop is a separator and never a decimal mark, which is a comma in French.
_STOPS = re.escape(FULL_STOPS)
_THOUSANDS = (
    rf"(?=\d)(?<![\w.,])(?:\d{{1,3}}(?:[{_SPACES}]\d{{3}}){{1,6}}|[1-9]\d{{0,2}}(?:[{_STOPS}]\d{{3}}){{1,6}})"
    rf"(?:,\d+)?(?![\w\u0300-\u036f]|[{_STOPS},]\d)"
)
_PREFIX = (
    rf"(?:(?<!\w)(?i:{'|'.join(SPACED.split())})[ {NO_BREAK_SPACES}](?=[^\W\d_]{{3}})"
    rf"|\([^\W\d_]{{2,5}}[{re.escape(HYPHENS)}]?\)(?=[^\W\d_]{{3}}))"
)
_CHUNK = (
    rf"{_PREFIX}?"
    rf"[^\W_]{_WORD}*"
    rf"(?:(?:[{_SIGNS}]|(?<=\d)[,:](?=\d)){_WORD}+|\([{re.escape(HYPHENS)}]?{_WORD}{{1,6}}\){_WORD}*)*"
    rf"[{re.escape(APOSTROPHES)}]?"
)
CHUNKS = re.compile(rf"{references.ANY}|{_THOUSANDS}|{_CHUNK}")
_GROUPED = re.compile(_THOUSANDS)
_DECIMALS = re.compile(r",\d+\Z")


class LetterRun(NamedTuple):
    """A run of letters or digits, without punctuation inside.

    Attributes:
        text: the letters, cleaned, case kept.
        sign: punctuation before it, cleaned (``"-"``); empty for the first run.
        start: offset in the chunk.
        end: offset past the last letter.
        closed: offset past a closing bracket that directly follows, else `end`.
        after: punctuation after it, cleaned; empty for the last run.
    """

    text: str
    sign: str
    start: int
    end: int
    closed: int
    after: str


def cut(chunk: str) -> list[LetterRun]:
    """Split a chunk into its runs.

    Args:
        chunk: a match of `CHUNKS`.

    Returns:
        The runs in order. A number written in groups of three digits ("60 000", "60.000") is one run of its digits.
    """
    spans = [match.span() for match in RUN.finditer(chunk)]
    texts = [clean(chunk[start:end]) for start, end in spans]
    if _GROUPED.fullmatch(chunk):
        decimals = _DECIMALS.search(chunk)
        end = decimals.start() if decimals else len(chunk)
        inside = [span for span in spans if span[1] <= end]
        texts[: len(inside)] = ["".join(texts[: len(inside)])]
        spans[: len(inside)] = [(0, end)]
    runs = []
    if chunk.startswith("("):
        spans[0] = (0, spans[0][1])  # a prefix in brackets: its span includes them
    for number, ((start, end), text) in enumerate(zip(spans, texts, strict=True)):
        before = chunk[spans[number - 1][1] : start] if number else ""
        following = chunk[end : spans[number + 1][0] if number + 1 < len(spans) else len(chunk)]
        closed = end + 1 if following.startswith(")") else end
        if text:
            runs.append(LetterRun(text, clean(before), start, end, closed, clean(following)))
    return runs
