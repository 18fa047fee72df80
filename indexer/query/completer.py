"""Complete what was typed with themes, phrases, titles and publications that one audience (visitors, members) may see.

All engines share this code.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, islice
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import is_stop_word
from indexer.query.completion import (
    MAX_WORDS,
    WORD,
    Candidates,
    Completion,
    CompletionKind,
    chosen,
    completion_line,
    completion_words,
    may_slip,
)

_SCANNED = 1_000
"""Largest number of occurrences in titles that one completion reads to find phrases, and of texts that it ranks."""
_PHRASE_WORDS = 4
_PHRASES = 40
"""Largest number of phrases that are compared with each other, to leave out those that a longer one continues."""
_LETTERS = [bytes([letter]) for letter in range(ord("a"), ord("z") + 1)]

IntArray = NDArray[Any]
BoolArray = NDArray[Any]


class Strings(Protocol):
    """A list of strings that also gives their UTF-8 bytes."""

    @property
    def offsets(self) -> IntArray:
        """[n + 1] offset in `whole` at which each string begins, then the end."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> str: ...

    def encoded(self, index: int, /) -> bytes:
        """Return the UTF-8 bytes of the string at `index`."""

    def whole(self) -> bytes:
        """Return the UTF-8 bytes of all strings, concatenated."""

    def every(self) -> list[bytes]:
        """Return the UTF-8 bytes of each string."""


class TextList:
    """Strings in memory; implements `Strings`."""

    def __init__(self, texts: Iterable[bytes]) -> None:
        self._texts = list(texts)
        self.offsets: IntArray = np.zeros(len(self._texts) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in self._texts], out=self.offsets[1:])

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, index: int, /) -> str:
        return self._texts[index].decode()

    def encoded(self, index: int, /) -> bytes:
        """Return the UTF-8 bytes of the string at `index`."""
        return self._texts[index]

    def whole(self) -> bytes:
        """Return the UTF-8 bytes of all strings, concatenated."""
        return b"".join(self._texts)

    def every(self) -> list[bytes]:
        """Return the UTF-8 bytes of each string."""
        return self._texts


@dataclass(frozen=True, slots=True)
class CompletionTables:
    """The tables that completion reads: E entries (titles, then publications, then themes, each sorted) and W words.

    Attributes:
        texts: E titles and names, as written.
        lines: the completion line of each: its folded words, each preceded by a space, then a line feed.
        owners: id of the resource of each; empty for themes.
        numbers: [E] number of the publication in its resource, or of the theme.
        kinds: [2] first entry that is a publication, and first that is a theme.
        words: W different words of all lines, sorted.
        offsets: [W + 1] index in `entries` of the first entry that holds each word, then the end.
        entries: the entries that hold each word, word by word, ascending within a word.
        first: [E] number of the first word of each entry, -1 if it has none.
        lengths: [E] number of characters of each text.
        searched: [E] False for publications that have no title, only the name of their file; True for all others.
    """

    texts: Strings
    lines: Strings
    owners: Strings
    numbers: IntArray
    kinds: IntArray
    words: Strings
    offsets: IntArray
    entries: IntArray
    first: IntArray
    lengths: IntArray
    searched: BoolArray


@dataclass(frozen=True, slots=True)
class WordTables:
    """Tables that find entries by their words; W is the number of words, E that of entries.

    Attributes:
        words: W different words of all entries, sorted.
        offsets: [W + 1] index in `entries` of the first entry that holds each word, then the end.
        entries: the entries that hold each word, word by word, ascending within a word.
        first: [E] number of the first word of each entry, -1 if it has none.
    """

    words: list[bytes]
    offsets: IntArray
    entries: IntArray
    first: IntArray


def word_tables(lines: Sequence[bytes]) -> WordTables:
    """Return the sorted words of all completion lines, and the entries that hold each."""
    split = [line.split() for line in lines]
    words = sorted({word for line in split for word in line})
    place = {word: number for number, word in enumerate(words)}
    codes = np.fromiter((place[word] for line in split for word in line), dtype=np.int64)
    owners = np.repeat(np.arange(len(lines), dtype=np.int64), [len(line) for line in split])
    # The same as np.unique, without the hash table that it would fill.
    held = np.sort(codes << 32 | owners, kind="stable")
    held = held[np.flatnonzero(np.diff(held, prepend=-1))]
    return WordTables(
        words,
        offsets=np.searchsorted(held >> 32, np.arange(len(words) + 1)).astype(np.int64),
        entries=(held & 0xFFFFFFFF).astype(np.int32),
        first=np.array([place[line[0]] if line else -1 for line in split], dtype=np.int32),
    )


class Completer:
    """Completes prefixes from titles, publications and themes.

    Frequent phrases are counted in all completion lines, concatenated into one text: one pass of the C library's string
    search finds each prefix that follows a space. Whole titles are found by their words, in any order.

    Args:
        tables: titles, publications and themes of the audience's resources.
        themes: the names of the themes; the index of a name is the theme's number.
        codes: numbers of the themes of all resources, concatenated; a theme occurs once for each resource that has it.
    """

    def __init__(self, tables: CompletionTables, themes: Sequence[str], codes: IntArray) -> None:
        self._tables = tables
        self._themes = themes
        self._codes = codes
        documents, named = tables.kinds.tolist()
        self._titles, self._documents = range(documents), range(documents, named)
        self._named = range(named, len(tables.texts))

    @cached_property
    def _text(self) -> bytes:
        """The completion lines of all titles, concatenated."""
        return self._tables.lines.whole()[: int(self._tables.lines.offsets[len(self._titles)])]

    @cached_property
    def _words(self) -> list[bytes]:
        return self._tables.words.every()

    @cached_property
    def _counts(self) -> list[int]:
        """Number of resources of each theme."""
        counts: list[int] = np.bincount(self._codes, minlength=len(self._themes)).tolist()
        return counts

    def suggest(self, prefix: str, limit: int) -> tuple[str, ...]:
        """Return texts: phrases found twice or more in titles, most frequent first; then a few themes; then titles,
        those of publications among them.

        Args:
            prefix: text typed so far; accents and capitals do not matter. Titles and themes that begin with it come
                first; if none has it as typed, those that have its words in another order or with a slip.
            limit: how many at most.
        """
        words, mask = self._matching(prefix)
        if not words or limit < 1:
            return ()
        held = self._tables
        titles = self._best(words, range(self._named.start), mask & held.searched, limit)
        texts: dict[str, str] = {}
        for text in (
            *self._frequent(b" ".join(words))[: max(limit // 2, 1)],
            *map(held.texts.__getitem__, self._best(words, self._named, mask, max(limit // 4, 1))),
            *map(held.texts.__getitem__, titles),
        ):
            if len(texts) == limit:
                break
            texts.setdefault(completion_line(text), text)  # a theme and a phrase may differ by a capital
        return tuple(texts.values())

    def complete(self, prefix: str, limit: int) -> tuple[Completion, ...]:
        """Return at most `limit` completions of what was typed, each with the theme, resource or search it is."""
        words, mask = self._matching(prefix)
        if not words or limit < 1:
            return ()
        phrases = self._frequent(b" ".join(words))[:limit]
        resources: list[Completion] = []
        for text, same in groupby(self._best(words, self._titles, mask, limit), key=self._tables.texts.__getitem__):
            first, *others = same
            if others:
                phrases.append(text)  # of several resources with one title, none is better: search it
            else:
                resources.append(Completion(text, CompletionKind.RESOURCE, resource=self._tables.owners[first]))
        different: dict[str, str] = {}
        for text in phrases:
            different.setdefault(completion_line(text), text)
        found = Candidates(
            phrases=tuple(Completion(text, CompletionKind.PHRASE) for text in different.values()),
            themes=tuple(map(self._theme, self._best(words, self._named, mask, limit))),
            resources=tuple(resources),
            documents=tuple(map(self._document, self._best(words, self._documents, mask, limit))),
        )
        return chosen(found, limit)

    def _matching(self, prefix: str) -> tuple[list[bytes], BoolArray]:
        """Return the typed words, and a mask of the entries that they complete to."""
        words = [word.encode() for word in completion_words(prefix)][:MAX_WORDS]
        mask = self._holding(words)
        return words, mask if mask.any() else self._forgiven(words)

    def _theme(self, entry: int) -> Completion:
        number = int(self._tables.numbers[entry])
        return Completion(self._themes[number], CompletionKind.THEME, self._counts[number])

    def _document(self, entry: int) -> Completion:
        held = self._tables
        number = int(held.numbers[entry])
        return Completion(held.texts[entry], CompletionKind.DOCUMENT, resource=held.owners[entry], document=number)

    # Texts, by their words

    def _holding(self, words: Sequence[bytes]) -> BoolArray:
        """Return a mask of the entries that hold, for every typed word, a word that begins with it."""
        mask = np.ones(len(self._tables.texts), dtype=bool)
        for word in words:
            mask &= self._mask([self._beginning(word)])
        return mask

    def _forgiven(self, words: Sequence[bytes]) -> BoolArray:
        """Return a mask of the entries that hold all typed words, one of them with a slip (one edit)."""
        masks = [self._mask([self._beginning(word)]) for word in words]
        unknown = [number for number, mask in enumerate(masks) if not mask.any()]
        nothing = np.zeros(len(self._tables.texts), dtype=bool)
        found = nothing.copy()
        if len(unknown) > 1:
            return found
        for number in unknown or range(len(words)):
            if may_slip(words[number].decode()):
                others = [mask for other, mask in enumerate(masks) if other != number]
                found |= np.logical_and.reduce([self._mask(self._near(words[number])), *others])
        return found

    def _mask(self, places: Iterable[range]) -> BoolArray:
        """Return a mask of the entries that hold any of some words, given as ranges of their numbers."""
        mask = np.zeros(len(self._tables.texts), dtype=bool)
        for place in places:
            low, high = self._tables.offsets[[place.start, place.stop]].tolist()
            mask[self._tables.entries[low:high]] = True
        return mask

    def _beginning(self, word: bytes, within: range | None = None) -> range:
        """Return the numbers of the words that begin with `word`, among those in `within` (None: all words)."""
        low, high = (0, len(self._words)) if within is None else (within.start, within.stop)
        return range(bisect_left(self._words, word, low, high), bisect_left(self._words, word + b"\xff", low, high))

    def _near(self, word: bytes) -> Iterator[range]:
        """Yield ranges of the numbers of words whose beginning is one edit away from `word`: a letter added, left out
        or changed, or two neighbours swapped.
        """
        within = range(len(self._words))
        for at in range(len(word) + 1):
            head, tail = word[:at], word[at:]
            within = self._beginning(head, within)
            if not within:
                return
            edited = [head + tail[1:], head + tail[1:2] + tail[:1] + tail[2:]]
            edited += [head + letter + tail[skipped:] for letter in _LETTERS for skipped in (0, 1)]
            yield from filter(None, (self._beginning(one, within) for one in edited if one))

    def _best(self, words: Sequence[bytes], kind: range, mask: BoolArray, limit: int) -> list[int]:
        """Return the indexes of entries of one kind, with at most `limit` different texts: those that begin with what
        was typed, then those that contain it, then the others; shorter ones first. `kind` is the range of the kind's
        indexes, `mask` says for each entry whether it may be chosen.
        """
        held = self._tables
        found = np.flatnonzero(mask[kind.start : kind.stop]) + kind.start
        found = found[np.argsort(held.lengths[found], kind="stable")]
        if len(words) == 1:
            begun = self._beginning(words[0])
            later = (held.first[found] < begun.start) | (held.first[found] >= begun.stop)
            ranked = found[np.argsort(later, kind="stable")][:_SCANNED].tolist()
        else:
            typed = b" " + b" ".join(words)
            ranked = sorted(found[:_SCANNED].tolist(), key=lambda entry: _tier(held.lines.encoded(entry), typed))
        different = groupby(ranked, key=held.texts.__getitem__)
        return [entry for _, same in islice(different, limit) for entry in same]

    # Phrases

    def _frequent(self, wanted: bytes) -> list[str]:
        """Return the phrases that begin with `wanted` (folded words as typed) and are found twice or more in titles."""
        text = self._text
        counts: Counter[bytes] = Counter()
        first_seen: dict[bytes, int] = {}
        sought = b" " + wanted
        place = text.find(sought)
        for _ in range(_SCANNED):
            if place < 0:
                break
            # The word being typed, alone and with up to three words after it, within its title.
            line_end = text.index(b"\n", place + 1)
            end = place + len(sought)
            for _ in range(_PHRASE_WORDS):
                end = text.find(b" ", end, line_end)
                phrase = text[place + 1 : line_end if end < 0 else end]
                counts[phrase] += 1
                if phrase not in first_seen:
                    first_seen[phrase] = place
                if end < 0:
                    break
                end += 1
            place = text.find(sought, place + 1)
        repeated = {phrase.decode(): count for phrase, count in counts.items() if count > 1}
        return [self._as_written(phrase, first_seen[phrase.encode()]) for phrase in _best_phrases(repeated)]

    def _as_written(self, phrase: str, place: int) -> str:
        """Return a phrase as a title writes it, punctuation included; `place` is its offset in the lines of titles."""
        line = int(np.searchsorted(self._tables.lines.offsets, place, side="right")) - 1
        number = self._text.count(b" ", int(self._tables.lines.offsets[line]), place)
        title = self._tables.texts[line]
        words = list(WORD.finditer(title))[number : number + phrase.count(" ") + 1]
        return title[words[0].start() : words[-1].end()]


def _tier(line: bytes, typed: bytes) -> int:
    """Return the rank of a match: 0 if the line begins with what was typed, 1 if it contains it, else 2."""
    at = line.find(typed)
    return 2 if at < 0 else min(at, 1)


def _best_phrases(phrases: Mapping[str, int]) -> list[str]:
    """Return phrases, given with the number of times that titles have them; longer and more frequent ones come first.

    Phrases that end in a stop word are left out, and so is a phrase that a longer one continues equally often.
    """
    candidates = sorted(
        (p for p in phrases if not is_stop_word(p.rpartition(" ")[2])),
        key=lambda p: (-phrases[p] * (p.count(" ") + 1), p),
    )[:_PHRASES]
    return [p for p in candidates if not any(o.startswith(p + " ") and phrases[o] >= phrases[p] for o in candidates)]
