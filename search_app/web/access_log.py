"""The access log: one line per request, which shows neither who made it nor what it was for.

    2026-11-24T10:00:00+01:00 GET resources.page 200 5321 12ms

The fields are time, method, name of the route, status, size of the body in bytes, and time until it was sent. An
address may contain the title of a private resource or the secret of a feed, so it is not logged; neither are referer,
user agent and network address. No part of a line comes from the client, so lines cannot be forged. The log is WSGI
middleware, so it works with any server.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any

from flask import Flask, request, request_started

from indexer.storage.os_errors import because
from search_app.web.logging import known_method

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

UNKNOWN = "unknown"
"""Name of the route for requests without one: unknown addresses, and requests refused before routing."""

STANDARD_ERROR = "-"
_MODE = 0o640
_ROUTE = "rtes.route"
_log = logging.getLogger(__name__)

Note = Callable[[str], None]
"""A function that takes a line, without the line end."""


def install(app: Flask, note: Note) -> None:
    """Log every request of an app, once its response is sent or aborted; `note` is called with each line."""
    request_started.connect(_name_route, app, weak=False)
    app.wsgi_app = AccessLog(app.wsgi_app, note)  # type: ignore[method-assign]


def _name_route(app: Flask, **_: Any) -> None:
    # The name of the endpoint, which a client cannot influence, not the address.
    request.environ[_ROUTE] = request.endpoint or UNKNOWN


class AccessLog:
    """WSGI middleware that logs the requests of an application.

    Args:
        app: the application.
        note: called with each line.
    """

    def __init__(self, app: WSGIApplication, note: Note) -> None:
        self._app = app
        self._note = note

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Handle a request; the line is written when the server closes the response."""
        answer = _Answer(environ, self._note)

        def start(
            status: str,
            headers: list[tuple[str, str]],
            exc_info: tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None] | None = None,
        ) -> Callable[[bytes], object]:
            answer.status = int(status[:3])
            write = start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

            def counted(chunk: bytes) -> object:
                answer.size += len(chunk)
                return write(chunk)

            return counted

        try:
            answer.body = self._app(environ, start)
        except BaseException:
            answer.close()
            raise
        return answer


class _Answer:
    """The body of a response; counts the bytes sent."""

    def __init__(self, environ: WSGIEnvironment, note: Note) -> None:
        self.status = 500  # kept if the application fails before it sets a status
        self.size = 0
        self.body: Iterable[bytes] = ()
        self._environ = environ
        self._note: Note | None = note
        self._began = time.perf_counter()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.body:
            self.size += len(chunk)
            yield chunk

    def close(self) -> None:
        """Close the body and write the line, once."""
        try:
            close = getattr(self.body, "close", None)
            if close is not None:
                close()
        finally:
            note, self._note = self._note, None
            if note is not None:
                note(self._line())

    def _line(self) -> str:
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        method = known_method(str(self._environ.get("REQUEST_METHOD")))
        route = self._environ.get(_ROUTE, UNKNOWN)
        milliseconds = round((time.perf_counter() - self._began) * 1000)
        return f"{now} {method} {route} {self.status} {self.size} {milliseconds}ms"


class LogFile:
    """A log file to which several processes append whole lines.

    If the file was renamed or deleted, it is created again, so logrotate need not signal the process.

    Args:
        path: the file, or `STANDARD_ERROR`.
    """

    def __init__(self, path: str) -> None:
        self._path = None if path == STANDARD_ERROR else path
        self._descriptor: int | None = None if self._path else sys.stderr.fileno()
        self._failing = False
        self._lock = threading.Lock()

    def note(self, line: str) -> None:
        """Append a line. Never raises: if the file cannot be written, requests still work, and a warning is logged
        once.
        """
        with self._lock:
            try:
                os.write(self._open(), f"{line}\n".encode())
                self._failing = False
            except OSError as error:
                if not self._failing:
                    _log.error("journal des accès non écrit (%s)", because(error))
                self._failing = True

    def _open(self) -> int:
        if self._descriptor is None or not self._is_current(self._descriptor):
            self.close()
            self._descriptor = open_to_append(self._path or os.devnull)
        return self._descriptor

    def _is_current(self, descriptor: int) -> bool:
        if self._path is None:
            return True
        try:
            return os.path.samestat(os.fstat(descriptor), os.stat(self._path))
        except FileNotFoundError:
            return False

    def close(self) -> None:
        """Close the file."""
        if self._path is not None and self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def open_to_append(path: str) -> int:
    """Open a log for appending, created if necessary with read permission for its group, and return its descriptor.

    Raises:
        OSError: it cannot be written.
    """
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, _MODE)
