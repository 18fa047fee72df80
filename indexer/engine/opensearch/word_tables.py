"""The texts that snippets are taken from, with the words of each, so that no text is analysed when it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from indexer.analysis import Token
from indexer.engine.opensearch.packing import pack, unpack
from indexer.query import TextField
from indexer.query.fields import AnalysedResource, field_texts

SHOWN = (TextField.SUMMARY, TextField.BODY)
"""The fields that snippets are taken from."""


@dataclass(frozen=True, slots=True)
class WordTable:
    """The words of a text and where each stands; implements `Occurrences`.

    Attributes:
        words: index terms and folded forms of each different word.
        numbers: number of the word at each position.
        starts: offset of its first character.
        ends: offset just past it.
    """

    words: Sequence[tuple[Sequence[str], Sequence[str]]]
    numbers: Sequence[int]
    starts: Sequence[int]
    ends: Sequence[int]

    def places(self, terms: tuple[str, ...]) -> list[int]:
        """Return the positions of any of some terms, ascending."""
        any_of = frozenset(terms)
        wanted = {number for number, (held, _) in enumerate(self.words) if not any_of.isdisjoint(held)}
        return [place for place, number in enumerate(self.numbers) if number in wanted] if wanted else []

    def span(self, place: int) -> tuple[int, int]:
        """Return the offsets of the word at a position."""
        return self.starts[place], self.ends[place]

    def matching(self, matched: Callable[[str], int | None]) -> Iterator[tuple[int, int]]:
        """Yield each position whose word has a form that matches a pattern, and the number of the first pattern."""
        found = {}
        for number, (_, forms) in enumerate(self.words):
            indexes = [index for index in map(matched, forms) if index is not None]
            if indexes:
                found[number] = min(indexes)
        for place, number in enumerate(self.numbers if found else ()):
            if number in found:
                yield place, found[number]


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text of a hit, and its words."""

    field: TextField
    text: str
    words: WordTable


def packed_texts(analysed: AnalysedResource) -> str:
    """Return what snippets of a resource need, packed."""
    tokens = {part.field: part.tokens for part in analysed.fields}
    return pack(
        [
            [int(field), text, *_columns(tokens.get(field, ()))]
            for field, text in field_texts(analysed.resource)
            if field in SHOWN
        ]
    )


def _columns(tokens: Iterable[Token]) -> list[Any]:
    numbers: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
    rows = [
        (numbers.setdefault((token.word.terms, token.word.forms), len(numbers)), token.start, token.end - token.start)
        for token in tokens
    ]
    starts = [row[1] for row in rows]
    steps = [after - before for before, after in zip([0, *starts], starts, strict=False)]
    return [list(numbers), [row[0] for row in rows], steps, [row[2] for row in rows]]


def unpacked_texts(held: str) -> tuple[ShownText, ...]:
    """Return what `packed_texts` packed.

    Raises:
        ValueError: it is damaged.
    """
    found = []
    for field, text, words, numbers, steps, lengths in unpack(held):
        starts = list(accumulate(steps))
        ends = [start + length for start, length in zip(starts, lengths, strict=True)]
        found.append(ShownText(TextField(field), text, WordTable(words, numbers, starts, ends)))
    return tuple(found)
