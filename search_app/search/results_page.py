"""The view model of the search page: every link, label and count that its template shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from indexer.errors import RequestError
from indexer.query import FacetValue, Matching, SearchRequest, SearchResponse, Sort
from indexer.resource import YearSource
from indexer.territories import Level, gazetteer, level_of
from search_app import messages
from search_app.search import params, zero_results
from search_app.search.page_hits import HitPages
from search_app.search.params import FacetName
from search_app.web import charts
from search_app.web.text import number

FACET_ORDER: tuple[FacetName, ...] = ("type", "theme", "territory", "year", "publication", "format", "private")
SHOWN_VALUES = 8
FOLDED_TERRITORIES = 24
"""Largest number of territories in the folded part of their facet; the page of territories shows all."""
FILTERED_VALUES = 12
"""Number of values from which a facet has a text box that filters its list of values."""

PAGE_SIZES = (10, 25, 50)
HISTOGRAM = (240.0, 60.0)
"""Width and height of the plot of years."""

INFERRED_YEARS = frozenset({YearSource.TITLE, YearSource.TEXT})
"""Sources of a resource's year (title, text) that its hit names beside the year, since the year is only inferred."""

_SORTS: Mapping[Sort, str] = {
    Sort.RELEVANCE: "Pertinence",
    Sort.NEWEST: "Plus récentes",
    Sort.OLDEST: "Plus anciennes",
    Sort.TITLE: "Titre",
}
_PUBLICATION: Mapping[bool, str] = {True: "avec", False: "sans"}
_AROUND = 2
_NAMED_FILTERS = 4
"""Largest number of filters that the title of the page names."""

_MANY_YEARS = 80

Address = Callable[[SearchRequest], str]


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another state of the search; `current` tells whether that state is shown now."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter of the search, and the address of the search without it."""

    facet: str
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class NarrowerLink:
    """A territory within a selected one, the number of its resources, and the address of the search with this territory
    selected in place of the larger one.
    """

    label: str
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """One facet.

    Attributes:
        name, title: its name in addresses, and its French title.
        shown: values shown at first.
        folded: values behind « Afficher les autres ».
        chosen: number of selected values.
        narrower: for the facet of territories, links to territories that lie within the selected ones.
    """

    name: FacetName
    title: str
    shown: tuple[FacetValue, ...]
    folded: tuple[FacetValue, ...]
    chosen: int
    narrower: tuple[NarrowerLink, ...] = ()

    @property
    def long(self) -> bool:
        """Return whether a box to filter the values is needed; years have boxes for the first and last year instead."""
        return self.name != "year" and len(self.shown) + len(self.folded) >= FILTERED_VALUES


@dataclass(frozen=True, slots=True)
class YearBar:
    """A year in the plot: its bar, its label, and the address of the search for that year."""

    bar: charts.Bar
    title: str
    href: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Histogram:
    """A plot of resources by year, with room for every year, even without resources. The facet lists the same numbers.

    Attributes:
        bars: bars of the years that have resources.
        first, last: years at the ends of the plot.
        low, high: the years at the ends of the chosen span, or those of the plot; both are within the plot.
        bounded: whether a span is chosen that has years of the plot.
        width, height: size of the view box.
    """

    bars: tuple[YearBar, ...]
    first: int
    last: int
    low: int
    high: int
    bounded: bool
    width: float
    height: float

    @property
    def range_x(self) -> float:
        """Return the x coordinate at which the chosen span of years begins."""
        return round((self.low - self.first) * self._place, 2)

    @property
    def range_width(self) -> float:
        """Return the width of the chosen span of years in the plot."""
        return round((self.high - self.low + 1) * self._place, 2)

    @property
    def _place(self) -> float:
        return self.width / (self.last - self.first + 1)


@dataclass(frozen=True, slots=True)
class Pager:
    """Links to result pages; None among the numbers marks a gap."""

    previous: Link | None
    next: Link | None
    numbers: tuple[Link | None, ...]


@dataclass(frozen=True, slots=True)
class SearchView:
    """Everything that the search template shows besides the response itself.

    Attributes:
        typed: the query as typed.
        heading: heading of the results.
        title: title of the page, which names the filters too.
        archive_size: number of resources that this reader may see, or None if unknown.
        errors: message about each malformed argument, by its name.
        facets: facets that have a value, and the years.
        histogram: the years as a plot, or None if there are fewer than two.
        years: texts in the boxes « de » and « à », even if malformed.
        hidden: arguments that the form keeps as hidden fields.
        chips: filters of the search.
        clear: address of the search without filters, or None if it has none.
        sorts, sizes: links to the other sorts and page sizes.
        pager: links to other pages of results.
        beyond: whether the requested page is past the last one.
        first_page: address of the first page.
        better: link to the suggested spelling, or None.
        every_word: link to the resources that have all words, or None if all shown have them or none has.
        unfiltered: whether the search has neither words nor filters.
        back: query string, with ``?``, that is added to links to resources, so that these can link back to this page.
        zero_results: changed searches to offer if nothing was found, else None.
        pages: pages of publications that hits show, by id of the hit.
    """

    typed: str
    heading: str
    title: str
    archive_size: int | None
    errors: dict[str, str]
    facets: tuple[FacetGroup, ...]
    histogram: Histogram | None
    years: tuple[str, str]
    hidden: tuple[tuple[str, str], ...]
    chips: tuple[Chip, ...]
    clear: str | None
    sorts: tuple[Link, ...]
    sizes: tuple[Link, ...]
    pager: Pager
    beyond: bool
    first_page: str
    better: Link | None
    every_word: Link | None
    unfiltered: bool
    back: str
    zero_results: zero_results.ZeroResults | None
    pages: Mapping[str, HitPages]


def make(
    request: SearchRequest,
    response: SearchResponse,
    *,
    errors: Iterable[RequestError],
    typed_years: tuple[str, str],
    archive_size: int | None,
    address: Address,
    search: zero_results.Search,
    pages: Mapping[str, HitPages],
) -> SearchView:
    """Return the view model of the search page.

    Args:
        request: the request, without malformed values.
        response: the engine's answer to it.
        errors: errors about malformed values.
        typed_years: `year_from` and `year_to` as written in the address.
        archive_size: number of resources that this reader may see, or None if unknown.
        address: returns the address of a request.
        search: the engine's `search`, called only if nothing was found.
        pages: pages of publications that hits show, by id of the hit.

    Raises:
        EngineError: the engine cannot answer.
    """
    facets = _facets(request, response, address, span=any(typed_years))
    labels = _labels(request, response)
    chips = _chips(request, labels, address)
    asked = bool(request.query) or params.has_filters(request)
    return SearchView(
        typed=request.query,
        heading=_heading(request, chips),
        title=_title(request, chips),
        archive_size=archive_size,
        errors={error.field: str(error) for error in errors},
        facets=facets,
        histogram=_histogram(request, response, address),
        years=typed_years,
        hidden=_hidden(request, facets),
        chips=chips,
        clear=address(params.without_filters(request)) if params.has_filters(request) else None,
        sorts=_sorts(request, address),
        sizes=tuple(
            Link(str(size), address(params.with_per_page(request, size)), size == request.per_page)
            for size in PAGE_SIZES
        ),
        pager=_pager(request, response, address),
        beyond=response.total > 0 and not response.hits,
        first_page=address(params.at_page(request, 1)),
        better=(
            Link(response.did_you_mean, address(params.with_query(request, response.did_you_mean)))
            if response.did_you_mean
            else None
        ),
        every_word=_every_word(request, response, address),
        unfiltered=not asked,
        back=params.query_string(request),
        zero_results=zero_results.make(request, search, address, labels) if asked and not response.total else None,
        pages=pages,
    )


def _heading(request: SearchRequest, chips: tuple[Chip, ...]) -> str:
    if request.query:
        return f"Résultats pour {messages.quoted(request.query, 120)}"
    if len(chips) == 1:
        return messages.typeset(f"{chips[0].facet} :") + f" {chips[0].label}"
    return _filters(chips) or "Chercher dans les archives"


def _title(request: SearchRequest, chips: tuple[Chip, ...]) -> str:
    heading, filters = _heading(request, chips), _filters(chips)
    return f"{heading}, {filters}" if request.query and filters else heading


def _filters(chips: tuple[Chip, ...]) -> str:
    """Return a French text that names the first filters, and says how many more there are."""
    names = [chip.label for chip in chips[:_NAMED_FILTERS]]
    more = len(chips) - len(names)
    if more:
        return f"{', '.join(names)} et {more} autre{'s' if more > 1 else ''} filtre{'s' if more > 1 else ''}"
    return ", ".join(names)


def _facets(
    request: SearchRequest, response: SearchResponse, address: Address, *, span: bool
) -> tuple[FacetGroup, ...]:
    """Return the facets that have something to choose. If bounds on years are set (`span`), the facet of years is
    always included, so that they can be changed.
    """
    values: dict[FacetName, tuple[FacetValue, ...]] = {
        "type": response.facets.type,
        "theme": response.facets.theme,
        "territory": response.facets.territory,
        "year": response.facets.year,
        # Never show visitors this facet, whatever the engine returns.
        "private": response.facets.private if request.audience.sees_private else (),
        # « Sans publication » is shown only while it is selected, so that it can be removed.
        "publication": tuple(one for one in response.facets.publication if one.value == "oui" or one.selected),
        # If all publications have the same format, there is nothing to choose.
        "format": response.facets.format if _is_choice(response.facets.format) else (),
    }
    groups = []
    for name in FACET_ORDER:
        if not values[name] and not (name == "year" and span):
            continue
        if name == "territory":
            groups.append(_territories(request, values[name], address))
            continue
        # Selected values, and « without a value », are always shown.
        first = [
            value
            for rank, value in enumerate(values[name])
            if rank < SHOWN_VALUES or value.selected or value.value == params.NONE
        ]
        rest = [value for value in values[name] if value not in first]
        if len(rest) == 1:
            first, rest = list(values[name]), []
        chosen = sum(value.selected for value in values[name])
        groups.append(FacetGroup(name, messages.FACETS[name], tuple(first), tuple(rest), chosen))
    return tuple(groups)


def _territories(request: SearchRequest, values: tuple[FacetValue, ...], address: Address) -> FacetGroup:
    """Return the facet of territories: first the régions, then, folded, the largest others, and links to territories
    within the selected ones.
    """
    first = [one for one in values if one.selected or one.value == params.NONE or level_of(one.value) == Level.REGION]
    shown = [one for rank, one in enumerate(first) if rank < SHOWN_VALUES or one.selected or one.value == params.NONE]
    rest = [one for one in values if one not in shown]
    selected = {one.value for one in values if one.selected}
    narrower: list[NarrowerLink] = []
    for one in values:
        held = selected.intersection(gazetteer().ancestors(one.value)) if not one.selected else set()
        if held and len(narrower) < SHOWN_VALUES:
            kept = [code for code in params.selected(request, "territory") if code not in held]
            narrowed = params.with_territories(request, (*kept, one.value))
            narrower.append(NarrowerLink(one.label, one.count, address(narrowed)))
    # The first page of the site stays light: there, the link to all territories leads further.
    asked = request.query or params.has_filters(request)
    folded = rest[:FOLDED_TERRITORIES] if asked else []
    return FacetGroup(
        "territory", messages.FACETS["territory"], tuple(shown), tuple(folded), len(selected), tuple(narrower)
    )


def _is_choice(values: tuple[FacetValue, ...]) -> bool:
    return len(values) > 1 or any(value.selected for value in values)


def _hidden(request: SearchRequest, facets: tuple[FacetGroup, ...]) -> tuple[tuple[str, str], ...]:
    boxes = {(group.name, value.value) for group in facets for value in (*group.shown, *group.folded)}
    own = {"q", "page", "year_from", "year_to"}
    return tuple(pair for pair in params.build(request) if pair[0] not in own and pair not in boxes)


def _histogram(request: SearchRequest, response: SearchResponse, address: Address) -> Histogram | None:
    counts = {int(value.value): value for value in response.facets.year if value.value != params.NONE}
    if len(counts) < 2:
        return None
    first, last = min(counts), max(counts)
    if last - first > _MANY_YEARS:
        return None
    width, height = HISTOGRAM
    years = range(first, last + 1)
    low, high = request.year_from or first, request.year_to or last
    bounded = (request.year_from, request.year_to) != (None, None) and max(low, first) <= min(high, last)
    low, high = (max(low, first), min(high, last)) if bounded else (first, last)
    found = charts.bars([counts[year].count if year in counts else 0 for year in years], width=width, height=height)
    return Histogram(
        tuple(
            YearBar(
                bar,
                messages.typeset(f"{year} :") + f" {number(bar.value)} ressource{'s' if bar.value > 1 else ''}",
                address(params.toggled(params.without_span(request), "year", str(year))),
                year in counts and counts[year].selected,
            )
            for year, bar in zip(years, found, strict=True)
            if bar.value
        ),
        first,
        last,
        low,
        high,
        bounded,
        width,
        height,
    )


def _labels(request: SearchRequest, response: SearchResponse) -> Callable[[FacetName, str], str]:
    """Return a function that returns the label of a facet's value."""
    labels: dict[tuple[str, str], str] = {
        (name, value.value): value.label
        for name, values in (
            ("type", response.facets.type),
            ("theme", response.facets.theme),
            ("territory", response.facets.territory),
            ("year", response.facets.year),
            ("private", response.facets.private),
            ("format", response.facets.format),
        )
        for value in values
    }
    labels.update({("private", params.encode(value)): label for value, label in messages.PRIVATE_FILTER.items()})
    labels.update({("publication", params.encode(value)): label for value, label in _PUBLICATION.items()})
    labels.update({("territory", code): gazetteer().label(code) for code in params.selected(request, "territory")})
    labels.update({(name, params.NONE): label for name, label in messages.NO_VALUE.items()})
    labels.update({("format", value): label for value, label in messages.FORMATS.items()})
    return lambda name, value: labels.get((name, value), value)


def _chips(request: SearchRequest, labels: Callable[[FacetName, str], str], address: Address) -> tuple[Chip, ...]:
    chips = [
        Chip(messages.FACETS[name], labels(name, value), address(params.toggled(request, name, value)))
        for name in FACET_ORDER
        for value in params.selected(request, name)
    ]
    if request.year_from is not None or request.year_to is not None:
        span = messages.years_between(request.year_from, request.year_to)
        chips.append(Chip(messages.FACETS["year"], span, address(params.without_span(request))))
    if request.match is not None:
        chips.append(Chip("Mots", messages.MATCH[request.match], address(params.matched(request, None))))
    return tuple(chips)


def _every_word(request: SearchRequest, response: SearchResponse, address: Address) -> Link | None:
    if response.matching is not Matching.MOST or not response.total_all:
        return None
    label = "Ne garder qu’elle" if response.total_all == 1 else f"Ne garder que ces {number(response.total_all)}"
    words = response.did_you_mean if response.corrected and response.did_you_mean else request.query
    return Link(label, address(params.matched(params.with_query(request, words), Matching.ALL)))


def _sorts(request: SearchRequest, address: Address) -> tuple[Link, ...]:
    # Without words there is no relevance to sort by.
    offered = [sort for sort in Sort if sort is not Sort.RELEVANCE or request.query or request.order is sort]
    return tuple(
        Link(_SORTS[sort], address(params.sorted_by(request, sort)), request.order is sort) for sort in offered
    )


def _pager(request: SearchRequest, response: SearchResponse, address: Address) -> Pager:
    last, here = response.pages, request.page

    def link(page: int) -> Link:
        return Link(str(page), address(params.at_page(request, page)), page == here)

    wanted = sorted({1, last, *range(here - _AROUND, here + _AROUND + 1)} & set(range(1, last + 1)))
    numbers: list[Link | None] = []
    for index, page in enumerate(wanted):
        gap = page - wanted[index - 1] if index else 1
        if gap == 2:
            numbers.append(link(page - 1))
        elif gap > 2:
            numbers.append(None)
        numbers.append(link(page))
    return Pager(
        previous=link(min(here - 1, last)) if here > 1 and last else None,
        next=link(here + 1) if here < last else None,
        numbers=tuple(numbers) if last > 1 else (),
    )
