"""French alphabetical order, of every list that people read."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from indexer.analysis.folding import fold


def collation_key(text: str) -> tuple[str, str]:
    """Return the key by which a text stands in an alphabetical list: É with E, Œ as OE, capitals aside.

    Texts that differ by accents and capitals alone stand side by side, always in the same order. The index stores the
    first half of the key for titles.
    """
    return fold(text), unicodedata.normalize("NFC", text)


def alphabetical(labels: Iterable[str]) -> list[str]:
    """Return labels in French alphabetical order."""
    return sorted(labels, key=collation_key)
