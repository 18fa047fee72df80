"""Segment: an immutable set of arrays over some resources; docs/ENGINE.md shows how they relate.

terms ──► postings (docs, impacts, fields) ──► positions
forms ──► the documents that hold a surface form, for exact matches, prefixes and wildcards
docs  ──► what filters, sorts and hit lists need of each resource
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from numpy.typing import NDArray

from indexer.analysis import fold
from indexer.engine.embedded.kernels.layout import IntArray
from indexer.engine.embedded.storage.arrays import open_array, save_array
from indexer.engine.embedded.storage.string_table import StringTable, open_strings, save_strings
from indexer.query.completion import WORD, folded_word


def form_entry(exact: str) -> str:
    """Return the lexicon entry of a written form, ``folded NUL exact``; the folded form has no apostrophes."""
    return fold(exact).replace("'", "") + "\0" + exact


def completion_line(title: str) -> str:
    """Return a title's entry in `Segment.completion_lines`: its folded words, each preceded by a space, and a line
    feed.
    """
    return "".join(" " + folded_word(word) for word in WORD.findall(title)) + "\n"


_decode = json.JSONDecoder().raw_decode
"""Like `json.loads`, but faster, for texts that hold one array and nothing around it."""


class HitRow(NamedTuple):
    """The fields of a resource that hit lists show, as `Segment.hits` keeps them."""

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
    """Arrays of one segment. D documents, T terms, P postings, O occurrences, F forms, H themes.

    Attributes:
        terms: T index terms, sorted.
        term_postings: [T + 1] first posting of each term.
        posting_docs: [P] document of each posting, ascending within a term.
        posting_impacts: [P] saturated term frequency over all fields (float32).
        posting_fields: [P] bit ``1 << field`` for each field it occurs in (uint8).
        posting_positions: [P + 1] first position of each posting.
        positions: [O] ``field << 17 | word``, ascending within a posting.
        forms: F entries ``folded NUL exact``, sorted.
        form_docs: document of each form posting; form_fields its mask of fields; form_postings [F + 1] first posting of
            each form.
        ids: D resource ids, in document order.
        hits: D JSON texts, each a `HitRow`.
        titles: D folded titles, to sort by; shown_titles as written; completion_lines as `completion_line` makes them.
        types, themes: distinct values; doc_types [D] index into types or -1;
            theme_codes, theme_offsets [D + 1] indexes into themes.
        years: [D] 0 where unknown. dates: [D] yyyymmdd with zeros for what is not known, 0 where unknown.
        norms: [D × 5] norm of each field of each document, see `indexer.query.scoring` (float32).
        spans: [D + 1] first token of each document in span_starts and span_lengths;
            field_lengths [D × 5] how many tokens each field has, in field order.
        span_starts: character offset of each token, from the one before it in its field (uint16).
        span_lengths: characters of each token (uint8).
        prominent: D texts, each the prominent terms of a document with spaces between, see `indexer.query.feedback`;
            prominent_offsets [D + 1] and prominent_impacts: the impact of each term, in steps (uint8).
        publications: D JSON texts, each the number and the name of every publication; empty where there is none.
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
    years: IntArray
    dates: IntArray
    norms: NDArray[Any]
    field_lengths: IntArray
    spans: IntArray
    span_starts: IntArray
    span_lengths: IntArray
    prominent: StringTable
    prominent_offsets: IntArray
    prominent_impacts: IntArray
    publications: StringTable
    records: IntArray
    record_rows: IntArray

    def published(self, doc: int) -> list[tuple[int, str]]:
        """Return the number and the name of every publication of a document."""
        text = self.publications[doc]
        return [(number, name) for number, name in _decode(text)[0]] if text else []

    @property
    def size(self) -> int:
        """Number of documents, deleted ones included."""
        return len(self.ids)

    def prominent_terms(self, doc: int) -> tuple[list[str], list[int]]:
        """Return the prominent terms of a document, and the impact of each in steps."""
        low, high = self.prominent_offsets[doc : doc + 2].tolist()
        return self.prominent[doc].split(), self.prominent_impacts[low:high].tolist()

    def hit(self, doc: int) -> HitRow:
        """Return the fields of a document that hit lists show."""
        return HitRow(*_decode(self.hits[doc])[0])


_TYPES = get_type_hints(Segment, {**globals(), "StringTable": StringTable})
_NAMES = tuple(f.name for f in fields(Segment))


def open_segment(folder: Path) -> Segment:
    """Map a segment's files.

    Raises:
        IndexDamagedError: a file is missing or cut.
    """
    parts: dict[str, Any] = {
        name: open_strings(folder, name) if _TYPES[name] is StringTable else open_array(folder, name) for name in _NAMES
    }
    return Segment(**parts)


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
