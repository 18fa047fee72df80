"""Exact facet counts: matching documents are counted by group, then the counts of groups are summed by value."""

from __future__ import annotations

from indexer.analysis import theme_key
from indexer.engine.embedded import kernels
from indexer.engine.embedded.kernels.layout import IntArray
from indexer.engine.embedded.read.facet_columns import SetGroups
from indexer.engine.embedded.read.filters import Selection
from indexer.engine.embedded.read.searcher import Searcher
from indexer.query import FORMATS, Facets, SearchRequest
from indexer.query.facets import FacetCounts, Value, build_facets


def count_facets(selection: Selection, request: SearchRequest, searcher: Searcher) -> Facets:
    """Count the values of each facet under all filters except those on the facet itself.

    Args:
        selection: what `select` kept.
        request: the search, whose filters and audience are read.
        searcher: the searcher of the audience, visitors or members.
    """
    groups, masks = searcher.facet_groups, selection.masks
    counts = kernels.count(selection.of_sets, groups.of_docs, len(groups.types))
    names, _ = searcher.types
    themes, territories = searcher.theme_groups, searcher.territory_groups
    of_themes = _count_sets(selection.but_themes, themes)
    of_territories = _count_sets(selection.but_territories, territories) if territories.names else [0]
    of_types = kernels.rollup(counts, groups.types, len(names) + 1, masks.but("type"))
    of_years = kernels.rollup(counts, groups.year_codes, len(groups.distinct_years) + 1, masks.but("year"))
    public, private = kernels.rollup(counts, groups.private_codes, 2, masks.but("private"))
    without, published = kernels.rollup(counts, groups.published, 2, masks.but("publication"))
    formats: list[tuple[str, int]] = []
    if len(groups.format_codes):
        allowed = masks.but("format")
        _, *of_formats = kernels.rollup_multivalued(
            counts if allowed is None else counts * allowed,
            groups.format_offsets,
            groups.format_codes,
            len(FORMATS) + 1,
        )
        formats = [pair for pair in zip(FORMATS, of_formats, strict=True) if pair[1]]
    return build_facets(
        request,
        types=_counts(names, of_types),
        years=_counts(groups.distinct_years, of_years),
        themes=_counts(themes.names, of_themes),
        private=(public, private),
        publication=(without, published),
        formats=formats,
        territories=_counts(territories.names, of_territories),
        theme_key=theme_key,
    )


def _count_sets(docs: IntArray, groups: SetGroups) -> list[int]:
    """Return how many of some documents have no value (theme or territory), then how many have each value."""
    sets = kernels.count(docs, groups.of_docs, len(groups.offsets) - 1)
    counts: list[int] = kernels.rollup_multivalued(sets, groups.offsets, groups.codes, len(groups.names) + 1)
    return counts


def _counts(values: tuple[Value, ...], counts: list[int]) -> FacetCounts[Value]:
    """Return the counts of a facet; `counts` holds the number of documents without a value, then with each value."""
    without, *held = counts
    return FacetCounts(values, held, without)
