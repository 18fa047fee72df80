"""Decides whether a text repeats its summary, exactly or nearly."""

from __future__ import annotations

import re

from indexer.analysis import fold

ALIKE = 0.9
"""Share of a summary's words (see `share_repeated`) from which the text counts as repeating the summary.

Summaries copied from the text, with small cuts and corrections, share more; summaries written anew share few phrases.
"""

_WORD = re.compile(r"\w+")
_TOGETHER = 3


def is_repeated(summary: str | None, body: str | None) -> bool:
    """Return whether a body contains its summary, so that the summary need not be shown."""
    if summary is None or body is None:
        return False
    return share_repeated(summary, body) >= ALIKE


def share_repeated(summary: str, body: str) -> float:
    """Return the share of a summary's words that a body also contains with at least two of their neighbours.

    Case, accents and punctuation are ignored. For a summary of one or two words the result is 0 or 1.
    """
    words, held = _WORD.findall(fold(summary)), _WORD.findall(fold(body))
    if not words:
        return 1.0
    size = min(_TOGETHER, len(words))
    known = {tuple(held[i : i + size]) for i in range(len(held) - size + 1)}
    repeated = [False] * len(words)
    for i in range(len(words) - size + 1):
        if tuple(words[i : i + size]) in known:
            repeated[i : i + size] = [True] * size
    return sum(repeated) / len(words)
