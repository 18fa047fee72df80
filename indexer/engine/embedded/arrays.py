"""Arrays on disk: one .npy file each, memory-mapped, so that every process shares the same pages."""

from __future__ import annotations

import math
import mmap
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexDamagedError

# Three names for readers; numpy's own types lose the width of integers at the first operation.
IntArray = NDArray[Any]
FloatArray = NDArray[Any]
BoolArray = NDArray[Any]


def save_array(folder: Path, name: str, array: NDArray[Any]) -> None:
    """Write `name`.npy in `folder`."""
    np.save(folder / f"{name}.npy", array, allow_pickle=False)


# The header of a .npy file of ours (https://numpy.org/neps/nep-0001-npy-format.html), read without numpy.load: that one
# parses it as Python source, which several threads cannot do at once in Python 3.11, and costs half of an opening.
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '(?P<dtype>[<|][biuf][1248])', 'fortran_order': False, "
    rb"'shape': \((?P<shape>\d+,(?: ?\d+)?)\), \} *\n",
    re.DOTALL,
)
_LONGEST_HEADER = 512


def make_array(folder: Path, name: str, size: int, dtype: type[np.generic]) -> NDArray[Any]:
    """Make `name`.npy in `folder`, to be filled in place."""
    if not size:  # nothing cannot be mapped
        save_array(folder, name, np.empty(0, dtype=dtype))
        return np.empty(0, dtype=dtype)
    return np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=np.dtype(dtype), shape=(size,))


def open_array(folder: Path, name: str) -> NDArray[Any]:
    """Map `name`.npy read-only.

    Raises:
        IndexDamagedError: the file is missing, cut or no array.
    """
    path = folder / f"{name}.npy"
    try:
        with path.open("rb") as file:
            head = _HEADER.match(file.read(_LONGEST_HEADER))
            if head is None:
                raise ValueError("no header of ours")
            dtype = np.dtype(head["dtype"].decode())
            shape = tuple(int(length) for length in head["shape"].decode().split(",") if length.strip())
            size = math.prod(shape)
            if path.stat().st_size != head.end() + size * dtype.itemsize:
                raise ValueError("cut")
            if not size:  # nothing cannot be mapped
                return np.empty(shape, dtype=dtype)
            held = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return np.frombuffer(held, dtype=dtype, count=size, offset=head.end()).reshape(shape)
    except (OSError, ValueError, TypeError, OverflowError) as error:
        raise IndexDamagedError(
            f"Le fichier d’index {path.name} est illisible : relancez « python run.py index --full »."
        ) from error


def ranges(starts: IntArray, counts: IntArray) -> IntArray:
    """All integers of the ranges ``starts[i] … starts[i] + counts[i] - 1``, end to end (int64)."""
    total = int(counts.sum())
    if total == 0:
        return np.empty(0, dtype=np.int64)
    ends = np.cumsum(counts, dtype=np.int64)
    shift = np.repeat(starts.astype(np.int64) - (ends - counts), counts)
    spread: IntArray = np.arange(total, dtype=np.int64) + shift
    return spread


def offsets_of(counts: IntArray) -> IntArray:
    """[n + 1] where each of n runs begins when they stand end to end, and where the last one ends (int64)."""
    offsets = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return offsets


def starts_of_runs(values: IntArray) -> IntArray:
    """Indexes at which a value differs from the one before it."""
    changed = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    return np.flatnonzero(changed)


def merged(parts: Sequence[IntArray]) -> IntArray:
    """The values of several rising arrays, each once, rising.

    numpy's own union hashes before it sorts; a stable sort of runs that are sorted already is a merge.
    """
    joined = np.concatenate(parts)
    joined.sort(kind="stable")
    return joined[starts_of_runs(joined)]


def found_in(values: IntArray, wanted: IntArray) -> BoolArray:
    """Whether each of `wanted` stands in the rising `values`, by binary search."""
    if not len(values):
        return np.zeros(len(wanted), dtype=bool)
    place = np.searchsorted(values, wanted)
    place[place == len(values)] = 0
    found: BoolArray = values[place] == wanted
    return found


# Sets of documents come as rising arrays. A large one is spread over an array with a place for each document and read
# there; where few documents are sought, binary search costs less.
_SEARCH = 12
"""What one binary search costs, in elements written or read."""


def _spreads(held: int, wanted: int, size: int) -> bool:
    """Whether spreading costs less than searching."""
    return wanted * _SEARCH > wanted + held + size // 16


def spreads(total: int, size: int) -> bool:
    """Whether to put sets with `total` documents together costs less by spreading them than by sorting."""
    return _spreads(total, total, size)


def union(parts: Sequence[IntArray], size: int) -> IntArray:
    """The documents of several rising arrays, each once, rising (int32).

    Args:
        parts: numbers below `size`.
        size: how many documents there are.
    """
    if len(parts) == 1:
        return parts[0]
    total = sum(map(len, parts))
    if not spreads(total, size):
        return merged(parts)
    held = np.zeros(size, dtype=bool)
    for part in parts:
        held[part] = True
    return np.flatnonzero(held).astype(np.int32)


def contains(docs: IntArray, wanted: IntArray, size: int) -> BoolArray:
    """Whether each of `wanted` stands in `docs`, both rising numbers below `size`."""
    if not _spreads(len(docs), len(wanted), size):
        return found_in(docs, wanted)
    held = np.zeros(size, dtype=bool)
    held[docs] = True
    return held.take(wanted)


def places_in(docs: IntArray, wanted: IntArray, size: int) -> IntArray:
    """Where in `docs` those of `wanted` stand that are there, both rising numbers below `size`; rising."""
    if len(wanted) * _SEARCH > len(docs):
        return np.flatnonzero(contains(wanted, docs, size))
    place = np.searchsorted(docs, wanted)
    place[place == len(docs)] = 0
    found: IntArray = place[docs[place] == wanted]
    return found


def look_up(docs: IntArray, values: NDArray[Any], wanted: IntArray, size: int) -> NDArray[Any]:
    """Of each of `wanted`, the value that stands beside it in `docs`, or 0.

    Args:
        docs: rising numbers below `size`.
        values: one for each of them.
        wanted: rising numbers below `size`.
        size: how many documents there are.
    """
    if not len(docs):
        return np.zeros(len(wanted), dtype=values.dtype)
    if _spreads(len(docs), len(wanted), size):
        spread = np.zeros(size, dtype=values.dtype)
        spread[docs] = values
        return spread.take(wanted)
    place = np.searchsorted(docs, wanted)
    place[place == len(docs)] = 0
    return np.where(docs[place] == wanted, values[place], values.dtype.type(0))
