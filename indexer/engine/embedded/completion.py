"""Completion of what is being typed: frequent phrases, then titles, of the reader's own world."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable

from indexer.french.folding import fold
from indexer.french.stopwords import is_stop_word

_SCANNED = 1_000
"""Places in titles that are looked at for one completion: enough to see which phrases are frequent."""
_PHRASE_WORDS = 4
_CANDIDATES = 40
"""Phrases looked at closely."""
_WORD = re.compile(r"\w+")


class Completer:
    """Completes from titles. Built once a generation and world, when first asked.

    The folded words of all titles stand end to end in one text, each after a space and each title on a line, so that
    looking for « space, prefix » is one pass of the C library's string search.

    Args:
        titles: titles of the reader's own world, as written.
    """

    def __init__(self, titles: Iterable[str]) -> None:
        self._titles = list(titles)
        lines = ["".join(" " + _plain(word) for word in _WORD.findall(title)) for title in self._titles]
        self._starts = []
        place = 0
        for line in lines:
            self._starts.append(place)
            place += len(line) + 1
        self._text = "\n".join(lines) + "\n"

    def complete(self, prefix: str, limit: int) -> tuple[str, ...]:
        """Phrases met twice or more in titles, most frequent first, then titles, those that begin so first.

        Args:
            prefix: what is typed; accents and capitals do not matter.
            limit: how many at most.
        """
        wanted = " ".join(map(_plain, _WORD.findall(prefix)))
        if not wanted:
            return ()
        phrases: Counter[str] = Counter()
        first_seen: dict[str, tuple[int, int]] = {}
        titles: dict[str, tuple[bool, int, str]] = {}
        place = self._text.find(" " + wanted)
        for _ in range(_SCANNED):
            if place < 0:
                break
            line = bisect_right(self._starts, place) - 1
            title = self._titles[line]
            titles.setdefault(title, (place > self._starts[line], len(title), title))
            for phrase in self._phrases(place + 1, len(wanted)):
                phrases[phrase] += 1
                first_seen.setdefault(phrase, (line, place))
            place = self._text.find(" " + wanted, place + 1)
        frequent = [self._as_written(phrase, *first_seen[phrase]) for phrase in _best(phrases)][: max(limit // 2, 1)]
        return tuple(dict.fromkeys([*frequent, *sorted(titles, key=titles.__getitem__)]))[:limit]

    def _phrases(self, start: int, length: int) -> Iterable[str]:
        """The word being typed, and the same with up to three words after it, within the title."""
        line_end = self._text.index("\n", start)
        end = start + length
        for _ in range(_PHRASE_WORDS):
            end = self._text.find(" ", end, line_end)
            if end < 0:
                yield self._text[start:line_end]
                return
            yield self._text[start:end]
            end += 1

    def _as_written(self, phrase: str, line: int, place: int) -> str:
        """The words of a title that a phrase was made of, with what stands between them."""
        number = self._text.count(" ", self._starts[line], place)
        words = list(_WORD.finditer(self._titles[line]))[number : number + phrase.count(" ") + 1]
        return self._titles[line][words[0].start() : words[-1].end()]


def _plain(word: str) -> str:
    """A word folded, with nothing in it that could pass for a break."""
    return "".join(_WORD.findall(fold(word)))


def _best(phrases: Counter[str]) -> list[str]:
    """Phrases met more than once, the longer and the more frequent first.

    One that ends in a stop word says nothing whole; one that another goes on from, as often, says less than that.
    """
    candidates = sorted(
        (p for p, n in phrases.items() if n > 1 and not is_stop_word(p.rpartition(" ")[2])),
        key=lambda p: (-phrases[p] * (p.count(" ") + 1), p),
    )[:_CANDIDATES]
    return [p for p in candidates if not any(o.startswith(p + " ") and phrases[o] >= phrases[p] for o in candidates)]
