"""Snippets: the passage of a text that best shows why it was found, with the matches marked on the original text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.query.request import Piece

TARGET = 260
"""Characters that a snippet tries to show."""

_OF_MARKS, _MOST_MARKS = 0.1, 5
"""What each further mark of a passage adds, and how many count: less than any other part of the query would."""

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
    # Most texts are long, and have few marks: sentences are found from the line of a mark on, as they are asked for.
    whole, places = text.text, [mark.start for mark in text.marks]
    everything = len({mark.group for mark in text.marks}) + _OF_MARKS * _MOST_MARKS
    found: list[tuple[float, int, int]] = []
    bounds = [0]
    ends = _sentence_ends(whole, 0)
    done = 0
    for place in places:
        if place < done:
            continue  # in the same sentence as the mark before
        line = whole.rfind("\n", 0, place) + 1
        if line > bounds[-1]:
            bounds, ends = [line], _sentence_ends(whole, line)
        while bounds[-1] <= place:
            bounds.append(next(ends))
        number = bisect_right(bounds, place)
        start, end = bounds[number - 1], bounds[number]
        done = end
        while True:
            number += 1
            if number == len(bounds):
                further = next(ends, None)
                if further is None:
                    break
                bounds.append(further)
            if bounds[number] - start > TARGET:
                break
            end = bounds[number]
        held = text.marks[bisect_left(places, start) : bisect_left(places, end)]
        worth = len({mark.group for mark in held}) + _OF_MARKS * min(len(held), _MOST_MARKS)
        found.append((worth, start, end))
        if worth >= everything:
            break  # no other can be better, and the first of the best is taken
    return found


def _sentence_ends(text: str, start: int) -> Iterator[int]:
    """Where sentences end, each past the one before, and the end of the text."""
    end = start
    for match in _SENTENCE_END.finditer(text, start):
        end = match.end()
        yield end
    if end < len(text):
        yield len(text)


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

    opening = "" if start == 0 or text.text.endswith("\n", 0, start) else "… "
    place = start
    while place < end and text.text[place].isspace():
        place += 1
    for mark in text.marks:
        if mark.start < place or mark.end > end:
            continue
        say(opening + text.text[place : mark.start], False)
        opening = ""
        say(text.text[mark.start : mark.end], True)
        place = mark.end
    ended = text.text[start:end].rstrip().endswith((".", "!", "?", "…"))
    closing = "" if ended or end == len(text.text) else " …"
    say(opening + text.text[place:end].rstrip() + closing, False)
    return tuple(pieces)
