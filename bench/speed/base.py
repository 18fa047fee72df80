"""What every engine of the bench is asked, and what it answers."""

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
    """One query, in each engine's own terms.

    Attributes:
        kind: which of the seven.
        text: as a person types it; what our engine is given.
        terms: index terms, in order; of a prefix, the folded prefix itself. What the peers are given.
        type, year: what the hits are filtered by, or None.
    """

    kind: Kind
    text: str
    terms: tuple[str, ...]
    type: str | None = None
    year: int | None = None


FACETS = ("type", "year", "theme", "private")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is asked of every engine: the same thing.

    Attributes:
        titles: of the ten best.
        total: number of hits.
        facets: for each of `FACETS`, counts by value as an address writes it, under all filters but its own.
    """

    titles: tuple[str, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]


class Contestant(Protocol):
    """An engine, open on an index that stands on disk."""

    name: str

    def search(self, query: Query, /) -> object:
        """Answer a query: the call that is timed."""
        ...

    def answer(self, found: object, /) -> Answer:
        """What `search` found, to be compared between engines; not timed."""
        ...

    def forget(self) -> None:
        """Called before each query, not timed: does nothing, but for engines measured without their caches."""
        ...

    def close(self) -> None:
        """Release files."""
        ...


class Writer(Protocol):
    """Writes a peer's index."""

    def add(self, fed: Fed, /) -> None:
        """Add a page."""
        ...

    def finish(self) -> None:
        """Commit, merge, close."""
        ...
