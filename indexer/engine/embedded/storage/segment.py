"""Segment: an immutable set of arrays over some resources; docs/ENGINE.md shows how they relate.

terms ──► postings (docs, impacts, fields) ──► positions
forms ──► the documents that hold a surface form, for exact matches, prefixes and wildcards
docs  ──► what filters, sorts and hit lists need of each resource
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from numpy.typing import NDArray

from indexer.engine.embedded.kernels.layout import IntArray
from indexer.engine.embedded.storage.arrays import open_array, save_array
from indexer.engine.embedded.storage.earlier_segment import completed, lacking
from indexer.engine.embedded.storage.string_table import StringTable, open_strings, save_strings
from indexer.query import FORMATS
from indexer.resource import PublishedDocument

FORMAT_BITS = {media_type: 1 << place for place, media_type in enumerate(FORMATS.values())}
"""The bit of each media type in `Segment.formats`."""
OTHER_FORMAT = 1 << 7
"""The bit of all other media types in `Segment.formats`."""


def format_mask(documents: Iterable[PublishedDocument]) -> int:
    """Return the mask of the formats of publications, 0 if there are none."""
    return reduce(or_, (FORMAT_BITS.get(one.media_type, OTHER_FORMAT) for one in documents), 0)


_decode = json.JSONDecoder().raw_decode
"""Like `json.loads`, but faster, for texts that hold one array and nothing around it."""


class HitRow(NamedTuple):
    """The fields of a resource that hit lists show, as `Segment.hits` keeps them; `titled` says whether the title is a
    real one (`indexer.engine.placeholder.is_titled`).
    """

    id: str
    url: str | None
    title: str
    type: str | None
    year: int | None
    year_source: str | None
    date: str | None
    private: bool
    themes: list[str]
    titled: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """Arrays of one segment. D documents, T terms, P postings, O occurrences, F forms, H themes, N parts of
    pages: of each page of a publication its body, and its running headers and footers.

    Attributes:
        terms: T index terms, sorted.
        term_postings: [T + 1] first posting of each term.
        posting_docs: [P] document of each posting, ascending within a term.
        posting_impacts: [P] saturated term frequency over all fields (float32).
        posting_fields: [P] bit ``1 << field`` for each field it occurs in (uint8).
        posting_positions: [P + 1] first position of each posting.
        positions: [O] ``field << 29 | word``, ascending within a posting.
        forms: F entries ``folded NUL exact``, sorted.
        form_docs: document of each form posting; form_fields its mask of fields; form_postings [F + 1] first posting of
            each form.
        form_pages: parts of pages in which the form of each posting stands, as indexes into those of its document,
            ascending within a posting (uint32); form_page_offsets [form postings + 1] first of each posting.
        doc_pages: [D + 1] first part of a page of each document.
        page_documents: [N] number of the publication (int32); page_numbers [N] number of the page in the file (int32);
            page_labels N texts, empty where the label is the number.
        page_starts: [N] position of its first word in the field PUBLICATION, ascending within a document (uint32);
            page_lengths [N] its number of tokens (uint32); page_sizes [N] that of the whole page (uint32).
        page_firsts: [N] the first part of the same page, as an index into the parts of its document (uint32).
        formats: [D] mask of the formats of a document's publications, `FORMAT_BITS` (uint8).
        ids: D resource ids, in document order.
        hits: D JSON texts, each a `HitRow`.
        titles: D titles in `sort_form`; shown_titles as written; completion_lines as `query.completion` makes them.
        types, themes: distinct values; doc_types [D] index into types or -1;
            theme_codes, theme_offsets [D + 1] indexes into themes.
        territories: distinct codes of territories; territory_codes, territory_offsets [D + 1] indexes into them: of
            each document its territories and those that hold them.
        years: [D] 0 where unknown. dates: [D] yyyymmdd with zeros for what is not known, 0 where unknown.
        norms: [D × 6] norm of each field of each document, see `indexer.query.scoring` (float32).
        spans: [D + 1] first token of each document in span_starts and span_lengths;
            field_lengths [D × 6] how many tokens each field has, in field order; parts of pages come last, in order.
        span_starts: character offset of each token, from the one before it in its field or page (uint16).
        span_lengths: characters of each token (uint8).
        own_terms: the telling terms (plain words, neither stop words nor numbers) of each document's own texts, all
            but its publications, as ascending indexes into terms (int32); own_offsets [D + 1] the first of each
            document; own_impacts the impact of each, as in posting_impacts; own_steps the impact in the own texts
            of the strongest of them, in units of 1/25, at most 255, and 0 for the others (uint8).
        publications: D JSON texts, each the publications of a document as `published` returns them; empty where there
            are none.
        records: [D] number of the document store that keeps each document whole; record_rows [D] its row there.
    """

    terms: StringTable
    term_postings: IntArray
    posting_docs: IntArray
    posting_impacts: NDArray[Any]
    posting_fields: IntArray
    posting_positions: IntArray
    positions: IntArray
    forms: StringTable
    form_postings: IntArray
    form_docs: IntArray
    form_fields: IntArray
    form_page_offsets: IntArray
    form_pages: IntArray
    doc_pages: IntArray
    page_documents: IntArray
    page_numbers: IntArray
    page_labels: StringTable
    page_starts: IntArray
    page_lengths: IntArray
    page_sizes: IntArray
    page_firsts: IntArray
    ids: StringTable
    hits: StringTable
    titles: StringTable
    shown_titles: StringTable
    completion_lines: StringTable
    types: StringTable
    doc_types: IntArray
    themes: StringTable
    theme_codes: IntArray
    theme_offsets: IntArray
    territories: StringTable
    territory_codes: IntArray
    territory_offsets: IntArray
    years: IntArray
    dates: IntArray
    formats: IntArray
    norms: NDArray[Any]
    field_lengths: IntArray
    spans: IntArray
    span_starts: IntArray
    span_lengths: IntArray
    own_offsets: IntArray
    own_terms: IntArray
    own_impacts: NDArray[Any]
    own_steps: IntArray
    publications: StringTable
    records: IntArray
    record_rows: IntArray

    def published(self, doc: int) -> list[tuple[int, str, bool]]:
        """Return the number and the name of every publication of a document, and whether that name is a title rather
        than the name of the file.
        """
        text = self.publications[doc]
        return [(number, name, titled) for number, name, titled in _decode(text)[0]] if text else []

    @property
    def size(self) -> int:
        """Number of documents, deleted ones included."""
        return len(self.ids)

    def hit(self, doc: int) -> HitRow:
        """Return the fields of a document that hit lists show."""
        return HitRow(*_decode(self.hits[doc])[0])


_TYPES = get_type_hints(Segment, {**globals(), "StringTable": StringTable})
_NAMES = tuple(f.name for f in fields(Segment))


def open_segment(folder: Path) -> Segment:
    """Map a segment's files; a segment of an earlier version gets empty arrays for those that it lacks.

    Raises:
        IndexDamagedError: a file is missing or cut.
    """
    missing = lacking(folder)
    parts: dict[str, Any] = {
        name: open_strings(folder, name) if _TYPES[name] is StringTable else open_array(folder, name)
        for name in _NAMES
        if name not in missing
    }
    return Segment(**(completed(parts) if missing else parts))


@dataclass(frozen=True, slots=True)
class SegmentData:
    """A segment in memory: string tables as lists, the rest as in `Segment`."""

    strings: dict[str, list[str]]
    arrays: dict[str, NDArray[Any]]

    def save(self, folder: Path) -> None:
        """Write every file of the segment into `folder`.

        Raises:
            OSError: a file cannot be written.
        """
        folder.mkdir(parents=True)
        for name in _NAMES:
            if _TYPES[name] is StringTable:
                save_strings(folder, name, self.strings[name])
            else:
                save_array(folder, name, self.arrays[name])
