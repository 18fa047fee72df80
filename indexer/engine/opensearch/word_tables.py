"""The texts that snippets are taken from, with the words of each, so that no text is analysed when it is shown.

The texts are packed as JSON, which holds texts, terms and written forms; the numbers follow it in binary, since a
search that shows ten new texts unpacks some ten thousand words, and JSON would be slow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import Token
from indexer.engine.opensearch.packing import pack_bytes, unpack_bytes
from indexer.query import TextField
from indexer.query.fields import AnalysedResource, field_texts

SHOWN = (TextField.SUMMARY, TextField.BODY)
"""The fields that snippets are taken from."""

_NUMBER = np.dtype("<i4")
_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class WordTable:
    """The words of a text and where each stands; implements `Occurrences`. The different words are numbered from 0.

    Attributes:
        holders: numbers of the words that have an index term, by term.
        forms: folded forms, each with the number of its word.
        numbers: number of the word at each position.
        starts: offset of the first character of the word at each position.
        ends: offset just past the word at each position.
    """

    holders: Mapping[str, Sequence[int]]
    forms: Sequence[tuple[str, int]]
    numbers: NDArray[Any]
    starts: NDArray[Any]
    ends: NDArray[Any]

    def places(self, terms: tuple[str, ...]) -> list[int]:
        """Return the positions of any of some terms, ascending."""
        wanted = {number for term in terms for number in self.holders.get(term, ())}
        return self._places_of(wanted) if wanted else []

    def span(self, place: int) -> tuple[int, int]:
        """Return the offsets of the word at a position."""
        return int(self.starts[place]), int(self.ends[place])

    def matching(self, matched: Callable[[str], int | None]) -> Iterator[tuple[int, int]]:
        """Yield each position whose word has a form that matches a pattern, and the number of the first such pattern.

        Args:
            matched: returns the number of the first pattern that a form matches, or None.
        """
        found: dict[int, int] = {}
        for form, number in self.forms:
            index = matched(form)
            if index is not None:
                found[number] = min(index, found.get(number, index))
        for place in self._places_of(found) if found else ():
            yield place, found[int(self.numbers[place])]

    def _places_of(self, words: Iterable[int]) -> list[int]:
        """Return the positions at which words with the given numbers stand, ascending."""
        wanted = np.zeros(int(self.numbers.max()) + 1, dtype=bool)
        wanted[list(words)] = True
        found: list[int] = np.flatnonzero(wanted[self.numbers]).tolist()
        return found


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text of a hit that snippets are taken from, and its words."""

    field: TextField
    text: str
    words: WordTable


def packed_texts(analysed: AnalysedResource) -> str:
    """Return the summary and body of a resource with the words of each, packed as this module describes."""
    tokens = {part.field: part.tokens for part in analysed.fields}
    texts: list[Any] = []
    numbers: list[NDArray[Any]] = []
    for field, text in field_texts(analysed.resource):
        if field in SHOWN:
            terms, forms, columns = _columns(tokens.get(field, ()))
            texts.append([int(field), text, terms, forms, *map(len, columns)])
            numbers += columns
    header = json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return pack_bytes(b"".join([len(header).to_bytes(4, "little"), header, *(column.tobytes() for column in numbers)]))


def _columns(tokens: Iterable[Token]) -> tuple[list[str], list[str], list[NDArray[Any]]]:
    """Return the terms and the forms of the different words of a text, and five columns: the word of each term; the
    word of each form; and for each position, its word, its distance from the start of the previous one, and its length.
    """
    words: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
    rows = [
        (words.setdefault((token.word.terms, token.word.forms), len(words)), token.start, token.end - token.start)
        for token in tokens
    ]
    terms = [(term, number) for (held, _), number in words.items() for term in held]
    forms = [(form, number) for (_, held), number in words.items() for form in held]
    starts = [start for _, start, _ in rows]
    columns = [
        [number for _, number in terms],
        [number for _, number in forms],
        [number for number, _, _ in rows],
        [after - before for before, after in zip([0, *starts], starts, strict=False)],
        [length for _, _, length in rows],
    ]
    return (
        [term for term, _ in terms],
        [form for form, _ in forms],
        [np.array(column, dtype=_NUMBER) for column in columns],
    )


def unpacked_texts(held: str) -> tuple[ShownText, ...]:
    """Return what `packed_texts` packed.

    Raises:
        ValueError: the packed texts are damaged.
    """
    raw = unpack_bytes(held)
    after = 4 + int.from_bytes(raw[:4], "little")
    rest = np.frombuffer(raw[after:], dtype=_NUMBER)
    found, place = [], 0
    for field, text, terms, forms, *lengths in json.loads(raw[4:after]):
        columns = []
        for length in lengths:
            columns.append(rest[place : place + length])
            place += length
        if len(columns) != _COLUMNS or place > len(rest):
            raise ValueError("numbers are missing")
        of_terms, of_forms, numbers, steps, spans = columns
        holders: dict[str, list[int]] = {}
        for term, number in zip(terms, of_terms.tolist(), strict=True):
            holders.setdefault(term, []).append(number)
        starts = np.cumsum(steps)
        words = WordTable(holders, list(zip(forms, of_forms.tolist(), strict=True)), numbers, starts, starts + spans)
        found.append(ShownText(TextField(field), text, words))
    return tuple(found)
