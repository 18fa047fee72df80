"""The plan: an analysed query, which an engine can run without any knowledge of French.

    plan = Words | Sequence | Expand | Either | YearRange | InTerritory | Every | Nothing | All | Any | Without

`Words` is one position, matched by any of its index terms; `Sequence` is several positions in order. `fields` names one
or more text fields; the impacts of a word in several fields are added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from indexer.query.ast import InTerritory, YearRange


@dataclass(frozen=True, slots=True)
class Words:
    """One query position.

    Attributes:
        terms: index terms, any of which matches.
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
        items: for each position a tuple of index terms, any of which matches there.
        gaps: distances between successive items (one fewer than items): usually 1, more where stop words were left out.
        slop: how many positions the whole may span beyond what `gaps` say.
        fields: text fields to search.
    """

    items: tuple[tuple[str, ...], ...]
    gaps: tuple[int, ...]
    slop: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expand:
    """Written forms that match a pattern in lower case without accents; ``*`` is any run of letters, ``?`` one."""

    pattern: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Alternatives for the same thing, the typed one first; any of them matches, and together they count as one word.

    The idf is computed for all alternatives together. The impact is the best one's, lowered for alternatives that were
    not typed.
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
    """All children match. With `most`, it is enough if the children that match carry `scoring.MOST` of the points.

    The points are the shares of the children in their idf together (`scoring.points`), without children that match no
    resource. With `most`, no child is a `Without`.
    """

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


Plan = Union[Words, Sequence, Expand, Either, YearRange, InTerritory, Every, Nothing, All, Any, Without]


@dataclass(frozen=True, slots=True)
class WordPair:
    """Two neighbouring words of a query; resources where one closely follows the other rank higher.

    Attributes:
        before: index terms of the first, any of which matches.
        after: index terms of the second, any of which matches.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """The plans of a query.

    Attributes:
        strict: the query as typed.
        relaxed: requires only most of the plain words; None if the query may not be relaxed.
        loosest: requires only most of the words, with compounds split into their parts, for when nothing else is found;
            None if there is no compound.
        pairs: neighbouring words, for the ranking.
        plain: whether the query consists of plain words, without operators, fields or phrases.
        words: each child of `relaxed` as typed.
        loosest_words: each child of `loosest` as typed.
    """

    strict: Plan
    relaxed: All | None = None
    loosest: All | None = None
    pairs: tuple[WordPair, ...] = ()
    plain: bool = False
    words: tuple[str, ...] = ()
    loosest_words: tuple[str, ...] = ()
