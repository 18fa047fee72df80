"""Inverter: turns analysed resources into the arrays of a segment, without a Python loop over postings."""

from __future__ import annotations

import json
import re
from array import array
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.analysis import Word, fold
from indexer.engine.embedded.kernels.layout import FIELD_SHIFT, IntArray, offsets_of, ranges
from indexer.engine.embedded.storage.segment import HitRow, SegmentData, completion_line, form_entry
from indexer.engine.placeholder import is_titled
from indexer.query import TextField, feedback, scoring
from indexer.query.fields import MAX_POSITION, AnalysedResource
from indexer.resource import Resource

FIELD_COUNT = len(TextField)
_ISO_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
FIELD_WEIGHTS = np.array([scoring.WEIGHTS[field.name.lower()] for field in TextField])


class Inverter:
    """Collects resources and inverts them. Use it once: `add` each resource, then call `invert`."""

    def __init__(self) -> None:
        self._word_numbers: dict[int, int] = {}
        self._words: list[Word] = []
        self._occurrences = array("i")
        self._starts = array("i")
        self._ends = array("i")
        self._lengths: list[list[int]] = []
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
            row: its row there.
        """
        lengths = [0] * FIELD_COUNT
        for part in analysed.fields:
            if part.tokens:
                words, _, starts, ends = zip(*part.tokens, strict=True)
                lengths[part.field] = len(words)
                self._occurrences.extend(self._number(words))
                self._starts.extend(starts)
                self._ends.extend(ends)
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
        positions, span_starts = _places(lengths, np.frombuffer(self._starts, dtype=np.int32))
        tokens_of_doc = lengths.sum(axis=1, dtype=np.int64)
        docs = np.repeat(np.arange(len(lengths), dtype=np.int32), tokens_of_doc)
        norms = _norms(lengths)
        terms, term_arrays = self._terms(occurrences, docs, positions, norms)
        prominent, prominent_arrays = _prominent(terms, term_arrays, len(lengths))
        forms, form_arrays = self._forms(occurrences, docs, positions)
        strings, columns = _columns(self._resources)
        record_rows = np.array(self._record_rows, dtype=np.int32).reshape(-1, 2)
        span_lengths = np.frombuffer(self._ends, dtype=np.int32) - np.frombuffer(self._starts, dtype=np.int32)
        return SegmentData(
            strings={"terms": terms, "forms": forms, "prominent": prominent, **strings},
            arrays={
                **term_arrays,
                **prominent_arrays,
                **form_arrays,
                **columns,
                "norms": norms,
                "field_lengths": lengths,
                "spans": offsets_of(tokens_of_doc),
                "span_starts": span_starts,
                # Lengths are one byte; a token of more than 255 characters is no real word.
                "span_lengths": np.minimum(span_lengths, 0xFF).astype(np.uint8),
                "records": np.ascontiguousarray(record_rows[:, 0]),
                "record_rows": np.ascontiguousarray(record_rows[:, 1]),
            },
        )

    def _terms(
        self, occurrences: IntArray, docs: IntArray, positions: IntArray, norms: NDArray[Any]
    ) -> tuple[list[str], dict[str, NDArray[Any]]]:
        terms, offsets, numbers = _number_strings([word.terms for word in self._words])
        which, term_of = _spread(occurrences, offsets, numbers)
        order = np.argsort(term_of, kind="stable")  # stable: documents and positions already ascend within a term
        which, term_of = which[order], term_of[order]
        docs, positions = docs[which], positions[which]
        fields = positions >> FIELD_SHIFT
        # First one row for each term, document and field, whose frequency is saturated; then one for each term and
        # document.
        by_field = _starts_of_runs(term_of, docs, fields)
        occurrences_in_field = np.diff(by_field, append=len(docs)).astype(np.float64)
        held = docs[by_field], fields[by_field]
        parts = scoring.impact(FIELD_WEIGHTS[held[1]], occurrences_in_field, norms[held].astype(np.float64))
        first = _starts_of_runs(term_of, docs)
        impacts = _reduce(np.add, parts, np.searchsorted(by_field, first))
        return terms, {
            "term_postings": np.searchsorted(term_of[first], np.arange(len(terms) + 1)).astype(np.int64),
            "posting_docs": docs[first],
            "posting_impacts": impacts.astype(np.float32),
            "posting_fields": _reduce(np.bitwise_or, (1 << fields).astype(np.uint8), first),
            "posting_positions": np.append(first, len(docs)).astype(np.uint32),
            "positions": positions.astype(np.uint32),
        }

    def _forms(
        self, occurrences: IntArray, docs: IntArray, positions: IntArray
    ) -> tuple[list[str], dict[str, NDArray[Any]]]:
        forms, offsets, numbers = _number_strings([form_entries(word) for word in self._words])
        which, form_of = _spread(occurrences, offsets, numbers)
        keys = form_of.astype(np.int64) << 32 | docs[which]
        order = np.argsort(keys, kind="stable")
        keys, fields = keys[order], (1 << (positions[which[order]] >> FIELD_SHIFT)).astype(np.uint8)
        first = _starts_of_runs(keys)
        keys = keys[first]
        return forms, {
            "form_postings": np.searchsorted(keys >> 32, np.arange(len(forms) + 1)).astype(np.int64),
            "form_docs": (keys & 0xFFFFFFFF).astype(np.int32),
            "form_fields": _reduce(np.bitwise_or, fields, first),
        }


def _prominent(
    terms: list[str], arrays: dict[str, NDArray[Any]], size: int
) -> tuple[list[str], dict[str, NDArray[Any]]]:
    """Return the prominent terms of each document as one text, and their impacts."""
    telling = np.fromiter(map(feedback.is_telling, terms), dtype=bool, count=len(terms))
    owners = np.repeat(np.arange(len(terms), dtype=np.int32), np.diff(arrays["term_postings"]))
    rows = np.flatnonzero(telling[owners])
    docs, impacts, numbers = arrays["posting_docs"][rows], arrays["posting_impacts"][rows], owners[rows]
    order = np.lexsort((numbers, -impacts, docs))
    docs, impacts, numbers = docs[order], impacts[order], numbers[order]
    first = np.searchsorted(docs, np.arange(size + 1))
    kept = np.arange(len(docs)) - first[docs] < feedback.KEPT
    docs, impacts, numbers = docs[kept], impacts[kept], numbers[kept]
    offsets = np.searchsorted(docs, np.arange(size + 1)).astype(np.int64)
    written = [terms[number] for number in numbers.tolist()]
    texts = [" ".join(written[low:high]) for low, high in pairwise(offsets.tolist())]
    return texts, {"prominent_offsets": offsets, "prominent_impacts": feedback.in_steps(impacts)}


def _places(lengths: IntArray, starts: IntArray) -> tuple[IntArray, IntArray]:
    """Return the position ``field << 17 | word`` of every token, and its start relative to the previous token."""
    fields = np.repeat(np.tile(np.arange(FIELD_COUNT, dtype=np.uint32), len(lengths)), lengths.ravel())
    first = offsets_of(lengths.ravel())[:-1]
    words = np.arange(len(starts), dtype=np.int64) - np.repeat(first, lengths.ravel())
    steps = np.diff(starts, prepend=0)
    steps[words == 0] = starts[words == 0]
    # Gaps are two bytes; more than 65,535 characters without a word is no real text.
    return fields << FIELD_SHIFT | np.minimum(words, MAX_POSITION).astype(np.uint32), np.minimum(steps, 0xFFFF).astype(
        np.uint16
    )


def form_entries(word: Word) -> tuple[str, ...]:
    """Return the lexicon entries of a word, ``folded NUL exact``, which sort by folded form.

    Only the first form of an inclusive word or compound keeps its accents.
    """
    return tuple(dict.fromkeys((form_entry(word.exact), *(f"{form}\0{form}" for form in word.forms[1:]))))


def _number_strings(groups: list[tuple[str, ...]]) -> tuple[list[str], IntArray, IntArray]:
    """Return the sorted distinct strings of all groups, the offset of each group, and the numbers of the strings of all
    groups, concatenated.
    """
    table = sorted({text for group in groups for text in group}, key=str.encode)
    number = {text: i for i, text in enumerate(table)}
    offsets = offsets_of(np.array([len(group) for group in groups], dtype=np.int64))
    numbers = np.fromiter((number[text] for group in groups for text in group), dtype=np.int32, count=int(offsets[-1]))
    return table, offsets, numbers


def _spread(occurrences: IntArray, offsets: IntArray, numbers: IntArray) -> tuple[IntArray, IntArray]:
    """Return one row for each pair of an occurrence and a string of its word: the occurrence's index, and the string's
    number.
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
    type_number = {text: i for i, text in enumerate(types)}
    theme_number = {text: i for i, text in enumerate(themes)}
    strings = {
        "ids": [r.id for r in resources],
        "hits": [_hit_json(r) for r in resources],
        "titles": [fold(r.title) for r in resources],
        "shown_titles": [r.title for r in resources],
        "completion_lines": [completion_line(r.title) for r in resources],
        "publications": [_publications_json(r) for r in resources],
        "types": types,
        "themes": themes,
    }
    columns: dict[str, NDArray[Any]] = {
        "doc_types": np.array([-1 if r.type is None else type_number[r.type] for r in resources], dtype=np.int32),
        "theme_codes": np.array([theme_number[theme] for r in resources for theme in r.themes], dtype=np.int32),
        "theme_offsets": offsets_of(np.array([len(r.themes) for r in resources], dtype=np.int64)),
        "years": np.array([r.year or 0 for r in resources], dtype=np.int32),
        "dates": np.array([_date_key(r) for r in resources], dtype=np.int32),
    }
    return strings, columns


def _date_key(resource: Resource) -> int:
    """Return the date as yyyymmdd with zeros for unknown parts, so that « 2021 » sorts before any day of 2021. A date
    that is not ISO 8601 gives the year alone.
    """
    if resource.date is None or _ISO_DATE.fullmatch(resource.date) is None:
        return (resource.year or 0) * 10_000
    return int(resource.date.replace("-", "").ljust(8, "0"))


def _publications_json(resource: Resource) -> str:
    names = (document.title or document.name for document in resource.documents)
    # Names of files may hold bytes that are no text.
    written = [name.encode("utf-8", "replace").decode() for name in names]
    named = [(document.n, name) for document, name in zip(resource.documents, written, strict=True)]
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
