"""The queries that every engine of the benchmark is given, and their answers."""

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
        type, year: filters, or None.
    """

    kind: Kind
    text: str
    terms: tuple[str, ...]
    type: str | None = None
    year: int | None = None


FACETS = ("type", "year", "theme", "private")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a query, the same for every engine.

    Attributes:
        titles: titles of the ten best hits.
        total: number of hits.
        facets: for each of `FACETS`, counts under all filters but its own, by value as written in addresses.
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
        """Called before each query, not timed; empties the caches of engines that are measured without them."""
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
