"""Prefixes: "co-construction" and "coconstruction" are one word, with or without the hyphen."""

from __future__ import annotations

from indexer.analysis.folding import fold
from indexer.analysis.stopwords import is_stop_word

# Left out: prefixes that are words too ("sur", "des", "mi"), or are not joined in writing ("vice", "ex", "non").
_PREFIXES = """
aéro agri agro anti archi audio auto bi bio chrono co cyber e éco électro extra géo hydro hyper infra inter intra macro
maxi méga méta micro mini mono moto multi nano néo neuro para péri photo pluri poly post pré proto pseudo psycho radio
re ré rétro semi socio super supra télé thermo trans ultra vidéo
"""
PREFIXES: frozenset[str] = frozenset(fold(prefix) for prefix in _PREFIXES.split())
# Also joined to the word after a space ("micro entreprise"): as words of their own they are rare.
SPACED = "agro anti auto co éco eco inter macro micro multi pluri socio"
# Also met in brackets before a word, as "(ré)inventer" and "(dé)construire".
_BRACKETED = frozenset({*PREFIXES, "de", "des", "in", "im", "ir", "il", "mal", "non"})


def is_prefix(piece: str, sign: str, following: str) -> bool:
    """Return whether a piece is a prefix of the word after it.

    Args:
        piece: letters before the sign, lower case.
        sign: sign between the two, cleaned: a hyphen, a space, a closing bracket.
        following: letters after it.
    """
    if len(following) < 3 or not following.isalpha() or is_stop_word(following.lower()):
        return False
    if sign in {")", "-)"}:
        return fold(piece) in _BRACKETED
    return sign in {"-", " "} and fold(piece) in PREFIXES
