"""Limits on a request before any view sees it: trusted proxies, host names, lengths, kinds of body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, abort, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

from search_app.settings import SiteSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_BODY = 64 * 1024
"""Largest body of a request in bytes; most forms have a few short fields. Views that accept more are decorated with
`takes`.
"""

MAX_ADDRESS = 4096
"""Largest size of path and arguments in bytes: enough for five hundred accented characters and a few dozen filters."""

MAX_FORM_PARTS = 200
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})

MAX_HEADERS = 32 * 1024
"""Largest size of all headers in bytes. It exceeds MAX_ADDRESS, so that a too long address reaches the app, which
refuses it in French.
"""

SERVER_LIMITS: dict[str, Any] = {
    "max_request_header_size": MAX_HEADERS,
    # Headers in which a proxy describes the client are kept: only `ProxyFix` reads them, if the settings say so.
    "clear_untrusted_proxy_headers": False,
    # Number of connections of one process, including slow clients; a connection on which nothing is sent for
    # `channel_timeout` seconds is closed, which is checked every `cleanup_interval` seconds.
    "connection_limit": 512,
    "channel_timeout": 30,
    "cleanup_interval": 5,
    # A response that a client reads slowly waits in a file, up to this size in bytes; a larger one occupies its thread.
    "outbuf_high_watermark": 256 * 1024**2,
    # No header names the server program; `server_name` is the host of HTTP/1.0 requests that name none.
    "ident": "",
    "server_name": "127.0.0.1",
}
"""Settings of waitress, the library that reads requests, that match the limits of this module."""

_ATTRIBUTE = "body_taken"
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Body:
    """The request bodies that a view accepts.

    Attributes:
        size: largest size in bytes.
        kinds: accepted media types.
        parts: largest number of fields and files of a form.
        granted: returns whether the client of the current request has these limits; otherwise the usual ones apply.
    """

    size: int = MAX_BODY
    kinds: frozenset[str] = FORMS
    parts: int = MAX_FORM_PARTS
    granted: Callable[[], bool] = lambda: True


def takes(
    *,
    size: int = MAX_BODY,
    kinds: frozenset[str] = FORMS,
    parts: int = MAX_FORM_PARTS,
    granted: Callable[[], bool] = lambda: True,
) -> Callable[[View], View]:
    """Return a decorator that lets a view accept larger bodies or other media types; it is placed right under the
    route.

    The limits apply before anything reads the body, including the check of the CSRF token.

    Args:
        size: largest size in bytes; larger bodies are refused with status 413.
        kinds: accepted media types; others are refused with status 415.
        parts: largest number of fields and files of a form.
        granted: returns whether the client of the current request has these limits; otherwise the usual ones apply.
    """

    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, Body(size, kinds, parts, granted))
        return view

    return mark


def install(app: Flask, settings: SiteSettings) -> None:
    """Apply the limits to each request of an app. Must be called before anything that reads bodies is installed."""
    app.config.update(
        TRUSTED_HOSTS=list(settings.hosts) or None,
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        MAX_FORM_PARTS=MAX_FORM_PARTS,
    )
    if settings.proxies:
        # X-Forwarded-Host and -Prefix are never trusted: many proxies pass on the client's values.
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0, x_port=0, x_prefix=0)  # type: ignore[method-assign]
    app.before_request(_bound)


def body_limit(app: Flask, environ: WSGIEnvironment) -> int:
    """Return how many bytes the app would read of the body of a request, of which only the headers have arrived."""
    try:
        with app.request_context(environ):
            return _body().size
    except Exception:
        # Whatever goes wrong here goes wrong again when the app answers, and is answered there.
        return MAX_BODY


def _body() -> Body:
    view = current_app.view_functions.get(request.endpoint or "")
    body: Body = getattr(view, _ATTRIBUTE, Body())
    return body if body.granted() else Body()


def _bound() -> None:
    if len(request.path.encode()) + len(request.query_string) > MAX_ADDRESS:
        abort(414)
    body = _body()
    request.max_content_length, request.max_form_parts = body.size, body.parts
    if request.method not in BODY_METHODS or request.routing_exception is not None:
        return  # no view reads the body
    if request.content_length is None and "Transfer-Encoding" in request.headers:
        # Werkzeug would silently truncate such a body at the limit; no browser sends a form like this.
        abort(411)
    if request.content_length and request.mimetype not in body.kinds:
        abort(415)
