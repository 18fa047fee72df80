"""Stopping a server without resetting connections that the system has already established.

The kernel establishes connections by itself and queues them until a process accepts them. Closing the listening socket
resets those in the queue, and one more may arrive between finding the queue empty and closing the socket. So the queue
is shortened to two places, and the last process fills both with its own connections before it closes the socket: the
kernel then ignores a client that connects meanwhile, which tries again a second later and is refused. (A connection
that is established on another processor in the microseconds in which the last place is filled may still be reset.)
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
"""A queue of length n holds n + 1 connections on Linux. With n = 0, older kernels establish connections that take no
place.
"""

_TRIES = 1000
_AT_ONCE_MS = 50
"""Milliseconds to wait for one's own connection: it is established immediately, or not at all while the queue is full.
"""


class Draining:
    """State that the processes of a server share when all of them stop. Create it before they fork."""

    def __init__(self) -> None:
        self._file, name = tempfile.mkstemp(prefix="rtes-draining-")
        os.unlink(name)
        weakref.finalize(self, os.close, self._file)

    def begin(self, listeners: Iterable[socket.socket]) -> None:
        """Shorten the queues, and set `begun` in every process."""
        for listener in listeners:
            listener.listen(_PLACES - 1)
        os.pwrite(self._file, b"1", 0)

    @property
    def begun(self) -> bool:
        """Whether all processes stop. If not, only this one stops, and others accept the queued connections."""
        return os.pread(self._file, 1, 0) == b"1"

    def accept_last(self, listener: socket.socket, accept: Callable[[], bool]) -> None:
        """Accept all queued connections, and fill the queue so that there can be no new ones.

        Each process does this, one after the other. A process that has not done it yet may accept a connection that
        fills a place, and will then fill the place again.

        Args:
            listener: a non-blocking listening socket.
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

    The connection is closed immediately, but keeps its place until it is accepted.
    """
    with socket.socket(listener.family) as own:
        own.setblocking(False)
        with suppress(BlockingIOError):
            own.connect(listener.getsockname())
        waiting = select.poll()
        waiting.register(own, select.POLLOUT)
        return bool(waiting.poll(_AT_ONCE_MS)) and not own.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
