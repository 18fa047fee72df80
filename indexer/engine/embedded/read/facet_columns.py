"""The columns from which facets are counted: documents grouped by type, year, privacy and formats of publications, by
their themes, and by their territories.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from indexer.analysis import alphabetical
from indexer.engine.embedded.kernels.layout import BoolArray, IntArray, distinct, offsets_of
from indexer.engine.embedded.storage.themes import Themes
from indexer.query import FORMATS


@dataclass(frozen=True, slots=True)
class FacetGroups:
    """Groups of documents with the same type, year, privacy and formats of publications; counting the documents of
    each group once gives all facets but the themes and territories.

    Attributes:
        of_docs: [size] group of each document (uint16 where that is enough, else int32).
        types: [groups] 1 + index of the type, 0 for none (int32).
        years: [groups] 0 where unknown.
        private: [groups] whether private; private_codes holds the same as int32.
        distinct_years: the distinct years, newest first; year_codes [groups] 1 + index of each group's year in them, 0
            where unknown (int32).
        formats: [groups] mask of formats, 0 without a publication; published holds whether there is one (int32).
        format_offsets: [groups + 1] where the formats of each group begin in `format_codes`, and the end (int32).
        format_codes: indexes into `query.FORMATS`, group after group (int32).
    """

    of_docs: IntArray
    types: IntArray
    years: IntArray
    private: BoolArray
    private_codes: IntArray
    formats: IntArray
    published: IntArray
    format_offsets: IntArray
    format_codes: IntArray
    distinct_years: tuple[int, ...]
    year_codes: IntArray


@dataclass(frozen=True, slots=True)
class SetGroups:
    """Documents grouped by their set of themes, or of territories; a set is counted once for all its documents.

    Attributes:
        names: names of the themes, or codes of the territories, in alphabetical order of names.
        of_docs: [size] number of the set of each document (uint16 where that is enough, else int32).
        offsets: [sets + 1] where the values of each set begin in `codes`, and the end (int32).
        codes: indexes into `names`, set after set (int32).
    """

    names: tuple[str, ...]
    of_docs: IntArray
    offsets: IntArray
    codes: IntArray


def facet_groups_of(types: IntArray, years: IntArray, private: BoolArray, formats: IntArray) -> FacetGroups:
    """Group documents by type, year, privacy and formats of publications.

    Args:
        types: [size] index of each document's type, -1 for none.
        years: [size] 0 where unknown.
        private: [size] whether private.
        formats: [size] mask of formats.
    """
    keys = (types.astype(np.int64) + 1) << 32 | years.astype(np.int64) << 9 | formats.astype(np.int64) << 1 | private
    groups, group_of_doc = np.unique(keys, return_inverse=True)  # noqa: TID251
    group_years = (groups & 0xFFFFFFFF) >> 9
    group_formats = groups >> 1 & 0xFF
    named = [[code for code in range(len(FORMATS)) if mask >> code & 1] for mask in group_formats.tolist()]
    newest_first = distinct(group_years[group_years > 0])[::-1].tolist()
    code_of = {year: code for code, year in enumerate(newest_first, start=1)}
    return FacetGroups(
        of_docs=_narrow(group_of_doc),
        types=(groups >> 32).astype(np.int32),
        years=group_years,
        private=(groups & 1).astype(bool),
        private_codes=(groups & 1).astype(np.int32),
        formats=group_formats,
        published=(group_formats != 0).astype(np.int32),
        format_offsets=offsets_of(np.array(list(map(len, named)), dtype=np.int64)).astype(np.int32),
        format_codes=np.array([code for codes in named for code in codes], dtype=np.int32),
        distinct_years=tuple(newest_first),
        year_codes=np.array([code_of.get(year, 0) for year in group_years.tolist()], dtype=np.int32),
    )


def theme_groups_of(themes: Themes, size: int) -> SetGroups:
    """Group the `size` documents of a searcher by their themes."""
    names = tuple(alphabetical(themes.names))
    place = {name: index for index, name in enumerate(names)}
    codes = np.array([place[name] for name in themes.names], dtype=np.int32)[themes.codes]
    return set_groups_of(names, codes, themes.owners, size)


def set_groups_of(names: tuple[str, ...], codes: IntArray, owners: IntArray, size: int) -> SetGroups:
    """Group documents by their set of values.

    Args:
        names: the name of each value (for territories its code).
        codes: indexes into `names`, document after document.
        owners: the document that each of `codes` belongs to, ascending.
        size: number of documents.
    """
    held = codes.tolist()
    ends = offsets_of(np.bincount(owners, minlength=size)).tolist()
    numbers: dict[tuple[int, ...], int] = {}
    of_docs = [numbers.setdefault(tuple(held[low:high]), len(numbers)) for low, high in pairwise(ends)]
    return SetGroups(
        names,
        _narrow(np.array(of_docs, dtype=np.int32)),
        offsets_of(np.array([len(one) for one in numbers], dtype=np.int64)).astype(np.int32),
        np.array([code for one in numbers for code in one], dtype=np.int32),
    )


def _narrow(column: IntArray) -> IntArray:
    """Return a column with two bytes an element if its values fit, which halves the memory that every search reads."""
    return column.astype(np.uint16 if len(column) == 0 or column.max() < 1 << 16 else np.int32)
