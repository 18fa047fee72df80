"""Facets, the same for every engine: their values, order and French labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress, count, repeat
from operator import itemgetter
from typing import Generic, NamedTuple, TypeVar

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
"""The value that stands, in addresses, for resources without a type, year, theme or territory."""


class FacetCounts(NamedTuple, Generic[Value]):
    """Counts of resources by value.

    A NamedTuple of columns, since the territories of a response may be hundreds.

    Attributes:
        values: the values in French alphabetical order; years newest first, codes of territories by their names.
        held: number of resources with each value; 0 is as if the value were absent.
        without: number of resources without a value.
    """

    values: Sequence[Value]
    held: Sequence[int]
    without: int

    def counted(self) -> dict[Value, int]:
        """Return the counts that are not 0, by value."""
        return dict(compress(zip(self.values, self.held, strict=True), self.held))


def facet_counts(values: Sequence[Value], counted: Mapping[Value, int], without: int) -> FacetCounts[Value]:
    """Return the counts of the values of a facet, 0 for those missing from `counted`, and the number of resources
    without a value; `values` are in the order of `FacetCounts.values`.
    """
    return FacetCounts(values, [counted.get(value, 0) for value in values], without)


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
        named = {theme_key(name): name for name in themes.counted()}
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
    if not any(counts.held) and not request.territories:
        return ()
    selected = tuple(code for code in request.territories if code is not None)
    values = _by_count(counts, selected, in_order_of_names, gazetteer().labels)
    if counts.without or None in request.territories:
        values.append(FacetValue(NONE, "Sans territoire", counts.without, None in request.territories))
    return tuple(values)


def _ranked(
    counts: FacetCounts[str], selected: tuple[str, ...], none_selected: bool, none_label: str
) -> tuple[FacetValue, ...]:
    """Return facet values by decreasing count, ties in alphabetical order; « without a value » comes last, under the
    French name `none_label`. Values that count 0 are listed only if they are selected.
    """
    values = _by_count(counts, selected, alphabetical)
    if counts.without or none_selected:
        values.append(FacetValue(NONE, none_label, counts.without, none_selected))
    return tuple(values)


def _by_count(
    counts: FacetCounts[str],
    selected: tuple[str, ...],
    in_order: Callable[[Iterable[str]], list[str]],
    labels: Mapping[str, str] | None = None,
) -> list[FacetValue]:
    """Return facet values by decreasing count, those that are selected among them.

    Args:
        counts: the number of resources with each value.
        selected: values that are listed even if they count 0.
        in_order: sorts values into the order of `counts.values`.
        labels: the label of each value; None if the values are their own labels.
    """
    names, held = counts.values, counts.held
    places: Iterable[int] = compress(count(), held)
    if selected:
        counted = counts.counted()
        if not counted.keys() >= {*selected}:
            names = in_order({*counted, *selected})
            held = [counted.get(name, 0) for name in names]
            places = range(len(names))
    # The sort is stable, so values with equal counts keep their order.
    ranked = sorted(places, key=held.__getitem__, reverse=True)
    values = [names[place] for place in ranked]
    columns = zip(
        values,
        values if labels is None else map(labels.__getitem__, values),
        [held[place] for place in ranked],
        [value in selected for value in values] if selected else repeat(False),
        strict=False,
    )
    return list(map(_new, repeat(FacetValue), columns))


def _years(counts: FacetCounts[int], request: SearchRequest) -> tuple[FacetValue, ...]:
    chosen, counted = request.years, counts.counted()
    if chosen:
        every = {*counted, *(year for year in chosen if year is not None)}
        counted = {year: counted.get(year, 0) for year in sorted(every, reverse=True)}
    values = [_new(FacetValue, (name := str(year), name, held, year in chosen)) for year, held in counted.items()]
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
