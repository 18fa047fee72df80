"""Reads a file in a process of its own, so that whatever is in it stops at that process."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

from indexer.errors import PublicationError
from indexer.publications import reasons
from indexer.publications.child import OUT_OF_MEMORY
from indexer.publications.limits import LIMITS, MAX_FILE_BYTES, Limits
from indexer.publications.protocol import ProtocolError, Receiver
from indexer.publications.publication import UNKNOWN_TYPE, Publication, Status
from indexer.storage.os_errors import because

_CHILD = Path(__file__).with_name("child.py")
_PIECE = 1 << 20


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
    command = [sys.executable, "-I", "-B", str(_CHILD), str(limits.memory), str(limits.cpu)]
    ends = time.monotonic() + limits.wall
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            stdin=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LANG": "C.UTF-8"},
            cwd="/",
            start_new_session=True,
        )
    except OSError:
        return _set_aside(Status.INTERRUPTED, reasons.NOT_STARTED)
    receiver = Receiver()
    try:
        timely = _receive(process, receiver, ends)
    except ProtocolError:
        return _set_aside(Status.TOO_MUCH, reasons.WRONG_OUTPUT)
    finally:
        _end(process)
    if not timely:
        return _set_aside(Status.INTERRUPTED, reasons.WALL)
    return _conclude(process.returncode, receiver)


def _receive(process: subprocess.Popen[bytes], receiver: Receiver, ends: float) -> bool:
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
    if status in {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}:
        return _set_aside(Status.INTERRUPTED, reasons.KILLED)
    return _set_aside(Status.TOO_MUCH, reasons.CRASHED)


def _set_aside(status: Status, reason: str) -> Publication:
    return Publication(UNKNOWN_TYPE, status, reason)
