"""Arrays on disk: one .npy file each, memory-mapped, so that every process shares the same pages."""

from __future__ import annotations

import math
import mmap
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.engine.embedded.checksums import unreadable


def save_array(folder: Path, name: str, array: NDArray[Any]) -> None:
    """Write `name`.npy in `folder`.

    Raises:
        OSError: the file cannot be written.
    """
    np.save(folder / f"{name}.npy", array, allow_pickle=False)


# The header of a .npy file as `save_array` writes it (https://numpy.org/neps/nep-0001-npy-format.html). numpy.load
# would parse it as Python source, which takes half the time of opening a generation and which several threads cannot do
# at once in Python 3.11.
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '(?P<dtype>[<|][biuf][1248])', 'fortran_order': False, "
    rb"'shape': \((?P<shape>\d+,(?: ?\d+)?)\), \} *\n",
    re.DOTALL,
)
_LONGEST_HEADER = 512


def make_array(folder: Path, name: str, size: int, dtype: type[np.generic]) -> NDArray[Any]:
    """Create `name`.npy in `folder`, and map it to be filled in place.

    Raises:
        OSError: the file cannot be written.
    """
    if not size:  # an array without elements cannot be mapped
        save_array(folder, name, np.empty(0, dtype=dtype))
        return np.empty(0, dtype=dtype)
    return np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=np.dtype(dtype), shape=(size,))


def open_array(folder: Path, name: str) -> NDArray[Any]:
    """Map `name`.npy read-only.

    Raises:
        IndexDamagedError: the file is missing, truncated or no array.
        IndexRefusedError: the system refuses to read or map it.
    """
    path = f"{folder}{os.sep}{name}.npy"  # a string and a descriptor: a generation has hundreds of arrays
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            head = _HEADER.match(os.read(handle, _LONGEST_HEADER))
            if head is None:
                raise ValueError("no header of ours")
            dtype = np.dtype(head["dtype"].decode())
            shape = tuple(int(length) for length in head["shape"].decode().split(",") if length.strip())
            size = math.prod(shape)
            if os.fstat(handle).st_size != head.end() + size * dtype.itemsize:
                raise ValueError("cut")
            if not size:  # an array without elements cannot be mapped
                return np.empty(shape, dtype=dtype)
            held = mmap.mmap(handle, 0, access=mmap.ACCESS_READ)
        finally:
            os.close(handle)
        return np.frombuffer(held, dtype=dtype, count=size, offset=head.end()).reshape(shape)
    except (OSError, ValueError, TypeError, OverflowError, MemoryError) as error:
        raise unreadable(Path(path), error) from error
