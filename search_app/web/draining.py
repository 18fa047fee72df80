"""Stopping a server without losing a connection that the system has made already.

The system makes connections by itself and queues them until a process accepts them; a process that closes the queue
resets those in it. Between finding it empty and closing it, one more may arrive. So the queue is shortened to two
places, and the last process fills both with connections of its own before it closes it: whoever comes meanwhile is not
let in, tries again a second later, and is refused. (One that the system lets in on another processor in the very
microseconds in which the last place is filled may still be reset.)
"""

from __future__ import annotations

import fcntl
import os
import select
import socket
import tempfile
import weakref
from collections.abc import Callable, Iterable
from contextlib import suppress

_PLACES = 2
"""A queue of length n holds n + 1 connections on Linux; with n = 0, older kernels make them without holding a place."""

_TRIES = 1000
_AT_ONCE_MS = 50
"""A connection to oneself is made at once, or not at all while the queue is full."""


class Draining:
    """What the processes of one server agree on when all of them stop. Make it before they fork."""

    def __init__(self) -> None:
        self._file, name = tempfile.mkstemp(prefix="rtes-draining-")
        os.unlink(name)
        weakref.finalize(self, os.close, self._file)

    def begin(self, listeners: Iterable[socket.socket]) -> None:
        """Shorten the queues, and make `begun` true in every process."""
        for listener in listeners:
            listener.listen(_PLACES - 1)
        os.pwrite(self._file, b"1", 0)

    @property
    def begun(self) -> bool:
        """Whether all processes stop; else only this one does, and others accept what is queued."""
        return os.pread(self._file, 1, 0) == b"1"

    def accept_last(self, listener: socket.socket, accept: Callable[[], bool]) -> None:
        """Accept all connections that are queued, and close the queue to new ones.

        Each process does it, one after the other: a connection that fills a place may be accepted by a process that
        has not yet done it, and that one will fill the place again.

        Args:
            listener: a listening socket, not blocking.
            accept: accepts one connection from it; returns False if there was none.
        """
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            for _ in range(_TRIES):
                while accept():
                    pass
                if all(_take_place(listener) for _ in range(_PLACES)):
                    break
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)


def _take_place(listener: socket.socket) -> bool:
    """Fill a place in the queue of a listening socket, and return whether there was one.

    The connection is closed at once, and keeps its place until it is accepted.
    """
    with socket.socket(listener.family) as own:
        own.setblocking(False)
        with suppress(BlockingIOError):
            own.connect(listener.getsockname())
        waiting = select.poll()
        waiting.register(own, select.POLLOUT)
        return bool(waiting.poll(_AT_ONCE_MS)) and not own.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
