"""Arrays on disk: one .npy file each, memory-mapped, so that every process shares the same pages."""

from __future__ import annotations

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
        # np.asarray drops the memmap subclass, whose every slice costs a microsecond of Python.
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except Exception as error:  # a rotten header makes numpy's own parser raise a dozen unrelated types
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


def union(parts: Sequence[IntArray]) -> IntArray:
    """The values of several rising arrays, each once, rising.

    numpy's own union hashes before it sorts; a stable sort of runs that are sorted already is a merge.
    """
    joined = np.concatenate(parts)
    joined.sort(kind="stable")
    first = np.ones(len(joined), dtype=bool)
    first[1:] = joined[1:] != joined[:-1]
    return joined[first]
