"""Elision: "l'économie" is the word "économie"; "aujourd'hui" is one word."""

from __future__ import annotations

# Articles, pronouns and conjunctions that lose their vowel. "presqu" and "quelqu" are not among them: they live
# in "presqu'île" and "quelqu'un" alone, which are words of the dictionary, as are "prud'homme" and "grand'mère".
_ELIDED = "l d j m t s n c ç qu jusqu lorsqu puisqu quoiqu"
ELIDED: frozenset[str] = frozenset(_ELIDED.split())


def is_elided(piece: str) -> bool:
    """Return whether what precedes an apostrophe is a word of its own, to be left out.

    Args:
        piece: letters before an apostrophe, cleaned, in any case.
    """
    return piece.lower() in ELIDED
