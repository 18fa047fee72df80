"""What facets are counted from: documents put together by type, year and privacy, and by their first theme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.engine.embedded.arrays import BoolArray, IntArray, starts_of_runs
from indexer.engine.embedded.themes import Themes


@dataclass(frozen=True, slots=True)
class Cells:
    """Documents put together by type, year and privacy: counted once, they give all three facets.

    Attributes:
        of_docs: [size] cell of each document.
        types: [cells] index of the type, -1 for none.
        years: [cells] 0 where unknown.
        private: [cells] whether private.
        distinct_years: the years that there are; year_codes [cells] index of each cell's.
    """

    of_docs: IntArray
    types: IntArray
    years: IntArray
    private: BoolArray
    distinct_years: tuple[int, ...]
    year_codes: IntArray


@dataclass(frozen=True, slots=True)
class ThemeColumns:
    """Themes of each document, so that those which most have, one, are counted at once.

    Attributes:
        first: [size] 1 + number of the first theme, 0 for none.
        more_docs: document of each further theme; more: 1 + its number.
    """

    first: IntArray
    more_docs: IntArray
    more: IntArray


def cells_of(types: IntArray, years: IntArray, private: BoolArray) -> Cells:
    """Put documents together.

    Args:
        types: [size] index of each document's type, -1 for none.
        years: [size] 0 where unknown.
        private: [size] whether private.
    """
    keys = ((types.astype(np.int64) + 1) << 32) | (years.astype(np.int64) << 1) | private
    distinct, cells = np.unique(keys, return_inverse=True)
    of_cells = (distinct & 0xFFFFFFFF) >> 1
    found, codes = np.unique(of_cells, return_inverse=True)
    return Cells(
        of_docs=cells.astype(np.intp),
        types=(distinct >> 32) - 1,
        years=of_cells,
        private=(distinct & 1).astype(bool),
        distinct_years=tuple(found.tolist()),
        year_codes=codes.astype(np.intp),
    )


def theme_columns_of(themes: Themes, size: int) -> ThemeColumns:
    """The themes of `size` documents, by document."""
    first = np.zeros(size, dtype=np.intp)
    starts = starts_of_runs(themes.owners)
    first[themes.owners[starts]] = themes.codes[starts] + 1
    further = np.ones(len(themes.owners), dtype=bool)
    further[starts] = False
    return ThemeColumns(first, themes.owners[further].astype(np.intp), themes.codes[further].astype(np.intp) + 1)
