"""Approximate phonetic keys of French words: a word written by ear has the same key as the word that is meant.

Modelled on R. Russell's Soundex (1918), with French letter groups: k, qu and hard c are one sound, as are ph and f,
soft c and s, an and en, au and o. Silent endings (-e, -s, -t) are left out, and so are -er, -ez and -et.
"""

from __future__ import annotations

import re

_NASAL = "(?![aeiouynmh])"
_SOUNDS: tuple[tuple[str, str], ...] = (
    # Endings that are left out
    ("(?<=..)(?:e[rzte]?s?|[sxztdp]s?)$", ""),
    # Vowels
    ("eau|au", "o"),
    ("oeu|eu|oe", "e"),
    ("ou", "u"),
    ("oi|oy", "wa"),
    (f"(?:ai|ei|[iyu])[nm]{_NASAL}", "1"),
    (f"[ae][nm]{_NASAL}", "2"),
    (f"o[nm]{_NASAL}", "3"),
    ("ai|ei|ay|ey", "e"),
    ("y", "i"),
    # Consonants
    ("ph", "f"),
    ("sch|sh|ch(?![rl])", "S"),
    ("cc(?=[eiy])|x", "ks"),
    ("sc(?=[eiy])|c(?=[eiy])|ss|z|(?<!s)t(?=i(?:on|el|al|eu))", "s"),
    ("ch|cqu|ck|cc|qu|q|c", "k"),
    ("gu(?=[eiy])|gg", "g"),
    ("gn", "N"),
    ("ge(?=[ao])|g(?=[eiy])", "j"),
    ("th|tt", "t"),
    ("h", ""),
    ("w", "v"),
    *((2 * letter, letter) for letter in "bdfklmnprv"),
)
_GROUPS = re.compile("|".join(f"({pattern})" for pattern, _ in _SOUNDS))


def sound(word: str) -> str:
    """Return the phonetic key of a word, for comparison only.

    Args:
        word: folded: small letters without accents.
    """
    return _GROUPS.sub(lambda found: _SOUNDS[(found.lastindex or 0) - 1][1], word)
