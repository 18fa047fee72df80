"""The numbers of terms over several segments, computed once when a generation is written: feedback compares terms of
documents of different segments by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.engine.embedded import kernels
from indexer.engine.embedded.kernels.layout import IntArray
from indexer.engine.embedded.storage.arrays import open_array, save_array
from indexer.engine.embedded.storage.composite import CompositeSegment, MountedSegment


@dataclass(frozen=True, slots=True)
class TermNumbers:
    """The terms of several segments, numbered together in alphabetical order.

    Attributes:
        numbers: number of each term of each segment, segment by segment (int32).
        holding: how many documents hold the term of each number, deleted ones left out (int32).
    """

    numbers: IntArray
    holding: IntArray


def number_terms(segments: CompositeSegment) -> TermNumbers:
    """Return the numbers of the terms of some segments."""
    tables = [(m.segment.terms.blob, m.segment.terms.offsets) for m in segments.mounted]
    numbers, size = kernels.number_strings(tables)
    holding = np.zeros(size, dtype=np.int32)
    for m, mine in zip(segments.mounted, numbers, strict=True):
        holding[mine] += _holding(m)
    return TermNumbers(np.concatenate([np.empty(0, dtype=np.int32), *numbers]), holding)


def _holding(mounted: MountedSegment) -> IntArray:
    """Return how many documents of a segment that are not deleted hold each of its terms."""
    offsets = mounted.segment.term_postings
    counts = np.diff(offsets)
    if mounted.alive is not None:
        deleted = np.flatnonzero(~mounted.alive[mounted.segment.posting_docs])
        counts -= np.diff(np.searchsorted(deleted, offsets))
    return counts.astype(np.int32)


def save_term_numbers(terms: TermNumbers, folder: Path) -> None:
    """Write the numbers into a folder.

    Raises:
        OSError: a file cannot be written.
    """
    save_array(folder, "term_numbers", terms.numbers)
    save_array(folder, "term_holding", terms.holding)


def open_term_numbers(folder: Path) -> TermNumbers | None:
    """Open the numbers in a folder; return None for a generation of an earlier version, which has none.

    Raises:
        IndexDamagedError: a file is missing or cut.
    """
    if not (folder / "term_numbers.npy").exists():
        return None
    return TermNumbers(open_array(folder, "term_numbers"), open_array(folder, "term_holding"))
