"""The access log: a line for each request that the site answered, which says neither who asked nor what for.

    2026-11-24T10:00:00+01:00 GET resources.page 200 5321 12ms

Time, method, name of the route, status, bytes of the body, time until it was sent. An address may be the title of a
private resource or the secret of a feed, so nothing of it is here, nor a referer, a user agent or a network address;
and as no part of a line comes from outside, none can be forged. It is WSGI, so every server writes the same.
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
"""The route of what leads nowhere, or was refused before routes were looked at."""

STANDARD_ERROR = "-"
_MODE = 0o640
_ROUTE = "rtes.route"
_log = logging.getLogger(__name__)

Note = Callable[[str], None]
"""Takes a line, without its end."""


def install(app: Flask, note: Note) -> None:
    """Note every request that an app answers, once its answer is sent or given up."""
    request_started.connect(_name_route, app, weak=False)
    app.wsgi_app = AccessLog(app.wsgi_app, note)  # type: ignore[method-assign]


def _name_route(app: Flask, **_: Any) -> None:
    # The endpoint and not the address: a word of this program, whoever asks.
    request.environ[_ROUTE] = request.endpoint or UNKNOWN


class AccessLog:
    """A WSGI application that notes what another one answers.

    Args:
        app: the other one.
        note: takes the lines.
    """

    def __init__(self, app: WSGIApplication, note: Note) -> None:
        self._app = app
        self._note = note

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request; the line is written when the server closes the answer."""
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
    """The body of a response, counted as it is sent."""

    def __init__(self, environ: WSGIEnvironment, note: Note) -> None:
        self.status = 500  # unless the application says otherwise: it fell before it could
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
    """A file that lines are added to, whole, by as many processes as there are.

    A file that was renamed or removed is opened again under its name: logrotate need tell nobody.

    Args:
        path: the file, or `STANDARD_ERROR`.
    """

    def __init__(self, path: str) -> None:
        self._path = None if path == STANDARD_ERROR else path
        self._descriptor: int | None = None if self._path else sys.stderr.fileno()
        self._failing = False
        self._lock = threading.Lock()

    def note(self, line: str) -> None:
        """Add a line. Never raises: a log that cannot be written stops no answer, and is spoken of once."""
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
    """Open a log, made if need be, for its owner and those who may read logs; its descriptor.

    Raises:
        OSError: it cannot be written.
    """
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, _MODE)
