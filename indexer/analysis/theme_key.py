"""Theme keys: equal keys are spellings of one theme."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from indexer.analysis.folding import fold

_NOT_WORD = re.compile(r"[\W_]+")


def theme_key(theme: str) -> str:
    """Return the key by which themes are compared.

    Args:
        theme: a theme as a page writes it.

    Returns:
        The theme's words, case, accents, punctuation and spaces apart; "" when it holds no word.
    """
    return _NOT_WORD.sub(" ", fold(theme)).strip()


def _accents(form: str) -> int:
    return sum(1 for char in unicodedata.normalize("NFD", form) if unicodedata.combining(char))


def best_form(forms: Iterable[str]) -> str:
    """Return the spelling under which a theme is shown, among those that pages use.

    Args:
        forms: spellings of one theme, in any order.

    Returns:
        The most accented one; then one that is not all capitals, then one with a capital; ties break on the text,
        so that the order in which pages are read changes nothing.

    Raises:
        ValueError: `forms` is empty.
    """
    return min(forms, key=lambda form: (-_accents(form), form.isupper(), not form[:1].isupper(), form))
