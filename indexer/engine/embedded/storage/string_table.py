"""StringTable: strings in memory-mapped files, which opening does not load; sorted ones are found by binary search."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import overload

import numpy as np

from indexer.engine.embedded import kernels
from indexer.engine.embedded.kernels.layout import IntArray
from indexer.engine.embedded.storage.arrays import open_array, save_array


class StringTable(Sequence[str]):
    """Strings of one segment; some tables are sorted by their UTF-8 bytes, which `find` and `prefixed` need.

    Args:
        blob: the UTF-8 bytes of all strings, concatenated.
        offsets: [n + 1] where each string begins, then the end.
    """

    def __init__(self, blob: IntArray, offsets: IntArray) -> None:
        self._bytes = blob
        self._blob = memoryview(blob)  # type: ignore[arg-type]
        self._offsets = offsets
        self._starts = memoryview(offsets)  # type: ignore[arg-type]  # faster than an array for single elements

    @property
    def blob(self) -> IntArray:
        """[bytes] the UTF-8 bytes of all strings, concatenated (uint8)."""
        return self._bytes

    @property
    def offsets(self) -> IntArray:
        """[n + 1] offset in `whole` at which each string begins, then the end."""
        return self._offsets

    def whole(self) -> bytes:
        """Return the UTF-8 bytes of all strings, concatenated."""
        return bytes(self._blob)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return str(self._blob[self._starts[index] : self._starts[index + 1]], "utf-8")

    def encoded(self, index: int) -> bytes:
        """Return the UTF-8 bytes of the string at `index`."""
        return bytes(self._blob[self._starts[index] : self._starts[index + 1]])

    def every(self) -> list[bytes]:
        """Return the UTF-8 bytes of each string."""
        whole = self.whole()
        return [whole[low:high] for low, high in pairwise(self._offsets.tolist())]

    def find(self, text: str) -> int | None:
        """Return the index of `text` in a sorted table, or None."""
        wanted = text.encode()
        place = self._place(wanted)
        return place if place < len(self) and self.encoded(place) == wanted else None

    def prefixed(self, prefix: str) -> range:
        """Return the indexes of the strings that begin with `prefix`, in a sorted table."""
        low, high = prefix.encode(), prefix.encode() + b"\xff"
        return range(self._place(low), self._place(high))

    def _place(self, wanted: bytes) -> int:
        """Return the index of the first string that is not less than `wanted`, in a sorted table."""
        return kernels.string_lower_bound(self._bytes, self._offsets, wanted)


def empty_strings() -> StringTable:
    """Return a table without strings."""
    return StringTable(np.empty(0, dtype=np.uint8), np.zeros(1, dtype=np.int64))


def save_strings(folder: Path, name: str, strings: Sequence[str] | Sequence[bytes]) -> None:
    """Write strings, or their UTF-8 bytes, as `name`.text.npy and `name`.offsets.npy, in the order given.

    Raises:
        OSError: a file cannot be written.
    """
    encoded = [text.encode() if isinstance(text, str) else text for text in strings]
    offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
    np.cumsum([len(e) for e in encoded], out=offsets[1:])
    save_array(folder, f"{name}.text", np.frombuffer(b"".join(encoded), dtype=np.uint8))
    save_array(folder, f"{name}.offsets", offsets)


def open_strings(folder: Path, name: str) -> StringTable:
    """Open what `save_strings` wrote.

    Raises:
        IndexDamagedError: a file is missing or cut.
    """
    return StringTable(open_array(folder, f"{name}.text"), open_array(folder, f"{name}.offsets"))
