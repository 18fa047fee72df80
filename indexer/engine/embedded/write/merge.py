"""Merges segments into one without their deleted documents, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.engine.embedded.kernels.layout import BoolArray, IntArray, distinct, offsets_of, ranges
from indexer.engine.embedded.storage.arrays import make_array, save_array
from indexer.engine.embedded.storage.segment import Segment
from indexer.engine.embedded.storage.string_table import StringTable, save_strings

AliveSegment = tuple[Segment, BoolArray]
"""A segment, and the mask of its alive documents."""

_AT_ONCE = 3_000_000
"""Number of postings and of their values (positions, pages) merged at once."""


def merge(parts: list[AliveSegment], folder: Path, records: IntArray, record_rows: IntArray) -> None:
    """Write the alive documents of all parts, in order, as one segment.

    The files are the same as if the alive resources had been inverted together.

    Args:
        parts: segments with their alive masks.
        folder: folder of the new segment, which is created.
        records: [D] number of the document store that keeps each document of the new segment.
        record_rows: [D] row of each document in that store.

    Raises:
        OSError: a file cannot be written.
    """
    folder.mkdir(parents=True)
    renamed = _merge_terms(parts, folder)
    _merge_forms(parts, folder)
    _merge_columns(parts, folder)
    _merge_own_terms(parts, renamed, folder)
    save_array(folder, "records", records)
    save_array(folder, "record_rows", record_rows)


@dataclass(frozen=True, slots=True)
class _Source:
    """The strings of one part that its alive documents hold, with the bounds of their postings.

    Attributes:
        alive: [documents of the part] mask of those not deleted.
        numbers: number in the merged segment of each document of the part.
        docs: document of each posting, as numbered in the part.
        offsets: first posting of each string of the part, then the end.
        used: numbers of the strings in use, ascending.
        renamed: their numbers in the merged table, ascending too, since both are sorted alike.
    """

    alive: BoolArray
    numbers: IntArray
    docs: IntArray
    offsets: IntArray
    used: IntArray
    renamed: IntArray

    def between(self, first: int, last: int) -> tuple[IntArray, IntArray]:
        """Return where this source holds postings of the strings `first` to `last` - 1 of the merged table, without
        deleted documents, and for each of these postings the number of its string in the merged table.
        """
        low, high = np.searchsorted(self.renamed, (first, last))
        if low == high:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32)
        old, after = int(self.used[low]), int(self.used[high - 1]) + 1
        start, end = int(self.offsets[old]), int(self.offsets[after])
        kept = np.flatnonzero(self.alive[self.docs[start:end]])
        names = np.full(after - old, -1, dtype=np.int32)
        names[self.used[low:high] - old] = self.renamed[low:high]
        owners = np.repeat(names, np.diff(self.offsets[old : after + 1]))
        return kept + start, owners[kept]

    def names(self) -> IntArray:
        """Return the merged number of each string of the part, -1 for those not in use (int32)."""
        names = np.full(len(self.offsets) - 1, -1, dtype=np.int32)
        names[self.used] = self.renamed
        return names


def _sources(
    parts: list[AliveSegment],
    table: Callable[[Segment], StringTable],
    offsets: Callable[[Segment], IntArray],
    docs: Callable[[Segment], IntArray],
    values: Callable[[Segment], IntArray],
) -> tuple[list[bytes], IntArray, IntArray, list[_Source]]:
    """Return the merged table of strings, the first posting of each string, the number of postings and values before
    each string, and the source of each part.

    Args:
        parts: segments with their alive masks.
        table: returns the strings of a segment.
        offsets: returns the first posting of each of its strings.
        docs: returns the document of each of its postings.
        values: returns the first value (position or page) of each of its postings.
    """
    used, counts, costs, texts = [], [], [], []
    for segment, alive in parts:
        kept = alive[docs(segment)]
        running = np.concatenate(([0], np.cumsum(kept, dtype=np.int64)))
        held = np.diff(running[offsets(segment)])
        used.append(np.flatnonzero(held))
        counts.append(held[used[-1]])
        running[1:] = np.cumsum(np.diff(values(segment)) * kept, dtype=np.int64)
        costs.append(np.diff(running[offsets(segment)])[used[-1]])
        texts.append([table(segment).encoded(int(i)) for i in used[-1]])
    merged = sorted({text for names in texts for text in names})
    place = {text: i for i, text in enumerate(merged)}
    totals = np.zeros(len(merged), dtype=np.int64)
    weights = np.zeros(len(merged), dtype=np.int64)
    sources = []
    numbers = _new_numbers([alive for _, alive in parts])
    for (segment, alive), new, mine, count, cost, names in zip(parts, numbers, used, counts, costs, texts, strict=True):
        renamed = np.array([place[text] for text in names], dtype=np.int64)
        totals[renamed] += count
        weights[renamed] += count + cost
        sources.append(_Source(alive, new, docs(segment), offsets(segment), mine, renamed))
    return merged, offsets_of(totals), offsets_of(weights), sources


def _chunks(costs: IntArray) -> Iterator[tuple[int, int]]:
    """Yield the ranges of strings whose postings are merged at once, which bounds memory.

    Args:
        costs: [strings + 1] number of postings and values of all strings before each, then of all.
    """
    first = 0
    while first < len(costs) - 1:
        last = int(np.searchsorted(costs, costs[first] + _AT_ONCE, side="right")) - 1
        last = max(last, first + 1)
        yield first, last
        first = last


def _merge_terms(parts: list[AliveSegment], folder: Path) -> list[IntArray]:
    """Write the terms with their postings, and return for each part the new number of each of its terms, -1 for those
    that only deleted documents hold.
    """
    terms, offsets, costs, sources = _sources(
        parts, lambda s: s.terms, lambda s: s.term_postings, lambda s: s.posting_docs, lambda s: s.posting_positions
    )
    occurrences = _held(parts, lambda s: s.posting_positions, lambda s: s.posting_docs)
    total = int(offsets[-1])
    save_strings(folder, "terms", terms)
    save_array(folder, "term_postings", offsets)
    docs = make_array(folder, "posting_docs", total, np.int32)
    impacts = make_array(folder, "posting_impacts", total, np.float32)
    masks = make_array(folder, "posting_fields", total, np.uint8)
    starts = make_array(folder, "posting_positions", total + 1, np.uint32)
    positions = make_array(folder, "positions", occurrences, np.uint32)
    written = 0
    for first, last in _chunks(costs):
        rows, order, owners = _rows(sources, first, last)
        here = slice(int(offsets[first]), int(offsets[last]))
        docs[here] = owners
        impacts[here] = _gather([s.posting_impacts for s, _ in parts], rows)[order]
        masks[here] = _gather([s.posting_fields for s, _ in parts], rows)[order]
        counts, places = _gather_ranges([(s.posting_positions, s.positions) for s, _ in parts], rows, order)
        starts[here] = written + np.cumsum(counts) - counts
        positions[written : written + len(places)] = places
        written += len(places)
    starts[total] = written
    return [source.names() for source in sources]


def _merge_forms(parts: list[AliveSegment], folder: Path) -> None:
    forms, offsets, costs, sources = _sources(
        parts, lambda s: s.forms, lambda s: s.form_postings, lambda s: s.form_docs, lambda s: s.form_page_offsets
    )
    total = int(offsets[-1])
    save_strings(folder, "forms", forms)
    save_array(folder, "form_postings", offsets)
    docs = make_array(folder, "form_docs", total, np.int32)
    masks = make_array(folder, "form_fields", total, np.uint8)
    starts = make_array(folder, "form_page_offsets", total + 1, np.uint32)
    pages = make_array(
        folder, "form_pages", _held(parts, lambda s: s.form_page_offsets, lambda s: s.form_docs), np.uint32
    )
    written = 0
    for first, last in _chunks(costs):
        rows, order, owners = _rows(sources, first, last)
        here = slice(int(offsets[first]), int(offsets[last]))
        docs[here] = owners
        masks[here] = _gather([s.form_fields for s, _ in parts], rows)[order]
        counts, values = _gather_ranges([(s.form_page_offsets, s.form_pages) for s, _ in parts], rows, order)
        starts[here] = written + np.cumsum(counts) - counts
        pages[written : written + len(values)] = values
        written += len(values)
    starts[total] = written


def _held(
    parts: list[AliveSegment], offsets: Callable[[Segment], IntArray], docs: Callable[[Segment], IntArray]
) -> int:
    """Return how many values (positions or pages) the postings of alive documents have.

    Args:
        parts: segments with their alive masks.
        offsets: returns the first value of each posting of a segment.
        docs: returns the document of each of its postings.
    """
    return sum(int(np.diff(offsets(segment))[alive[docs(segment)]].sum(dtype=np.int64)) for segment, alive in parts)


def _gather_ranges(
    columns: list[tuple[IntArray, IntArray]], rows: list[IntArray], order: IntArray
) -> tuple[IntArray, IntArray]:
    """Return the number of values (positions or pages) of each posting, and the values of all, concatenated.

    Args:
        columns: for each part the first value of each of its postings, and the values.
        rows: for each part the indexes of the postings to gather.
        order: the order of the result, as indexes into these postings of all parts, concatenated.
    """
    counts, values = [], []
    for (offsets, held), mine in zip(columns, rows, strict=True):
        begin = offsets[mine].astype(np.int64)
        counts.append(offsets[mine + 1] - begin)
        values.append(held[ranges(begin, counts[-1])])
    joined = np.concatenate(counts)
    ordered = joined[order]
    begin = offsets_of(joined)[:-1][order]
    return ordered, np.concatenate(values)[ranges(begin, ordered)]


def _rows(sources: list[_Source], first: int, last: int) -> tuple[list[IntArray], IntArray, IntArray]:
    """Return the postings of the strings `first` to `last` - 1 of the merged table.

    Returns:
        For each part, the indexes of its postings; the order that sorts the postings of all parts, concatenated, by
        string and document; in that order, the document of each, as numbered in the merged segment.
    """
    pairs = [source.between(first, last) for source in sources]
    # A stable sort by string is enough: documents already ascend within a string, part after part.
    order = np.argsort(np.concatenate([owners for _, owners in pairs]), kind="stable")
    docs = [source.numbers[source.docs[rows]] for source, (rows, _) in zip(sources, pairs, strict=True)]
    return [rows for rows, _ in pairs], order, np.concatenate(docs)[order]


def _gather(columns: list[NDArray[Any]], rows: list[IntArray]) -> NDArray[Any]:
    return np.concatenate([column[mine] for column, mine in zip(columns, rows, strict=True)])


def _new_numbers(masks: list[BoolArray]) -> list[IntArray]:
    numbers, base = [], 0
    for alive in masks:
        numbers.append((np.cumsum(alive) - 1 + base).astype(np.int32))
        base += int(alive.sum())
    return numbers


def _merge_columns(parts: list[AliveSegment], folder: Path) -> None:
    rows = [np.flatnonzero(alive) for _, alive in parts]
    paired = list(zip((segment for segment, _ in parts), rows, strict=True))

    def take(column: Callable[[Segment], NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate([column(segment)[kept] for segment, kept in paired])

    def take_strings(table: Callable[[Segment], StringTable]) -> list[bytes]:
        return [table(segment).encoded(i) for segment, kept in paired for i in kept.tolist()]

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
    themes, theme_codes, theme_offsets = _merge_sets(
        [(list(s.themes), s.theme_codes, s.theme_offsets, kept) for s, kept in paired]
    )
    territories, territory_codes, territory_offsets = _merge_sets(
        [(list(s.territories), s.territory_codes, s.territory_offsets, kept) for s, kept in paired]
    )
    page_starts, doc_pages = take_ranges(lambda s: s.page_starts, lambda s: s.doc_pages)
    page_labels = [
        segment.page_labels.encoded(i)
        for segment, kept in paired
        for i in ranges(segment.doc_pages[kept], np.diff(segment.doc_pages)[kept]).tolist()
    ]
    arrays = {
        "doc_pages": doc_pages,
        "page_starts": page_starts,
        "page_lengths": take_ranges(lambda s: s.page_lengths, lambda s: s.doc_pages)[0],
        "page_sizes": take_ranges(lambda s: s.page_sizes, lambda s: s.doc_pages)[0],
        "page_firsts": take_ranges(lambda s: s.page_firsts, lambda s: s.doc_pages)[0],
        "page_documents": take_ranges(lambda s: s.page_documents, lambda s: s.doc_pages)[0],
        "page_numbers": take_ranges(lambda s: s.page_numbers, lambda s: s.doc_pages)[0],
        "formats": take(lambda s: s.formats),
        "doc_types": type_codes,
        "theme_codes": theme_codes,
        "theme_offsets": theme_offsets,
        "territory_codes": territory_codes,
        "territory_offsets": territory_offsets,
        "years": take(lambda s: s.years),
        "dates": take(lambda s: s.dates),
        "norms": take(lambda s: s.norms),
        "field_lengths": take(lambda s: s.field_lengths),
        "spans": offsets_of(np.concatenate([np.diff(segment.spans)[kept] for segment, kept in paired])),
    }
    _copy_spans(paired, folder)
    for name, array in arrays.items():
        save_array(folder, name, array)
    save_strings(folder, "ids", take_strings(lambda s: s.ids))
    save_strings(folder, "hits", take_strings(lambda s: s.hits))
    save_strings(folder, "titles", take_strings(lambda s: s.titles))
    save_strings(folder, "shown_titles", take_strings(lambda s: s.shown_titles))
    save_strings(folder, "completion_lines", take_strings(lambda s: s.completion_lines))
    save_strings(folder, "publications", take_strings(lambda s: s.publications))
    save_strings(folder, "page_labels", page_labels)
    save_strings(folder, "types", types)
    save_strings(folder, "themes", themes)
    save_strings(folder, "territories", territories)


def _merge_own_terms(parts: list[AliveSegment], renamed: list[IntArray], folder: Path) -> None:
    """Write the telling terms of the alive documents' own texts, which are all their texts but the publications.

    Args:
        parts: segments with their alive masks.
        renamed: for each part the new number of each of its terms.
        folder: folder of the new segment.
    """
    terms, impacts, steps, counts = [], [], [], []
    for (segment, alive), names in zip(parts, renamed, strict=True):
        count = np.diff(segment.own_offsets)[alive]
        rows = ranges(segment.own_offsets[:-1][alive], count)
        terms.append(names[segment.own_terms[rows]])  # they still ascend: both tables are sorted alike
        impacts.append(segment.own_impacts[rows])
        steps.append(segment.own_steps[rows])
        counts.append(count)
    save_array(folder, "own_offsets", offsets_of(np.concatenate(counts)))
    save_array(folder, "own_terms", np.concatenate(terms))
    save_array(folder, "own_impacts", np.concatenate(impacts))
    save_array(folder, "own_steps", np.concatenate(steps))


def _copy_spans(parts: list[tuple[Segment, IntArray]], folder: Path) -> None:
    """Copy the token spans (offset and length of each word) of the documents to keep. Consecutive documents are copied
    at once, since the archive has as many spans as words.

    Args:
        parts: each segment with the numbers of its documents to keep, ascending.
        folder: folder of the new segment.
    """
    total = sum(int(np.diff(segment.spans)[kept].sum()) for segment, kept in parts)
    starts = make_array(folder, "span_starts", total, np.uint16)
    lengths = make_array(folder, "span_lengths", total, np.uint8)
    written = 0
    for segment, kept in parts:
        ends = np.flatnonzero(np.diff(kept, append=-1) != 1)
        for first, last in zip(kept[np.append(0, ends[:-1] + 1)].tolist(), kept[ends].tolist(), strict=True):
            low, high = int(segment.spans[first]), int(segment.spans[last + 1])
            starts[written : written + high - low] = segment.span_starts[low:high]
            lengths[written : written + high - low] = segment.span_lengths[low:high]
            written += high - low


def _merge_sets(
    parts: list[tuple[list[str], IntArray, IntArray, IntArray]],
) -> tuple[list[str], IntArray, IntArray]:
    """Return one sorted list of the values still in use, the codes of the kept documents as indexes into it, and where
    the codes of each document begin.

    Args:
        parts: of each segment its values, codes and offsets, and the documents to keep.
    """
    counts = [np.diff(offsets)[kept] for _, _, offsets, kept in parts]
    values, codes = _merge_codes(
        [
            (held, codes[ranges(offsets[kept], count)])
            for (held, codes, offsets, kept), count in zip(parts, counts, strict=True)
        ]
    )
    return values, codes, offsets_of(np.concatenate(counts))


def _merge_codes(parts: list[tuple[list[str], IntArray]]) -> tuple[list[str], IntArray]:
    """Return one sorted list of the values still in use, and the codes of all parts as indexes into it (-1 for no
    value).

    Args:
        parts: of each segment its values, and the index in them of the value of each kept document, or -1.
    """
    used = sorted({values[code] for values, codes in parts for code in distinct(codes) if code >= 0})
    place = {value: i for i, value in enumerate(used)}
    renamed = []
    for values, codes in parts:
        table = np.array([place.get(value, -1) for value in values] + [-1], dtype=np.int32)
        renamed.append(table[codes])
    return used, np.concatenate(renamed)
