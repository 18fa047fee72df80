"""Spelling: finds the form that was most likely meant by a word that no resource holds.

Candidates are all forms within two edits (F. Damerau, 1964: a letter added, left out, changed, or two swapped).
Comparing letter counts first rules out nearly all of them: the letter counts of two words within d edits differ by at
most 2 d in all. Forms that sound like the word may be an edit or two further away: « publike » is « publique » written
by ear. A word may also be two known words without the space between them.
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
from indexer.query.edits import edit_distance

MIN_LETTERS = 4
"""Smallest number of letters of a word to correct, and of its correction: too many forms are close to shorter words."""
_SHORTEST_KEPT = 2  # short forms are kept because they may be a part of a word to split
MAX_LETTERS = 40
"""Largest number of letters of a word to correct, and of a form in the lexicon; longer ones are not words."""
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
"""Largest count of a letter in a word, as counts are signed bytes; more occurrences are counted as this many."""
_CACHE_SIZE = 4096
EDITS_BY_EAR = 4
"""Largest number of edits between a word and a form that sounds the same."""
EDITS_BY_EAR_IF_SHORT = 2
"""Largest number of edits between a word shorter than `SURE_FROM` and a form that sounds the same."""
SURE_FROM = 7
"""Number of letters from which sounding the same is evidence; shorter words sound like too many others."""
_SHORTEST_PART = 3
"""Number of letters of the shortest part of a word to split, unless it is a stop word."""


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
        if not form.folded.isalpha() or not _SHORTEST_KEPT <= len(form.folded) <= MAX_LETTERS:
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
        self._found: dict[str, str | None] = {}

    def forget(self) -> None:
        """Empty the cache, for benchmarks."""
        self._found.clear()

    def _form(self, place: int) -> Form:
        held = self._lexicon
        return Form(held.folded[place], held.exact[place], int(held.holding[place]), int(held.titled[place]))

    def correct(self, word: str) -> str | None:
        """Return the form most likely meant, accents included, or None.

        Args:
            word: as typed, folded; no resource holds it.
        """
        if not MIN_LETTERS <= len(word) <= MAX_LETTERS or not word.isalpha() or not len(self._lexicon.holding):
            return None
        # A page without hits repeats the search with fewer filters, so the same words are corrected again.
        known = self._found.get(word, "")
        if known != "":
            return known
        if len(self._found) >= _CACHE_SIZE:
            self._found.clear()
        meant = self._found[word] = self._meant(word)
        return meant

    def known(self, folded: str) -> Form | None:
        """Return the form of a folded word, or None if no resource holds it in this form."""
        place = bisect_left(self._lexicon.folded, folded)
        if place == len(self._lexicon.folded) or self._lexicon.folded[place] != folded:
            return None
        return self._form(place)

    def _meant(self, word: str) -> str | None:
        """Return the nearest form, or the word split into two words if that is likelier."""
        nearest, split = self._nearest(word), self._split(word)
        if nearest is None or split is None:
            return nearest[1] if nearest is not None else split
        return nearest[1] if nearest[0] <= 1 else split

    def _nearest(self, word: str) -> tuple[int, str] | None:
        """Return the likeliest form near the word, preceded by the number of edits to it; None if no form is near."""
        edits = 2 if len(word) >= TWO_EDITS_FROM else 1
        differing = np.abs(self._lexicon.bags - _bags([word])).sum(axis=1)
        near = np.flatnonzero(differing <= 2 * edits).tolist()
        alike = set(np.flatnonzero(self._lexicon.sounds == _heard(word)).tolist())
        short = len(word) < SURE_FROM
        best: tuple[float, str, int] | None = None
        for place in sorted({*near, *alike}):
            form = self._form(place)
            within = edits if place not in alike else EDITS_BY_EAR_IF_SHORT if short else EDITS_BY_EAR
            distance = edit_distance(word, form.folded, within)
            if not 0 < distance <= within or not _is_credible(word, form, distance):
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
            if best is None or (worth, form.exact) > best[:2]:
                best = worth, form.exact, distance
        return None if best is None else (best[2], best[1])

    def _split(self, word: str) -> str | None:
        """Return a word split into two known words, or None if it cannot be."""
        pairs = []
        for i in range(_SHORTEST_KEPT, len(word) - _SHORTEST_PART + 1):
            first, second = self.known(word[:i]), self.known(word[i:])
            if first is None or second is None:
                continue
            # A short stop word may come first (« lacommune »), but hardly last.
            if (is_stop_word(first.exact) or _is_part(first)) and _is_part(second):
                pairs.append((min(first.holding, second.holding), f"{first.exact} {second.exact}"))
        return max(pairs)[1] if pairs else None


def _is_part(form: Form) -> bool:
    """Return whether a form may be a part of a word to split: with three letters, only if it is in a title."""
    if len(form.folded) >= MIN_LETTERS:
        return True
    return len(form.folded) == _SHORTEST_PART and form.titled > 0 and not is_stop_word(form.exact)


def _is_credible(word: str, form: Form, distance: int) -> bool:
    """Return whether a form, `distance` edits away from a word, may be what was meant.

    With two edits or more, both must begin with the same letter or sound: « chrétienne » does not mean « retienne ». A
    stop word as long as the word must have the same letters in another order: « craque » does not mean « chaque ».
    """
    if len(form.folded) < MIN_LETTERS:
        return False
    if is_stop_word(form.exact) and len(word) == len(form.folded):
        return sorted(word) == sorted(form.folded)
    return distance < 2 or word[0] == form.folded[0] or sound(word)[:1] == sound(form.folded)[:1]


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
