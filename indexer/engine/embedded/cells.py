"""What facets are counted from: documents put together by type, year and privacy, and the themes of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.engine.embedded.arrays import BoolArray, IntArray, offsets_of
from indexer.engine.embedded.themes import Themes


@dataclass(frozen=True, slots=True)
class Cells:
    """Documents put together by type, year and privacy: counted once, they give all three facets.

    Attributes:
        of_docs: [size] cell of each document (int32).
        types: [cells] 1 + index of the type, 0 for none.
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
    """Themes of each document.

    Attributes:
        offsets: [size + 1] where each document's themes begin in `codes`, and the end (int32).
        codes: numbers of themes, document after document (int32).
    """

    offsets: IntArray
    codes: IntArray


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
        of_docs=cells.astype(np.int32),
        types=distinct >> 32,
        years=of_cells,
        private=(distinct & 1).astype(bool),
        distinct_years=tuple(found.tolist()),
        year_codes=codes.astype(np.intp),
    )


def theme_columns_of(themes: Themes, size: int) -> ThemeColumns:
    """The themes of `size` documents, by document."""
    offsets = offsets_of(np.bincount(themes.owners, minlength=size)).astype(np.int32)
    return ThemeColumns(offsets, np.ascontiguousarray(themes.codes, dtype=np.int32))
