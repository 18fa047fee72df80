"""A small web site on 127.0.0.1 for tests of gathering: pages may change during a run, and requests are recorded."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class Request:
    """A request as the site got it: `target` is path and query string; names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    """A response of the site; `raw`, if given, is called to write to the connection instead, which is then closed."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: Callable[[Any], None] | None = None


Page = Callable[[Request], Reply]


def html(text: str, status: int = 200, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(text.encode(), status, {"Content-Type": "text/html; charset=utf-8", **named})


def moved(target: str, status: int = 301) -> Reply:
    return Reply(status=status, headers={"Location": target})


class LiveSite:
    """A site, and the requests that it got.

    Attributes:
        pages: functions that answer requests, by path.
        other: answers requests for paths without a page.
        before: called first with each request; if it returns a reply, that is the response.
        validators: whether pages have an ETag, and the response is 304 if a request sends it back.
        compressed: whether bodies are compressed with gzip for clients that accept it.
        address: where the site is served, without a final slash.
    """

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.other: Page = lambda _: html("<h1>Page introuvable</h1>", 404)
        self.before: Callable[[Request], Reply | None] = lambda _: None
        self.requests: list[Request] = []
        self.statuses: list[int] = []
        self.bytes_sent = 0
        self.validators = True
        self.compressed = True
        self.address = ""

    def put(self, path: str, text: str | Reply | Page) -> None:
        """Put a page at a path: its HTML, a reply, or a function that returns a reply to a request."""
        if callable(text):
            self.pages[path] = text
        elif isinstance(text, Reply):
            self.pages[path] = lambda _: text
        else:
            self.pages[path] = lambda _: html(text)

    def asked(self, *beginnings: str) -> list[str]:
        """Return the targets of the requests so far that begin with one of `beginnings`; by default, all targets."""
        return [r.target for r in self.requests if r.target.startswith(beginnings or ("/",))]

    def forget(self) -> None:
        """Forget the requests so far."""
        self.requests.clear()
        self.statuses.clear()
        self.bytes_sent = 0

    def reply(self, request: Request) -> Reply:
        first = self.before(request)
        reply = first if first is not None else self.pages.get(request.path, self.other)(request)
        if reply.raw is not None or reply.status != 200 or not self.validators:
            return reply
        tag = f'"{hashlib.blake2b(reply.body, digest_size=8).hexdigest()}"'
        if request.headers.get("if-none-match") == tag:
            return Reply(status=304, headers={"ETag": tag})
        return Reply(reply.body, 200, {**reply.headers, "ETag": tag})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True  # else each body waits 40 ms for the receipt of its headers

    def do_GET(self) -> None:
        site: LiveSite = self.server.site  # type: ignore[attr-defined]
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        site.requests.append(request)
        reply = site.reply(request)
        site.statuses.append(reply.status)
        if reply.raw is not None:
            self.close_connection = True
            try:
                reply.raw(self.wfile)
            except OSError:
                return
            return
        body, headers = reply.body, dict(reply.headers)
        if site.compressed and len(body) > 200 and "gzip" in request.headers.get("accept-encoding", ""):
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        site.bytes_sent += len(body)
        try:
            self.send_response_only(reply.status)
            headers.setdefault("Date", self.date_time_string())
            for name, value in headers.items():
                self.send_header(name, value)
            if reply.status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if reply.status != 304:
                self.wfile.write(body)
        except OSError:
            self.close_connection = True

    do_POST = do_GET

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: Any) -> None:
        """Print nothing: clients of hostile pages hang up."""


@contextmanager
def serving(site: LiveSite) -> Iterator[LiveSite]:
    """Serve a site on a free port of 127.0.0.1 as long as the context is open; yield the site."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.site = site  # type: ignore[attr-defined]
    site.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class StandingClock:
    """A clock that moves on only by calls: of `sleep`, of `pass_days`, and by a millisecond at each call of `now`."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []
        self.start = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def now(self) -> datetime:
        self.seconds += 0.001  # no two answers come at the same time
        return self.start + timedelta(seconds=self.seconds)

    def pass_days(self, days: float) -> None:
        self.seconds += days * 86400
