"""Facet counts, exact, from one count of the documents by cell and one by theme."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.engine.embedded import kernels
from indexer.engine.embedded.arrays import BoolArray, IntArray
from indexer.engine.embedded.cells import Cells
from indexer.engine.embedded.filtering import Selection, both
from indexer.engine.embedded.world import World
from indexer.parsing.themes import theme_key
from indexer.query.facets import Counts, build_facets
from indexer.query.request import Facets, SearchRequest


def count_facets(selection: Selection, request: SearchRequest, world: World) -> Facets:
    """Count each facet under all filters but its own.

    Args:
        selection: what `select` kept.
        request: says what is selected and who asks.
        world: the reader's.
    """
    cells, tests = world.cells, selection.tests
    counts = kernels.tally(selection.of_theme, cells.of_docs, len(cells.types))
    private = int(_where(counts, both(tests.type, tests.year))[cells.private].sum())
    names, _ = world.types
    return build_facets(
        request,
        types=_counts(names, np.bincount(cells.types, _where(counts, both(tests.year, tests.private)))),
        years=_years(np.bincount(cells.year_codes, _where(counts, both(tests.type, tests.private))), cells),
        themes=_themes(selection.of_others, world),
        private=(int(_where(counts, both(tests.type, tests.year)).sum()) - private, private),
        theme_key=theme_key,
    )


def _where(counts: IntArray, test: BoolArray | None) -> IntArray:
    return counts if test is None else counts * test


def _counts(names: tuple[str, ...], counts: IntArray) -> Counts[str]:
    """Counts by name; the first is of what has none."""
    without, *named = counts.tolist() or [0]
    return Counts({name: int(n) for name, n in zip(names, named, strict=False) if n}, int(without))


def _years(counts: NDArray[Any], cells: Cells) -> Counts[int]:
    sums = {year: int(count) for year, count in zip(cells.distinct_years, counts.tolist(), strict=True) if count}
    return Counts(sums, without=sums.pop(0, 0))


def _themes(docs: IntArray, world: World) -> Counts[str]:
    themes, columns = world.prepared.themes, world.theme_columns
    return _counts(themes.names, kernels.tally_all(docs, columns.offsets, columns.codes, len(themes.names) + 1))
