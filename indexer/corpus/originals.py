"""The original files of publications: each content once, under its digest, in a folder of the corpus.

corpus/_publications/3f/3fa9…    a file, whatever it was called
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from indexer.errors import CorpusError
from indexer.storage.files import flush, make_folder
from indexer.storage.os_errors import Reason, reason_of

PUBLICATIONS = "_publications"
"""Name of the folder of originals in the corpus; no source can have it, since names of sources are slugs."""

_DIGEST = re.compile(r"[0-9a-f]{32}")
_FOLDER = re.compile(r"[0-9a-f]{2}")
_DRAFT = re.compile(r"\.[0-9a-f]{16}\.new")
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is stored: the digest of its content, and its size in bytes."""

    digest: str
    size: int


class Originals:
    """The originals of an archive. No lock is needed to read, since a file never changes under its digest.

    Args:
        folder: the folder of originals: `PUBLICATIONS` in the corpus.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Return the path of an original, whether it is stored or not.

        Raises:
            CorpusError: `digest` is malformed.
        """
        if not _DIGEST.fullmatch(digest):
            raise CorpusError("Cette publication n’a pas une empreinte valable : relancez « python run.py index ».")
        return self.folder / digest[:2] / digest

    def open(self, digest: str) -> BinaryIO:
        """Open an original at its beginning.

        Raises:
            CorpusError: it is not there, or cannot be read.
        """
        path = self.path(digest)
        try:
            return path.open("rb")
        except OSError as error:
            raise CorpusError(
                f"La publication « {path} » ne peut être lue "
                f"{reason_of(error).then('restaurez-la d’une sauvegarde, ou importez-la de nouveau')}."
            ) from error

    def store(self, pieces: Iterable[bytes]) -> StoredFile:
        """Store a file atomically, flushed to disk, unless it is stored already. The corpus must be locked.

        Args:
            pieces: content of the file; if iterating over it raises an error, nothing is stored.

        Raises:
            CorpusError: it cannot be written.
        """
        draft = self.folder / f".{secrets.token_hex(8)}.new"
        try:
            make_folder(self.folder, 0o777)
            stored = _write(draft, pieces)
            target = self.path(stored.digest)
            if not self.holds(stored):
                make_folder(target.parent, 0o777)
                os.replace(draft, target)
                flush(target.parent)
        except OSError as error:
            raise _unwritable(self.folder, reason_of(error)) from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        return stored

    def holds(self, file: StoredFile) -> bool:
        """Return whether a file is stored, undamaged."""
        path = self.path(file.digest)
        try:
            if path.stat().st_size != file.size:
                return False
            with path.open("rb") as content:
                return digest_of_pieces(iter(lambda: content.read(_PIECE), b"")) == file
        except OSError:
            return False

    def stored_at(self, digest: str) -> float:
        """Return when an original was stored, in seconds since 1970; infinity if it is not stored."""
        try:
            return self.path(digest).stat().st_mtime
        except OSError:
            return math.inf

    def erase(self, digest: str) -> None:
        """Delete an original, if it is stored.

        Raises:
            CorpusError: it cannot be deleted.
        """
        try:
            self.path(digest).unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(self.folder, reason_of(error)) from error

    def digests(self) -> Iterator[str]:
        """Yield the digest of every original, in no order.

        Raises:
            CorpusError: the folder cannot be listed.
        """
        try:
            if not self.folder.is_dir():
                return
            for folder in os.scandir(self.folder):
                if _FOLDER.fullmatch(folder.name) and folder.is_dir(follow_symlinks=False):
                    yield from (entry.name for entry in os.scandir(folder.path) if _DIGEST.fullmatch(entry.name))
        except OSError as error:
            raise _unwritable(self.folder, reason_of(error)) from error

    def sweep(self) -> None:
        """Delete the unfinished files that a killed import left. The corpus must be locked.

        Raises:
            CorpusError: a file cannot be deleted.
        """
        try:
            if self.folder.is_dir():
                for entry in list(os.scandir(self.folder)):
                    if _DRAFT.fullmatch(entry.name):
                        os.unlink(entry.path)
        except OSError as error:
            raise _unwritable(self.folder, reason_of(error)) from error


def digest_of_pieces(pieces: Iterable[bytes]) -> StoredFile:
    """Return what `Originals.store` would return, without storing anything."""
    digest, size = hashlib.blake2b(digest_size=16), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
    return StoredFile(digest.hexdigest(), size)


def _write(draft: Path, pieces: Iterable[bytes]) -> StoredFile:
    with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, 0o666)) as file:

        def written() -> Iterator[bytes]:
            for piece in pieces:
                file.write(piece)
                yield piece

        stored = digest_of_pieces(written())
        file.flush()
        os.fsync(file.fileno())
    return stored


def _unwritable(folder: Path, reason: Reason) -> CorpusError:
    return CorpusError(
        f"Impossible de lire ou d’écrire « {folder} » {reason.then('vérifiez les droits et l’espace disque')}."
    )
