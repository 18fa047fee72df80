"""Compaction: which segments of a generation are merged, and which of their document stores are rewritten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.analysis import Analyzer
from indexer.engine.embedded.kernels.layout import BoolArray, IntArray, distinct
from indexer.engine.embedded.storage.document_store import DocumentStoreReader, DocumentStoreWriter
from indexer.engine.embedded.storage.segment import Segment
from indexer.engine.embedded.write.merge import merge
from indexer.engine.embedded.write.shard import FULL_STORE
from indexer.query.fields import analyse

MAX_SEGMENTS = 5
"""Largest number of public or of private segments before some are merged; so many hardly slow a search."""

MAX_STORES = 16
"""When segments with more document stores than this are merged, half this number of stores, the largest, are kept, and
the others are rewritten as one. Stores that are at least half full are kept and not counted."""


@dataclass(slots=True, eq=False)
class PendingSegment:
    """A segment of the new generation, and the mask of its documents that are not deleted (alive). `placeholder` says
    whether it holds the entries that visitors find in place of private resources.
    """

    name: str
    private: bool
    segment: Segment
    alive: BoolArray
    placeholder: bool = False

    @property
    def alive_count(self) -> int:
        """Number of documents that are not deleted."""
        return int(self.alive.sum())

    def ids(self) -> list[str]:
        """Return the ids of the documents that are not deleted."""
        return [self.segment.ids[doc] for doc in np.flatnonzero(self.alive).tolist()]

    def rows_by_record(self) -> dict[int, IntArray]:
        """Return the rows of the documents that are not deleted, by document store."""
        records, rows = self.segment.records[self.alive], self.segment.record_rows[self.alive]
        return {int(record): rows[records == record] for record in distinct(records)}


def segments_to_merge(parts: Sequence[PendingSegment], *, fresh: bool) -> list[PendingSegment]:
    """Return the segments of one half (public or private) that should be merged into one.

    These are all if more than a quarter of the documents are deleted or outside the largest segment; else all but the
    largest if there are more than `MAX_SEGMENTS`; else none.

    Args:
        parts: all parts of the half.
        fresh: whether the generation is written from scratch; then all segments are merged into one.
    """
    if not parts:
        return []
    largest = max(parts, key=lambda part: part.alive_count)
    others = [part for part in parts if part is not largest]
    alive = sum(part.alive_count for part in parts)
    size = sum(part.segment.size for part in parts)
    if fresh or alive - largest.alive_count > alive // 4 or size - alive > size // 4:
        return list(parts) if others or size > alive else []
    return others if len(parts) > MAX_SEGMENTS else []


def compact(
    chosen: Sequence[PendingSegment],
    others: Sequence[PendingSegment],
    folder: Path,
    stores: Path,
    new_store: Callable[[], int],
    analyzer: Analyzer,
) -> None:
    """Merge several segments of one half, which hold at least one alive document, into one.

    Document stores are kept, shared with the previous generation, unless there are too many or more than half of one is
    deleted: rewriting a store means analysing its resources again.

    Args:
        chosen: the parts to merge.
        others: the other segments of the generation, whose stores must be kept.
        folder: folder of the new segment.
        stores: folder of the generation's document stores.
        new_store: returns the number of the next document store.
        analyzer: the French analysis.

    Raises:
        IndexDamagedError: a document store cannot be read.
        OSError: a file cannot be written.
    """
    alive = [part for part in chosen if part.alive_count]
    numbers = np.concatenate([part.segment.records[part.alive] for part in alive])
    rows = np.concatenate([part.segment.record_rows[part.alive] for part in alive])
    again = _to_rewrite(alive, others)
    if again:
        chosen_rows = np.flatnonzero(np.isin(numbers, list(again)))
        number = new_store()
        rows[chosen_rows] = _rewrite(
            stores, list(zip(numbers[chosen_rows].tolist(), rows[chosen_rows].tolist(), strict=True)), number, analyzer
        )
        numbers[chosen_rows] = number
    merge([(part.segment, part.alive) for part in alive], folder, numbers, rows)


def _to_rewrite(chosen: Sequence[PendingSegment], others: Sequence[PendingSegment]) -> set[int]:
    """Return the numbers of the document stores to rewrite, among those that only the `chosen` segments use.

    These are the stores with more than half of their documents deleted; and, if more than `MAX_STORES` are less than
    half full, all of those but the `MAX_STORES` // 2 largest.
    """
    alive: Counter[int] = Counter()
    size: Counter[int] = Counter()
    for part in chosen:
        size.update(part.segment.records.tolist())
        alive.update(part.segment.records[part.alive].tolist())
    shared = {int(record) for part in others for record in distinct(part.segment.records)}
    own = [record for record, _ in alive.most_common() if record not in shared]
    dying = {record for record in own if 2 * alive[record] < size[record]}
    small = [record for record in own if 2 * alive[record] < FULL_STORE]
    return dying | set(small[MAX_STORES // 2 :] if len(small) > MAX_STORES else ())


def _rewrite(stores: Path, places: list[tuple[int, int]], number: int, analyzer: Analyzer) -> list[int]:
    """Write resources of several document stores into a new one, and return the row of each in it.

    Args:
        stores: folder of the generation's document stores.
        places: store and row of each resource.
        number: number of the new store.
        analyzer: the French analysis.
    """
    readers: dict[int, DocumentStoreReader] = {}
    writer = DocumentStoreWriter(stores / f"{number:06}")
    try:
        rows = []
        for store, row in places:
            if store not in readers:
                readers[store] = DocumentStoreReader(stores / f"{store:06}")
            rows.append(writer.add(analyse(readers[store].resource(row), analyzer)))
        writer.commit()
    except BaseException:
        writer.cancel()
        raise
    finally:
        for reader in readers.values():
            reader.close()
    return rows
