"""Gzip files that end with a digest of all their bytes, so that any damage is detected.

The checksum of gzip covers the content, but not the header, the padding bits before the checksum, or anything after it.
A sealed file consists of two gzip members, which gzip and tar read as one: the content, and an empty member, the seal,
whose comment (RFC 1952) is the BLAKE2b digest of every byte before it. Files of older versions have no seal: they are a
single member that ends where the file does.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from typing import IO

_CHUNK = 1 << 16
_LEVEL = 6
_COMMENTED = b"\x1f\x8b\x08\x10" + bytes(5) + b"\xff"
"""Header of a gzip member with a comment: no time and no name, so that the same content gives the same bytes."""

_BEGINNING = _COMMENTED + b"rtes-archive, sealed\0"
_GZIP = 16 + zlib.MAX_WBITS


class DamagedFileError(Exception):
    """A gzip file was damaged since it was written, or is no gzip file at all."""


class SealedWriter:
    """Writes a sealed file, which is complete only after `close`.

    Args:
        file: the file to write to; it is left open.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._packing = zlib.compressobj(_LEVEL, wbits=-zlib.MAX_WBITS)
        self._digest = hashlib.blake2b(digest_size=32)
        self._checksum = 0
        self._size = 0
        self._put(_BEGINNING)

    def write(self, raw: bytes) -> int:
        """Append to the content, and return the number of bytes.

        Raises:
            OSError: the file cannot be written.
        """
        self._checksum = zlib.crc32(raw, self._checksum)
        self._size += len(raw)
        self._put(self._packing.compress(raw))
        return len(raw)

    def close(self) -> None:
        """Finish the content, and write the seal.

        Raises:
            OSError: the file cannot be written.
        """
        self._put(self._packing.flush() + struct.pack("<II", self._checksum, self._size & 0xFFFFFFFF))
        self._file.write(_seal(self._digest.hexdigest()))

    def _put(self, packed: bytes) -> None:
        self._digest.update(packed)
        self._file.write(packed)


class SealedReader:
    """Reads the content of a sealed file, or of a single gzip member. Reading to the end verifies every byte.

    Args:
        file: the file, at its beginning.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._unpacking = zlib.decompressobj(_GZIP)
        self._digest = hashlib.blake2b(digest_size=32)
        self._first = b""
        self._packed = b""
        self._ended = False

    def read(self, size: int) -> bytes:
        """Return the next bytes of the content, at most `size` of them; b"" at the end.

        Raises:
            DamagedFileError: the file is damaged, truncated, or continues after its end.
            OSError: it cannot be read.
        """
        while not self._ended:
            if not self._packed:
                self._packed = self._file.read(_CHUNK)
                if not self._packed:
                    raise DamagedFileError("it ends too soon")
            content = self._unpack(size)
            if self._unpacking.eof:
                self._verify_end()
                self._ended = True
            if content:
                return content
        return b""

    def _unpack(self, size: int) -> bytes:
        given = self._packed
        try:
            content = self._unpacking.decompress(given, size)
        except zlib.error as error:
            raise DamagedFileError("gzip cannot be read") from error
        self._packed = self._unpacking.unconsumed_tail or self._unpacking.unused_data
        taken = given[: len(given) - len(self._packed)]
        self._digest.update(taken)
        self._first += taken[: len(_BEGINNING) - len(self._first)]
        return content

    def _verify_end(self) -> None:
        sealed = self._first == _BEGINNING
        expected = _seal(self._digest.hexdigest()) if sealed else b""
        found = self._packed + self._file.read(len(expected) + 1)
        if found[: len(expected) + 1] != expected:
            raise DamagedFileError("what follows its end is not its seal")


def _seal(digest: str) -> bytes:
    """Return an empty gzip member whose comment is a digest: header, comment, no data, checksum and size."""
    return _COMMENTED + f"BLAKE2b {digest}\0".encode() + b"\x03\x00" + struct.pack("<II", 0, 0)
