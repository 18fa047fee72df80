"""Spelling: for a word that the reader's world does not hold, the written form that was most likely meant.

Candidates are all forms within two edits (F. Damerau, 1964: a letter added, left out, changed, or two swapped). A bag
of letters rules out nearly all of them at once: two words within d edits differ by at most 2 d letters, order apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

MIN_LETTERS = 4
"""Shorter words have too many neighbours to guess."""
TWO_EDITS_FROM = 8
"""Letters from which two edits are forgiven."""
_COST_OF_EDIT = 5.0
"""An edit more is made up for by a form e⁵ times as frequent, so hardly ever."""
_FIRST_LETTER = 1.0
"""People rarely miss the first letter."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A folded form: how many resources hold it, and its most frequent spelling."""

    folded: str
    exact: str
    holding: int


class Speller:
    """Corrects single words. What it needs is made when it is first asked.

    Args:
        forms: gives every written form of the reader's own world: folded, exact, and how many resources hold it.
    """

    def __init__(self, forms: Callable[[], Iterable[tuple[str, str, int]]]) -> None:
        self._read_forms = forms

    @cached_property
    def _forms(self) -> list[_Form]:
        best: dict[str, _Form] = {}
        for folded, exact, holding in self._read_forms():
            known = best.get(folded)
            if known is None or holding > known.holding:
                best[folded] = _Form(folded, exact, holding)
        return [form for form in best.values() if form.folded.isalpha() and len(form.folded) >= MIN_LETTERS]

    @cached_property
    def _bags(self) -> NDArray[np.int8]:
        """[forms × 26] how often each letter stands in each form (int8)."""
        return np.array([_bag(form.folded) for form in self._forms], dtype=np.int8).reshape(-1, 26)

    def correct(self, word: str) -> str | None:
        """The form most likely meant by a folded word, accents right, or None."""
        if len(word) < MIN_LETTERS or not word.isalpha() or not self._forms:
            return None
        edits = 2 if len(word) >= TWO_EDITS_FROM else 1
        differing = np.abs(self._bags - np.array(_bag(word), dtype=np.int8)).sum(axis=1)
        best: tuple[float, str] | None = None
        for place in np.flatnonzero(differing <= 2 * edits):
            form = self._forms[int(place)]
            distance = edit_distance(word, form.folded, edits)
            if distance > edits:
                continue
            worth = math.log(form.holding) - _COST_OF_EDIT * distance + _FIRST_LETTER * (word[0] == form.folded[0])
            if best is None or (worth, form.exact) > best:
                best = worth, form.exact
        split = self._split(word)
        return best[1] if best is not None else split

    def _split(self, word: str) -> str | None:
        """Two known words written as one."""
        held = {form.folded: form for form in self._forms}
        pairs = [
            (min(held[word[:i]].holding, held[word[i:]].holding), f"{held[word[:i]].exact} {held[word[i:]].exact}")
            for i in range(MIN_LETTERS, len(word) - MIN_LETTERS + 1)
            if word[:i] in held and word[i:] in held
        ]
        return max(pairs)[1] if pairs else None


def _bag(word: str) -> list[int]:
    counts = [0] * 26
    for letter in word:
        if "a" <= letter <= "z":
            counts[ord(letter) - 97] += 1
    return counts


def edit_distance(a: str, b: str, limit: int) -> int:
    """Edits between two words: letters added, left out, changed, or two neighbours swapped (each pair once).

    Args:
        a: one word.
        b: the other.
        limit: past it the answer is only known to be greater.
    """
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before, here = [], list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, last, here = here, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, here[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            here.append(cost)
        if min(here) > limit:
            return limit + 1
    return here[-1]
