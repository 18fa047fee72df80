"""Reads a file in a process of its own, so that a harmful file can affect only that process."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from typing import BinaryIO

from indexer.errors import PublicationError
from indexer.publications import reasons
from indexer.publications.child import OUT_OF_MEMORY
from indexer.publications.limits import (
    DRAWING_LIMITS,
    LIMITS,
    MAX_FILE_BYTES,
    MAX_IMAGE_BYTES,
    MAX_SCAN_PIXELS,
    SCAN_LIMITS,
    Limits,
)
from indexer.publications.processes import FROM_OUTSIDE, Processes
from indexer.publications.protocol import ProtocolError, Receiver
from indexer.publications.publication import UNKNOWN_TYPE, Publication, Scan, Status
from indexer.storage.os_errors import because

_GREY_MAP = re.compile(rb"P5 ([1-9]\d{0,4}) ([1-9]\d{0,4}) ([1-9]\d{0,2}) 255\n")


class _BytesReceiver:
    """Collects the bytes that a process writes, up to a limit."""

    def __init__(self, most: int) -> None:
        self.content = bytearray()
        self._most = most

    def feed(self, content: bytes) -> None:
        """Take more bytes of what the process writes.

        Raises:
            ProtocolError: there are more bytes than the limit.
        """
        self.content += content
        if len(self.content) > self._most:
            raise ProtocolError("the image is too large")

    @property
    def is_webp(self) -> bool:
        """Whether the bytes received are one WebP image, judged by its first bytes and its length."""
        size = max(8, len(self.content))
        return self.content[:12] == b"RIFF" + (size - 8).to_bytes(4, "little") + b"WEBP"

    @property
    def scan(self) -> Scan | None:
        """The bytes received, as an image for text recognition; None if they are not exactly one such image."""
        found = _GREY_MAP.match(self.content)
        if found is None:
            return None
        width, height, dpi = map(int, found.groups())
        pixels = bytes(self.content[found.end() :])
        return Scan(width, height, dpi, pixels) if len(pixels) == width * height else None


def read_publication(path: Path, *, limits: Limits = LIMITS) -> Publication:
    """Read a publication from a file, in a process of its own.

    Args:
        path: the file; its name does not matter.
        limits: what its process may use.

    Returns:
        The document. If the file cannot be read, whatever it contains, a document without pages, with a reason.

    Raises:
        PublicationError: the file cannot be opened.
    """
    try:
        # A pipe that nobody writes to must not hold the run.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
                return Publication(UNKNOWN_TYPE, Status.TOO_MUCH, reasons.TOO_LARGE)
            return read_open_file(file, limits=limits)
    except OSError as error:
        raise PublicationError(f"Impossible d’ouvrir « {path} » : {because(error)}.") from error


def read_open_file(file: BinaryIO, *, limits: Limits = LIMITS, processes: Processes | None = None) -> Publication:
    """Read an open file from its current position; its content never enters this process. Otherwise like
    `read_publication`.

    Args:
        file: the file.
        limits: what its process may use.
        processes: the processes of the run; if they are stopped, the status of the document is `INTERRUPTED`.
    """
    receiver = Receiver()
    try:
        status = (processes or Processes()).run(("text",), file, receiver, limits)
    except OSError:
        return _set_aside(Status.INTERRUPTED, reasons.NOT_STARTED)
    except ProtocolError:
        return _set_aside(Status.TOO_MUCH, reasons.WRONG_OUTPUT)
    if status is None:
        return _set_aside(Status.INTERRUPTED, reasons.WALL)
    return _conclude(status, receiver)


def draw_page(file: BinaryIO, number: int, *, limits: Limits = DRAWING_LIMITS) -> bytes | None:
    """Return the image of a page of an open PDF, in WebP; None if it cannot be drawn within the limits.

    Args:
        file: the PDF, at its beginning; its content never enters this process.
        number: number of the page, from 1.
        limits: what its process may use.

    Raises:
        PublicationError: the machine could not start the process, or interrupted it; another attempt may succeed.
    """
    drawn = _drawn(("image", str(number)), file, _BytesReceiver(MAX_IMAGE_BYTES), limits, Processes())
    return bytes(drawn.content) if drawn is not None and drawn.is_webp else None


def scan_page(file: BinaryIO, number: int, *, processes: Processes, limits: Limits = SCAN_LIMITS) -> Scan | None:
    """Return the image of a page of an open PDF for a program that recognises text; None if it cannot be drawn within
    the limits, or is blank.

    The result has been checked to be an image and nothing else, since whoever made the file may have taken control of
    the process that drew it. Otherwise like `draw_page`.
    """
    most = MAX_SCAN_PIXELS + 64
    drawn = _drawn(("scan", str(number)), file, _BytesReceiver(most), limits, processes)
    return None if drawn is None else drawn.scan


def _drawn(
    what: tuple[str, ...], file: BinaryIO, receiver: _BytesReceiver, limits: Limits, processes: Processes
) -> _BytesReceiver | None:
    try:
        status = processes.run(what, file, receiver, limits)
    except OSError as error:
        raise PublicationError(f"Impossible de dessiner une page : {because(error)}.") from error
    except ProtocolError:
        return None
    if status is None or status in FROM_OUTSIDE:
        raise PublicationError("Le dessin d’une page a été interrompu par la machine : réessayez.")
    return receiver if status == 0 else None


def _conclude(status: int, receiver: Receiver) -> Publication:
    """Return the document that a process has read, given its exit status, or one without pages that gives a reason."""
    if status == 0:
        try:
            return receiver.document
        except ProtocolError:
            return _set_aside(Status.TOO_MUCH, reasons.WRONG_OUTPUT)
    if status == OUT_OF_MEMORY:
        return _set_aside(Status.TOO_MUCH, reasons.MEMORY)
    if status == -signal.SIGXCPU:
        return _set_aside(Status.TOO_MUCH, reasons.CPU)
    if status in FROM_OUTSIDE:
        return _set_aside(Status.INTERRUPTED, reasons.KILLED)
    return _set_aside(Status.TOO_MUCH, reasons.CRASHED)


def _set_aside(status: Status, reason: str) -> Publication:
    return Publication(UNKNOWN_TYPE, status, reason)
