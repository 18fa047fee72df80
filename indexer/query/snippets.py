"""Snippets: the passage of a text that best shows why it was found, with the matches marked on the original text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexer.query.request import Piece

TARGET = 260
"""Characters that a snippet tries to show."""

_SENTENCE_END = re.compile(r"(?:[.!?…][»”\")]*[\s\u00a0]+(?=[^a-zà-ÿ]))|\n+")
_BLANK = re.compile(r"\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Mark:
    """A match in a text.

    Attributes:
        start: offset of its first character.
        end: offset just past it.
        group: which part of the query it answers; a passage with more groups is better.
    """

    start: int
    end: int
    group: int


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text and its marks, rising."""

    text: str
    marks: tuple[Mark, ...]


def best_snippet(texts: Sequence[MarkedText]) -> tuple[Piece, ...]:
    """The best passage of several texts; the beginning of the first where nothing is marked."""
    if not texts:
        return ()
    passages = [(passage, index) for index, text in enumerate(texts) for passage in _passages(text)]
    if not passages:
        first = texts[0]
        return _pieces(first, *_fit(first, 0, len(first.text)))
    (_, start, end), index = max(passages, key=lambda p: (p[0][0], -p[1], -p[0][1]))
    return _pieces(texts[index], *_fit(texts[index], start, end))


def _passages(text: MarkedText) -> list[tuple[float, int, int]]:
    """Worth, start and end of the sentence around each mark, longer with the sentence after while there is room."""
    if not text.marks:
        return []
    bounds = [0, *(match.end() for match in _SENTENCE_END.finditer(text.text)), len(text.text)]
    sentences = [(a, b) for a, b in pairwise(bounds) if b > a]
    marks_of: dict[int, list[Mark]] = {}
    place = 0
    for mark in text.marks:
        while place < len(sentences) - 1 and sentences[place][1] <= mark.start:
            place += 1
        marks_of.setdefault(place, []).append(mark)
    found = []
    for first, marks in marks_of.items():
        last, held = first, list(marks)
        while last + 1 < len(sentences) and sentences[last + 1][1] - sentences[first][0] <= TARGET:
            last += 1
            held += marks_of.get(last, [])
        worth = len({mark.group for mark in held}) + 0.1 * min(len(held), 5)
        found.append((worth, sentences[first][0], sentences[last][1]))
    return found


def _fit(text: MarkedText, start: int, end: int) -> tuple[int, int]:
    """Cut a passage that is too long to a window over its densest marks, at spaces."""
    if end - start <= TARGET + 60:
        return start, end
    inside = [mark for mark in text.marks if start <= mark.start < end]
    if inside:
        best = max(inside, key=lambda m: (_groups_from(inside, m.start), -m.start))
        # A little of what comes before is kept, so that the match is read in its sentence.
        start = max(start, best.start - 60)
        start = _next_space(text.text, start) if start else 0
    return start, _last_space(text.text, min(end, start + TARGET))


def _groups_from(marks: Sequence[Mark], start: int) -> int:
    return len({mark.group for mark in marks if start <= mark.start < start + TARGET - 60})


def _next_space(text: str, place: int) -> int:
    found = re.compile(r"\s").search(text, place, place + 40)
    return found.end() if found else place


def _last_space(text: str, place: int) -> int:
    if place >= len(text):
        return len(text)
    found = max(text.rfind(" ", place - 40, place), text.rfind("\n", place - 40, place))
    return found if found > 0 else place


def _pieces(text: MarkedText, start: int, end: int) -> tuple[Piece, ...]:
    pieces: list[Piece] = []

    def say(words: str, matched: bool) -> None:
        words = _BLANK.sub(" ", words)
        if words:
            pieces.append(Piece(words, matched))

    opening = "" if start == 0 or text.text[:start].endswith("\n") else "… "
    place = start
    for mark in text.marks:
        if mark.start < place or mark.end > end:
            continue
        say(opening + text.text[place : mark.start], False)
        opening = ""
        say(text.text[mark.start : mark.end], True)
        place = mark.end
    closing = " …" if end < len(text.text) and not text.text[:end].rstrip().endswith((".", "!", "?", "…")) else ""
    say(opening + text.text[place:end].rstrip() + closing, False)
    return tuple(pieces)
