"""The queries that every engine of the benchmark answers, the form of answers, and the interface of engines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from bench.speed.feed import Fed


class Kind(StrEnum):
    """Kinds of queries, thirty of each."""

    RARE = "rare word"
    COMMON = "common word"
    TWO = "two words"
    ANY = "three words (any)"
    PHRASE = "phrase"
    PREFIX = "prefix"
    FILTER = "type + year filter"


@dataclass(frozen=True, slots=True)
class Query:
    """One query, in a form for each engine.

    Attributes:
        kind: kind of the query.
        text: the query as a person types it; given to our engine.
        terms: its index terms in order, or the folded prefix; given to the other engines.
        type, year: filters; None for no filter.
    """

    kind: Kind
    text: str
    terms: tuple[str, ...]
    type: str | None = None
    year: int | None = None


FACETS = ("type", "year", "theme", "private")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a query, in a form that all engines share.

    Attributes:
        titles: titles of the ten best hits.
        total: number of hits.
        facets: for each of `FACETS`, number of hits of each value; values are written as in addresses of the site. All
            filters but the one on the facet itself are in force.
    """

    titles: tuple[str, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]


class Contestant(Protocol):
    """An engine that was opened on an existing index."""

    name: str

    def search(self, query: Query, /) -> object:
        """Answer a query; this call is timed."""
        ...

    def answer(self, found: object, /) -> Answer:
        """Return the result of `search` in the common form, for comparison; not timed."""
        ...

    def forget(self) -> None:
        """Empty the caches of earlier queries, if the engine is measured without them; called before each query, not
        timed.
        """
        ...

    def close(self) -> None:
        """Release files."""
        ...


class Writer(Protocol):
    """Writes the index of another engine."""

    def add(self, fed: Fed, /) -> None:
        """Add a page."""
        ...

    def finish(self) -> None:
        """Commit, merge, close."""
        ...
