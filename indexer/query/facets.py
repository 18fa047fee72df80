"""Facets as every engine shows them: their values, order and French labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Generic, TypeVar

from indexer.analysis import alphabetical
from indexer.query.request import Facets, FacetValue, SearchRequest

Value = TypeVar("Value", str, int)

_new = tuple.__new__
"""Makes a NamedTuple in half the time; a search makes dozens."""

NONE = "none"
"""Value of resources without a type, year or theme, in addresses."""


@dataclass(frozen=True, slots=True)
class FacetCounts(Generic[Value]):
    """Counts of resources by value.

    Attributes:
        values: value and count, none of them 0: labels in the order of `alphabetical`, years newest first.
        without: of resources without any.
    """

    values: Sequence[tuple[Value, int]]
    without: int


def build_facets(
    request: SearchRequest,
    *,
    types: FacetCounts[str],
    years: FacetCounts[int],
    themes: FacetCounts[str],
    private: tuple[int, int],
    theme_key: Callable[[str], str],
) -> Facets:
    """Return facets from counts. Values that count 0 are left out unless selected.

    Args:
        request: its filters and audience.
        types: counts under all filters but the types.
        years: likewise.
        themes: likewise, by the name that readers see.
        private: public and private counts.
        theme_key: two themes with the same key are one.
    """
    selected_themes: tuple[str, ...] = ()
    if request.themes:
        chosen_themes = {theme_key(theme): theme for theme in request.themes if theme is not None}
        named = {theme_key(name): name for name, _ in themes.values}
        selected_themes = tuple(named.get(key, theme) for key, theme in chosen_themes.items())
    return Facets(
        type=_ranked(types, tuple(t for t in request.types if t is not None), None in request.types, "Sans type"),
        year=_years(years, request),
        theme=_ranked(themes, selected_themes, None in request.themes, "Sans thème"),
        private=_private(private, request),
    )


def _ranked(
    counts: FacetCounts[str], selected: tuple[str, ...], none_selected: bool, none_label: str
) -> tuple[FacetValue, ...]:
    """Return the most frequent values first, then in alphabetical order; resources without any come last."""
    found = counts.values
    if selected and not {value for value, _ in found}.issuperset(selected):
        counted = dict(found)
        found = [(value, counted.get(value, 0)) for value in alphabetical({*counted, *selected})]
    # Sorting keeps the order of those that count the same.
    ranked = sorted(found, key=itemgetter(1), reverse=True)
    values = [_new(FacetValue, (value, value, count, value in selected)) for value, count in ranked]
    if counts.without or none_selected:
        values.append(FacetValue(NONE, none_label, counts.without, none_selected))
    return tuple(values)


def _years(counts: FacetCounts[int], request: SearchRequest) -> tuple[FacetValue, ...]:
    found, chosen = counts.values, request.years
    if chosen:
        counted = dict(found)
        every = {*counted, *(year for year in chosen if year is not None)}
        found = [(year, counted.get(year, 0)) for year in sorted(every, reverse=True)]
    named = [(str(year), count, year in chosen) for year, count in found]
    values = [_new(FacetValue, (name, name, count, selected)) for name, count, selected in named]
    if counts.without or None in chosen:
        values.append(FacetValue(NONE, "Sans année", counts.without, None in chosen))
    return tuple(values)


def asked_privacy(request: SearchRequest) -> list[bool]:
    """Return the values of `private` in a request that apply: to a visitor nothing is private."""
    return [wanted for wanted in request.private if not wanted or request.audience.sees_private]


def _private(counts: tuple[int, int], request: SearchRequest) -> tuple[FacetValue, ...]:
    if not request.audience.sees_private:
        return ()
    shown = (("non", "Publique", counts[0], False), ("oui", "Réservée aux adhérents", counts[1], True))
    return tuple(
        FacetValue(value, label, count, flag in request.private)
        for value, label, count, flag in shown
        if count or flag in request.private
    )
