"""Merge segments into one, leaving out deleted documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.engine.embedded.arrays import BoolArray, IntArray, offsets_of, ranges
from indexer.engine.embedded.segment import Segment, SegmentData
from indexer.engine.embedded.strings import StringTable

Part = tuple[Segment, BoolArray]
"""A segment and which of its documents live."""


def merge(parts: list[Part]) -> SegmentData:
    """The live documents of all parts, in order, as one segment.

    Args:
        parts: segments with their live masks.

    Returns:
        The same arrays as inverting the live resources in one go, but for terms that no live document holds any more,
        which are left out too.
    """
    new_numbers = _new_numbers([live for _, live in parts])
    terms, term_arrays = _merge_postings(
        parts, new_numbers, lambda s: s.terms, lambda s: s.term_postings, lambda s: s.posting_docs
    )
    forms, form_arrays = _merge_postings(
        parts, new_numbers, lambda s: s.forms, lambda s: s.form_postings, lambda s: s.form_docs
    )
    kept = term_arrays.kept
    positions, counts = [], []
    for (segment, _), rows in zip(parts, kept, strict=True):
        per_posting = np.diff(segment.posting_positions)[rows]
        counts.append(per_posting)
        positions.append(segment.positions[ranges(segment.posting_positions[rows], per_posting)])
    all_counts = np.concatenate(counts)[term_arrays.order]
    starts = offsets_of(np.concatenate(counts))[:-1][term_arrays.order]
    columns = _merge_columns(parts)
    return SegmentData(
        strings={"terms": terms, "forms": forms, **columns.strings},
        arrays={
            **columns.arrays,
            "term_postings": term_arrays.offsets,
            "posting_docs": term_arrays.docs,
            "posting_impacts": term_arrays.gather([s.posting_impacts for s, _ in parts]),
            "posting_fields": term_arrays.gather([s.posting_fields for s, _ in parts]),
            "posting_positions": offsets_of(all_counts),
            "positions": np.concatenate(positions)[ranges(starts, all_counts)],
            "form_postings": form_arrays.offsets,
            "form_docs": form_arrays.docs,
            "form_fields": form_arrays.gather([s.form_fields for s, _ in parts]),
        },
    )


class _Merged:
    """Postings of several segments in the order of the merged table.

    Attributes:
        kept: for each part, its postings that live.
        order: of the kept postings of all parts, end to end, the order by term then document.
        docs: new document number of each posting, in that order.
        offsets: first posting of each string of the merged table.
    """

    def __init__(self, kept: list[IntArray], order: IntArray, docs: IntArray, offsets: IntArray) -> None:
        self.kept, self.order, self.docs, self.offsets = kept, order, docs, offsets

    def gather(self, columns: list[NDArray[Any]]) -> NDArray[Any]:
        """A column of the merged postings from the parts' columns."""
        joined = np.concatenate([column[rows] for column, rows in zip(columns, self.kept, strict=True)])
        return joined[self.order]


def _merge_postings(
    parts: list[Part],
    new_numbers: list[IntArray],
    table: Callable[[Segment], StringTable],
    postings: Callable[[Segment], IntArray],
    docs: Callable[[Segment], IntArray],
) -> tuple[list[str], _Merged]:
    kept, strings_of, docs_of = [], [], []
    for (segment, live), numbers in zip(parts, new_numbers, strict=True):
        rows = np.flatnonzero(live[docs(segment)])
        owner = np.repeat(np.arange(len(table(segment)), dtype=np.int32), np.diff(postings(segment)))
        kept.append(rows)
        strings_of.append(owner[rows])
        docs_of.append(numbers[docs(segment)[rows]])
    used = [
        [table(segment).encoded(int(i)) for i in np.unique(owner)]
        for (segment, _), owner in zip(parts, strings_of, strict=True)
    ]
    merged = sorted({text for texts in used for text in texts})
    place = {text: i for i, text in enumerate(merged)}
    renamed = []
    for texts, owner in zip(used, strings_of, strict=True):
        new = np.array([place[text] for text in texts], dtype=np.int32)
        renamed.append(new[np.searchsorted(np.unique(owner), owner)])
    owner = np.concatenate(renamed)
    order = np.argsort(owner, kind="stable")  # documents already rise within a term, part after part
    offsets = np.searchsorted(owner[order], np.arange(len(merged) + 1)).astype(np.int64)
    return [text.decode() for text in merged], _Merged(kept, order, np.concatenate(docs_of)[order], offsets)


def _new_numbers(lives: list[BoolArray]) -> list[IntArray]:
    numbers, base = [], 0
    for live in lives:
        numbers.append((np.cumsum(live) - 1 + base).astype(np.int32))
        base += int(live.sum())
    return numbers


def _merge_columns(parts: list[Part]) -> SegmentData:
    rows = [np.flatnonzero(live) for _, live in parts]
    paired = list(zip((segment for segment, _ in parts), rows, strict=True))

    def take(column: Callable[[Segment], NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate([column(segment)[kept] for segment, kept in paired])

    def take_strings(table: Callable[[Segment], StringTable]) -> list[str]:
        return [table(segment)[int(i)] for segment, kept in paired for i in kept]

    def take_ranges(
        values: Callable[[Segment], NDArray[Any]], offsets: Callable[[Segment], IntArray]
    ) -> tuple[NDArray[Any], IntArray]:
        pieces, counts = [], []
        for segment, kept in paired:
            count = np.diff(offsets(segment))[kept]
            pieces.append(values(segment)[ranges(offsets(segment)[kept], count)])
            counts.append(count)
        return np.concatenate(pieces), offsets_of(np.concatenate(counts))

    types, type_codes = _merge_codes([(list(s.types), s.doc_types[kept]) for s, kept in paired])
    theme_parts = []
    for segment, kept in paired:
        count = np.diff(segment.theme_offsets)[kept]
        theme_parts.append((list(segment.themes), segment.theme_codes[ranges(segment.theme_offsets[kept], count)]))
    themes, theme_codes = _merge_codes(theme_parts)
    theme_counts = np.concatenate([np.diff(s.theme_offsets)[kept] for s, kept in paired])
    span_starts, spans = take_ranges(lambda s: s.span_starts, lambda s: s.spans)
    span_lengths, _ = take_ranges(lambda s: s.span_lengths, lambda s: s.spans)
    return SegmentData(
        strings={
            "ids": take_strings(lambda s: s.ids),
            "hits": take_strings(lambda s: s.hits),
            "titles": take_strings(lambda s: s.titles),
            "types": types,
            "themes": themes,
        },
        arrays={
            "doc_types": type_codes,
            "theme_codes": theme_codes,
            "theme_offsets": offsets_of(theme_counts),
            "years": take(lambda s: s.years),
            "dates": take(lambda s: s.dates),
            "norms": take(lambda s: s.norms),
            "field_lengths": take(lambda s: s.field_lengths),
            "spans": spans,
            "span_starts": span_starts,
            "span_lengths": span_lengths,
        },
    )


def _merge_codes(parts: list[tuple[list[str], IntArray]]) -> tuple[list[str], IntArray]:
    """Codes into several lists of values → codes into one sorted list of the values still used (-1 stays)."""
    used = sorted({values[code] for values, codes in parts for code in np.unique(codes) if code >= 0})
    place = {value: i for i, value in enumerate(used)}
    renamed = []
    for values, codes in parts:
        table = np.array([place.get(value, -1) for value in values] + [-1], dtype=np.int32)
        renamed.append(table[codes])
    return used, np.concatenate(renamed)
