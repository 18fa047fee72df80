"""Folding: lower case and no accents, for letters only.

Letters are folded with Unidecode (https://pypi.org/project/Unidecode/). It would also spell out symbols ("€" as "EUR")
and so add words that are not in the text; symbols are therefore kept as they are.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from unidecode import unidecode

from indexer.analysis.normalization import APOSTROPHES, HYPHENS, INVISIBLE, NO_BREAK_SPACES

_PUNCTUATION = (
    dict.fromkeys(INVISIBLE, "")
    | dict.fromkeys(APOSTROPHES, "'")
    | dict.fromkeys(HYPHENS, "-")
    | dict.fromkeys(NO_BREAK_SPACES, " ")
    | {"…": "...", "“": '"', "”": '"', "«": '"', "»": '"'}
)


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    """Fold one character that is not ASCII; one that Unidecode does not know is kept."""
    if character in _PUNCTUATION:
        return _PUNCTUATION[character]
    if unicodedata.combining(character):
        return ""
    if not character.isalnum():
        return character
    # Stripped, because Unidecode adds a space to ideographs; only ASCII results, so that folding is idempotent.
    ascii_letters = "".join(filter(str.isalnum, unidecode(character))).lower()
    return ascii_letters or character


@lru_cache(maxsize=1 << 17)
def _fold_word(text: str) -> str:
    return "".join(
        character if character.isascii() else _fold_character(character)
        for character in unicodedata.normalize("NFC", text).lower()
    )


def fold(text: str) -> str:
    """Fold a word, or a title for comparison.

    Args:
        text: any text, NFC or NFD.

    Returns:
        The text in lower case without accents or ligatures, with plain punctuation for typographic punctuation; symbols
        are kept.
    """
    if text.isascii():
        return text.lower()
    if len(text) <= 64:
        return _fold_word(text)
    return "".join(
        character if character.isascii() else _fold_character(character)
        for character in unicodedata.normalize("NFC", text).lower()
    )


def slug(text: str, *, limit: int = 60, whole_words: bool = False) -> str:
    """Return the folded words of a text joined by hyphens, for addresses; empty if it has no letter or digit.

    Args:
        text: any text.
        limit: largest number of characters.
        whole_words: cut between words, unless the first word alone is too long.
    """
    name = "-".join(re.findall(r"[a-z0-9]+", fold(text)))
    while whole_words and len(name) > limit and "-" in name[1:]:
        name = name.rpartition("-")[0]
    return name[:limit].strip("-")
