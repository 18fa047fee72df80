"""The types of the engine's arrays, the layout of position keys, and arithmetic on runs of an array."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Three names for readers of the code; numpy's own types do not keep the width of integers through operations.
IntArray = NDArray[Any]
FloatArray = NDArray[Any]
BoolArray = NDArray[Any]

POSITION_BITS = 32
"""Number of bits of a position in a document, ``field << FIELD_SHIFT | word``. A position key, ``doc << POSITION_BITS |
position``, sorts by document, field, word.
"""
FIELD_SHIFT = 29
PAGED = 5
"""The field whose text is divided into pages, `TextField.PUBLICATION`."""


def ranges(starts: IntArray, counts: IntArray) -> IntArray:
    """Return all integers of the ranges ``starts[i] … starts[i] + counts[i] - 1``, concatenated (int64).

    Args:
        starts: [n] first integer of each range.
        counts: [n] length of each range.
    """
    total = int(counts.sum())
    if total == 0:
        return np.empty(0, dtype=np.int64)
    ends = np.cumsum(counts, dtype=np.int64)
    shift = np.repeat(starts.astype(np.int64) - (ends - counts), counts)
    numbers: IntArray = np.arange(total, dtype=np.int64) + shift
    return numbers


def distinct(*arrays: IntArray) -> IntArray:
    """Return the values of one or more arrays of the same type, ascending, each once.

    Not `numpy.unique`, which since numpy 2.3 puts integers into a hash table, and takes a hundred times as long for a
    million of them. A stable sort is quick where the arrays are sorted already.
    """
    values = np.concatenate(arrays)
    values.sort(kind="stable")
    if len(values) < 2:
        return values
    first = np.empty(len(values), dtype=np.bool_)
    first[0] = True
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return values[first]


def offsets_of(counts: IntArray) -> IntArray:
    """Return the offset at which each of n concatenated runs begins, then where the last one ends ([n + 1], int64).

    Args:
        counts: [n] length of each run.
    """
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def starts_of_runs(values: IntArray) -> IntArray:
    """Return the indexes at which a value differs from the one before it, 0 included (int64)."""
    changed = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    return np.flatnonzero(changed)
