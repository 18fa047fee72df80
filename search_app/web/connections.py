"""The connections of one process: each request is read completely before a thread answers it.

One loop reads from all clients (waitress), and only complete requests are passed to the threads. So a client that is
silent, or stops in the middle of a header or body, occupies a connection but no thread; responses to slow readers wait
in buffers.
"""

from __future__ import annotations

import logging
import re
import socket
import time
from collections import Counter
from collections.abc import Callable, MutableMapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import BaseWSGIServer
from waitress.task import ErrorTask, WSGITask

from search_app import messages
from search_app.web.draining import Draining
from search_app.web.request_limits import MAX_BODY, SERVER_LIMITS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

THREADS = 4
"""Number of threads per process: other requests go on while one waits for the disk or an identity provider."""

LINGER = 2.0
"""Seconds that a stopping process waits for a client that has sent nothing, or only part of a request."""

_REQUEST_LINE = re.compile(rb"[!-~]+ [^\x00-\x20\x7f]+ HTTP/1\.[01]")
_FOLDED = re.compile(rb"\r\n[ \t]")
_LONG_SPACE = re.compile(rb"[ \t]{64}")

_INCIDENT = "incident pendant l’envoi d’une réponse"
_log = logging.getLogger(__name__)


class _Incidents(logging.LoggerAdapter[logging.Logger]):
    """A logger that replaces waitress's messages about responses, since they contain the path."""

    def process(self, msg: object, kwargs: MutableMapping[str, Any]) -> tuple[str, MutableMapping[str, Any]]:
        """Return a fixed message in place of waitress's own."""
        return _INCIDENT, kwargs


class _Refusal(ErrorTask):  # type: ignore[misc]
    """The response to a malformed request, in French; waitress's own would quote the request."""

    def execute(self) -> None:
        """Write the response: plain text, with the status that waitress gave the malformed request."""
        error = self.request.error
        if error.code < 500 or error.code == 501:
            _log.warning("demande illisible refusée (%s)", type(error).__name__)
        body = "\n".join(messages.error(error.code)).encode() + b"\n"
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", "text/plain; charset=utf-8"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """A parser of one request that skips a body which the app would refuse without reading it.

    Args:
        channel: the connection of the request.
        adj: settings of waitress (its `Adjustments`).
    """

    headers: dict[str, str]
    chunked: bool
    content_length: int
    body_rcv: Any

    def __init__(self, channel: _Channel, adj: Any) -> None:
        super().__init__(adj)
        self._channel = channel

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the request line and the headers.

        Raises:
            ParsingError: they are malformed.
        """
        line, _, fields = header_plus.partition(b"\r\n")
        # On what is refused here, the regular expressions of waitress take quadratic time, in the loop that reads from
        # all clients.
        if not _REQUEST_LINE.fullmatch(line.rstrip()) or _FOLDED.search(b"\r\n" + fields) or _LONG_SPACE.search(fields):
            raise ParsingError("malformed")
        _refuse_two_readings(line, fields)
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # invalid address or length; waitress would only close the connection
            raise ParsingError("unreadable") from error
        if self._channel.server.stopping:
            self.headers["CONNECTION"] = "close"
        if self.chunked:
            # The app refuses chunked bodies by this header, which waitress removes.
            self.headers["TRANSFER_ENCODING"] = "chunked"
            self._leave_body()
        elif self.content_length > MAX_BODY:
            body, self.body_rcv = self.body_rcv, None
            environ = WSGITask(self._channel, self).get_environment()
            if self.content_length <= self._channel.server.body_limit(environ):
                self.body_rcv = body
            else:
                self._leave_body()

    def _leave_body(self) -> None:
        """Pass the request to the app without its body, and close the connection after the response."""
        self.body_rcv, self.content_length, self.chunked, self.expect_continue = None, 0, False, False
        self.headers["CONNECTION"] = "close"


def _refuse_two_readings(line: bytes, fields: bytes) -> None:
    """Refuse a request whose end or host a server in front of this one could understand differently.

    Args:
        line: the request line.
        fields: all header lines.

    Raises:
        ParsingError: the request is ambiguous in that way.
    """
    pairs = [
        (name.rstrip().lower(), value.strip()) for name, _, value in (f.partition(b":") for f in fields.split(b"\r\n"))
    ]
    names = Counter(name for name, _ in pairs)
    codings = [value for name, value in pairs if name == b"transfer-encoding"]
    if codings and (len(codings) > 1 or not codings[0] or names[b"content-length"] or line.rstrip().endswith(b"1.0")):
        raise ParsingError("two readings of its end")
    if names[b"content-length"] > 1 or names[b"host"] > 1:
        raise ParsingError("one header twice")


class _Channel(HTTPChannel):  # type: ignore[misc]
    """The connection of one client."""

    error_task_class = _Refusal
    logger = _Incidents(_log)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.parser_class = partial(_Parser, self)
        super().__init__(*args, **kwargs)

    def is_waited_for(self, now: float) -> bool:
        """Return whether a stopping process must wait for this connection; `now` is a time of `time.time()`."""
        answering = self.requests or self.total_outbufs_len or self.close_when_flushed
        return bool(answering) or now - self.last_activity < LINGER


class Connections:
    """All connections of this process, and the threads that handle their requests.

    Args:
        listeners: sockets that clients connect to, shared with other processes.
        app: the WSGI application.
        body_limit: returns how many bytes of a body the app would read, given the WSGI environment of the request.
    """

    def __init__(
        self, listeners: Sequence[socket.socket], app: WSGIApplication, body_limit: Callable[[WSGIEnvironment], int]
    ) -> None:
        self._map: dict[int, Any] = {}
        first = create_server(app, map=self._map, sockets=list(listeners), threads=THREADS, **SERVER_LIMITS)
        self._threads = first.task_dispatcher
        self._servers = [one for one in self._map.values() if isinstance(one, BaseWSGIServer)]
        for server in self._servers:
            server.channel_class, server.body_limit, server.stopping = _Channel, body_limit, False
        # The warning of this logger appears whenever all threads are busy, which is normal.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)

    def turn(self, seconds: float) -> None:
        """Wait for clients to send data, at most for the given number of seconds, and read it."""
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def wake(self) -> None:
        """Make `turn` return at once; may be called from a signal handler."""
        self._servers[0].pull_trigger()

    def leave(self, draining: Draining) -> None:
        """Stop accepting connections. If all processes are stopping, first accept those that are already queued."""
        for server in self._servers:
            server.stopping = True
            if draining.begun:
                draining.accept_last(server.socket, partial(self._accept, server))
            wasyncore.dispatcher.close(server)

    def _accept(self, server: Any) -> bool:
        """Accept one connection, and return whether there was one."""
        try:
            connection, address = server.socket.accept()
        except ConnectionAbortedError:
            return True
        except OSError:
            return False
        connection.setblocking(False)
        _Channel(server, connection, address, server.adj, map=self._map)
        return True

    def finish(self, seconds: float, every_turn: Callable[[], None]) -> None:
        """Answer the requests received so far, then close all connections.

        Args:
            seconds: time limit.
            every_turn: called several times a second meanwhile.
        """
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            now = time.time()  # waitress's clock
            if not any(channel.is_waited_for(now) for one in self._servers for channel in one.active_channels.values()):
                break
            every_turn()
            self.turn(0.1)
        self._threads.shutdown(timeout=1)
        wasyncore.close_all(self._map)
