"""Files uploaded by staff, kept in a private folder until they are previewed and imported."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
import zipfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from indexer.parsing.page import sniff
from indexer.sources.entry import MAX_PAGE_BYTES, TOO_LARGE, SetAside, describe_unknown, is_passed
from indexer.storage.os_errors import reason_of
from search_app.errors import UploadError
from search_app.messages import typeset

ORIGIN = "gestion:envois"
"""Name of the source of uploaded files in the corpus: a page uploaded again under the same name replaces the former
one.
"""

MAX_SENT = 200 * 1024**2
"""Largest size of an upload in bytes."""
MAX_FILES = 500
KEPT_DAYS = 7
UPLOAD_GONE = typeset("Les fichiers envoyés ne sont plus là : envoyez-les à nouveau.")
_PAGES = "envois"
_NAME = re.compile(r"[0-9a-f]{32}")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\]")


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file sent by a browser: its name and its content."""

    name: str
    stream: IO[bytes]


@dataclass(frozen=True, slots=True)
class Upload:
    """Files that were uploaded together.

    Attributes:
        name: name of the upload's folder.
        files: number of files that were kept.
        refused: names of the refused files, with reasons (French).
    """

    name: str
    files: int
    refused: tuple[SetAside, ...]


class Uploads:
    """The uploads of a site, each in its own folder (mode 0700).

    Args:
        data: the data folder.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / "spool"

    def keep(self, files: Iterable[SentFile]) -> Upload:
        """Store those of the files that can be imported: pages, text exports, zips.

        Raises:
            UploadError: none of them can be imported, or a file cannot be written.
        """
        self.sweep()
        name = secrets.token_hex(16)
        folder = self._folder / name / _PAGES
        refused: list[SetAside] = []
        kept = 0
        try:
            folder.mkdir(parents=True, mode=0o700)
            for sent in files:
                # Browsers that upload a folder send paths; only the last part is used.
                own = _UNSAFE.sub("_", PurePosixPath(sent.name.replace("\\", "/")).name)
                if not own or is_passed(own):
                    continue
                if kept >= MAX_FILES:
                    raise UploadError(
                        typeset(f"Pas plus de {MAX_FILES} fichiers à la fois : réunissez-les dans un zip.")
                    )
                path = _free(folder, own)
                _save(sent.stream, path)
                reason = _refusal(path)
                if reason is None:
                    kept += 1
                else:
                    path.unlink()
                    refused.append(SetAside(own, reason))
        except OSError as error:
            self.drop(name)
            raise UploadError(
                typeset(
                    f"Les fichiers envoyés ne peuvent être gardés dans {self._folder} "
                    f"{reason_of(error).then('vérifiez ce dossier')}."
                )
            ) from error
        except UploadError:
            self.drop(name)
            raise
        if not kept:
            self.drop(name)
            raise UploadError(_nothing_to_import(refused))
        return Upload(name, kept, tuple(refused))

    def pages(self, name: str) -> Path:
        """Return the folder of an upload's files.

        Raises:
            UploadError: it no longer exists.
        """
        folder = self._folder / name / _PAGES
        if not _NAME.fullmatch(name) or not folder.is_dir():
            raise UploadError(UPLOAD_GONE)
        return folder

    def holds(self, name: str) -> bool:
        """Return whether an upload still exists."""
        return _NAME.fullmatch(name) is not None and (self._folder / name / _PAGES).is_dir()

    def drop(self, name: str) -> None:
        """Delete an upload; it is no error if it does not exist."""
        if _NAME.fullmatch(name):
            shutil.rmtree(self._folder / name, ignore_errors=True)

    def sweep(self) -> None:
        """Delete old uploads that nobody imported; what cannot be deleted is left."""
        if not self._folder.is_dir():
            return
        with suppress(OSError):  # another worker may be sweeping too
            for folder in self._folder.iterdir():
                if _NAME.fullmatch(folder.name) and time.time() - folder.stat().st_mtime > KEPT_DAYS * 86400:
                    shutil.rmtree(folder, ignore_errors=True)


def _nothing_to_import(refused: Sequence[SetAside]) -> str:
    if not refused:
        return typeset("Choisissez au moins un fichier : page HTML, export texte ou zip.")
    reasons = " ".join(f"{one.path} : {one.reason}" for one in refused)
    return typeset("Rien de cet envoi ne s’importe : ") + reasons


def _save(stream: IO[bytes], path: Path) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(stream, file, 1024 * 1024)


def _free(folder: Path, name: str) -> Path:
    """Return a free path for a file, so that two files of the same name in one upload are both kept."""
    short = PurePosixPath(name)
    stem, suffix = short.stem[:100], short.suffix[:10]
    places = (folder / (f"{stem}{suffix}" if n == 1 else f"{stem}-{n}{suffix}") for n in range(1, MAX_FILES + 2))
    return next(place for place in places if not place.exists())


def _refusal(path: Path) -> str | None:
    """Return why a file cannot be imported (French), or None. This depends on its first bytes, not only on its name."""
    if path.suffix.lower() == ".zip":
        return None if zipfile.is_zipfile(path) else "ce n’est pas un zip lisible : refaites l’archive."
    if path.stat().st_size > MAX_PAGE_BYTES:
        return TOO_LARGE
    with path.open("rb") as file:
        return None if sniff(path.name, file.read(4096)) is not None else describe_unknown(path.name)
