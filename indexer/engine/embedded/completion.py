"""Completion of what is being typed: frequent phrases, then titles, of the reader's own world."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter

from indexer.engine.embedded.world import World
from indexer.french.folding import fold

_SCANNED = 2_000
"""Places in titles that are looked at for one completion: enough to see which phrases are frequent."""
_PHRASE_WORDS = 4
_SEPARATORS = re.compile(r"[^\w]")
_WORD = re.compile(r"\w+")


class Completer:
    """Completes from titles. Built once a generation and world, when first asked.

    All folded titles stand end to end in one text, each word after a space, so that looking for « space, prefix » is
    one pass of the C library's string search.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._docs = [doc for doc, _ in world.titles]
        # Replacing one character by one keeps offsets true between the folded title and what is searched.
        lines = [" " + _SEPARATORS.sub(" ", title) for _, title in world.titles]
        self._starts = []
        place = 0
        for line in lines:
            self._starts.append(place)
            place += len(line) + 1
        self._text = "\n".join(lines)

    def complete(self, prefix: str, limit: int) -> tuple[str, ...]:
        """Phrases met twice or more in titles, most frequent first, then titles, those that begin so first.

        Args:
            prefix: what is typed; accents and capitals do not matter.
            limit: how many at most.
        """
        wanted = " ".join(_WORD.findall(fold(prefix)))
        if not wanted:
            return ()
        phrases: Counter[str] = Counter()
        titles: dict[str, tuple[bool, int, str]] = {}
        shown: dict[str, str] = {}
        place = self._text.find(" " + wanted)
        for _ in range(_SCANNED):
            if place < 0:
                break
            line = bisect_right(self._starts, place) - 1
            title = self._title(self._docs[line])
            offset = place - self._starts[line]
            titles.setdefault(title, (offset > 0, len(title), title))
            for phrase in _phrases(title, offset, len(wanted)):
                phrases[fold(phrase)] += 1
                shown.setdefault(fold(phrase), phrase)
            place = self._text.find(" " + wanted, place + 1)
        ranked = sorted((p for p, n in phrases.items() if n > 1), key=lambda p: (-phrases[p] * len(p.split()), p))
        frequent = [shown[p] for p in _maximal(ranked, phrases)][: max(limit // 2, 1)]
        return tuple(dict.fromkeys([*frequent, *sorted(titles, key=titles.__getitem__)]))[:limit]

    def _title(self, doc: int) -> str:
        segment, number = self._world.place(doc)
        return segment.hit(number).title


def _phrases(title: str, offset: int, length: int) -> list[str]:
    """What a title says from a place on, to the end of the word being typed and of up to three words after it."""
    starts = (match.start() for match in _WORD.finditer(title))
    # Ligatures are longer once folded: places in the title are told by what comes before them, folded.
    rest = title[next((start for start in starts if len(fold(title[:start])) >= offset), len(title)) :]
    ends = [m.end() for m in _WORD.finditer(rest) if len(fold(rest[: m.end()])) >= length][:_PHRASE_WORDS]
    return [rest[:end] for end in ends]


def _maximal(ranked: list[str], counts: Counter[str]) -> list[str]:
    """Leave out a phrase that another one, as frequent, goes on from."""
    return [p for p in ranked if not any(o != p and o.startswith(p) and counts[o] >= counts[p] for o in ranked)]
