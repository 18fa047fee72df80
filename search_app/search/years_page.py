"""The view model of the page of years: a plot by type, and a table of the same figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from indexer.query import FacetValue, SearchRequest, SearchResponse
from indexer.resource import Audience
from search_app import messages
from search_app.search import params
from search_app.web import charts
from search_app.web.text import number

SERIES = 5
"""Largest number of types with their own colour in the plot; the other types share one."""

WIDTH, HEIGHT = 100.0, 240.0
"""Size of the plot: width in per cent of the page, so that bars scale and text keeps its size; height in pixels."""

MANY_YEARS = 80
"""Largest span, in years from the first to the last, in which the plot also shows years without a resource."""

Address = Callable[[SearchRequest], str]
Search = Callable[[SearchRequest], SearchResponse]


@dataclass(frozen=True, slots=True)
class TypeSeries:
    """A type, or all smaller types together: its name, the address of its search (None for the smaller types together),
    and the number of its resources.
    """

    label: str
    href: str | None
    total: int


@dataclass(frozen=True, slots=True)
class YearRow:
    """A row of the table: a year, the address of its search, its numbers of resources by series (type) and in all."""

    label: str
    href: str
    counts: tuple[int, ...]
    total: int


@dataclass(frozen=True, slots=True)
class YearLink:
    """A year in the plot as a link: position and width of its bars, its label, and the address of its search."""

    x: float
    width: float
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class YearLabel:
    """The label of a year under the plot; a minor one is shown only if there is room."""

    x: float
    text: str
    minor: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything that the page of years shows.

    Attributes:
        total: number of resources that the reader may see.
        series: types, the largest first.
        rows: years, the newest first, and those without a year last.
        piles: stacked bars of each year, the oldest first, in a box of `WIDTH` by `HEIGHT`.
        links: the years of the plot that have resources, the oldest first.
        ticks: horizontal lines of the plot with their values.
        labels: labels of years under the plot, few enough to be legible.
        first, last: first and last year of the plot, or None.
        undated: number of resources without a year.
    """

    total: int
    series: tuple[TypeSeries, ...]
    rows: tuple[YearRow, ...]
    piles: tuple[tuple[charts.Bar, ...], ...]
    links: tuple[YearLink, ...]
    ticks: tuple[charts.Tick, ...]
    labels: tuple[YearLabel, ...]
    first: int | None
    last: int | None
    undated: int
    width: float = WIDTH
    height: float = HEIGHT


def timeline(audience: Audience, search: Search, address: Address) -> Timeline:
    """Return the view model of the page of years: one search counts all resources, and one more each of the largest
    types.

    Args:
        audience: audience of the reader.
        search: the engine's `search`.
        address: returns the address of a request.

    Raises:
        EngineError: the engine cannot answer.
    """
    everything = SearchRequest(audience=audience, per_page=1, snippets=False)
    whole = search(everything)
    own = _own_series(whole.facets.type)
    by_type = [_years(search(replace(everything, types=(_type(value),)))) for value in own]
    totals = _years(whole)
    shared = whole.total - sum(value.count for value in own)
    # A new generation may be published between two searches, so a difference could be negative.
    columns = {
        year: (*counts, *((max(0, count - sum(counts)),) if shared > 0 else ()))
        for year, count in totals.items()
        for counts in (tuple(one.get(year, 0) for one in by_type),)
    }
    dated = sorted(int(year) for year in totals if year != params.NONE)
    shown = range(dated[0], dated[-1] + 1) if dated and dated[-1] - dated[0] <= MANY_YEARS else dated
    marks = charts.ticks(max((totals[str(year)] for year in dated), default=0), height=HEIGHT)
    piles = charts.stacks(
        [columns.get(str(year), ()) for year in shown], width=WIDTH, height=HEIGHT, top=marks[-1].value
    )
    return Timeline(
        total=whole.total,
        series=(
            *(
                TypeSeries(value.label, address(SearchRequest(audience, types=(_type(value),))), value.count)
                for value in own
            ),
            *((TypeSeries("Autres types", None, shared),) if shared > 0 else ()),
        ),
        rows=tuple(
            YearRow(
                messages.NO_VALUE["year"] if year == params.NONE else year,
                address(SearchRequest(audience, years=(None if year == params.NONE else int(year),))),
                columns[year],
                totals[year],
            )
            for year in [*map(str, reversed(dated)), *([params.NONE] if params.NONE in totals else [])]
        ),
        piles=piles,
        links=tuple(
            YearLink(
                pile[0].x,
                pile[0].width,
                messages.typeset(f"{year} :") + f" {number(total)} ressource{'s' if total > 1 else ''}",
                address(SearchRequest(audience, years=(year,))),
            )
            for year, pile in zip(shown, piles, strict=True)
            if pile
            for total in (totals[str(year)],)
        ),
        ticks=marks,
        labels=_labels(list(shown)),
        first=dated[0] if dated else None,
        last=dated[-1] if dated else None,
        undated=totals.get(params.NONE, 0),
    )


def _own_series(types: tuple[FacetValue, ...]) -> list[FacetValue]:
    """Return the types that get their own series: the largest ones, or all if only one would be left for « others »."""
    return list(types if len(types) <= SERIES + 1 else types[:SERIES])


def _type(value: FacetValue) -> str | None:
    return None if value.value == params.NONE else value.value


def _years(response: SearchResponse) -> dict[str, int]:
    return {value.value: value.count for value in response.facets.year}


def _labels(years: list[int]) -> tuple[YearLabel, ...]:
    """Return labels of every year, or of every second, fifth… year counted back from the newest: at most twelve."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100) if len(years) <= step * 12)
    place = WIDTH / max(len(years), 1)
    kept = list(range(len(years) - 1, -1, -step))
    labels = [YearLabel(round((n + 0.5) * place, 2), str(years[n]), rank % 2 == 1) for rank, n in enumerate(kept)]
    return tuple(reversed(labels))
