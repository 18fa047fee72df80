"""Elision: "l'économie" is the word "économie"; "aujourd'hui" is one word."""

from __future__ import annotations

# Articles, pronouns and conjunctions that lose their vowel. "presqu" and "quelqu" are left out: they occur only in
# "presqu'île" and "quelqu'un", which are single words, like "prud'homme" and "grand'mère".
_ELIDED = "l d j m t s n c ç qu jusqu lorsqu puisqu quoiqu"
ELIDED: frozenset[str] = frozenset(_ELIDED.split())


def is_elided(piece: str) -> bool:
    """Return whether the letters before an apostrophe are an elided word, to be left out.

    Args:
        piece: letters before an apostrophe, cleaned, in any case.
    """
    return piece.lower() in ELIDED
