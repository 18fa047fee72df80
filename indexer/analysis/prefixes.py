"""Prefixes: "co-construction" and "coconstruction" are one word, with or without the hyphen."""

from __future__ import annotations

from indexer.analysis.folding import fold
from indexer.analysis.stopwords import is_stop_word

# Not listed: prefixes that are also words ("sur", "des", "mi"), or that are not written as one word ("vice", "ex",
# "non").
_PREFIXES = """
aéro agri agro anti archi audio auto bi bio chrono co cyber e éco électro extra géo hydro hyper infra inter intra macro
maxi méga méta micro mini mono moto multi nano néo neuro para péri photo pluri poly post pré proto pseudo psycho radio
re ré rétro semi socio super supra télé thermo trans ultra vidéo
"""
PREFIXES: frozenset[str] = frozenset(fold(prefix) for prefix in _PREFIXES.split())
# Joined to the next word even across a space ("micro entreprise"), since they are rare as separate words.
SPACED = "agro anti auto co éco eco inter macro micro multi pluri socio"
# Also found in brackets before a word, as in "(ré)inventer" and "(dé)construire".
_BRACKETED = frozenset({*PREFIXES, "de", "des", "in", "im", "ir", "il", "mal", "non"})


def is_prefix(piece: str, sign: str, following: str) -> bool:
    """Return whether a piece is a prefix of the word after it.

    Args:
        piece: letters before the sign, lower case.
        sign: sign between the two, cleaned: a hyphen, a space, a closing bracket.
        following: letters after the sign.
    """
    if len(following) < 3 or not following.isalpha() or is_stop_word(following.lower()):
        return False
    if sign in {")", "-)"}:
        return fold(piece) in _BRACKETED
    return sign in {"-", " "} and fold(piece) in PREFIXES
