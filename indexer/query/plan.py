"""The plan: an analysed query, ready for an engine, which needs no knowledge of French.

    plan = Words | Sequence | Expand | Either | YearRange | Every | Nothing | All | Any | Without

`Words` is one position: any of its index terms matches it. `Sequence` is several positions in order.
`fields` is always one of, or several of, the engine's text fields; scores add up over fields (BM25F).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from indexer.query.ast import YearRange


@dataclass(frozen=True, slots=True)
class Words:
    """One query position.

    Attributes:
        terms: index terms of which any matches.
        exact: surface form (lower case, accents kept) that ranks first among the matches, or None.
        fields: text fields to search.
    """

    terms: tuple[str, ...]
    exact: str | None
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """Positions that follow one another in one field.

    Attributes:
        items: each a tuple of index terms of which any matches at that position.
        gaps: steps between items, one fewer than items; usually 1, more over stop words.
        slop: how many positions more than asked the whole may span.
        fields: text fields to search.
    """

    items: tuple[tuple[str, ...], ...]
    gaps: tuple[int, ...]
    slop: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expand:
    """Written forms that match a pattern: accents folded, lower case, ``*`` any run of letters, ``?`` one letter."""

    pattern: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Several ways to say the same thing, the typed one first: any matches, and they count as one word.

    The idf is that of all ways together, the impact the best one's, less for the ways that were not typed.
    """

    alternatives: tuple[Words | Sequence, ...]


@dataclass(frozen=True, slots=True)
class Every:
    """Matches everything."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """Matches nothing."""


@dataclass(frozen=True, slots=True)
class All:
    """All children match; with `most`, at least half of those that match any resource (then none is a `Without`)."""

    children: tuple[Plan, ...]
    most: bool = False


@dataclass(frozen=True, slots=True)
class Any:
    """Any child matches."""

    children: tuple[Plan, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """The child does not match."""

    child: Plan


Plan = Union[Words, Sequence, Expand, Either, YearRange, Every, Nothing, All, Any, Without]


@dataclass(frozen=True, slots=True)
class WordPair:
    """Two neighbouring words of a query; resources where one closely follows the other rank higher.

    Attributes:
        before: index terms of the first, any of which will do.
        after: index terms of the second.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """The plans of a query.

    Attributes:
        strict: what was asked.
        relaxed: for plain words, most of them; None where nothing may be relaxed.
        loosest: most of them, compounds taken apart, for when nothing else is found; None where there is none.
        pairs: neighbouring words.
    """

    strict: Plan
    relaxed: All | None = None
    loosest: All | None = None
    pairs: tuple[WordPair, ...] = ()
