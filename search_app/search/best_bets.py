"""Suggestions above the results: filters that the query names, and the resources of a theme if few are found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import chain

from indexer.analysis import default_analyzer
from indexer.query import (
    FacetValue,
    Hit,
    SearchRequest,
    SearchResponse,
    ValueNamed,
    territories_named,
    values_named,
    words_without,
)
from indexer.territories import gazetteer
from search_app import messages
from search_app.search import params
from search_app.search.params import FacetName

NEXT_TO_NOTHING = 2
"""Largest number of results beside which resources of the theme that the query names are shown too."""
STAND_INS = 5
_FACETS: tuple[FacetName, ...] = ("theme", "type", "year")

Search = Callable[[SearchRequest], SearchResponse]
Address = Callable[[SearchRequest], str]


@dataclass(frozen=True, slots=True)
class NamedFilter:
    """A filter that the query names, and the search to which its link leads.

    Attributes:
        label: facet and value, such as « Thème : Habitat »; several pairs if the link applies several filters at once.
        words: the other words of the query, which the link keeps; empty if there are none.
        href: address of the search with the filter in place of the words that name it.
        total: number of resources that this search finds.
    """

    label: str
    words: str
    href: str
    total: int


@dataclass(frozen=True, slots=True)
class BestBets:
    """The suggestions above the results.

    Attributes:
        filters: filters that the query names.
        theme: the filter on a theme of which resources are shown since there are few results, or None.
        stand_ins: the first resources of that theme.
    """

    filters: tuple[NamedFilter, ...] = ()
    theme: NamedFilter | None = None
    stand_ins: tuple[Hit, ...] = ()


def make(request: SearchRequest, response: SearchResponse, *, search: Search, address: Address) -> BestBets:
    """Return the suggestions to show above the results of a search; only its first page of results has any.

    Args:
        request: the search.
        response: its response.
        search: the engine's `search`.
        address: returns the address of a request.

    Raises:
        EngineError: the engine cannot answer.
    """
    if not request.query.strip() or request.page > 1:
        return BestBets()
    everything = search(SearchRequest(audience=request.audience, per_page=1, snippets=False)).facets
    values: dict[FacetName, tuple[FacetValue, ...]] = {
        "theme": everything.theme,
        "type": everything.type,
        "year": everything.year,
    }
    analyzer = default_analyzer()
    named: list[tuple[FacetName, ValueNamed]] = []
    for facet in _FACETS:
        offered = [value.value for value in values[facet] if value.value != params.NONE]
        chosen = params.selected(request, facet)
        found = [one for one in values_named(request.query, offered, analyzer) if one.value not in chosen]
        named += [(facet, one) for one in found[:1]]
    places = {value.value for value in everything.territory if value.value not in params.selected(request, "territory")}
    named += [("territory", one) for one in territories_named(request.query, places, analyzer)[:1]]
    # Words that name filters are removed from the query.
    rest = words_without(request.query, _spans(named), analyzer)
    if rest and any(_is_a_word_among_others(*pair) for pair in named):
        named = [pair for pair in named if not _is_a_word_among_others(*pair)]
        rest = words_without(request.query, _spans(named), analyzer)
    kept = params.with_query(request, rest)
    groups = [[pair] for pair in named]
    if len(named) > 1 and not frozenset.intersection(*(one.spans for _, one in named)):
        groups.insert(0, named)
    filters: list[NamedFilter] = []
    theme: NamedFilter | None = None
    stand_ins: tuple[Hit, ...] = ()
    for group in groups:
        changed = kept
        for facet, one in group:
            changed = params.toggled(changed, facet, one.value)
        answer = search(replace(changed, per_page=STAND_INS, snippets=False))
        if not answer.total:
            continue
        label = ", ".join(_label(facet, one.value) for facet, one in group)
        filters.append(NamedFilter(label, rest, address(changed), answer.total))
        if group[0][0] == "theme" and len(named) == 1 and not rest and response.total <= NEXT_TO_NOTHING:
            shown = {hit.id for hit in response.hits}
            theme, stand_ins = filters[-1], tuple(hit for hit in answer.hits if hit.id not in shown)
    return BestBets(tuple(filters), theme if stand_ins else None, stand_ins)


def _spans(named: Iterable[tuple[FacetName, ValueNamed]]) -> Iterable[tuple[int, int]]:
    return chain.from_iterable(one.spans for _, one in named)


def _is_a_word_among_others(facet: FacetName, named: ValueNamed) -> bool:
    """Return whether the value that a query names is a theme, named by a single word. If the query has other words too,
    such a theme is not suggested: a search for « arrêt de travail » does not mean the theme « Travail ».
    """
    return facet == "theme" and len(named.spans) == 1


def _label(facet: FacetName, value: str) -> str:
    name = messages.FACETS[facet]
    if facet == "territory":
        value = gazetteer().label(value)
    return f"{name}{messages.NO_BREAK}{value}" if facet == "year" else f"{name}{messages.NO_BREAK}: {value}"
