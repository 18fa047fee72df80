"""Searcher: reads the terms, forms and documents of the resources that one audience may find."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from indexer.engine.embedded import kernels
from indexer.engine.embedded.kernels.layout import BoolArray, FloatArray, IntArray, distinct, ranges
from indexer.engine.embedded.kernels.numpy_kernels import (
    NO_DOCS,
    FeedbackIndex,
    FeedbackPart,
    FormSlice,
    PositionsSlice,
)
from indexer.engine.embedded.read.facet_columns import (
    FacetGroups,
    SetGroups,
    facet_groups_of,
    set_groups_of,
    theme_groups_of,
)
from indexer.engine.embedded.read.precomputed import Precomputed
from indexer.engine.embedded.storage.composite import CompositeSegment, MountedSegment
from indexer.engine.embedded.storage.segment import Segment
from indexer.engine.embedded.storage.string_table import StringTable
from indexer.query import TextField, scoring
from indexer.query.indexed import form_entry
from indexer.query.wildcards import line_regex
from indexer.resource import YearSource

_CACHE_SIZE = 4096
"""Largest number of entries of each cache of terms, words or documents; a full cache is emptied."""


@dataclass(frozen=True, slots=True)
class Postings:
    """Documents that hold a term (ascending, deleted ones left out), the impact on each, and the mask of fields in
    which it occurs.
    """

    docs: IntArray
    impacts: FloatArray
    fields: IntArray


class HitFields(NamedTuple):
    """The fields of `Hit` that do not depend on the query, in the order of `Hit`; themes have the names that the
    audience sees.
    """

    id: str
    url: str | None
    title: str
    type: str | None
    year: int | None
    year_source: YearSource | None
    date: str | None
    private: bool
    themes: tuple[str, ...]


_SOURCES: dict[str | None, YearSource | None] = {None: None, **{source.value: source for source in YearSource}}


class Searcher(CompositeSegment):
    """An audience's view of a generation: every resource that visitors, or members, may find, over several segments.

    A visitor's searcher holds the public segments; a member's, the public and the private ones. A visitor's searcher
    opens no file that holds a private resource.

    Args:
        parts: segments with their masks of alive documents (None: no document was deleted), in generation order.
        public: number of leading segments that hold public resources; the others are private.
        precomputed: orders, themes, completion and spelling over all of them.
    """

    def __init__(self, parts: list[tuple[Segment, BoolArray | None]], public: int, precomputed: Precomputed) -> None:
        super().__init__(parts, public)
        self.precomputed = precomputed
        self._postings: dict[str, Postings] = {}
        self._bounds: dict[str, list[tuple[MountedSegment, int, int]]] = {}
        self._words: dict[tuple[tuple[str, ...], str | None, int], tuple[IntArray, FloatArray]] = {}
        self._rows: dict[int, HitFields] = {}
        self._lines: dict[int, FoldedLines] = {}

    @cached_property
    def facet_groups(self) -> FacetGroups:
        """The documents grouped by type, year, privacy and formats of publications."""
        _, codes = self.types
        return facet_groups_of(codes, self.years, np.arange(self.size) >= self.private_from, self.formats)

    @cached_property
    def theme_groups(self) -> SetGroups:
        """The documents grouped by their themes."""
        return theme_groups_of(self.precomputed.themes, self.size)

    @cached_property
    def feedback_index(self) -> FeedbackIndex | None:
        """What relevance feedback reads (`indexer.query.feedback`); None in a generation of an earlier version."""
        precomputed, parts, first = self.precomputed, list[FeedbackPart](), 0
        if precomputed.terms is None:
            return None
        for m in self.mounted:
            s, last = m.segment, first + len(m.segment.terms)
            numbers = precomputed.terms.numbers[first:last]
            own = s.own_offsets, s.own_terms, s.own_impacts, s.own_steps
            parts.append((m.base, *own, s.doc_pages, numbers, s.term_postings, s.posting_docs, s.posting_impacts))
            first = last
        return kernels.feedback_index(parts, precomputed.terms.holding, precomputed.id_rank, self.count)

    @cached_property
    def territory_groups(self) -> SetGroups:
        """The documents grouped by the territories that they lie in."""
        return set_groups_of(*self.territories, self.size)

    def in_territories(self, codes: Iterable[str]) -> IntArray:
        """Return the documents that lie in any of some territories, ascending (int32)."""
        values, held, owners = self.territories
        wanted = [values.index(code) for code in {*codes} if code in values]
        return distinct(owners[np.isin(held, wanted)])

    def without_territory(self) -> IntArray:
        """Return the documents that lie in no territory, ascending (int32)."""
        found: IntArray = np.setdiff1d(self.all_docs, distinct(self.territories[2]), assume_unique=True)
        return found

    # Terms

    def postings(self, term: str) -> Postings:
        """Return the postings of an index term; they are empty if no resource holds it."""
        known = self._postings.get(term)
        if known is None:
            if len(self._postings) >= _CACHE_SIZE:
                self._postings.clear()
            known = self._postings[term] = self._read_postings(term)
        return known

    def any_of(self, terms: tuple[str, ...]) -> Postings:
        """Return the postings of documents that hold any of several terms, with the best impact and the union of
        fields.
        """
        if len(terms) == 1:
            return self.postings(terms[0])
        parts = [part for part in map(self.postings, terms) if len(part.docs)]
        if len(parts) < 2:
            return parts[0] if parts else self.postings(terms[0])
        return Postings(*kernels.max_scores([(part.docs, part.impacts, part.fields) for part in parts], self.size))

    def word(self, terms: tuple[str, ...], exact: str | None, mask: int) -> tuple[IntArray, FloatArray]:
        """Return the documents that hold a word in any of the fields of a mask, ascending, and its impact on each
        (float32).

        Args:
            terms: index terms, any of which matches.
            exact: the word as typed, whose occurrence raises the impact; None raises none.
            mask: the fields to search, bit ``1 << field`` for each.
        """
        key = terms, exact, mask
        known = self._words.get(key)
        if known is None:
            if len(self._words) >= _CACHE_SIZE:
                self._words.clear()
            found = self.any_of(terms)
            typed = NO_DOCS if exact is None or not len(found.docs) else self.form(exact, mask)
            known = kernels.boost_exact(found.docs, found.impacts, found.fields, mask, typed, scoring.EXACT_BONUS)
            self._words[key] = known
        return known

    def forget(self) -> None:
        """Empty the caches, for benchmarks."""
        self._postings.clear()
        self._bounds.clear()
        self._words.clear()
        self._rows.clear()

    def _places(self, term: str) -> list[tuple[MountedSegment, int, int]]:
        """Return the segments that hold a term, and the bounds of its postings in each."""
        known = self._bounds.get(term)
        if known is None:
            if len(self._bounds) >= _CACHE_SIZE:
                self._bounds.clear()
            known = []
            for m in self.mounted:
                found = m.segment.terms.find(term)
                if found is not None:
                    low, high = m.segment.term_postings[found : found + 2].tolist()
                    known.append((m, low, high))
            self._bounds[term] = known
        return known

    def _read_postings(self, term: str) -> Postings:
        stretches = []
        for m, low, high in self._places(term):
            s = m.segment
            stretches.append((s.posting_docs, s.posting_impacts, s.posting_fields, low, high, m.alive, m.base))
        return Postings(*kernels.gather_postings(stretches))

    def positions(self, term: str, docs: IntArray) -> IntArray:
        """Return the position keys of an index term in some documents, ascending ([n], int64)."""
        return kernels.position_keys(docs, self.position_parts(term))

    def position_parts(self, term: str) -> list[PositionsSlice]:
        """Return the positions of an index term, segment by segment."""
        found, at = self.postings(term).docs, 0
        parts: list[PositionsSlice] = []
        for m, low, high in self._places(term):
            held = m.segment.posting_positions, m.segment.positions
            if m.alive is None:
                # Look them up in the cached postings rather than in the file, which would have to be read again.
                parts.append((found, at, at + high - low, 0, low - at, *held))
                at += high - low
            else:
                parts.append((m.segment.posting_docs, low, high, m.base, 0, *held))
                at += int(np.count_nonzero(m.alive[m.segment.posting_docs[low:high]]))
        return parts

    def form(self, exact: str, mask: int) -> IntArray:
        """Return the documents that hold one written form, with its accents, in any field of a mask, ascending."""
        entry = form_entry(exact)
        parts = []
        for m in self.mounted:
            place = m.segment.forms.find(entry)
            if place is not None:
                low, high = m.segment.form_postings[place : place + 2].tolist()
                parts.append((m.segment.form_docs, m.segment.form_fields, low, high, m.alive, m.base))
        return kernels.gather_form_docs(parts, mask)

    def expand(self, pattern: str, mask: int) -> tuple[IntArray, FloatArray]:
        """Return the documents that hold a form matching a pattern in any of the fields of a mask, and the impact on
        each.

        Args:
            pattern: ``*`` is any run of letters, ``?`` one letter.
            mask: the fields to search, bit ``1 << field`` for each.
        """
        parts: list[FormSlice] = []
        for m, rows in self._form_rows(pattern):
            if isinstance(rows, slice):
                parts.append((m.segment.form_docs, m.segment.form_fields, rows.start, rows.stop, m.alive, m.base))
            else:
                parts.append((m.segment.form_docs[rows], m.segment.form_fields[rows], 0, len(rows), m.alive, m.base))
        return kernels.union_forms(parts, mask, MASK_IMPACTS, self.size)

    def expanded_pages(self, pattern: str, docs: IntArray) -> IntArray:
        """Return the parts of pages (body, or running headers and footers) of some documents that hold a form which
        matches a pattern, as ascending rows of `PageColumns`.
        """
        found, base = [np.empty(0, dtype=np.int64)], 0
        for m, rows in self._form_rows(pattern):
            s = m.segment
            inside = np.flatnonzero(np.isin(s.form_docs[rows], docs - m.base))
            held = inside + rows.start if isinstance(rows, slice) else rows[inside]
            starts = s.form_page_offsets[held].astype(np.int64)
            counts = s.form_page_offsets[held + 1] - starts
            first = s.doc_pages[s.form_docs[held]] + base
            found.append(s.form_pages[ranges(starts, counts)] + np.repeat(first, counts))
            base += len(s.page_starts)
        return distinct(*found)

    def _form_rows(self, pattern: str) -> Iterator[tuple[MountedSegment, slice | IntArray]]:
        """Yield each segment with the indexes, in its form postings, of all forms that match a pattern."""
        literal = re.match(r"[^*?]*", pattern)
        prefix = literal.group() if literal else ""
        if pattern == prefix + "*":
            for m in self.mounted:  # forms with one prefix are consecutive, and so are their postings
                places = m.segment.forms.prefixed(prefix)
                yield m, slice(*m.segment.form_postings[[places.start, places.stop]].tolist())
        else:
            wanted = line_regex(pattern)
            for m in self.mounted:
                found = self._folded_lines(m.segment.forms, prefix).matching(wanted)
                starts = m.segment.form_postings[found]
                yield m, ranges(starts, m.segment.form_postings[found + 1] - starts)

    def _folded_lines(self, forms: StringTable, prefix: str) -> FoldedLines:
        """Return the lines of a segment's forms that begin with a prefix; those of all forms (no prefix) are cached,
        since most wildcards begin with a star.
        """
        if prefix:
            return FoldedLines(forms, forms.prefixed(prefix))
        known = self._lines.get(id(forms))
        if known is None:
            known = self._lines[id(forms)] = FoldedLines(forms, range(len(forms)))
        return known

    # Documents

    def hit(self, doc: int) -> HitFields:
        """Return what a hit list shows of a document."""
        known = self._rows.get(doc)
        if known is None:
            if len(self._rows) >= _CACHE_SIZE:
                self._rows.clear()
            segment, number = self.place(doc)
            id, url, title, type, year, source, date, private, written, _ = segment.hit(number)
            themes = self.precomputed.themes.named(written)
            known = self._rows[doc] = HitFields(id, url, title, type, year, _SOURCES[source], date, private, themes)
        return known

    def find(self, resource_id: str) -> int | None:
        """Return the number of a resource's document, or None if there is none that is not deleted."""
        order = self.precomputed.id_order
        wanted = resource_id.encode("utf-8", "surrogatepass")
        at = bisect_left(order, wanted, key=self._id)
        while at < len(order) and self._id(order[at]) == wanted:  # skip deleted versions, which have the same id
            mounted = self._mounted_at(int(order[at]))
            if mounted.alive is None or mounted.alive[order[at] - mounted.base]:
                return int(order[at])
            at += 1
        return None

    def _id(self, doc: int) -> bytes:
        segment, number = self.place(int(doc))
        return segment.ids.encoded(number)


def _mask_impacts() -> FloatArray:
    """Return, for each mask of fields, the sum of the impacts of one occurrence in each of these fields, as if each
    had its ordinary length, `scoring.PIVOT` ([256], float32).
    """
    weights = [scoring.WEIGHTS[field.name.lower()] for field in TextField]
    once = [scoring.impact(weight, 1.0, scoring.K1) for weight in weights]
    sums = [sum(w for i, w in enumerate(once) if mask >> i & 1) for mask in range(256)]
    return np.array(sums, dtype=np.float32)


MASK_IMPACTS = _mask_impacts()


class FoldedLines:
    """Folded forms of a segment as one text, one form a line, so that one regular expression search finds all matches
    of a wildcard.

    Args:
        forms: entries ``folded NUL exact``.
        places: indexes of the forms to include.
    """

    def __init__(self, forms: StringTable, places: range) -> None:
        lines = [forms.encoded(place).partition(b"\0")[0].decode() for place in places]
        self._first = places.start
        self._text = "\n".join(lines)
        # The offset at which each line begins; a form never holds a line break, since these separate words.
        self._starts = np.cumsum([0, *(len(line) + 1 for line in lines)])[:-1]

    def matching(self, wanted: re.Pattern[str]) -> IntArray:
        """Return the indexes, in the table of forms, of the lines that match a regex of whole lines ([n])."""
        found = [match.start() for match in wanted.finditer(self._text)] if len(self._starts) else []
        places: IntArray = np.searchsorted(self._starts, found) + self._first
        return places
