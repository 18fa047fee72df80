"""Themes of a searcher: written in several ways, one theme; named by the best form that this searcher's readers may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from indexer.analysis.theme_key import best_form, theme_key
from indexer.engine.embedded.kernels.layout import IntArray, ranges


@dataclass(frozen=True, slots=True)
class Themes:
    """Themes that live resources have.

    Attributes:
        names: the best form of each theme.
        keys: `theme_key` of each, to its number.
        codes: theme numbers of all documents, end to end, without repetition within a document.
        owners: document of each code.
        forms: every way that a theme of a live resource was written, to its name.
    """

    names: tuple[str, ...]
    keys: dict[str, int]
    codes: IntArray
    owners: IntArray
    forms: dict[str, str]

    def named(self, themes: Iterable[str]) -> tuple[str, ...]:
        """A resource's themes as this searcher writes them, each once."""
        return tuple(dict.fromkeys([self.forms[theme] for theme in themes]))


def group_themes(written: list[str], codes: IntArray, offsets: IntArray, live: IntArray) -> Themes:
    """Bring together the ways a theme was written.

    Args:
        written: every way a theme was written in the segments, live or not.
        codes: [n] indexes into `written`, document after document.
        offsets: [size + 1] where each document's codes begin.
        live: numbers of the live documents.
    """
    counts = np.diff(offsets)[live]
    used_codes = codes[ranges(offsets[:-1][live], counts)]
    owners = np.repeat(live, counts)
    forms: dict[str, list[str]] = {}
    for code in np.unique(used_codes):
        forms.setdefault(theme_key(written[code]), []).append(written[code])
    keys = {key: number for number, key in enumerate(sorted(forms))}
    renumber = np.array([keys.get(theme_key(text), -1) for text in written] + [-1], dtype=np.int32)
    pairs = np.unique(owners.astype(np.int64) << 32 | renumber[used_codes])
    names = tuple(best_form(forms[key]) for key in keys)
    return Themes(
        names=names,
        keys=keys,
        codes=(pairs & 0xFFFFFFFF).astype(np.int32),
        owners=(pairs >> 32).astype(np.int32),
        forms={text: names[keys[key]] for key, texts in forms.items() for text in texts},
    )
