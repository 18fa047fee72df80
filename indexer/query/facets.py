"""Facets, the same for every engine: their values, order and French labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Generic, TypeVar

from indexer.analysis import alphabetical, collation_key
from indexer.query.request import Facets, FacetValue, SearchRequest
from indexer.territories import gazetteer

Value = TypeVar("Value", str, int)

_new = tuple.__new__
"""Creates a NamedTuple in half the time of its constructor; a search creates dozens."""

FORMATS = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "odt": "application/vnd.oasis.opendocument.text",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
"""Media types of publications, by the name that stands for each in addresses."""

_FORMAT_LABELS = {"pdf": "PDF", "docx": "Word (DOCX)", "odt": "OpenDocument (ODT)", "pptx": "PowerPoint (PPTX)"}

NONE = "none"
"""The value that stands, in addresses, for resources without a type, year or theme."""


@dataclass(frozen=True, slots=True)
class FacetCounts(Generic[Value]):
    """Counts of resources by value.

    Attributes:
        values: pairs of value and count (never 0); labels in the order of `alphabetical`, years newest first.
        without: number of resources without a value.
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
    publication: tuple[int, int],
    formats: Sequence[tuple[str, int]],
    territories: FacetCounts[str],
    theme_key: Callable[[str], str],
) -> Facets:
    """Return facets from counts. Values that count 0 are left out unless selected.

    Args:
        request: the search, whose filters and audience are read.
        types: counts under all filters but the types.
        years: counts under all filters but the years.
        themes: counts under all filters but the themes, by the name that readers see.
        private: counts of public and of private resources under all filters but this one.
        publication: counts of resources without and with a publication under all filters but this one.
        formats: pairs of a name in `FORMATS` and its count (never 0), in the order of `FORMATS`, under all filters but
            the formats.
        territories: counts under all filters but the territories, by code, in the order of `in_order_of_names`; a
            resource counts for its territories and for all that hold them.
        theme_key: returns the key of a theme; two spellings with the same key are one theme.
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
        publication=_publication(publication, request),
        format=_formats(formats, request),
        territory=_territories(territories, request),
    )


def in_order_of_names(codes: Iterable[str]) -> list[str]:
    """Return codes of territories in the alphabetical order of their names."""
    known = gazetteer()
    return sorted(codes, key=lambda code: (collation_key(known.name(code)), code))


def _territories(counts: FacetCounts[str], request: SearchRequest) -> tuple[FacetValue, ...]:
    if not counts.values and not request.territories:
        return ()
    selected = tuple(code for code in request.territories if code is not None)
    found = counts.values
    if selected and not {code for code, _ in found}.issuperset(selected):
        counted = dict(found)
        found = [(code, counted.get(code, 0)) for code in in_order_of_names({*counted, *selected})]
    labels = gazetteer().labels
    ranked = sorted(found, key=itemgetter(1), reverse=True)
    values = [_new(FacetValue, (code, labels[code], count, code in selected)) for code, count in ranked]
    if counts.without or None in request.territories:
        values.append(FacetValue(NONE, "Sans territoire", counts.without, None in request.territories))
    return tuple(values)


def _ranked(
    counts: FacetCounts[str], selected: tuple[str, ...], none_selected: bool, none_label: str
) -> tuple[FacetValue, ...]:
    """Return facet values by decreasing count, ties in alphabetical order; « without a value » comes last."""
    found = counts.values
    if selected and not {value for value, _ in found}.issuperset(selected):
        counted = dict(found)
        found = [(value, counted.get(value, 0)) for value in alphabetical({*counted, *selected})]
    # The sort is stable, so values with equal counts keep their order.
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
    """Return the values of the privacy filter that apply to a request; none for a visitor, who sees nothing private."""
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


def _publication(counts: tuple[int, int], request: SearchRequest) -> tuple[FacetValue, ...]:
    without, having = counts
    if not having and request.with_publication is None:
        return ()
    shown = (("oui", "Avec publication", having, True), ("non", "Sans publication", without, False))
    return tuple(
        FacetValue(value, label, count, request.with_publication is flag)
        for value, label, count, flag in shown
        if count or request.with_publication is flag
    )


def _formats(found: Sequence[tuple[str, int]], request: SearchRequest) -> tuple[FacetValue, ...]:
    if not found and not request.formats:
        return ()
    counted = dict(found)
    chosen = {name for name, media_type in FORMATS.items() if media_type in request.formats}
    ranked = sorted(((name, counted.get(name, 0)) for name in FORMATS), key=itemgetter(1), reverse=True)
    return tuple(
        FacetValue(name, _FORMAT_LABELS[name], count, name in chosen)
        for name, count in ranked
        if count or name in chosen
    )
