"""Searcher: the resources that exist for an audience, over all their segments, with one numbering.

A visitor's searcher is the public segments; a member's, the public ones and the private ones. The visitor's searcher
opens no file that holds a private resource.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from indexer.engine.embedded import kernels
from indexer.engine.embedded.kernels.layout import BoolArray, FloatArray, IntArray, ranges
from indexer.engine.embedded.kernels.numpy_kernels import NO_DOCS, FormSlice, PositionsSlice
from indexer.engine.embedded.read.facet_columns import FacetGroups, ThemeGroups, facet_groups_of, theme_groups_of
from indexer.engine.embedded.read.folded_forms import FoldedLines
from indexer.engine.embedded.read.precomputed import Precomputed
from indexer.engine.embedded.storage.segment import Segment, form_entry
from indexer.engine.embedded.storage.string_table import StringTable
from indexer.query import scoring
from indexer.query.facets import alphabetical
from indexer.query.fields import TextField
from indexer.query.spelling import Form
from indexer.query.wildcards import line_regex
from indexer.resource import YearSource

_REMEMBERED = 4096
"""Terms, and documents, kept in mind; past it, all are forgotten at once."""


@dataclass(frozen=True, slots=True)
class Postings:
    """Live documents that hold a term, rising; the impact on each; the mask of fields it occurs in."""

    docs: IntArray
    impacts: FloatArray
    fields: IntArray


@dataclass(frozen=True, slots=True)
class MountedSegment:
    """A segment in a searcher: `base` is added to its document numbers; `live` is None where nothing was deleted."""

    segment: Segment
    base: int
    alive: BoolArray | None


class HitFields(NamedTuple):
    """The fields of `Hit` that do not depend on the query, in their order, as this searcher writes them."""

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


class Searcher:
    """Reads over several segments as over one.

    Args:
        parts: segments with their live masks (None: all live), in generation order.
        public: number of leading segments that hold public resources; the others are private.
        precomputed: what was computed over all of them; None while that is being done.
    """

    def __init__(
        self, parts: list[tuple[Segment, BoolArray | None]], public: int, precomputed: Precomputed | None = None
    ) -> None:
        self._precomputed = precomputed
        mounted, base, private_from = [], 0, None
        for index, (segment, live) in enumerate(parts):
            if index == public:
                private_from = base
            mounted.append(MountedSegment(segment, base, live))
            base += segment.size
        self.mounted = tuple(mounted)
        self.size = base
        self._bases = [m.base for m in self.mounted]
        self.private_from = base if private_from is None else private_from
        self._postings: dict[str, Postings] = {}
        self._bounds: dict[str, list[tuple[MountedSegment, int, int]]] = {}
        self._words: dict[tuple[tuple[str, ...], str | None, int], tuple[IntArray, FloatArray]] = {}
        self._rows: dict[int, HitFields] = {}
        self._lines: dict[int, FoldedLines] = {}

    @property
    def precomputed(self) -> Precomputed:
        """Orders, themes, completion and spelling of this searcher."""
        if self._precomputed is None:
            raise ValueError("this searcher is being precomputed")
        return self._precomputed

    # Columns, over all documents, deleted ones counted; `all_docs` are those that live.

    @cached_property
    def all_docs(self) -> IntArray:
        """[n] numbers of the live documents."""
        lives = [np.ones(m.segment.size, dtype=bool) if m.alive is None else m.alive for m in self.mounted]
        return np.flatnonzero(np.concatenate(lives)).astype(np.int32) if lives else np.empty(0, dtype=np.int32)

    @cached_property
    def count(self) -> int:
        """Number of resources that exist in this searcher."""
        return len(self.all_docs)

    @cached_property
    def years(self) -> IntArray:
        """[size] year of each document, 0 where unknown."""
        return self._column([m.segment.years for m in self.mounted])

    @cached_property
    def dates(self) -> IntArray:
        """[size] yyyymmdd of each document, 0 where unknown."""
        return self._column([m.segment.dates for m in self.mounted])

    @cached_property
    def norms(self) -> FloatArray:
        """[size × fields] norm of each field of each document."""
        norms = [m.segment.norms for m in self.mounted]
        return self._column(norms) if norms else np.empty((0, len(TextField)), dtype=np.float32)

    @cached_property
    def types(self) -> tuple[tuple[str, ...], IntArray]:
        """The types, in alphabetical order, and [size] index of each document's, -1 for none."""
        values = tuple(alphabetical({text for m in self.mounted for text in m.segment.types}))
        place = {text: i for i, text in enumerate(values)}
        codes = []
        for m in self.mounted:
            table = np.array([place[text] for text in m.segment.types] + [-1], dtype=np.int32)
            codes.append(table[m.segment.doc_types])
        return values, self._column(codes)

    @cached_property
    def facet_groups(self) -> FacetGroups:
        """The documents by type, year and privacy."""
        _, codes = self.types
        return facet_groups_of(codes, self.years, np.arange(self.size) >= self.private_from)

    @cached_property
    def theme_groups(self) -> ThemeGroups:
        """The live documents by their themes."""
        return theme_groups_of(self.precomputed.themes, self.size)

    @staticmethod
    def _column(columns: list[IntArray]) -> IntArray:
        if len(columns) == 1:
            return columns[0]
        return np.concatenate(columns) if columns else np.empty(0, dtype=np.int32)

    # Terms

    def postings(self, term: str) -> Postings:
        """Live postings of an index term; empty ones where no resource holds it."""
        known = self._postings.get(term)
        if known is None:
            if len(self._postings) >= _REMEMBERED:
                self._postings.clear()
            known = self._postings[term] = self._read_postings(term)
        return known

    def any_of(self, terms: tuple[str, ...]) -> Postings:
        """Live postings of a position that any of several terms may fill: the best impact, all fields."""
        if len(terms) == 1:
            return self.postings(terms[0])
        parts = [part for part in map(self.postings, terms) if len(part.docs)]
        if len(parts) < 2:
            return parts[0] if parts else self.postings(terms[0])
        return Postings(*kernels.max_scores([(part.docs, part.impacts, part.fields) for part in parts], self.size))

    def word(self, terms: tuple[str, ...], exact: str | None, mask: int) -> tuple[IntArray, FloatArray]:
        """Live documents that hold a word in any of the fields of a mask, rising, and its impact on each.

        Args:
            terms: index terms, any of which will do.
            exact: the word as typed, which adds to the impact; None: nothing does.
            mask: the fields.
        """
        key = terms, exact, mask
        known = self._words.get(key)
        if known is None:
            if len(self._words) >= _REMEMBERED:
                self._words.clear()
            found = self.any_of(terms)
            typed = NO_DOCS if exact is None or not len(found.docs) else self.form(exact, mask)
            known = kernels.boost_exact(found.docs, found.impacts, found.fields, mask, typed, scoring.EXACT_BONUS)
            self._words[key] = known
        return known

    def forget(self) -> None:
        """Empty the in-process caches (for honest benches)."""
        self._postings.clear()
        self._bounds.clear()
        self._words.clear()
        self._rows.clear()

    def _places(self, term: str) -> list[tuple[MountedSegment, int, int]]:
        """The segments that hold a term, and the bounds of its postings in each."""
        known = self._bounds.get(term)
        if known is None:
            if len(self._bounds) >= _REMEMBERED:
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
        """[n] ``document << 20 | position`` of the occurrences of an index term in some live documents, rising."""
        return kernels.position_keys(docs, self.position_parts(term))

    def position_parts(self, term: str) -> list[PositionsSlice]:
        """Where the occurrences of an index term stand, segment by segment."""
        found, at = self.postings(term).docs, 0
        parts: list[PositionsSlice] = []
        for m, low, high in self._places(term):
            held = m.segment.posting_positions, m.segment.positions
            if m.alive is None:
                # In the postings that were just read rather than in the file, which would have to be read too.
                parts.append((found, at, at + high - low, 0, low - at, *held))
                at += high - low
            else:
                parts.append((m.segment.posting_docs, low, high, m.base, 0, *held))
                at += int(np.count_nonzero(m.alive[m.segment.posting_docs[low:high]]))
        return parts

    def form(self, exact: str, mask: int) -> IntArray:
        """Live documents that hold one written form, accents and all, in any of the fields of a mask; rising."""
        entry = form_entry(exact)
        parts = []
        for m in self.mounted:
            place = m.segment.forms.find(entry)
            if place is not None:
                low, high = m.segment.form_postings[place : place + 2].tolist()
                parts.append((m.segment.form_docs, m.segment.form_fields, low, high, m.alive, m.base))
        return kernels.gather_form_docs(parts, mask)

    def expand(self, pattern: str, mask: int) -> tuple[IntArray, FloatArray]:
        """Live documents that hold a form of a folded pattern in any of the fields of a mask, and its impact on each.

        Args:
            pattern: ``*`` is any run of letters, ``?`` one letter.
            mask: the fields.
        """
        literal = re.match(r"[^*?]*", pattern)
        prefix = literal.group() if literal else ""
        parts: list[FormSlice] = []
        if pattern == prefix + "*":
            for m in self.mounted:  # forms that stand side by side, and so do their postings
                places = m.segment.forms.prefixed(prefix)
                low, high = m.segment.form_postings[[places.start, places.stop]].tolist()
                parts.append((m.segment.form_docs, m.segment.form_fields, low, high, m.alive, m.base))
        else:
            wanted = line_regex(pattern)
            for m in self.mounted:
                found = self._folded_lines(m.segment.forms, prefix).matching(wanted)
                starts = m.segment.form_postings[found]
                rows = ranges(starts, m.segment.form_postings[found + 1] - starts)
                parts.append((m.segment.form_docs[rows], m.segment.form_fields[rows], 0, len(rows), m.alive, m.base))
        return kernels.union_forms(parts, mask, MASK_IMPACTS, self.size)

    def _folded_lines(self, forms: StringTable, prefix: str) -> FoldedLines:
        """The forms that begin so; all forms of a segment stay at hand, since most wildcards begin with a star."""
        if prefix:
            return FoldedLines(forms, forms.prefixed(prefix))
        known = self._lines.get(id(forms))
        if known is None:
            known = self._lines[id(forms)] = FoldedLines(forms, range(len(forms)))
        return known

    def alive_forms(self) -> Iterator[Form]:
        """Every written form that a live document holds."""
        counts: dict[bytes, tuple[int, int]] = {}
        for m in self.mounted:
            entries = m.segment.forms.every()
            offsets = m.segment.form_postings
            titled = (m.segment.form_fields & np.uint8(1 << TextField.TITLE)) != 0
            holding = np.diff(offsets)
            if m.alive is not None:
                dead = ~m.alive[m.segment.form_docs]
                titled &= ~dead
                holding = holding - _sums(dead, offsets)
            places = np.flatnonzero(holding)
            in_titles = _sums(titled, offsets)[places].tolist()
            for place, held, shown in zip(places.tolist(), holding[places].tolist(), in_titles, strict=True):
                entry = entries[place]
                before = counts.get(entry, (0, 0))
                counts[entry] = before[0] + held, before[1] + shown
        for entry, (holding_all, titled_all) in counts.items():
            folded, _, exact = entry.decode().partition("\0")
            yield Form(folded, exact, holding_all, titled_all)

    # Documents

    def place(self, doc: int) -> tuple[Segment, int]:
        """The segment that holds a document, and its number there."""
        mounted = self._mounted(doc)
        return mounted.segment, doc - mounted.base

    def hit(self, doc: int) -> HitFields:
        """What a hit list shows of a document."""
        known = self._rows.get(doc)
        if known is None:
            if len(self._rows) >= _REMEMBERED:
                self._rows.clear()
            segment, number = self.place(doc)
            id, url, title, type, year, source, date, private, written, _ = segment.hit(number)
            themes = self.precomputed.themes.named(written)
            known = self._rows[doc] = HitFields(id, url, title, type, year, _SOURCES[source], date, private, themes)
        return known

    def find(self, resource_id: str) -> int | None:
        """The live document of a resource, or None."""
        order = self.precomputed.id_order
        wanted = resource_id.encode("utf-8", "surrogatepass")
        at = bisect_left(order, wanted, key=self._id)
        while at < len(order) and self._id(order[at]) == wanted:  # versions that are no more come under the same id
            mounted = self._mounted(int(order[at]))
            if mounted.alive is None or mounted.alive[order[at] - mounted.base]:
                return int(order[at])
            at += 1
        return None

    def _id(self, doc: int) -> bytes:
        segment, number = self.place(int(doc))
        return segment.ids.encoded(number)

    def _mounted(self, doc: int) -> MountedSegment:
        return self.mounted[bisect_right(self._bases, doc) - 1]


def _mask_impacts() -> FloatArray:
    """[256] impact of one occurrence in each field of a mask, fields of ordinary length: what prefixes score by."""
    weights = [scoring.WEIGHTS[field.name.lower()] for field in TextField]
    once = [scoring.impact(weight, 1.0, scoring.K1) for weight in weights]
    sums = [sum(w for i, w in enumerate(once) if mask >> i & 1) for mask in range(256)]
    return np.array(sums, dtype=np.float32)


MASK_IMPACTS = _mask_impacts()


def _sums(flags: BoolArray, offsets: IntArray) -> IntArray:
    """How many flags, few of them set, are set in each of the ranges that offsets bound."""
    return np.diff(np.searchsorted(np.flatnonzero(flags), offsets))
