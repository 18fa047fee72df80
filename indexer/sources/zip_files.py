"""Zip files as sources: paths cannot leave the target, decompression is bounded, one bad entry does not affect others.

The counts and sizes that a zip declares may be false. So the size of its directory is checked before it is read, and
its entries are counted before zipfile makes an object for each; entries must not overlap, so the sum of their
compressed sizes cannot exceed the size of the file; and no entry is decompressed beyond its declared size.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from indexer.errors import PageError, SourceError
from indexer.sources.entry import (
    HEAD,
    MAX_PAGE_BYTES,
    PIECE,
    TOO_LARGE,
    Entry,
    FoundPublication,
    Passed,
    SetAside,
    describe_unknown,
    is_page,
    is_passed,
    read_entry,
)
from indexer.sources.publication_files import (
    MAX_PUBLICATION_BYTES,
    PUBLICATION_TOO_LARGE,
    is_named_as_publication,
    publication_type,
)
from indexer.storage.os_errors import reason_of

MAX_ENTRIES = 200_000
MAX_DIRECTORY_BYTES = 64 * 1024**2
"""Largest size of the directory: some 300 bytes for each of `MAX_ENTRIES`."""

MAX_TOTAL_BYTES = 4 * 1024**3
MAX_RATIO = 200
"""Largest ratio of decompressed to compressed size of an entry above `RATIO_FROM` bytes; beyond it, the entry is
refused as a decompression bomb. HTML rarely compresses more than thirtyfold.
"""
MAX_RATIO_OF_ALL = 100
"""Largest ratio of decompressed to compressed size of all entries of a zip together, since many small entries may be a
decompression bomb together.
"""
RATIO_FROM = 1024 * 1024

_ROOT = PurePosixPath()
_DIRECTORY_ENTRY = b"PK\x01\x02"
_LEAST_IN_DIRECTORY, _LEAST_BEFORE_DATA = 46, 30
"""Smallest sizes in bytes: of an entry in the directory of a zip, and of the header before an entry's data."""

_PLAIN_METHODS = frozenset((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
"""Compression methods that zipfile decompresses in pieces of limited size; with others, a few bytes could fill the
memory.
"""

_TOO_MANY = (
    f"compte plus de {MAX_ENTRIES // 1000}\u202f000 fichiers, ou leur liste est démesurée : importez le dossier, ou "
    "répartissez-le en plusieurs zips."
)


class _DirectoryTooLarge(Exception):
    """The directory of a zip has too many entries or bytes."""


class _MeasuredFile(io.BufferedReader):
    """A file that refuses to hand a directory of excessive size to zipfile.

    zipfile reads the directory in one call, with the size that the end record declares, and makes an object for each
    entry, which takes ten times the memory. Here the entries are counted while they are still bytes.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > MAX_DIRECTORY_BYTES:
            raise _DirectoryTooLarge
        read = super().read(size)
        # A name may contain the signature too: at worst, a zip that was made on purpose is refused.
        if len(read) > MAX_ENTRIES * _LEAST_IN_DIRECTORY and read.count(_DIRECTORY_ENTRY) > MAX_ENTRIES:
            raise _DirectoryTooLarge
        return read


class _Zip(zipfile.ZipFile):
    """A zip over a `_MeasuredFile`, which it closes."""

    def __init__(self, file: _MeasuredFile) -> None:
        self._file = file
        try:
            super().__init__(file)
        except BaseException:
            file.close()
            raise

    def close(self) -> None:
        super().close()
        self._file.close()


def open_zip(path: Path, *, called: str | None = None) -> zipfile.ZipFile:
    """Open a zip.

    Args:
        path: the zip.
        called: what the error message calls the zip; its path if None.

    Raises:
        SourceError: it is damaged, not a zip, or has too many entries.
    """
    name = f"« {path} »" if called is None else called
    try:
        return _Zip(_MeasuredFile(io.FileIO(path)))
    except OSError as error:
        place = path if called is None else path.name
        raise SourceError(f"Impossible d’ouvrir « {place} » {reason_of(error).then('vérifiez son chemin')}.") from error
    except _DirectoryTooLarge as error:
        raise SourceError(f"{name} {_TOO_MANY}") from error
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError) as error:
        raise SourceError(f"{name} n’est pas un zip lisible : refaites l’archive, ou importez le dossier.") from error


def read_zip(archive: zipfile.ZipFile, path: Path, *, under: PurePosixPath = _ROOT) -> Iterator[Entry]:
    """Yield a result for every entry of a zip, in the order of the archive.

    Args:
        archive: the open zip; closed at the end.
        path: path of the zip to show to people.
        under: folder within the source in which the entries are placed; the root if the zip is itself the source.
    """
    with archive:
        reason = _refusal_of_all(archive)
        if reason is not None:
            yield SetAside(str(path), reason)
            return
        left = MAX_TOTAL_BYTES
        for info in archive.infolist():
            where = f"{path}/{info.filename}"
            if info.is_dir():
                continue
            if left <= 0:
                yield SetAside(
                    str(path), "archive trop grande : la suite est laissée de côté, importez-la en plusieurs zips."
                )
                return
            reason = _refusal(info)
            if reason is not None:
                yield SetAside(where, reason)
            elif is_passed(info.filename):
                yield Passed(where)
            elif is_named_as_publication(info.filename):
                # Publications hardly compress, so only what decompression adds to the size of the zip counts.
                left -= max(0, info.file_size - info.compress_size)
                yield from _read_publication(archive, info, where, under)
            else:
                left -= info.file_size  # `_read_entry` reads no more than this
                yield from _read_entry(archive, info, where, under)


def _refusal_of_all(archive: zipfile.ZipFile) -> str | None:
    """Return why a zip is refused as a whole (French), or None; only its directory is read."""
    end = archive.start_dir
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset, reverse=True):
        if info.header_offset + _LEAST_BEFORE_DATA + info.compress_size > end:
            return "zip mal formé : des entrées s’y recouvrent. Refaites l’archive, ou importez le dossier."
        end = info.header_offset
    unfolded = [info for info in archive.infolist() if _refusal(info) is None and not is_passed(info.filename)]
    size, packed = sum(info.file_size for info in unfolded), sum(info.compress_size for info in unfolded)
    if size > RATIO_FROM and size > MAX_RATIO_OF_ALL * max(packed, 1):
        return "compression anormale de l’ensemble : l’archive est refusée par prudence. Importez le dossier."
    return None


def _refusal(info: zipfile.ZipInfo) -> str | None:
    """Return why an entry is refused without being read (French), or None."""
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    if not parts or parts[0].startswith("/") or ".." in parts or (len(parts[0]) == 2 and parts[0][1] == ":"):
        return "chemin interdit : il sort de l’archive."
    if stat.S_ISLNK(info.external_attr >> 16):
        return "les liens ne sont pas suivis."
    if info.flag_bits & 0x1:
        return "entrée protégée par un mot de passe."
    if info.filename.lower().endswith(".zip"):
        return "un zip dans un zip n’est pas ouvert : importez-le à part."
    if info.compress_type not in _PLAIN_METHODS:
        return "compression inhabituelle : refaites l’archive avec la compression ordinaire (Deflate)."
    if info.filename.lower().endswith((".warc", ".warc.gz")):
        return "une archive WARC dans un zip n’est pas ouverte : importez-la à part."
    if is_named_as_publication(info.filename):
        if info.file_size > MAX_PUBLICATION_BYTES:
            return PUBLICATION_TOO_LARGE
    elif info.file_size > MAX_PAGE_BYTES:
        return TOO_LARGE
    if info.file_size > RATIO_FROM and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        return "compression anormale : l’entrée est refusée par prudence."
    return None


_UNREADABLE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError)


def _read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str, under: PurePosixPath) -> Iterator[Entry]:
    try:
        with archive.open(info) as file:
            raw = file.read(info.file_size + 1)  # zipfile checks the result against the declared size and checksum
    except _UNREADABLE as error:
        yield _damaged(where, error)
        return
    name = info.filename.replace("\\", "/")
    place = under / PurePosixPath(name)
    media_type = publication_type(name, raw[:HEAD])
    if media_type is not None:
        yield FoundPublication(where, place, media_type, iter((raw,)))
    else:
        yield from read_entry(where, name, place, raw)


def _read_publication(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str, under: PurePosixPath
) -> Iterator[Entry]:
    """Yield the result for an entry that is named as a publication, without reading a whole publication into memory."""
    name = info.filename.replace("\\", "/")
    try:
        with archive.open(info) as file:
            head = file.read(HEAD)
            media_type = publication_type(name, head)
            if media_type is not None:
                yield FoundPublication(where, under / PurePosixPath(name), media_type, _pieces(head, file))
                return
    except _UNREADABLE as error:
        yield _damaged(where, error)
        return
    if is_page(name, head):
        if info.file_size <= MAX_PAGE_BYTES:
            yield from _read_entry(archive, info, where, under)
        else:
            yield SetAside(where, TOO_LARGE)
    else:
        yield SetAside(where, describe_unknown(name, head))


def _pieces(head: bytes, file: IO[bytes]) -> Iterator[bytes]:
    """Yield the content of an entry whose first bytes were read.

    Raises:
        PageError: the entry is damaged.
    """
    yield head
    try:
        while piece := file.read(PIECE):
            yield piece
    except _UNREADABLE as error:
        raise PageError(_damaged("", error).reason) from error


def _damaged(where: str, error: Exception) -> SetAside:
    return SetAside(where, f"entrée abîmée ({type(error).__name__}).")
