"""Facet counts, exact, from one count of the documents by cell and one by theme."""

from __future__ import annotations

from indexer.analysis.theme_key import theme_key
from indexer.engine.embedded import kernels
from indexer.engine.embedded.read.filters import Selection, both
from indexer.engine.embedded.read.searcher import World
from indexer.query.facets import Counts, Value, build_facets
from indexer.query.request import Facets, SearchRequest


def count_facets(selection: Selection, request: SearchRequest, world: World) -> Facets:
    """Count each facet under all filters but its own.

    Args:
        selection: what `select` kept.
        request: says what is selected and who asks.
        world: the reader's.
    """
    cells, tests = world.cells, selection.tests
    counts = kernels.count(selection.of_theme, cells.of_docs, len(cells.types))
    names, _ = world.types
    themes = world.theme_sets
    sets = kernels.count(selection.of_others, themes.of_docs, len(themes.offsets) - 1)
    of_themes = kernels.rollup_multivalued(sets, themes.offsets, themes.codes, len(themes.names) + 1)
    of_types = kernels.rollup(counts, cells.types, len(names) + 1, both(tests.year, tests.private))
    of_years = kernels.rollup(counts, cells.year_codes, len(cells.distinct_years) + 1, both(tests.type, tests.private))
    public, private = kernels.rollup(counts, cells.private_codes, 2, both(tests.type, tests.year))
    return build_facets(
        request,
        types=_counts(names, of_types),
        years=_counts(cells.distinct_years, of_years),
        themes=_counts(themes.names, of_themes),
        private=(public, private),
        theme_key=theme_key,
    )


def _counts(values: tuple[Value, ...], counts: list[int]) -> Counts[Value]:
    """Counts by value; the first is of what has none."""
    without, *named = counts
    return Counts([pair for pair in zip(values, named, strict=True) if pair[1]], without)
