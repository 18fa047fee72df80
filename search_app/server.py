"""The site under gunicorn, in the foreground."""

from __future__ import annotations

import ctypes
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.sync import SyncWorker

from search_app.intake import SERVER_LIMITS

_SO_ATTACH_FILTER = 26
_LAST = 128
"""Connections that a worker told to stop answers yet; one in good health has answered them in a second or two."""


class Worker(SyncWorker):  # type: ignore[misc]
    """A worker that answers those who are waiting at the door before it goes: gunicorn's own hangs up on them."""

    def run(self) -> None:
        """Work until told to stop, then empty the queue."""
        super().run()
        for listener in self.sockets:
            for _ in range(_LAST):
                try:
                    self.accept(listener)
                except OSError:
                    break  # nobody is left
            listener.close()  # now, and not when the interpreter ends


class Master(Arbiter):  # type: ignore[misc]
    """Closes the door before it stops, so that everyone who is in is answered and nobody else comes in."""

    def stop(self, graceful: bool = True) -> None:
        """Stop, letting workers end what they have begun if `graceful`."""
        for listener in self.LISTENERS:
            _close_door(listener.sock)
        super().stop(graceful)


def _close_door(listener: socket.socket) -> None:
    """Let nobody else into the queue of a listening socket, whichever processes share it.

    A filter drops the first packet of whoever knocks: they knock again a second later, and are refused by then.
    """
    if sys.platform == "linux":
        drop = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # classic BPF: return 0
        program = struct.pack("HL", 1, ctypes.addressof(drop))
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)


class Server(BaseApplication):  # type: ignore[misc]
    """A gunicorn server over an app made in each worker.

    Args:
        make_app: called once in each worker, after the fork: files and locks are not shared between them.
        options: gunicorn settings by name.
    """

    def __init__(self, make_app: Callable[[], Flask], options: dict[str, Any]) -> None:
        self._make_app = make_app
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Take the settings given, and nothing from the command line or the environment."""
        for name, value in {"worker_class": Worker, **SERVER_LIMITS, **self._options}.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Serve until told to stop."""
        Master(self).run()

    def load(self) -> Flask:
        """The app of this worker."""
        return self._make_app()
