"""SearchRequest and SearchResponse: everything that passes between the site and an engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from indexer.resource import Audience, YearSource

MAX_PER_PAGE = 100
MAX_REACH = 10_000
"""Largest rank of a hit that can be requested, as page × per_page."""
MAX_PAGE_HITS = 3
"""Largest number of pages of publications that one hit shows."""
MAX_PASSAGES = 50
"""Largest number of pages for which one call of `Engine.pages` makes a passage."""
MAX_FILTERS = 60
"""Largest number of filter values in a search, all filters counted together."""


class Sort(StrEnum):
    """Sort orders of a result list; undated resources come last in both date orders."""

    RELEVANCE = "relevance"
    NEWEST = "-date"
    OLDEST = "date"
    TITLE = "title"


class Matching(StrEnum):
    """Whether a resource must have all plain words of a query, or most of them."""

    ALL = "all"
    MOST = "most"


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search. A resource passes a filter if it has any of its values, and must pass every filter.

    Attributes:
        audience: the kind of reader; resources that this audience may not see are never found or counted.
        query: as typed; empty lists everything.
        types: types to keep; None stands for "no type".
        years: years to keep; None stands for "no year".
        year_from, year_to: inclusive bounds; a resource without a year passes no bound.
        themes: themes to keep; None stands for "no theme".
        private: values of privacy to keep; ignored for visitors.
        sort: None means the default: relevance with a query, newest first without.
        page: from 1.
        per_page: 1 to `MAX_PER_PAGE` on result pages; up to `MAX_REACH`, on page 1, for exports of a whole search.
        snippets: whether hits carry snippets.
        match: whether all plain words are required, or most of them; None requires most if few resources have all.
        with_publication: keep only resources that have a publication (True), or none (False); None keeps all.
        formats: media types of publications; a resource passes if it has a publication of any of them.
        territories: codes of territories to keep; a resource passes if any of its territories is one of them or lies in
            one; None stands for "no territory".
    """

    audience: Audience
    query: str = ""
    types: tuple[str | None, ...] = ()
    years: tuple[int | None, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    themes: tuple[str | None, ...] = ()
    private: tuple[bool, ...] = ()
    sort: Sort | None = None
    page: int = 1
    per_page: int = 10
    snippets: bool = True
    match: Matching | None = None
    with_publication: bool | None = None
    formats: tuple[str, ...] = ()
    territories: tuple[str | None, ...] = ()

    @property
    def order(self) -> Sort:
        """The sort to apply: `sort`, or the default if that is None."""
        if self.sort is not None:
            return self.sort
        return Sort.RELEVANCE if self.query.strip() else Sort.NEWEST


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a snippet: original text, and whether it matches the query."""

    text: str
    matched: bool


class PageHit(NamedTuple):
    """A page of a publication that answers a query."""

    document: int
    """Number of the publication in its resource."""
    page: int
    """Number of the page in the file, from 1."""
    label: str | None
    """Page number that is printed on the page, such as ``"iv"``; None where it equals `page`."""
    snippet: tuple[Piece, ...] = ()


class Hit(NamedTuple):
    """One line of a result list. A NamedTuple, since a response has many."""

    id: str
    url: str | None
    title: str
    type: str | None
    year: int | None
    year_source: YearSource | None
    date: str | None
    private: bool
    themes: tuple[str, ...]
    score: float
    snippet: tuple[Piece, ...] = ()
    missing: tuple[str, ...] = ()
    """Plain words of the query, as typed, that the resource lacks."""
    pages: tuple[PageHit, ...] = ()
    """The pages of its publications that answer best, at most `MAX_PAGE_HITS`, best first."""
    pages_total: int = 0
    """Number of pages of its publications that answer."""


class FacetValue(NamedTuple):
    """One value of a facet: `value` is used in addresses, `label` is the French text for people.

    A NamedTuple, since a response has dozens.
    """

    value: str
    label: str
    count: int  # type: ignore[assignment]  # in place of tuple.count, which nobody needs
    selected: bool


@dataclass(frozen=True, slots=True)
class Facets:
    """Facet values: types and themes most frequent first, years newest first and « Sans année » last."""

    type: tuple[FacetValue, ...] = ()
    year: tuple[FacetValue, ...] = ()
    theme: tuple[FacetValue, ...] = ()
    private: tuple[FacetValue, ...] = ()
    publication: tuple[FacetValue, ...] = ()
    """With and without a publication; empty if no resource counted here has one and neither value is selected."""
    format: tuple[FacetValue, ...] = ()
    """File formats of publications (« pdf », « docx »… as in `facets.FORMATS`) with counts, most frequent first."""
    territory: tuple[FacetValue, ...] = ()
    """Territories by code, most frequent first; those that hold the territories of resources are counted too."""


@dataclass(frozen=True, slots=True)
class SearchResponse:
    """The answer to a SearchRequest.

    Attributes:
        query: as typed.
        total: number of matching resources; hits, facets, pages and sorts all describe this one set.
        total_all: number of resources that have all words; less than `total` if `matching` is most.
        took_ms: time inside the engine, in milliseconds.
        did_you_mean: a better spelling, if one is known.
        corrected: whether the hits answer `did_you_mean` instead of `query`.
        matching: whether all plain words were required, or most of them.
        messages: French sentences on parts of the query that were ignored or relaxed.
        unknown: plain words of the query, as typed, that no resource visible to the reader has, if other words are
            found.
    """

    query: str
    total: int
    page: int
    per_page: int
    took_ms: float
    sort: Sort
    hits: tuple[Hit, ...]
    facets: Facets = field(default_factory=Facets)
    did_you_mean: str | None = None
    corrected: bool = False
    matching: Matching = Matching.ALL
    messages: tuple[str, ...] = ()
    total_all: int = 0
    unknown: tuple[str, ...] = ()

    @property
    def pages(self) -> int:
        """Number of pages that hold hits, within `MAX_REACH`."""
        reachable = min(self.total, MAX_REACH // self.per_page * self.per_page)
        return -(-reachable // self.per_page)
