"""Word and Token: the result of analysis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Word:
    """The analysis of a surface form; one object is shared by all its occurrences.

    Attributes:
        terms: index terms (folded stems) under which this word is indexed, the word's own first; never empty.
        asked: index terms, any of which matches when the word occurs in a query.
        exact: surface form in NFC and lower case, with accents, without an elided article (``"économie"``).
        forms: folded surface forms that a prefix or wildcard may match (masculine and feminine of an inclusive form).
        stop: whether it is a stop word; stop words keep their position and terms, for phrases and for queries that
            consist of stop words.
    """

    terms: tuple[str, ...]
    asked: tuple[str, ...]
    exact: str
    forms: tuple[str, ...]
    stop: bool = False


class Token(NamedTuple):
    """One position of an analysed text. A NamedTuple, since millions are made in an indexing run.

    Attributes:
        word: the word at this position.
        position: word position from 0; stop words are counted, so that phrases keep their distances.
        start: character offset of the whole word in the original text.
        end: offset just past it.
    """

    word: Word
    position: int
    start: int
    end: int
