"""Acronyms: "ESS" is not a form of "essai", "S.C.I.C." is "SCIC".

The index term of an acronym is in capitals, so that it never equals a stem. Short words in lower case are also indexed
under their unstemmed spelling, marked with "=", so that "SCOP" finds "Scop" but never "scope":

    text "SCOP"  → SCOP                  query "SCOP" → SCOP, =scop, =scops
    text "scop"  → scop (stem), =scop    query "scop" → scop (stem), SCOP
"""

from __future__ import annotations

import re

LONGEST = 6
_ACRONYM = re.compile(rf"[A-Z]{{2,{LONGEST}}}s?")
_SHORT = re.compile(rf"[a-z]{{2,{LONGEST}}}")
_PLURAL = re.compile(r"[a-z]{3,}[^s]s")


def is_acronym(piece: str) -> bool:
    """Return whether a piece is written like an acronym: two to six capitals, optionally with a plural s ("PTCEs")."""
    return _ACRONYM.fullmatch(piece) is not None


def acronym_terms(letters: str) -> tuple[str, ...]:
    """Return the index terms of an acronym in a text.

    Args:
        letters: its letters in any case, without full stops or plural s. A capital S is kept: "RTES" is not "RTE".
    """
    return (letters.upper(),)


def acronym_asked(letters: str) -> tuple[str, ...]:
    """Return the index terms that an acronym in a query matches: the acronym, or its letters as a plain word."""
    lower = letters.lower()
    plain = [lower, lower + "s"] + ([lower[:-1]] if _PLURAL.fullmatch(lower) else [])
    return (letters.upper(), *(f"={word}" for word in plain))


def spelled_terms(folded: str) -> tuple[str, ...]:
    """Return the index terms of a short word in lower case by which an acronym in a query finds it; none unless the
    word has two to six letters.

    Args:
        folded: the word in lower case without accents.
    """
    return (f"={folded}",) if _SHORT.fullmatch(folded) else ()


def spelled_asked(folded: str) -> tuple[str, ...]:
    """Return the index terms by which a short word in a query finds an acronym in a text; none for a longer word.

    Args:
        folded: the word in lower case without accents; a final s is taken for a plural ("ptces").
    """
    whole = (folded.upper(),) if _SHORT.fullmatch(folded) else ()
    if _PLURAL.fullmatch(folded) and _SHORT.fullmatch(folded[:-1]):
        return (*whole, folded[:-1].upper())
    return whole
