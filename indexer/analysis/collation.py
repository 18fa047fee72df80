"""French alphabetical order, used for all lists that people read."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from indexer.analysis.folding import fold


def collation_key(text: str) -> tuple[str, str]:
    """Return the sort key of a text: É sorts with E, Œ as OE, and case is ignored.

    Texts that differ only in accents and case are adjacent, always in the same order. The index stores the first part
    of the key for titles.
    """
    return fold(text), unicodedata.normalize("NFC", text)


def alphabetical(labels: Iterable[str]) -> list[str]:
    """Return labels in French alphabetical order."""
    return sorted(labels, key=collation_key)
