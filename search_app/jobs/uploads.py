"""Files that staff send, kept in a private folder between sending, looking and importing.

On disk they have names of ours; those that people gave them are data, and stand in a file beside them.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from indexer.errors import SourceError
from indexer.parsing.node import PageKind
from indexer.parsing.page import sniff
from indexer.sources.entry import MAX_PAGE_BYTES, TOO_LARGE, SetAside, describe_unknown, is_passed
from indexer.sources.zip_files import open_zip
from indexer.storage.files import write_atomically
from indexer.storage.os_errors import because
from search_app.control_characters import CONTROLS, DIRECTION_MARKS
from search_app.errors import UploadError
from search_app.messages import typeset

ORIGIN = "gestion:envois"
"""What sent files are known by in the corpus: a page sent again under its name takes its former place."""

MAX_SENT = 200 * 1024**2
"""Bytes of one upload."""
MAX_FILES = 500
KEPT_DAYS = 7
UPLOAD_GONE = typeset("Les fichiers envoyés ne sont plus là : envoyez-les à nouveau.")
_PAGES, _NAMES = "envois", "noms.json"
_NAME = re.compile(r"[0-9a-f]{32}")
_UNSEEN = re.compile(rf"[{CONTROLS}{DIRECTION_MARKS}]+")
_MOST_IN_NAME = 150
"""Characters of a name that are kept: what people can read of it, and its ending."""

_ENDINGS: Mapping[PageKind, str] = {PageKind.HTML: ".html", PageKind.EXPORT: ".txt"}


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as a browser sends it: its name there, and its content."""

    name: str
    stream: IO[bytes]


@dataclass(frozen=True, slots=True)
class Upload:
    """Files that were sent at once and kept.

    Attributes:
        name: of its folder.
        files: how many are kept.
        refused: those that are not, and why.
    """

    name: str
    files: int
    refused: tuple[SetAside, ...]


class Uploads:
    """The files that staff sent to a site, each upload in a folder (0700) of its own.

    Args:
        data: the data folder.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / "spool"

    def keep(self, files: Iterable[SentFile]) -> Upload:
        """Keep what may be imported of the files sent at once: pages, text exports, zips.

        Raises:
            UploadError: nothing of it may be imported, or it cannot be written.
        """
        self.sweep()
        name = secrets.token_hex(16)
        folder = self._folder / name / _PAGES
        refused: list[SetAside] = []
        names: dict[str, str] = {}
        try:
            folder.mkdir(parents=True, mode=0o700)
            for sent in files:
                # Browsers that send a folder give its path; what counts is the page's own name.
                own = _shown(PurePosixPath(sent.name.replace("\\", "/")).name)
                if not own or is_passed(own):
                    continue
                if len(names) >= MAX_FILES:
                    raise UploadError(
                        typeset(f"Pas plus de {MAX_FILES} fichiers à la fois : réunissez-les dans un zip.")
                    )
                try:
                    names[_keep(sent.stream, own, folder, len(names) + 1)] = own
                except SourceError as error:
                    refused.append(SetAside(own, str(error)))
            if names:
                write_atomically(self._folder / name / _NAMES, json.dumps(names).encode(), flushed=False)
        except OSError as error:
            # Names are ours: whatever the disk refuses is no fault of one file.
            self.drop(name)
            raise UploadError(
                typeset(f"Les fichiers envoyés ne peuvent être gardés ({because(error)}) : prévenez l’administrateur.")
            ) from error
        except UploadError:
            self.drop(name)
            raise
        if not names:
            self.drop(name)
            raise UploadError(_nothing_to_import(refused))
        return Upload(name, len(names), tuple(refused))

    def pages(self, name: str) -> Path:
        """Return the folder of an upload's files.

        Raises:
            UploadError: it is no longer there.
        """
        folder = self._folder / name / _PAGES
        if not _NAME.fullmatch(name) or not folder.is_dir():
            raise UploadError(UPLOAD_GONE)
        return folder

    def names(self, name: str) -> Mapping[str, str]:
        """Return what the files of an upload are called, by their names on disk.

        Raises:
            UploadError: it is no longer there.
        """
        try:
            held = json.loads((self.pages(name).parent / _NAMES).read_bytes())
        except FileNotFoundError:
            return {}  # an upload that an earlier version kept: its files have the names that people gave them
        except (OSError, ValueError) as error:
            raise UploadError(UPLOAD_GONE) from error
        return {str(ours): str(theirs) for ours, theirs in held.items()}

    def holds(self, name: str) -> bool:
        """Return whether an upload is still there."""
        return _NAME.fullmatch(name) is not None and (self._folder / name / _PAGES).is_dir()

    def drop(self, name: str) -> None:
        """Remove an upload; one that is gone is no error."""
        if _NAME.fullmatch(name):
            shutil.rmtree(self._folder / name, ignore_errors=True)

    def sweep(self) -> None:
        """Remove uploads that nobody imported; what cannot be removed stays."""
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


def _shown(name: str) -> str:
    """Return the name of a file as people may read it: nothing unseen in it, and not without end."""
    seen = unicodedata.normalize("NFC", _UNSEEN.sub("", name)).strip()
    if len(seen) <= _MOST_IN_NAME:
        return seen
    path = PurePosixPath(seen)
    ending = path.suffix[:10]
    return path.stem[: _MOST_IN_NAME - len(ending)] + ending


def _keep(stream: IO[bytes], own: str, folder: Path, number: int) -> str:
    """Write what may be imported to the folder, and return its name there.

    Raises:
        SourceError: it may not be imported; its first bytes decide, not its name alone.
        OSError: it cannot be written.
    """
    draft = folder / f"{number:04}"
    try:
        _save(stream, draft)
        ending = _ending(draft, own)
    except SourceError:
        draft.unlink()
        raise
    draft.rename(draft.with_suffix(ending))
    return draft.with_suffix(ending).name


def _ending(path: Path, own: str) -> str:
    """Return the ending by which a file on disk is read as what its own name and its first bytes make of it.

    Raises:
        SourceError: it is nothing that is imported.
    """
    if PurePosixPath(own).suffix.lower() == ".zip":
        open_zip(path, called="ce fichier").close()
        return ".zip"
    if path.stat().st_size > MAX_PAGE_BYTES:
        raise SourceError(TOO_LARGE)
    with path.open("rb") as file:
        kind = sniff(own, file.read(4096))
    if kind is None:
        raise SourceError(describe_unknown(own))
    return _ENDINGS[kind]


def _save(stream: IO[bytes], path: Path) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(stream, file, 1024 * 1024)
