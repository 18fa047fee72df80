"""Files uploaded by staff, kept in a private folder until they are previewed and imported.

On disk they have generated names; their original names are stored as data in a file beside them.
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
from indexer.sources.entry import (
    HEAD,
    MAX_PAGE_BYTES,
    SetAside,
    describe_large,
    describe_unknown,
    is_page,
    is_passed,
)
from indexer.sources.publication_files import MAX_PUBLICATION_BYTES, PUBLICATION_TOO_LARGE, publication_type
from indexer.sources.warc import is_warc
from indexer.sources.zip_files import open_zip
from indexer.storage.files import write_atomically
from indexer.storage.os_errors import reason_of
from search_app.control_characters import CONTROLS, DIRECTION_MARKS
from search_app.errors import UploadError
from search_app.jobs.previewed import PreviewedResource, previewed
from search_app.messages import typeset

ORIGIN = "gestion:envois"
"""Name of the source of uploaded files in the corpus: a page uploaded again under the same name replaces the former
one. A publication does not: files of the same name may be different documents.
"""

MAX_SENT = 200 * 1024**2
"""Largest size of an upload in bytes."""
MAX_FILES = 500
KEPT_DAYS = 7
UPLOAD_GONE = typeset("Les fichiers envoyés ne sont plus là : envoyez-les à nouveau.")
_PAGES, _NAMES = "envois", "noms.json"
_NAME = re.compile(r"[0-9a-f]{32}")
_UNSEEN = re.compile(rf"[{CONTROLS}{DIRECTION_MARKS}]+")
_MOST_IN_NAME = 150
"""Largest number of characters of a name that are stored."""

_PUBLICATIONS = (".pdf", ".docx", ".odt", ".pptx")
_ENDINGS = (".warc.gz", ".warc", ".mhtml", ".mht", ".txt", *_PUBLICATIONS)
"""Endings that files keep on disk, since these help to recognise their kind; others are recognised by their content."""


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
        """Store the files that can be imported (pages, text exports, publications, zips), and return what was stored.

        Raises:
            UploadError: no file can be imported, there are too many, or one cannot be written.
        """
        self.sweep()
        name = secrets.token_hex(16)
        folder = self._folder / name / _PAGES
        refused: list[SetAside] = []
        names: dict[str, str] = {}
        try:
            folder.mkdir(parents=True, mode=0o700)
            for sent in files:
                # Browsers that upload a folder send paths; only the last part is used.
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
            # Names on disk are generated, so this is never the fault of a single file.
            self.drop(name)
            raise UploadError(
                typeset(
                    f"Les fichiers envoyés ne peuvent être gardés {reason_of(error).then('prévenez l’administrateur')}."
                )
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
            UploadError: it no longer exists.
        """
        folder = self._folder / name / _PAGES
        if not _NAME.fullmatch(name) or not folder.is_dir():
            raise UploadError(UPLOAD_GONE)
        return folder

    def names(self, name: str) -> Mapping[str, str]:
        """Return the original names of an upload's files, by their names on disk.

        Raises:
            UploadError: the upload no longer exists.
        """
        try:
            held = json.loads((self.pages(name).parent / _NAMES).read_bytes())
        except FileNotFoundError:
            return {}  # an upload that an earlier version kept: its files have the names that people gave them
        except (OSError, ValueError) as error:
            raise UploadError(UPLOAD_GONE) from error
        return {str(ours): str(theirs) for ours, theirs in held.items()}

    def folder(self, name: str) -> Path:
        """Return the folder of an upload, in which the preview of its resources is kept beside its files.

        Raises:
            UploadError: it no longer exists.
        """
        return self.pages(name).parent

    def previewed(self, name: str, place: int) -> PreviewedResource | None:
        """Return the resource at a place, from 0, of the preview of an upload; None if it is not stored (any more)."""
        return previewed(self._folder / name, place) if self.holds(name) else None

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
        return typeset(
            "Choisissez au moins un fichier : page HTML ou MHTML, archive WARC, export texte, publication (PDF, DOCX, "
            "ODT, PPTX) ou zip."
        )
    reasons = " ".join(f"{one.path} : {one.reason}" for one in refused)
    return typeset("Rien de cet envoi ne s’importe : ") + reasons


def _shown(name: str) -> str:
    """Return the name of a file as it is shown: without invisible characters, and of limited length."""
    seen = unicodedata.normalize("NFC", _UNSEEN.sub("", name)).strip()
    if len(seen) <= _MOST_IN_NAME:
        return seen
    path = PurePosixPath(seen)
    ending = path.suffix[:10]
    return path.stem[: _MOST_IN_NAME - len(ending)] + ending


def _keep(stream: IO[bytes], own: str, folder: Path, number: int) -> str:
    """Write a file to the folder if it can be imported, and return its name there.

    Args:
        stream: content of the file.
        own: original name of the file.
        folder: the folder.
        number: number from which its name in the folder is made.

    Raises:
        SourceError: the file cannot be imported, as its first bytes and its name show.
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
    """Return the suffix that a file is to have, by its kind, which its original name (`own`) and first bytes decide.

    Raises:
        SourceError: the file is of no kind that can be imported, or too large.
    """
    if PurePosixPath(own).suffix.lower() == ".zip":
        open_zip(path, called="ce fichier").close()
        return ".zip"
    with path.open("rb") as file:
        head = file.read(HEAD)
    if publication_type(own, head) is not None:
        if path.stat().st_size > MAX_PUBLICATION_BYTES:
            raise SourceError(PUBLICATION_TOO_LARGE)
        return next((known for known in _PUBLICATIONS if own.lower().endswith(known)), ".pdf")
    if path.stat().st_size > MAX_PAGE_BYTES and not is_warc(own, head):
        raise SourceError(describe_large(own, head))
    if not is_page(own, head):
        raise SourceError(describe_unknown(own, head))
    ending = "".join(PurePosixPath(own.lower()).suffixes[-2:])
    return next((known for known in _ENDINGS if ending.endswith(known)), ".html")


def _save(stream: IO[bytes], path: Path) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        shutil.copyfileobj(stream, file, 1024 * 1024)
