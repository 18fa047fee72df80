"""Headings in capitals: "ÉTUDE DES ECOLES" consists of words, while "la SCIC" contains an acronym."""

from __future__ import annotations

import re
import unicodedata

from indexer.analysis.acronyms import LONGEST
from indexer.analysis.stopwords import FOLDED_STOP_WORDS

_NEAR = 28
# In decomposed text (NFD) an accent follows its letter.
_MARKS = "\u0300-\u036f"
_BETWEEN = rf"[^\w\n{_MARKS}]{{1,3}}"
_WORD = rf"((?:[^\W\d_][{_MARKS}]*){{2,}})"
_BEFORE = re.compile(rf"{_WORD}{_BETWEEN}$")
_AFTER = re.compile(rf"{_BETWEEN}{_WORD}(?!\w)")


def _is_loud(word: str) -> bool:
    """Return whether a neighbouring word is in capitals without being an acronym."""
    word = unicodedata.normalize("NFC", word)
    return word.isupper() and (len(word) > LONGEST or not word.isascii() or word.lower() in FOLDED_STOP_WORDS)


def in_heading(text: str, start: int, end: int) -> bool:
    """Return whether a word in capitals is part of a heading: a neighbour on the same line is in capitals too.

    Args:
        text: the whole text.
        start: where the word in capitals begins.
        end: offset past it.
    """
    before = _BEFORE.search(text, max(0, start - _NEAR), start)
    if before and _is_loud(before[1]):
        return True
    after = _AFTER.match(text, end, end + _NEAR)
    return after is not None and _is_loud(after[1])
