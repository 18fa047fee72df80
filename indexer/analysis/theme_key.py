"""Theme keys: spellings of the same theme have equal keys."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from indexer.analysis.folding import fold

_NOT_WORD = re.compile(r"[\W_]+")


def theme_key(theme: str) -> str:
    """Return the key by which themes are compared.

    Args:
        theme: a theme as written on a page.

    Returns:
        The theme's words without case, accents, punctuation and extra spaces; "" if it holds no word.
    """
    return _NOT_WORD.sub(" ", fold(theme)).strip()


def _accents(form: str) -> int:
    return sum(1 for char in unicodedata.normalize("NFD", form) if unicodedata.combining(char))


def best_form(forms: Iterable[str]) -> str:
    """Return the spelling under which a theme is shown, among those that pages use.

    Args:
        forms: spellings of one theme, in any order.

    Returns:
        The spelling with the most accents; among equals one that is not all capitals, then one with a capital, then the
        first alphabetically, so that the result does not depend on the order in which pages are read.

    Raises:
        ValueError: `forms` is empty.
    """
    return min(forms, key=lambda form: (-_accents(form), form.isupper(), not form[:1].isupper(), form))
