"""The view model that pages of territories and themes share: counts by type and year, and the newest resources."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace

from indexer.query import FacetValue, Hit, SearchRequest, SearchResponse, Sort
from indexer.territories import Level, gazetteer, level_of
from search_app.search import params
from search_app.web.text import date_in_words

NEWEST = 10
_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}){0,2}$")
MOST_ROWS = 100
"""Largest number of rows of a table of territories."""

Address = Callable[[SearchRequest], str]


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a table with bars: `share` is the length of its bar in per cent of the longest, `within` the name of the
    département or région that contains a territory, or empty.
    """

    label: str
    href: str
    count: int
    share: float
    within: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with bars, and the number of rows that it leaves out."""

    title: str
    rows: tuple[Bar, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Face:
    """The view model of the resources of a territory or a theme.

    Attributes:
        total: number of resources.
        types, years: number of resources of each type and year, with links to the search.
        newest: the newest resources by their own date.
        search: address of the search for all resources.
        feed: query string of the Atom feed of the resources.
        response: the engine's response that all of this was made from.
    """

    total: int
    types: Table
    years: Table
    newest: tuple[Hit, ...]
    search: str
    feed: str
    response: SearchResponse


def face(
    asked: SearchRequest, search: Callable[[SearchRequest], SearchResponse], address: Address, feed: Address
) -> Face:
    """Return the counts and newest resources of a search for the page of a territory or theme.

    Args:
        asked: the search, which has only filters.
        search: the engine's `search`.
        address: returns the address of the search page for a search request.
        feed: returns the query string of the Atom feed of a search request.

    Raises:
        EngineError: the engine cannot answer.
    """
    response = search(replace(asked, sort=Sort.NEWEST, per_page=NEWEST, snippets=False))
    facets = response.facets
    return Face(
        response.total,
        Table("Par type", _bars(facets.type, lambda value: address(params.toggled(asked, "type", value.value)))),
        Table("Par année", _bars(facets.year, lambda value: address(params.toggled(asked, "year", value.value)))),
        response.hits,
        address(asked),
        feed(asked),
        response,
    )


def tables_of_territories(values: Iterable[FacetValue], path: Callable[[str], str]) -> tuple[Table, ...]:
    """Return the given territories as tables: one for each level (région, département…), the largest level first.

    Args:
        values: territories, most frequent first.
        path: returns the path of the page of a territory.
    """
    held: dict[Level, list[FacetValue]] = {}
    for value in values:
        if value.value != params.NONE and value.count:
            held.setdefault(level_of(value.value), []).append(value)
    return tuple(
        Table(
            LEVELS[level][1],
            _bars(held[level][:MOST_ROWS], lambda value: path(value.value), within=True),
            max(0, len(held[level]) - MOST_ROWS),
        )
        for level in Level
        if level in held
    )


LEVELS = {
    Level.REGION: ("Région", "Régions"),
    Level.DEPARTEMENT: ("Département", "Départements"),
    Level.GROUP: ("Intercommunalité", "Intercommunalités"),
    Level.COMMUNE: ("Commune", "Communes"),
}
"""French names of each level of territories, in the singular and in the plural."""


def inside(values: Iterable[FacetValue], code: str) -> list[FacetValue]:
    """Return the facet values of the territories that lie within the territory with a code."""
    known = gazetteer()
    return [value for value in values if code in known.ancestors(value.value)]


@dataclass(frozen=True, slots=True)
class Month:
    """Resources of one month, or those of one year whose month is not known."""

    title: str
    hits: tuple[Hit, ...]


def months_of(hits: Iterable[Hit]) -> tuple[Month, ...]:
    """Return dated hits by month, in the order in which they come."""
    held: dict[str, list[Hit]] = {}
    for hit in hits:
        known = hit.date if hit.date is not None and _DATE.match(hit.date) else str(hit.year)
        held.setdefault(date_in_words(known[:7]), []).append(hit)
    return tuple(Month(title, tuple(found)) for title, found in held.items())


def _area(code: str) -> str:
    """Return the name of the smallest département or région that contains a territory; empty for a région."""
    known = gazetteer()
    return next((known.name(one) for one in known.ancestors(code) if level_of(one) <= Level.DEPARTEMENT), "")


def _bars(
    values: Collection[FacetValue], href: Callable[[FacetValue], str], *, within: bool = False
) -> tuple[Bar, ...]:
    most = max((value.count for value in values), default=1) or 1
    known = gazetteer()
    return tuple(
        Bar(
            known.name(value.value) if within else value.label,
            href(value),
            value.count,
            round(100 * value.count / most, 2),
            _area(value.value) if within else "",
        )
        for value in values
    )
