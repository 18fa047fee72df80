"""Processes with limits: each one reads, draws or recognises one thing, and can be ended at any moment."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO, Protocol

from indexer.publications.limits import Limits

_CHILD = Path(__file__).with_name("child.py")
_PIECE = 1 << 20
FROM_OUTSIDE = frozenset({-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP})
"""Exit statuses of processes that a signal from outside ended, which says nothing about the file."""


class Receives(Protocol):
    """Takes what a process writes; `feed` raises `ProtocolError` for what does not follow the protocol."""

    def feed(self, content: bytes) -> None:
        """Take more bytes of what the process writes."""
        ...


class Processes:
    """The processes of one run, which may be started by several threads.

    A thread that waits for a process cannot be interrupted, but its process can: `stop` ends all processes, and none is
    started afterwards.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def stop(self) -> None:
        """End all processes, now and for good: they count as interrupted."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()

    def run(
        self, what: tuple[str, ...], file: BinaryIO, receiver: Receives, limits: Limits, threads: int | None = None
    ) -> int | None:
        """Hand an open file to a process, and what the process writes to a receiver.

        Args:
            what: what the process does, as arguments of `child`.
            file: its standard input, from the current position.
            receiver: takes its standard output.
            limits: what the process may use.
            threads: number of threads of a program that uses OpenMP; as many as it likes by default.

        Returns:
            Its exit status, or None if it did not end in time.

        Raises:
            OSError: the process cannot be started.
            ProtocolError: what the process writes does not follow the protocol.
        """
        ends = time.monotonic() + limits.wall
        with self._lock:
            if self._stopped:
                return -signal.SIGKILL
            process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-I", "-B", str(_CHILD), str(limits.memory), str(limits.cpu), *what],
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"LANG": "C.UTF-8"} | ({} if threads is None else {"OMP_THREAD_LIMIT": str(threads)}),
                cwd="/",
                start_new_session=True,
            )
            self._running.add(process)
        try:
            timely = _receive(process, receiver, ends)
        finally:
            with self._lock:
                self._running.discard(process)
            _end(process)
        return process.returncode if timely else None


def _receive(process: subprocess.Popen[bytes], receiver: Receives, ends: float) -> bool:
    """Hand what a process writes to a receiver; return whether it ended before the time `ends` (`time.monotonic`).

    Raises:
        ProtocolError: what the process writes does not follow the protocol.
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
    """End a process, if it has not ended, and close its pipe."""
    process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
