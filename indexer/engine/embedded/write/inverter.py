"""Inverter: turns analysed resources into the arrays of a segment, without a Python loop over postings."""

from __future__ import annotations

import json
from array import array
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import Word, sort_form
from indexer.engine.embedded.kernels.layout import FIELD_SHIFT, IntArray, offsets_of, ranges
from indexer.engine.embedded.storage.segment import HitRow, SegmentData, format_mask
from indexer.engine.placeholder import is_titled
from indexer.query import TextField, feedback, scoring
from indexer.query.completion import completion_line
from indexer.query.fields import AnalysedResource
from indexer.query.indexed import date_key, form_entries
from indexer.resource import Resource
from indexer.territories import gazetteer

FIELD_COUNT = len(TextField)
FIELD_WEIGHTS = np.array([scoring.WEIGHTS[field.name.lower()] for field in TextField])


class _Page(NamedTuple):
    """A part of a page of a publication (its body, or its running headers and footers); its fields are the columns
    page_labels, page_documents, page_numbers, page_starts, page_lengths, page_sizes and page_firsts of `Segment`.
    """

    label: str
    document: int
    number: int
    start: int
    length: int
    size: int
    first: int


class _Units(NamedTuple):
    """The texts in which word frequencies are counted: each field of each document, but for the field of publications
    each part of a page.

    Attributes:
        docs: [units] document, ascending (int32).
        fields: [units] field, ascending within a document (uint32).
        pages: [units] index among the parts of pages of its document, -1 for other fields (int32).
        starts: [units] position of the first token in its field (uint32).
        lengths: [units] number of tokens (int64).
        norms: [units] length norm (float32).
    """

    docs: IntArray
    fields: IntArray
    pages: IntArray
    starts: IntArray
    lengths: IntArray
    norms: NDArray[Any]


class Inverter:
    """Collects resources and inverts them. Use it once: `add` each resource, then call `invert`."""

    def __init__(self) -> None:
        self._word_numbers: dict[int, int] = {}
        self._words: list[Word] = []
        self._occurrences = array("i")
        self._starts = array("i")
        self._ends = array("i")
        self._lengths: list[list[int]] = []
        self._pages: list[_Page] = []
        self._page_counts: list[int] = []
        self._record_rows: list[tuple[int, int]] = []
        self._resources: list[Resource] = []

    @property
    def tokens(self) -> int:
        """Number of tokens collected; memory use is proportional to it."""
        return len(self._occurrences)

    @property
    def size(self) -> int:
        """Number of resources collected."""
        return len(self._resources)

    def add(self, analysed: AnalysedResource, store: int, row: int) -> None:
        """Collect one resource.

        Args:
            analysed: the resource and its tokens.
            store: number of the document store that keeps it whole.
            row: its row in that store.
        """
        lengths = [0] * FIELD_COUNT
        for part in analysed.fields:
            if part.tokens:
                words, _, starts, ends = zip(*part.tokens, strict=True)
                lengths[part.field] = len(words)
                self._occurrences.extend(self._number(words))
                self._starts.extend(starts)
                self._ends.extend(ends)
        for page in analysed.pages:
            words, _, starts, ends = zip(*page.tokens, strict=True)
            lengths[TextField.PUBLICATION] += len(words)
            self._occurrences.extend(self._number(words))
            self._starts.extend(starts)
            self._ends.extend(ends)
            self._pages.append(
                _Page(page.label or "", page.document, page.number, page.start, len(words), page.size, page.first)
            )
        self._page_counts.append(len(analysed.pages))
        self._lengths.append(lengths)
        self._record_rows.append((store, row))
        # Drop the texts, which would be most of the memory: the tokens and the document store already hold them.
        self._resources.append(replace(analysed.resource, body=None, summary=None, attachments=()))

    def _number(self, words: tuple[Word, ...]) -> list[int]:
        # Equal words are one object, so id() is the cheapest key; `_words` keeps them alive, so ids are not reused.
        known = self._word_numbers
        for word in {id(word): word for word in words if id(word) not in known}.values():
            known[id(word)] = len(self._words)
            self._words.append(word)
        return [known[id(word)] for word in words]

    def invert(self) -> SegmentData:
        """Return the segment's arrays."""
        lengths = np.array(self._lengths, dtype=np.uint32).reshape(-1, FIELD_COUNT)
        occurrences = np.frombuffer(self._occurrences, dtype=np.int32)
        doc_pages = offsets_of(np.array(self._page_counts, dtype=np.int64))
        pages = np.array([page[1:] for page in self._pages], dtype=np.int64).reshape(-1, len(_Page._fields) - 1)
        units = _units_of(lengths, doc_pages, pages)
        positions, span_starts = _places(units, np.frombuffer(self._starts, dtype=np.int32))
        unit_of = np.repeat(np.arange(len(units.docs), dtype=np.int32), units.lengths)
        terms, term_arrays = self._terms(occurrences, unit_of, units, positions)
        forms, form_arrays = self._forms(occurrences, unit_of, units)
        strings, columns = _columns(self._resources)
        record_rows = np.array(self._record_rows, dtype=np.int32).reshape(-1, 2)
        span_lengths = np.frombuffer(self._ends, dtype=np.int32) - np.frombuffer(self._starts, dtype=np.int32)
        return SegmentData(
            strings={
                "terms": terms,
                "forms": forms,
                "page_labels": [page.label for page in self._pages],
                **strings,
            },
            arrays={
                **term_arrays,
                **form_arrays,
                **columns,
                "norms": _norms(lengths),
                "field_lengths": lengths,
                "doc_pages": doc_pages,
                "page_documents": pages[:, 0].astype(np.int32),
                "page_numbers": pages[:, 1].astype(np.int32),
                "page_starts": pages[:, 2].astype(np.uint32),
                "page_lengths": pages[:, 3].astype(np.uint32),
                "page_sizes": pages[:, 4].astype(np.uint32),
                "page_firsts": pages[:, 5].astype(np.uint32),
                "spans": offsets_of(lengths.sum(axis=1, dtype=np.int64)),
                "span_starts": span_starts,
                # Lengths are one byte; a token of more than 255 characters is no real word.
                "span_lengths": np.minimum(span_lengths, 0xFF).astype(np.uint8),
                "records": np.ascontiguousarray(record_rows[:, 0]),
                "record_rows": np.ascontiguousarray(record_rows[:, 1]),
            },
        )

    def _terms(
        self, occurrences: IntArray, unit_of: IntArray, units: _Units, positions: IntArray
    ) -> tuple[list[str], dict[str, NDArray[Any]]]:
        """Return the terms, and the arrays of their postings and of the terms of each document, as in `Segment`.

        Args:
            occurrences: number of the word of each token.
            unit_of: unit (field of a document, or part of a page) of each token.
            units: the units.
            positions: position of each token, ``field << 29 | word``.
        """
        terms, offsets, numbers = _number_strings([word.terms for word in self._words])
        which, term_of = _spread(occurrences, offsets, numbers)
        order = np.argsort(term_of, kind="stable")  # stable: documents and positions already ascend within a term
        which, term_of = which[order], term_of[order]
        unit_of, positions = unit_of[which], positions[which]
        # First one row for each term and unit, whose frequency is saturated; then one for each term, document and
        # field, of the best page of publications; then one for each term and document.
        by_unit = _starts_of_runs(term_of, unit_of)
        held, holders = unit_of[by_unit], term_of[by_unit]
        times = np.diff(by_unit, append=len(unit_of)).astype(np.float64)
        docs, fields = units.docs[held], units.fields[held]
        parts = scoring.impact(FIELD_WEIGHTS[fields], times, units.norms[held].astype(np.float64))
        by_field = _starts_of_runs(holders, docs, fields)
        parts = _reduce(np.maximum, parts, by_field)
        fields = fields[by_field]
        by_doc = _starts_of_runs(holders, docs)
        first = np.searchsorted(by_field, by_doc)
        arrays = {
            "term_postings": np.searchsorted(holders[by_doc], np.arange(len(terms) + 1)).astype(np.int64),
            "posting_docs": docs[by_doc],
            "posting_impacts": _reduce(np.add, parts, first).astype(np.float32),
            "posting_fields": _reduce(np.bitwise_or, (1 << fields).astype(np.uint8), first),
            "posting_positions": np.append(by_unit[by_doc], len(positions)).astype(np.uint32),
            "positions": positions,
        }
        # Publications are left out: the themes of a resource show in its own texts, not in sixty pages.
        own = _reduce(np.add, np.where(fields == TextField.PUBLICATION, 0.0, parts), first).astype(np.float32)
        return terms, {**arrays, **_own_terms(terms, arrays, own, len(self._lengths))}

    def _forms(
        self, occurrences: IntArray, unit_of: IntArray, units: _Units
    ) -> tuple[list[str], dict[str, NDArray[Any]]]:
        forms, offsets, numbers = _number_strings([form_entries(word) for word in self._words])
        which, form_of = _spread(occurrences, offsets, numbers)
        keys = form_of.astype(np.int64) << 32 | unit_of[which]
        keys.sort()
        keys = keys[_starts_of_runs(keys)]
        held, form_of = keys & 0xFFFFFFFF, keys >> 32
        docs, fields, pages = units.docs[held], units.fields[held], units.pages[held]
        first = _starts_of_runs(form_of, docs)
        on_pages = np.flatnonzero(pages >= 0)
        return forms, {
            "form_postings": np.searchsorted(form_of[first], np.arange(len(forms) + 1)).astype(np.int64),
            "form_docs": docs[first],
            "form_fields": _reduce(np.bitwise_or, (1 << fields).astype(np.uint8), first),
            "form_page_offsets": np.searchsorted(on_pages, np.append(first, len(held))).astype(np.uint32),
            "form_pages": pages[on_pages].astype(np.uint32),
        }


def _units_of(lengths: IntArray, doc_pages: IntArray, pages: IntArray) -> _Units:
    """Return the texts of some documents in which word frequencies are counted: each field, and each part of a page.

    Args:
        lengths: [D × 6] number of tokens of each field.
        doc_pages: [D + 1] first part of a page of each document.
        pages: [N × 6] the numbers of each part of a page, in the order of the fields of `_Page`, without the label.
    """
    others = FIELD_COUNT - 1  # the publications are the last field
    counts = np.diff(doc_pages) + others
    docs = np.repeat(np.arange(len(lengths), dtype=np.int32), counts)
    places = ranges(np.zeros(len(lengths), dtype=np.int64), counts)
    paged = places >= others
    unit_lengths, starts = np.empty(len(docs), dtype=np.int64), np.zeros(len(docs), dtype=np.uint32)
    unit_lengths[~paged] = lengths[:, :others].ravel()
    unit_lengths[paged] = pages[:, 3]
    starts[paged] = pages[:, 2]
    fields = np.minimum(places, others).astype(np.uint32)
    norms = np.empty(len(docs), dtype=np.float32)
    norms[~paged] = _norms(lengths)[:, :others].ravel()
    norms[paged] = scoring.norm("publication", pages[:, 4])
    return _Units(docs, fields, np.where(paged, places - others, -1).astype(np.int32), starts, unit_lengths, norms)


def _own_terms(terms: list[str], arrays: dict[str, NDArray[Any]], own: NDArray[Any], size: int) -> dict[str, Any]:
    """Return the arrays of the telling terms (`feedback.is_telling`) of each document's own texts, which are all its
    texts but its publications.

    Args:
        terms: the terms.
        arrays: the arrays of their postings, as in `Segment`.
        own: impact of each posting in the own texts of its document (float32).
        size: number of documents.
    """
    telling = np.fromiter(map(feedback.is_telling, terms), dtype=bool, count=len(terms))
    owners = np.repeat(np.arange(len(terms), dtype=np.int32), np.diff(arrays["term_postings"]))
    rows = np.flatnonzero(telling[owners] & (own > 0))
    rows = rows[np.argsort(arrays["posting_docs"][rows], kind="stable")]  # terms ascend within a document
    docs, impacts = arrays["posting_docs"][rows], own[rows]
    offsets = np.searchsorted(docs, np.arange(size + 1)).astype(np.int64)
    strongest = np.lexsort((-impacts, docs))  # stable: equal ones by term
    steps = feedback.in_steps(impacts)
    steps[strongest[np.arange(len(docs)) - offsets[docs] >= feedback.KEPT]] = 0
    return {
        "own_offsets": offsets,
        "own_terms": owners[rows],
        "own_impacts": arrays["posting_impacts"][rows],
        "own_steps": steps,
    }


def _places(units: _Units, starts: IntArray) -> tuple[IntArray, IntArray]:
    """Return the position ``field << 29 | word`` of every token, and its start relative to the previous token of its
    unit.
    """
    first = offsets_of(units.lengths)[:-1]
    base = (units.fields << FIELD_SHIFT | units.starts).astype(np.int64) - first
    positions = (np.arange(len(starts), dtype=np.int64) + np.repeat(base, units.lengths)).astype(np.uint32)
    steps = np.diff(starts, prepend=0)
    begun = first[units.lengths > 0]
    steps[begun] = starts[begun]
    # Gaps are two bytes; more than 65,535 characters without a word is no real text.
    return positions, np.minimum(steps, 0xFFFF).astype(np.uint16)


def _number_strings(groups: list[tuple[str, ...]]) -> tuple[list[str], IntArray, IntArray]:
    """Return the sorted distinct strings of all groups (one group for each word), the offset of each group, and the
    numbers of the strings of all groups, concatenated.
    """
    table = sorted({text for group in groups for text in group}, key=str.encode)
    number = {text: i for i, text in enumerate(table)}
    offsets = offsets_of(np.array([len(group) for group in groups], dtype=np.int64))
    numbers = np.fromiter((number[text] for group in groups for text in group), dtype=np.int32, count=int(offsets[-1]))
    return table, offsets, numbers


def _spread(occurrences: IntArray, offsets: IntArray, numbers: IntArray) -> tuple[IntArray, IntArray]:
    """Return one row for each pair of an occurrence and a string of its word: the occurrence's index, and the string's
    number.

    Args:
        occurrences: number of the word of each occurrence.
        offsets: [words + 1] where the strings of each word begin in `numbers`, and the end.
        numbers: numbers of the strings of all words, concatenated.
    """
    counts = (offsets[1:] - offsets[:-1])[occurrences]
    which = np.repeat(np.arange(len(occurrences), dtype=np.int32), counts)
    return which, numbers[ranges(offsets[:-1][occurrences], counts)]


def _starts_of_runs(*columns: IntArray) -> IntArray:
    """Return the indexes at which any of the columns differs from the row before."""
    if not len(columns[0]):
        return np.empty(0, dtype=np.int64)
    changed = np.ones(len(columns[0]), dtype=bool)
    changed[1:] = False
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(changed)


def _reduce(operation: np.ufunc, values: NDArray[Any], first: IntArray) -> NDArray[Any]:
    return operation.reduceat(values, first) if len(first) else values[:0]


def _norms(lengths: IntArray) -> NDArray[Any]:
    norms = np.empty(lengths.shape, dtype=np.float32)
    for field in TextField:
        name = field.name.lower()
        norms[:, field] = scoring.norm(name, lengths[:, field])
    return norms


def _columns(resources: list[Resource]) -> tuple[dict[str, list[str]], dict[str, NDArray[Any]]]:
    """Return the string tables and the columns that filters, sorts and hit lists need."""
    types = sorted({r.type for r in resources if r.type is not None})
    themes = sorted({theme for r in resources for theme in r.themes})
    placed = [gazetteer().with_ancestors(r.territories) for r in resources]
    territories = sorted({code for codes in placed for code in codes})
    territory_number = {code: i for i, code in enumerate(territories)}
    type_number = {text: i for i, text in enumerate(types)}
    theme_number = {text: i for i, text in enumerate(themes)}
    strings = {
        "ids": [r.id for r in resources],
        "hits": [_hit_json(r) for r in resources],
        "titles": [sort_form(r.title) for r in resources],
        "shown_titles": [r.title for r in resources],
        "completion_lines": [completion_line(r.title) for r in resources],
        "publications": [_publications_json(r) for r in resources],
        "types": types,
        "themes": themes,
        "territories": territories,
    }
    columns: dict[str, NDArray[Any]] = {
        "doc_types": np.array([-1 if r.type is None else type_number[r.type] for r in resources], dtype=np.int32),
        "theme_codes": np.array([theme_number[theme] for r in resources for theme in r.themes], dtype=np.int32),
        "theme_offsets": offsets_of(np.array([len(r.themes) for r in resources], dtype=np.int64)),
        "territory_codes": np.array([territory_number[code] for codes in placed for code in codes], dtype=np.int32),
        "territory_offsets": offsets_of(np.array([len(codes) for codes in placed], dtype=np.int64)),
        "years": np.array([r.year or 0 for r in resources], dtype=np.int32),
        "dates": np.array([date_key(r) for r in resources], dtype=np.int32),
        "formats": np.array([format_mask(r.documents) for r in resources], dtype=np.uint8),
    }
    return strings, columns


def _publications_json(resource: Resource) -> str:
    """Return the publications of a resource as the JSON text that `Segment.published` reads; empty without any."""
    # Names of files may hold bytes that are not valid UTF-8.
    named = [
        (one.n, " ".join((one.title or one.name).split()).encode("utf-8", "replace").decode(), bool(one.title))
        for one in resource.documents
    ]
    return json.dumps(named, ensure_ascii=False, separators=(",", ":")) if named else ""


def _hit_json(resource: Resource) -> str:
    shown = HitRow(
        resource.id,
        resource.url,
        resource.title,
        resource.type,
        resource.year,
        resource.year_source,
        resource.date,
        resource.private,
        list(resource.themes),
        is_titled(resource),
    )
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
