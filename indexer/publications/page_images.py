"""Images of pages, drawn when somebody looks at them and kept in a folder of limited size."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

from indexer.errors import PublicationBusyError, PublicationError
from indexer.publications.reader import draw_page
from indexer.storage.files import write_atomically
from indexer.storage.locks import acquire
from indexer.storage.os_errors import reason_of

PAGE_IMAGES = "page-images"
"""Name of the folder of images in the index folder; it is safe to delete."""
IMAGE_VERSION = 1
"""Increment with every change to how pages are drawn: they are then drawn again."""

MOST_BYTES = 256 * 1024**2
"""Largest total size of the images that are kept; those not looked at for the longest time are deleted first."""
AT_ONCE = 2
"""Number of pages that are drawn at once, by all processes of the site together."""

_PATIENCE = 4.0
_PAUSE = 0.05
_SEEN_EVERY = 3600.0
_BUSY = "D’autres pages sont en cours de dessin : réessayez dans un instant."


def image_version() -> str:
    """Return a version that changes with everything that affects how a page is drawn, for file names and ETags."""
    return f"{IMAGE_VERSION}-{version('pypdfium2')}"


class PageImages:
    """The images of pages of one archive, by the digest of the file. Callers check who may see them.

    An image is a file `DIGEST-PAGE-VERSION.webp`, empty if the page cannot be drawn. Any number of processes may use
    the same folder.

    Args:
        folder: `PAGE_IMAGES` in the index folder; created when the first image is drawn.
        most_bytes: largest total size of the images that are kept.
        patience: seconds to wait for a turn to draw.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES, patience: float = _PATIENCE) -> None:
        self.folder = folder
        self._most, self._patience = most_bytes, patience
        self._room = threading.BoundedSemaphore(AT_ONCE)

    def get(self, digest: str, number: int, open_file: Callable[[], BinaryIO]) -> bytes | None:
        """Return the image of a page of a PDF in WebP, drawn now unless it is kept; None if it cannot be drawn.

        Args:
            digest: digest of the content of the file.
            number: number of the page, from 1.
            open_file: opens the file; not called if the image is kept.

        Raises:
            PublicationBusyError: other pages are being drawn, and none was finished in time.
            PublicationError: the machine did not let the page be drawn.
            CorpusError: `open_file` raises it.
            OSError: the folder cannot be used.
        """
        path = self._path(digest, number)
        held = _read(path)
        if held is None:
            with self._turn():
                held = _read(path)  # another process may just have drawn it
                if held is None:
                    with open_file() as file:
                        held = draw_page(file, number) or b""
                    self._keep(path, held)
        return held or None

    def forget(self, digests: Iterable[str]) -> None:
        """Delete the images of the files with the given digests.

        Raises:
            PublicationError: an image cannot be deleted.
        """
        for digest in digests:
            self._delete(self.folder.glob(f"{digest[:2]}/{digest}-*.webp"))

    def forget_all_but(self, digests: Iterable[str]) -> None:
        """Delete the images of all files but those with the given digests, and those of older versions.

        Raises:
            PublicationError: an image cannot be deleted.
        """
        kept = frozenset(digests)
        ending = f"-{image_version()}.webp"
        self._delete(
            path for path in self._all() if path.name.partition("-")[0] not in kept or not path.name.endswith(ending)
        )

    def _delete(self, paths: Iterable[Path]) -> None:
        try:
            for path in paths:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise PublicationError(
                f"Des images de pages restent dans « {self.folder} » {reason_of(error).then('supprimez ce dossier')}."
            ) from error

    def _path(self, digest: str, number: int) -> Path:
        return self.folder / digest[:2] / f"{digest}-{number}-{image_version()}.webp"

    def _all(self) -> Iterator[Path]:
        return self.folder.glob("??/*.webp")

    def _keep(self, path: Path, content: bytes) -> None:
        """Store an image, if the disk allows, and delete the oldest ones beyond the total size."""
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content, flushed=False, own_draft=True)
            self._trim()

    def _trim(self) -> None:
        found = sorted(((path.stat(), path) for path in self._all()), key=lambda one: one[0].st_mtime)
        total = sum(state.st_size for state, _ in found)
        for state, path in found[:-1]:
            if total <= self._most:
                break
            path.unlink(missing_ok=True)
            total -= state.st_size

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Hold one of the few turns to draw a page while the body runs; wait for it if none is free.

        Raises:
            PublicationBusyError: none was free in time.
            OSError: the folder cannot be used.
        """
        # A request that waits holds a thread of the site, so few may wait: the other threads answer everything else.
        if not self._room.acquire(blocking=False):
            raise PublicationBusyError(_BUSY)
        try:
            handle = self._take_turn()
            try:
                yield
            finally:
                os.close(handle)
        finally:
            self._room.release()

    def _take_turn(self) -> int:
        """Take one of the locks that stand for turns, and return its descriptor, which the caller closes.

        Raises:
            PublicationBusyError: none was free in time.
            OSError: the folder cannot be used.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        until = time.monotonic() + self._patience
        while True:
            for number in range(AT_ONCE):
                handle = acquire(self.folder / f".turn-{number}")
                if handle is not None:
                    return handle
            if time.monotonic() >= until:
                raise PublicationBusyError(_BUSY)
            time.sleep(_PAUSE)


def _read(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
        if time.time() - path.stat().st_mtime > _SEEN_EVERY:
            os.utime(path)
    except FileNotFoundError:
        return None
    return content
