"""Completion of a prefix from the resources of one audience: frequent phrases, then themes, then titles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property

import numpy as np

from indexer.analysis import is_stop_word
from indexer.engine.embedded.storage.segment import TITLE_WORD, completion_line
from indexer.engine.embedded.storage.string_table import StringTable

_SCANNED = 1_000
"""Number of occurrences in titles that are read for one completion: enough to find the frequent phrases."""
_PHRASE_WORDS = 4
_CANDIDATES = 40
"""Number of phrases that are compared with each other."""


class Completer:
    """Completes prefixes from titles and themes.

    The completion lines of all titles are concatenated into one text, in which a prefix after a space is found by one
    pass of the C library's string search.

    Args:
        titles: titles of the audience's resources, as written.
        lines: the completion line of each title (see `segment.completion_line`).
        themes: names of their themes.
    """

    def __init__(self, titles: StringTable, lines: StringTable, themes: Iterable[str] = ()) -> None:
        self._titles = titles
        self._themes = [(completion_line(name).rstrip("\n"), name) for name in themes]
        self._lines, self._starts = lines, lines.offsets

    @cached_property
    def _text(self) -> bytes:
        return self._lines.whole()

    def complete(self, prefix: str, limit: int) -> tuple[str, ...]:
        """Return phrases found twice or more in titles, most frequent first; then a few themes; then titles.

        Args:
            prefix: text typed so far; accents and capitals do not matter. Titles and themes that begin with it come
                first.
            limit: how many at most.
        """
        wanted = completion_line(prefix)[1:-1]
        if not wanted:
            return ()
        phrases: Counter[str] = Counter()
        first_seen: dict[str, tuple[int, int]] = {}
        titles: dict[str, tuple[bool, int, str]] = {}
        sought = b" " + wanted.encode()
        place = self._text.find(sought)
        for _ in range(_SCANNED):
            if place < 0:
                break
            line = int(np.searchsorted(self._starts, place, side="right")) - 1
            title = self._titles[line]
            titles.setdefault(title, (place > self._starts[line], len(title), title))
            for phrase in self._phrases(place + 1, len(sought) - 1):
                phrases[phrase] += 1
                first_seen.setdefault(phrase, (line, place))
            place = self._text.find(sought, place + 1)
        frequent = [self._as_written(phrase, *first_seen[phrase]) for phrase in _best(phrases)][: max(limit // 2, 1)]
        named = self._named(f" {wanted}")[: max(limit // 4, 1)]
        completions: dict[str, str] = {}
        for text in (*frequent, *named, *sorted(titles, key=titles.__getitem__)):
            if len(completions) == limit:
                break
            completions.setdefault(completion_line(text), text)  # a theme and a phrase may differ by a capital
        return tuple(completions.values())

    def _named(self, sought: str) -> list[str]:
        """Return the themes that continue a prefix, those that begin with it first."""
        found = [(line.find(sought) > 0, len(name), name) for line, name in self._themes if sought in line]
        return [name for *_, name in sorted(found)]

    def _phrases(self, start: int, length: int) -> Iterable[str]:
        """Yield the word being typed, alone and with up to three words after it, within its title."""
        line_end = self._text.index(b"\n", start)
        end = start + length
        for _ in range(_PHRASE_WORDS):
            end = self._text.find(b" ", end, line_end)
            if end < 0:
                yield self._text[start:line_end].decode()
                return
            yield self._text[start:end].decode()
            end += 1

    def _as_written(self, phrase: str, line: int, place: int) -> str:
        """Return the part of a title that a phrase was made of, punctuation included."""
        number = self._text.count(b" ", int(self._starts[line]), place)
        words = list(TITLE_WORD.finditer(self._titles[line]))[number : number + phrase.count(" ") + 1]
        return self._titles[line][words[0].start() : words[-1].end()]


def _best(phrases: Counter[str]) -> list[str]:
    """Return the phrases found more than once, longer and more frequent ones first.

    Phrases that end in a stop word are left out, and so is a phrase that a longer one continues equally often.
    """
    candidates = sorted(
        (p for p, n in phrases.items() if n > 1 and not is_stop_word(p.rpartition(" ")[2])),
        key=lambda p: (-phrases[p] * (p.count(" ") + 1), p),
    )[:_CANDIDATES]
    return [p for p in candidates if not any(o.startswith(p + " ") and phrases[o] >= phrases[p] for o in candidates)]
