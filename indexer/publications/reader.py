"""Reads a file in a process of its own, so that whatever is in it stops at that process."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO, Protocol

from indexer.errors import PublicationError
from indexer.publications import reasons
from indexer.publications.child import OUT_OF_MEMORY
from indexer.publications.limits import DRAWING_LIMITS, LIMITS, MAX_FILE_BYTES, MAX_IMAGE_BYTES, Limits
from indexer.publications.protocol import ProtocolError, Receiver
from indexer.publications.publication import UNKNOWN_TYPE, Publication, Status
from indexer.storage.os_errors import because

_CHILD = Path(__file__).with_name("child.py")
_PIECE = 1 << 20
_FROM_OUTSIDE = frozenset({-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP})
"""Statuses of processes that somebody else ended, whatever the file."""


class _Receives(Protocol):
    """Takes what a process writes; `feed` raises `ProtocolError` for what it cannot mean."""

    def feed(self, content: bytes) -> None:
        """Take more bytes."""
        ...


class _ImageReceiver:
    """Takes an image, no larger than one may be."""

    def __init__(self) -> None:
        self.content = b""

    def feed(self, content: bytes) -> None:
        """Take more bytes.

        Raises:
            ProtocolError: they are too many.
        """
        self.content += content
        if len(self.content) > MAX_IMAGE_BYTES:
            raise ProtocolError("the image is too large")

    @property
    def is_webp(self) -> bool:
        """Whether it is one WebP image, by its first bytes and its length."""
        size = max(8, len(self.content))
        return self.content[:12] == b"RIFF" + (size - 8).to_bytes(4, "little") + b"WEBP"


def read_publication(path: Path, *, limits: Limits = LIMITS) -> Publication:
    """Read a file.

    Args:
        path: the file; what it is called does not matter.
        limits: what its process may use.

    Returns:
        The document; whatever is in the file, at worst one without pages, with a reason.

    Raises:
        PublicationError: it cannot be opened.
    """
    try:
        # A pipe that nobody writes to must not hold the run.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
                return Publication(UNKNOWN_TYPE, Status.TOO_MUCH, reasons.TOO_LARGE)
            return read_open_file(file, limits=limits)
    except OSError as error:
        raise PublicationError(f"Impossible d’ouvrir « {path} » : {because(error)}.") from error


def read_open_file(file: BinaryIO, *, limits: Limits = LIMITS) -> Publication:
    """Read an open file from its current position; its content never enters this process. Otherwise as
    `read_publication`.
    """
    receiver = Receiver()
    try:
        status = _run(file, receiver, limits)
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
        PublicationError: the machine could not start the process, or interrupted it; drawing again may do.
    """
    receiver = _ImageReceiver()
    try:
        status = _run(file, receiver, limits, str(number))
    except OSError as error:
        raise PublicationError(f"Impossible de dessiner une page : {because(error)}.") from error
    except ProtocolError:
        return None
    if status is None or status in _FROM_OUTSIDE:
        raise PublicationError("Le dessin d’une page a été interrompu par la machine : réessayez.")
    return receiver.content if status == 0 and receiver.is_webp else None


def _run(file: BinaryIO, receiver: _Receives, limits: Limits, *arguments: str) -> int | None:
    """Hand an open file to a process, and what the process writes to a receiver; return its exit status, or None if it
    did not end in time.

    Raises:
        OSError: it cannot be started.
        ProtocolError: it says what it cannot mean.
    """
    command = [sys.executable, "-I", "-B", str(_CHILD), str(limits.memory), str(limits.cpu), *arguments]
    ends = time.monotonic() + limits.wall
    process = subprocess.Popen(  # noqa: S603 - our own program
        command,
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"LANG": "C.UTF-8"},
        cwd="/",
        start_new_session=True,
    )
    try:
        timely = _receive(process, receiver, ends)
    finally:
        _end(process)
    return process.returncode if timely else None


def _receive(process: subprocess.Popen[bytes], receiver: _Receives, ends: float) -> bool:
    """Hand what a process says to a receiver; return whether it ended in time.

    Raises:
        ProtocolError: it says what it cannot mean.
    """
    assert process.stdout is not None  # noqa: S101 - for mypy: it is a pipe
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(max(0.0, ends - time.monotonic())):
            content = os.read(process.stdout.fileno(), _PIECE)
            if not content:
                break
            receiver.feed(content)
    try:
        process.wait(max(0.0, ends - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process, if it has not ended, and forget its pipe."""
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _conclude(status: int, receiver: Receiver) -> Publication:
    """Return the document that a process that ended has read, or why there is none."""
    if status == 0:
        try:
            return receiver.document
        except ProtocolError:
            return _set_aside(Status.TOO_MUCH, reasons.WRONG_OUTPUT)
    if status == OUT_OF_MEMORY:
        return _set_aside(Status.TOO_MUCH, reasons.MEMORY)
    if status == -signal.SIGXCPU:
        return _set_aside(Status.TOO_MUCH, reasons.CPU)
    if status in _FROM_OUTSIDE:
        return _set_aside(Status.INTERRUPTED, reasons.KILLED)
    return _set_aside(Status.TOO_MUCH, reasons.CRASHED)


def _set_aside(status: Status, reason: str) -> Publication:
    return Publication(UNKNOWN_TYPE, status, reason)
