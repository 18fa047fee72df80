"""Folded forms as one text of a form a line, in which a wildcard is one pass of the regular expression engine."""

from __future__ import annotations

import re

import numpy as np

from indexer.engine.embedded.kernels.layout import IntArray
from indexer.engine.embedded.storage.string_table import StringTable


class FoldedLines:
    """Some forms of a segment.

    Args:
        forms: entries ``folded NUL exact``.
        places: which of them.
    """

    def __init__(self, forms: StringTable, places: range) -> None:
        lines = [forms.encoded(place).partition(b"\0")[0].decode() for place in places]
        self._first = places.start
        self._text = "\n".join(lines)
        # Where each line begins; a form holds no break, since breaks part words.
        self._starts = np.cumsum([0, *(len(line) + 1 for line in lines)])[:-1]

    def matching(self, wanted: re.Pattern[str]) -> IntArray:
        """[n] indexes, in the table, of the lines that a pattern of `indexer.query.wildcards.line_regex` matches."""
        found = [match.start() for match in wanted.finditer(self._text)] if len(self._starts) else []
        places: IntArray = np.searchsorted(self._starts, found) + self._first
        return places
