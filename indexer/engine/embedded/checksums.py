"""The files of a generation: listed with checksums, flushed, and verified before anything reads them."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from indexer.errors import EngineError, IndexDamagedError, IndexRefusedError
from indexer.storage.files import flush
from indexer.storage.os_errors import SystemFailure, concerns_one_file, failure_behind, reason_of

HEAD = 128
"""Number of bytes at the beginning of a file that every opening verifies; they hold the header of an array."""

PICKLED = "records/"
"""Folder of the files that Whoosh reads with pickle, which would run any code in them."""
_WHOLE = ".toc"
"""Suffix of the Whoosh files that opening a store reads whole: all their bytes are verified first, not only `HEAD`."""
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of a generation.

    Attributes:
        path: relative to the generation's folder.
        size: in bytes.
        digest: BLAKE2b of all its bytes; head: BLAKE2b of its first `HEAD` bytes.
    """

    path: str
    size: int
    digest: str
    head: str


def list_files(folder: Path, known: Mapping[tuple[int, int], FileEntry]) -> list[FileEntry]:
    """Flush every file below a folder, and return the entries of these files, with checksums.

    Args:
        folder: folder of the generation.
        known: entries of the previous generation, by device and inode; a file shared with it keeps its checksums.

    Raises:
        OSError: a file cannot be read or flushed.
    """
    names = (
        os.path.relpath(os.path.join(place, name), folder)
        for place, _, files in os.walk(folder, onerror=_raise)
        for name in files
    )
    return [_entry(name, folder, known) for name in sorted(names, key=lambda name: name.split(os.sep))]


def _entry(name: str, folder: Path, known: Mapping[tuple[int, int], FileEntry]) -> FileEntry:
    """Return the entry of a file; a file shared with the previous generation is neither read nor flushed again."""
    path = folder / name
    found = path.stat()
    before = known.get((found.st_dev, found.st_ino))
    if before is not None and before.size == found.st_size:
        return FileEntry(name, before.size, before.digest, before.head)
    keep_to_ourselves(path)
    digest, head = _digests(path)
    flush(path)
    return FileEntry(name, found.st_size, digest, head)


def by_inode(folder: Path, entries: Iterable[FileEntry]) -> dict[tuple[int, int], FileEntry]:
    """Return the entries of a generation's files by device and inode, for the argument `known` of `list_files`.

    Args:
        folder: folder of the generation.
        entries: the entries that its manifest lists.

    Raises:
        OSError: a file is missing.
    """
    found = {}
    for entry in entries:
        place = (folder / entry.path).stat()
        found[place.st_dev, place.st_ino] = entry
    return found


def verify_files(folder: Path, entries: Iterable[FileEntry]) -> None:
    """Check the names, sizes and first bytes of a generation's files, and that no other user could have written those
    that are unpickled.

    Raises:
        IndexDamagedError: a file is missing, truncated or not the one that was written; a file is not listed; or
            another user could have written a file that Whoosh reads.
        IndexRefusedError: the system refuses to read a file or a folder.
    """
    try:
        _verify_names(folder, entries)
    except OSError as error:
        raise unreadable(folder, error) from error
    start = f"{folder}{os.sep}"
    for entry in entries:
        _verify_file(start + entry.path, entry)


def _verify_names(folder: Path, entries: Iterable[FileEntry]) -> None:
    listed = {entry.path for entry in entries} | {"manifest.json"}
    for place, folders, files in os.walk(folder, onerror=_raise):
        here = Path(place).relative_to(folder).as_posix()
        if here == "." or f"{here}/".startswith(PICKLED):
            _verify_owner(Path(place))
        if any(Path(place, each).is_symlink() for each in folders):
            raise damaged(Path(place))
        for name in files:
            if (name if here == "." else f"{here}/{name}") not in listed:
                raise IndexDamagedError(
                    f"« {name} » n’a rien à faire dans l’index : supprimez ce fichier, "
                    "ou relancez « python run.py index --full »."
                )


def _raise(error: OSError) -> None:
    raise error


def _verify_file(path: str, entry: FileEntry) -> None:
    # Names are strings and files descriptors: a generation has hundreds of files, and the objects of pathlib and io
    # would take most of the time of opening it.
    try:
        if entry.path.startswith(PICKLED):
            _verify_owner(Path(path))
        if os.lstat(path).st_size != entry.size:
            raise damaged(Path(path))
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            head = os.read(handle, HEAD)
        finally:
            os.close(handle)
        if _short(head) != entry.head:
            raise damaged(Path(path))
        if path.endswith(_WHOLE) and _digests(Path(path))[0] != entry.digest:
            raise damaged(Path(path))
    except OSError as error:
        raise unreadable(Path(path), error) from error


def _verify_owner(path: Path) -> None:
    found = path.lstat()
    if found.st_uid not in {os.geteuid(), 0} or found.st_mode & _OTHERS_WRITE or stat.S_ISLNK(found.st_mode):
        raise IndexDamagedError(
            f"« {path} » a pu être écrit par un autre utilisateur de cette machine, et n’est donc pas ouvert : "
            "vérifiez à qui est l’index, puis relancez « python run.py index --full »."
        )


def verify_bytes(folder: Path, entry: FileEntry) -> bool:
    """Read every byte of a file, and return whether its size and digest are those of its entry.

    Raises:
        OSError: it cannot be read.
    """
    path = folder / entry.path
    return path.stat().st_size == entry.size and _digests(path)[0] == entry.digest


def forget_cached(path: Path) -> None:
    """Drop a flushed file from the page cache, so that the next reader verifies what is on the disk.

    Raises:
        OSError: it cannot be opened.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)


def keep_to_ourselves(path: Path) -> None:
    """Remove the write permission of other users, which some umasks give, from a file or folder of the index.

    Raises:
        OSError: its mode cannot be read or changed.
    """
    mode = path.stat().st_mode
    if mode & _OTHERS_WRITE:
        path.chmod(mode & ~_OTHERS_WRITE)


# Small files


def seal(values: Mapping[str, Any]) -> str:
    """Return the JSON text of an object, with one more key, "checksum": the checksum of all the others."""
    return json.dumps({**values, "checksum": _checksum(values)})


def unseal(text: str) -> dict[str, Any]:
    """Return the object of a text that `seal` wrote.

    Raises:
        ValueError: the text was not written by `seal`, or was changed since.
    """
    values = json.loads(text)
    if not isinstance(values, dict) or values.pop("checksum", None) != _checksum(values):
        raise ValueError("checksum")
    return values


def _checksum(values: Mapping[str, Any]) -> str:
    return _short(json.dumps(values, sort_keys=True, default=asdict).encode())


def damaged(path: Path) -> IndexDamagedError:
    """Return the error to raise for a file that differs from what was written."""
    return IndexDamagedError(f"« {path.name} » est illisible dans l’index : relancez « python run.py index --full ».")


def unreadable(path: Path, error: BaseException) -> EngineError:
    """Return the error to raise for a file that could not be read: IndexDamagedError if it is missing or damaged,
    IndexRefusedError if the system would not have read a sound file either (memory or rights are missing).

    Args:
        path: the file or folder.
        error: what was raised when it was read; its causes are looked at too.
    """
    failure = failure_behind(error)
    if failure is None:
        return damaged(path)
    if isinstance(failure, OSError) and concerns_one_file(failure):
        reason = reason_of(failure)
        if not reason.remedy:
            return damaged(path)
        return IndexDamagedError(
            f"« {path.name} » est illisible dans l’index ({reason.why}) : {reason.remedy}, "
            "puis relancez « python run.py index --full »."
        )
    return refused(failure)


def refused(failure: SystemFailure) -> IndexRefusedError:
    """Return the error to raise when the system, not the content of a file, prevents reading the index."""
    return IndexRefusedError(
        f"Le système refuse de lire l’index {reason_of(failure).then('remédiez-y')}, puis réessayez : "
        "l’index lui-même n’est pas en cause."
    )


def _digests(path: Path) -> tuple[str, str]:
    """Return the digests of a whole file and of its first `HEAD` bytes."""
    with path.open("rb") as file:
        head = _short(file.read(HEAD))
        file.seek(0)
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest(), head


def _short(raw: bytes) -> str:
    return hashlib.blake2b(raw, digest_size=8).hexdigest()
