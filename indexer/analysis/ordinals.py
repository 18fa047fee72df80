"""Ordinals: "2e", "2ème" and "2nde" are one word, as are "XXIe", "XXIème" and "21e"."""

from __future__ import annotations

import re

from indexer.analysis.folding import fold

_FIRST = re.compile("1(?:ers?|res?|eres?)")
_OTHER = re.compile("([0-9]{1,3})(?:es?|emes?|ieme?s?|nde?s?)")
_ROMAN_ENDING = "(?:e|è|ème|eme|ième|ieme)s?"
# In lower case only numerals that begin with two letters of which the first is x are safe: "vie" is a word.
_ROMAN = re.compile(f"([IVX]{{1,6}}){_ROMAN_ENDING}|(x[ivx]{{1,5}}){_ROMAN_ENDING}|([IVX]{{2,6}})(?:E|È|EME|ÈME)")
_NUMERAL = re.compile("(x{0,3})(ix|iv|v?i{0,3})")
_UNITS = {"": 0, "i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6, "vii": 7, "viii": 8, "ix": 9}


def _value(numeral: str) -> int:
    """Return the value of a roman numeral up to 39 in lower case, or 0 if it is none."""
    match = _NUMERAL.fullmatch(numeral)
    return 10 * len(match[1]) + _UNITS[match[2]] if match is not None else 0


def ordinal_terms(text: str) -> tuple[str, ...]:
    """Return the index terms of an ordinal, or nothing for another word. "1er" is found as "1" too, and finds it,
    because dates are written either way.

    Args:
        text: letters and digits, cleaned, case kept.
    """
    if text[0].isdigit():
        folded = fold(text)
        if _FIRST.fullmatch(folded):
            return ("1e", "1")
        match = _OTHER.fullmatch(folded)
        return (f"{int(match[1])}e",) if match is not None else ()
    match = _ROMAN.fullmatch(text) if text[0] in "IVXx" else None
    value = _value((match[1] or match[2] or match[3]).lower()) if match is not None else 0
    return (f"{value}e",) if value else ()
