"""Snippets: the passage of a text that best shows why the text matches a query, with the matches highlighted."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from indexer.query.request import Piece

TARGET = 260
"""Target length of a snippet, in characters."""

_OF_HIGHLIGHTS, _MOST_HIGHLIGHTS = 0.1, 5
"""Worth of each highlight of a passage, and how many count; together they are worth less than one more part of the
query.
"""

_STOP = "[.!?…]"
_SHORTENED = "".join(rf"(?<!\b{short}{_STOP})" for short in ("[A-ZÀ-Þ]", "[Aa]rt", "[Cc]f", "p", "pp", "al"))
"""Rejects the full stop of abbreviations, which ends no sentence, as in « art. L. 2111-3 » or « cf. p. 12 »."""
_SENTENCE_END = re.compile(
    # The punctuation comes first in the expression, so that the rest is tried only after it.
    rf"[.!?…\n](?:(?<=\n)\n*|(?<={_STOP}){_SHORTENED}[»”\")]*[\s\u00a0]+(?=[^a-zà-ÿ]))"
)
_BLANK = re.compile(r"\s*\n\s*")
_BULLET = "[•●▪■◦‣]"
_ITEM = rf"(?:{_BULLET}\s*|[·*–—-]\s+)"
"""Matches the sign with which an item of a list begins in plain text. A dot inside a word is inclusive writing, and no
sign.
"""
_HAS_BREAK = re.compile(r"[\n•●▪■◦‣·]")
_BREAK = re.compile(
    # Each alternative begins with a certain sign, so that the rest is tried only there; spaces before the sign are
    # dropped afterwards.
    rf"\n\s*\n\s*{_ITEM}?|\n\s*{_ITEM}|{_BULLET}(?<!\S{_BULLET})\s*|·(?<!\S·)(?:\s+|$)"
)
_OPENING = re.compile(rf"\s*{_ITEM}?")
_SIGNS = frozenset("•●▪■◦‣·*–—-")
BETWEEN_BLOCKS = " – "
"""What a snippet shows between a heading and its text, two items of a list, two cells of a table."""


class Highlight(NamedTuple):
    """A match in a text. A NamedTuple, since a page of hits has hundreds.

    Attributes:
        start: offset of its first character.
        end: offset just past it.
        group: number of the part of the query that it matches; a passage with more groups is better.
    """

    start: int
    end: int
    group: int


@dataclass(frozen=True, slots=True)
class HighlightedText:
    """A text and its highlights, ascending."""

    text: str
    highlights: tuple[Highlight, ...]


def best_snippet(texts: Sequence[HighlightedText]) -> tuple[Piece, ...]:
    """Return the best passage of several texts, as pieces; the beginning of the first if nothing is highlighted."""
    if not texts:
        return ()
    best: tuple[Passage, HighlightedText] | None = None
    for text in texts:
        passage = best_passage(text)
        if passage is not None and (best is None or passage.worth > best[0].worth):
            best = passage, text
    if best is None:
        return _pieces(texts[0], *_fit(texts[0], 0, len(texts[0].text)))
    passage, text = best
    return _pieces(text, *_fit(text, passage.start, passage.end))


class Passage(NamedTuple):
    """A part of a text: its worth (higher is better), and its offsets."""

    worth: float
    start: int
    end: int


def best_passage(text: HighlightedText) -> Passage | None:
    """Return the best passage around a highlight, made of whole sentences; the first of equally good ones. None without
    highlights.

    A passage is worth what its highlights within `TARGET` characters of the first one are worth. The worth of a
    highlight together with the following ones is an upper bound for the passage around it; passages are tried in order
    of that bound, so only a few are built.
    """
    if len(text.highlights) == 1:  # as on most pages
        only = text.highlights
        return Passage(worth_of(only), *sentences_around(text.text, only[0].start))
    places = [highlight.start for highlight in text.highlights]
    bounds = _bounds(text.highlights)
    best: Passage | None = None
    for i in sorted(range(len(places)), key=lambda i: (-bounds[i], i)):
        if best is not None and (bounds[i], -places[i]) <= (best.worth, -best.start):
            break
        start, end = sentences_around(text.text, places[i])
        first = bisect_left(places, start)
        worth = worth_of(text.highlights[first : bisect_left(places, min(end, places[first] + TARGET))])
        if best is None or (worth, -start) > (best.worth, -best.start):
            best = Passage(worth, start, end)
    return best


def _bounds(highlights: Sequence[Highlight]) -> list[float]:
    """Return, for each highlight, the worth of it and of those within `TARGET` characters after it."""
    bounds: list[float] = []
    inside: dict[int, int] = {}  # number of highlights of each group in the window
    last, size = 0, len(highlights)
    for first, (start, _, group) in enumerate(highlights):
        while last < size and highlights[last].start < start + TARGET:
            entering = highlights[last].group
            inside[entering] = inside.get(entering, 0) + 1
            last += 1
        bounds.append(len(inside) + _OF_HIGHLIGHTS * min(last - first, _MOST_HIGHLIGHTS))
        if inside[group] == 1:
            del inside[group]
        else:
            inside[group] -= 1
    return bounds


def worth_of(highlights: Sequence[Highlight]) -> float:
    """Return the worth of some highlights: 1 for each part of the query that they match, plus a little for each of the
    first five.
    """
    return len({highlight.group for highlight in highlights}) + _OF_HIGHLIGHTS * min(len(highlights), _MOST_HIGHLIGHTS)


def sentences_around(text: str, place: int) -> tuple[int, int]:
    """Return the bounds of the sentence at an offset and of those after it that fit into `TARGET` characters in all."""
    start = text.rfind("\n", 0, place) + 1
    ends = _sentence_ends(text, start)
    end = next(ends)
    while end <= place:
        start, end = end, next(ends)
    for further in ends:
        if further - start > TARGET:
            break
        end = further
    return start, end


def _sentence_ends(text: str, start: int) -> Iterator[int]:
    """Yield the ends of sentences, ascending, and the end of the text."""
    end = start
    for match in _SENTENCE_END.finditer(text, start):
        end = match.end()
        yield end
    if end < len(text):
        yield len(text)


def _fit(text: HighlightedText, start: int, end: int) -> tuple[int, int]:
    """Cut a long passage to a window over its densest highlights, at spaces."""
    if end - start <= TARGET + 60:
        return start, end
    inside = [highlight for highlight in text.highlights if start <= highlight.start < end]
    if inside:
        best = max(inside, key=lambda m: (_groups_from(inside, m.start), -m.start))
        # Keep some text before the first match as context.
        start = max(start, best.start - 60)
        start = _next_space(text.text, start) if start else 0
    return start, _last_space(text.text, min(end, start + TARGET))


def _groups_from(highlights: Sequence[Highlight], start: int) -> int:
    return len({highlight.group for highlight in highlights if start <= highlight.start < start + TARGET - 60})


def _next_space(text: str, place: int) -> int:
    found = re.compile(r"\s").search(text, place, place + 40)
    return found.end() if found else place


def _last_space(text: str, place: int) -> int:
    if place >= len(text):
        return len(text)
    found = max(text.rfind(" ", place - 40, place), text.rfind("\n", place - 40, place))
    return found if found > 0 else place


def _pieces(text: HighlightedText, start: int, end: int) -> tuple[Piece, ...]:
    pieces: list[Piece] = []

    def say(words: str, matched: bool) -> None:
        if _HAS_BREAK.search(words):
            words = _BREAK.sub(BETWEEN_BLOCKS, words).replace(" " + BETWEEN_BLOCKS, BETWEEN_BLOCKS)
            if "\n" in words:
                words = _BLANK.sub(" ", words)
        if words:
            pieces.append(Piece(words, matched))

    opening = "" if start == 0 or text.text.endswith("\n", 0, start) else "… "
    place = start
    if (sign := _OPENING.match(text.text, start, end)) is not None:
        place = sign.end()
    for highlight in text.highlights:
        if highlight.start < place or highlight.end > end:
            continue
        say(opening + text.text[place : highlight.start], False)
        opening = ""
        say(text.text[highlight.start : highlight.end], True)
        place = highlight.end
    ended = text.text[start:end].rstrip().endswith((".", "!", "?", "…"))
    closing = "" if ended or end == len(text.text) else " …"
    say(opening + _without_sign(text.text[place:end].rstrip()) + closing, False)
    return tuple(pieces)


def _without_sign(words: str) -> str:
    """Return words without a sign at their end that belongs to a list item or table cell whose text was cut off."""
    while words and words[-1] in _SIGNS and (len(words) == 1 or words[-2].isspace()):
        words = words[:-1].rstrip()
    return words
