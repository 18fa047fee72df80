"""Themes of one audience's resources: groups the spellings of each theme and names it by the best one in use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from indexer.analysis import best_form, theme_key
from indexer.engine.embedded.kernels.layout import IntArray, distinct, ranges


@dataclass(frozen=True, slots=True)
class Themes:
    """Themes of the documents that are not deleted.

    Attributes:
        names: the best spelling of each theme.
        keys: the number of each theme, by its `theme_key`, which all its spellings share.
        codes: theme numbers of all documents, concatenated, each once within a document.
        owners: the document that each of `codes` belongs to.
        forms: the name of the theme, by each spelling that occurs in these documents.
    """

    names: tuple[str, ...]
    keys: dict[str, int]
    codes: IntArray
    owners: IntArray
    forms: dict[str, str]

    def named(self, themes: Iterable[str]) -> tuple[str, ...]:
        """Return a resource's themes under the names that this audience sees, each once."""
        return tuple(dict.fromkeys([self.forms[theme] for theme in themes]))


def group_themes(written: list[str], codes: IntArray, offsets: IntArray, alive: IntArray) -> Themes:
    """Group the spellings of themes into themes, and name each one.

    Args:
        written: every spelling of a theme in the segments, those of deleted documents included.
        codes: [n] indexes into `written`, document after document.
        offsets: [size + 1] where each document's codes begin.
        alive: numbers of the documents that are not deleted.
    """
    counts = np.diff(offsets)[alive]
    used_codes = codes[ranges(offsets[:-1][alive], counts)]
    owners = np.repeat(alive, counts)
    forms: dict[str, list[str]] = {}
    for code in distinct(used_codes):
        forms.setdefault(theme_key(written[code]), []).append(written[code])
    keys = {key: number for number, key in enumerate(sorted(forms))}
    renumber = np.array([keys.get(theme_key(text), -1) for text in written] + [-1], dtype=np.int32)
    pairs = distinct(owners.astype(np.int64) << 32 | renumber[used_codes])
    names = tuple(best_form(forms[key]) for key in keys)
    return Themes(
        names=names,
        keys=keys,
        codes=(pairs & 0xFFFFFFFF).astype(np.int32),
        owners=(pairs >> 32).astype(np.int32),
        forms={text: names[keys[key]] for key, texts in forms.items() for text in texts},
    )
