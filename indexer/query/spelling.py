"""Spelling: finds the form that was most likely meant by a word that hardly any resource holds.

Candidates are all forms within two edits (F. Damerau, 1964: a letter added, left out, changed, or two swapped).
Comparing letter counts first rules out nearly all of them: the letter counts of two words within d edits differ by at
most 2 d in all. Forms that sound like the word may be an edit or two further away: « publike » is « publique » written
by ear.
"""

from __future__ import annotations

import math
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import is_stop_word, sound

MIN_LETTERS = 4
"""Shorter words are not corrected: too many forms are close to them."""
MAX_LETTERS = 40
"""Longer ones are not words, and their letter counts would not fit."""
TWO_EDITS_FROM = 8
"""Number of letters from which two edits are allowed; shorter words are allowed one."""
# How much likelier one candidate is than another, in nats. Measured by `python -m bench.typos`.
_COST_OF_EDIT = 5.0  # so high that frequency hardly ever outweighs one more edit
_COST_OF_EAR = 2.4  # of a form that sounds the same, in addition to its edits
_COST_OF_HEARD = 1.3  # of each edit that does not change the sound
_COST_OF_DOUBT = 2.0  # in addition, in words shorter than SURE_FROM
_OF_HOLDING = 0.3  # weight of the number of resources: frequent words are meant more often
_OF_TITLES = 0.7  # weight of the number of titles: people look for words of titles
_FIRST_LETTER = 1.0  # the first letter is rarely wrong
_STOP_WORD = 1.0  # stop words are rarely searched
_LEFT_OUT = 0.7  # letters are more often left out than added
_MOST = 127
"""Largest count of a letter; more occurrences count as this many, since counts are bytes."""
_CACHE_SIZE = 4096
EDITS_BY_EAR = 4
"""Number of edits allowed for a form that sounds the same."""
SURE_FROM = 7
"""Number of letters from which sounding the same is evidence; shorter words sound like too many others."""
_DOUBTFUL = 20
"""A word that some resources hold is corrected only to a form that is this many times as frequent."""


@dataclass(frozen=True, slots=True)
class Form:
    """A written form.

    Attributes:
        folded: without accents.
        exact: as written.
        holding: how many resources hold it.
        titled: how many of them in their title.
    """

    folded: str
    exact: str
    holding: int
    titled: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The forms to correct to. Of several forms that fold to the same letters, the one that most resources hold.

    Attributes:
        folded: n folded forms, sorted.
        exact: each form as written, with accents.
        holding: [n] how many resources hold it.
        titled: [n] how many of them in their title.
        bags: [n × 26] how often each letter occurs in each form (int8).
        sounds: [n] a hash of each form's phonetic key (uint32); empty in generations of older versions, which lack it.
    """

    folded: Sequence[str]
    exact: Sequence[str]
    holding: NDArray[Any]
    titled: NDArray[Any]
    bags: NDArray[Any]
    sounds: NDArray[Any]


def lexicon_of(forms: Iterable[Form]) -> Lexicon:
    """Return the lexicon of some forms; short forms and forms that are not made of letters are left out."""
    best: dict[str, Form] = {}
    for form in forms:
        if not form.folded.isalpha() or not MIN_LETTERS <= len(form.folded) <= MAX_LETTERS:
            continue
        known = best.get(form.folded)
        if known is None or (form.holding, form.exact) > (known.holding, known.exact):
            best[form.folded] = form
    kept = [best[folded] for folded in sorted(best)]
    return Lexicon(
        folded=[form.folded for form in kept],
        exact=[form.exact for form in kept],
        holding=np.array([form.holding for form in kept], dtype=np.int32),
        titled=np.array([form.titled for form in kept], dtype=np.int32),
        bags=_bags([form.folded for form in kept]),
        sounds=np.array([_heard(form.folded) for form in kept], dtype=np.uint32),
    )


class Speller:
    """Corrects single words.

    Args:
        lexicon: the forms in the resources of the reader's audience.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._found: dict[tuple[str, int], str | None] = {}

    def forget(self) -> None:
        """Empty the cache, for benchmarks."""
        self._found.clear()

    def _form(self, place: int) -> Form:
        held = self._lexicon
        return Form(held.folded[place], held.exact[place], int(held.holding[place]), int(held.titled[place]))

    def correct(self, word: str, *, holding: int = 0) -> str | None:
        """Return the form most likely meant, accents included, or None.

        Args:
            word: as typed, folded.
            holding: how many resources hold the word as typed.
        """
        if not MIN_LETTERS <= len(word) <= MAX_LETTERS or not word.isalpha() or not len(self._lexicon.holding):
            return None
        # A page without hits repeats the search with fewer filters, so the same words are corrected again.
        known = self._found.get((word, holding), "")
        if known != "":
            return known
        if len(self._found) >= _CACHE_SIZE:
            self._found.clear()
        nearest = self._found[word, holding] = self._nearest(word, holding)
        return nearest

    def _nearest(self, word: str, holding: int) -> str | None:
        edits = 2 if len(word) >= TWO_EDITS_FROM else 1
        differing = np.abs(self._lexicon.bags - _bags([word])).sum(axis=1)
        best: tuple[float, str] | None = None
        often = self._lexicon.holding >= _DOUBTFUL * holding
        near = np.flatnonzero((differing <= 2 * edits) & often).tolist()
        alike = {place for place in np.flatnonzero(self._lexicon.sounds == _heard(word)).tolist() if often[place]}
        short = len(word) < SURE_FROM
        for place in sorted({*near, *alike}):
            form = self._form(place)
            within = EDITS_BY_EAR if place in alike else edits
            distance = edit_distance(word, form.folded, within)
            if not 0 < distance <= within:
                continue
            cost = _COST_OF_EDIT * distance
            if place in alike:
                cost = min(cost, _COST_OF_EAR + _COST_OF_HEARD * distance + (_COST_OF_DOUBT if short else 0))
            worth = (
                _OF_HOLDING * math.log(form.holding)
                + _OF_TITLES * math.log(1 + form.titled)
                + _FIRST_LETTER * (word[0] == form.folded[0])
                - _STOP_WORD * is_stop_word(form.exact)
                + _LEFT_OUT * (len(form.folded) > len(word))
                - cost
            )
            if best is None or (worth, form.exact) > best:
                best = worth, form.exact
        if best is not None:
            return best[1]
        return None if holding else self._split(word)

    def _split(self, word: str) -> str | None:
        """Return a word split into two known words, or None if it cannot be."""
        pairs = []
        for i in range(MIN_LETTERS, len(word) - MIN_LETTERS + 1):
            first, second = self._known(word[:i]), self._known(word[i:])
            if first is not None and second is not None:
                pairs.append((min(first.holding, second.holding), f"{first.exact} {second.exact}"))
        return max(pairs)[1] if pairs else None

    def _known(self, folded: str) -> Form | None:
        place = bisect_left(self._lexicon.folded, folded)
        if place == len(self._lexicon.folded) or self._lexicon.folded[place] != folded:
            return None
        return self._form(place)


def _bags(words: Sequence[str]) -> NDArray[Any]:
    """Return how often each letter occurs in each word, at most `_MOST` times ([n × 26], int8)."""
    # One byte per letter: anything but a Latin letter becomes a question mark, which is not counted.
    letters = np.frombuffer("".join(words).encode("ascii", "replace"), dtype=np.uint8).astype(np.int64) - ord("a")
    owners = np.repeat(np.arange(len(words)), [len(word) for word in words])
    counted = (letters >= 0) & (letters < 26)
    counts = np.bincount(owners[counted] * 26 + letters[counted], minlength=26 * len(words))
    return np.minimum(counts, _MOST).astype(np.int8).reshape(-1, 26)


# Cached, because the lexicons of visitors and members share most forms.
@lru_cache(maxsize=1 << 18)
def _heard(word: str) -> int:
    return zlib.crc32(sound(word).encode())


def edit_distance(a: str, b: str, limit: int) -> int:
    """Return the number of edits between two words: letters added, left out or changed, or two neighbours swapped (each
    pair at most once).

    Args:
        a: one word.
        b: the other.
        limit: if the distance is greater, any number above the limit is returned.
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
