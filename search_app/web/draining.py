"""Stop a server without resetting connections that the kernel has already queued.

The kernel establishes connections and queues them until a process accepts them; closing the listening socket resets
those in the queue. Another one may arrive between finding the queue empty and closing it. So the queue is shortened to
two places, and the last process fills both with connections of its own before it closes the socket: a client that
connects meanwhile gets no answer, retries a second later, and is refused. (A connection that the kernel establishes on
another CPU within microseconds of the last place being filled may still be reset.)
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
"""Places in the shortened queue. On Linux, length n gives n + 1 places; with n = 0, older kernels set no limit."""

_TRIES = 1000
_AT_ONCE_MS = 50
"""Milliseconds to wait for a connection to the process's own socket, which succeeds at once, or never if the queue is
full.
"""


class Draining:
    """The state that the processes of one server share when all of them stop; create it before they fork."""

    def __init__(self) -> None:
        self._file, name = tempfile.mkstemp(prefix="rtes-draining-")
        os.unlink(name)
        weakref.finalize(self, os.close, self._file)

    def begin(self, listeners: Iterable[socket.socket]) -> None:
        """Shorten the queues of all listening sockets, and make `begun` true in every process."""
        for listener in listeners:
            listener.listen(_PLACES - 1)
        os.pwrite(self._file, b"1", 0)

    @property
    def begun(self) -> bool:
        """Whether all processes are stopping. If only this one is, the others will accept the queued connections."""
        return os.pread(self._file, 1, 0) == b"1"

    def accept_last(self, listener: socket.socket, accept: Callable[[], bool]) -> None:
        """Accept all queued connections, then fill the queue so that no new ones are established.

        Every process does this, one after the other: a connection that fills a place may be accepted by a process that
        is still draining, and that process will fill the place again.

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
    """Fill a place in the queue of a listening socket, and return whether there was a free one.

    The connection is closed at once but keeps its place until it is accepted.
    """
    with socket.socket(listener.family) as own:
        own.setblocking(False)
        with suppress(BlockingIOError):
            own.connect(listener.getsockname())
        waiting = select.poll()
        waiting.register(own, select.POLLOUT)
        return bool(waiting.poll(_AT_ONCE_MS)) and not own.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
