"""French alphabetical order, used for all lists that people read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from indexer.analysis.folding import fold

_NUMBER = re.compile("[0-9]+")
_DIGITS = 10


def sort_form(text: str) -> str:
    """Return the form by which a text is sorted: É sorts with E, Œ as OE, « n° 2 » before « n° 10 », without regard to
    case, and to punctuation at the beginning.

    The index stores this form of each title.

    Returns:
        The folded text in which each number has at least ten digits.
    """
    folded = fold(text)
    start = next((place for place, character in enumerate(folded) if character.isalnum()), 0)
    return _NUMBER.sub(lambda number: number[0].zfill(_DIGITS), folded[start:])


def collation_key(text: str) -> tuple[str, str]:
    """Return the sort key of a text: its `sort_form`, then the text itself.

    Texts with the same form, which differ in accents and case only, are therefore always in the same order.
    """
    return sort_form(text), unicodedata.normalize("NFC", text)


def alphabetical(labels: Iterable[str]) -> list[str]:
    """Return labels in French alphabetical order."""
    return sorted(labels, key=collation_key)
