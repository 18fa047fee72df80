"""CompositeSegment: several segments read as one, documents numbered one segment after another."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np

from indexer.analysis import alphabetical
from indexer.engine.embedded.kernels.layout import BoolArray, FloatArray, IntArray
from indexer.engine.embedded.storage.segment import Segment
from indexer.engine.embedded.storage.string_table import StringTable
from indexer.query import TextField
from indexer.query.facets import in_order_of_names
from indexer.query.spelling import Form


@dataclass(frozen=True, slots=True)
class MountedSegment:
    """A segment of a composite.

    Attributes:
        segment: the segment.
        base: offset added to its document numbers, so that they are unique in the composite.
        alive: [documents of the segment] mask of those not deleted; None if none was deleted.
    """

    segment: Segment
    base: int
    alive: BoolArray | None


class CompositeSegment:
    """Columns, forms and document numbers over several segments.

    Columns have one element for each document, deleted ones included; `all_docs` lists those that are not deleted.

    Attributes:
        mounted: the segments.
        size: number of documents, deleted ones included.
        private_from: number of the first document of a private segment.

    Args:
        parts: segments with their masks of alive documents (None: no document was deleted), in generation order.
        public: number of leading segments that hold public resources; the others are private.
    """

    def __init__(self, parts: list[tuple[Segment, BoolArray | None]], public: int) -> None:
        mounted, base, private_from = [], 0, None
        for index, (segment, alive) in enumerate(parts):
            if index == public:
                private_from = base
            mounted.append(MountedSegment(segment, base, alive))
            base += segment.size
        self.mounted = tuple(mounted)
        self.size = base
        self._bases = [m.base for m in self.mounted]
        self.private_from = base if private_from is None else private_from

    @cached_property
    def all_docs(self) -> IntArray:
        """[n] numbers of the documents that are not deleted, ascending (int32)."""
        masks = [np.ones(m.segment.size, dtype=bool) if m.alive is None else m.alive for m in self.mounted]
        return np.flatnonzero(np.concatenate(masks)).astype(np.int32) if masks else np.empty(0, dtype=np.int32)

    @cached_property
    def count(self) -> int:
        """Number of documents that are not deleted."""
        return len(self.all_docs)

    def strings(self, table: Callable[[Segment], StringTable]) -> list[bytes]:
        """Return the UTF-8 string of every document, deleted ones included, from one table of each segment.

        Args:
            table: returns that table (such as the ids) of a segment.
        """
        return [text for mounted in self.mounted for text in table(mounted.segment).every()]

    @cached_property
    def years(self) -> IntArray:
        """[size] year of each document, 0 where unknown (int32)."""
        return self._column([m.segment.years for m in self.mounted])

    @cached_property
    def dates(self) -> IntArray:
        """[size] yyyymmdd of each document, 0 where unknown (int32)."""
        return self._column([m.segment.dates for m in self.mounted])

    @cached_property
    def norms(self) -> FloatArray:
        """[size × fields] norm of each field of each document (float32)."""
        norms = [m.segment.norms for m in self.mounted]
        return self._column(norms) if norms else np.empty((0, len(TextField)), dtype=np.float32)

    @cached_property
    def formats(self) -> IntArray:
        """[size] mask of the formats of each document's publications (uint8)."""
        return self._column([m.segment.formats for m in self.mounted])

    @cached_property
    def _page_bases(self) -> list[int]:
        """For each mounted segment, the row in `PageColumns` of the first of its parts of pages."""
        return list(accumulate((len(m.segment.page_starts) for m in self.mounted), initial=0))[:-1]

    def page_place(self, page: int) -> tuple[Segment, int]:
        """Return the segment that holds a part of a page, and the index of the part among those of this segment.

        Args:
            page: row of the part in `PageColumns`, which numbers the parts of all segments.
        """
        index = bisect_right(self._page_bases, page) - 1
        return self.mounted[index].segment, page - self._page_bases[index]

    @cached_property
    def types(self) -> tuple[tuple[str, ...], IntArray]:
        """The distinct types, in alphabetical order, and [size] index of each document's type, -1 for none (int32)."""
        values = tuple(alphabetical({text for m in self.mounted for text in m.segment.types}))
        place = {text: i for i, text in enumerate(values)}
        codes = []
        for m in self.mounted:
            table = np.array([place[text] for text in m.segment.types] + [-1], dtype=np.int32)
            codes.append(table[m.segment.doc_types])
        return values, self._column(codes)

    @cached_property
    def territories(self) -> tuple[tuple[str, ...], IntArray, IntArray]:
        """The codes of territories, in the order of their names. Then, for each pair of a document that is not deleted
        and a territory in which it lies, by document: the index of the territory's code, and the document (both int32).
        """
        values = tuple(in_order_of_names({code for m in self.mounted for code in m.segment.territories}))
        place = {code: i for i, code in enumerate(values)}
        codes, owners = [np.empty(0, dtype=np.int32)], [np.empty(0, dtype=np.int32)]
        for m in self.mounted:
            table = np.array([place[code] for code in m.segment.territories] + [-1], dtype=np.int32)
            counts = np.diff(m.segment.territory_offsets)
            held = np.repeat(np.arange(m.segment.size, dtype=np.int32), counts)
            kept = slice(None) if m.alive is None else m.alive[held]
            codes.append(table[m.segment.territory_codes][kept])
            owners.append(held[kept] + np.int32(m.base))
        return values, np.concatenate(codes), np.concatenate(owners)

    @staticmethod
    def _column(columns: list[IntArray]) -> IntArray:
        if len(columns) == 1:
            return columns[0]
        return np.concatenate(columns) if columns else np.empty(0, dtype=np.int32)

    def place(self, doc: int) -> tuple[Segment, int]:
        """Return the segment of a document, and the document's number in it."""
        mounted = self._mounted_at(doc)
        return mounted.segment, doc - mounted.base

    def _mounted_at(self, doc: int) -> MountedSegment:
        """Return the mounted segment of a document."""
        return self.mounted[bisect_right(self._bases, doc) - 1]

    def alive_forms(self) -> Iterator[Form]:
        """Yield every written form, with how many alive documents hold it, and how many hold it in their title."""
        counts: dict[bytes, tuple[int, int]] = {}
        for m in self.mounted:
            entries = m.segment.forms.every()
            offsets = m.segment.form_postings
            titled = (m.segment.form_fields & np.uint8(1 << TextField.TITLE)) != 0
            holding = np.diff(offsets)
            if m.alive is not None:
                deleted = ~m.alive[m.segment.form_docs]
                titled &= ~deleted
                holding = holding - _sums(deleted, offsets)
            places = np.flatnonzero(holding)
            in_titles = _sums(titled, offsets)[places].tolist()
            for place, held, shown in zip(places.tolist(), holding[places].tolist(), in_titles, strict=True):
                entry = entries[place]
                before = counts.get(entry, (0, 0))
                counts[entry] = before[0] + held, before[1] + shown
        for entry, (holding_all, titled_all) in counts.items():
            folded, _, exact = entry.decode().partition("\0")
            yield Form(folded, exact, holding_all, titled_all)


def _sums(flags: BoolArray, offsets: IntArray) -> IntArray:
    """Return the number of flags set from each offset to just before the next; fast if few flags are set."""
    return np.diff(np.searchsorted(np.flatnonzero(flags), offsets))
