"""Limits on a request before any view sees it: trusted proxies, host names, lengths, kinds of body."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

from search_app.settings import SiteSettings

MAX_BODY = 64 * 1024
"""Largest body of a request in bytes; most forms have a few short fields. Views that accept more are decorated with
`takes`.
"""

MAX_ADDRESS = 4096
"""Largest size of path and arguments in bytes: enough for five hundred accented characters and a few dozen filters."""

MAX_FORM_PARTS = 200
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})

SERVER_LIMITS: dict[str, Any] = {
    # Longer than MAX_ADDRESS, so that the app, not the server, refuses long addresses, in French.
    "limit_request_line": 8190,
    "limit_request_fields": 64,
    "limit_request_field_size": 8190,
    # gunicorn would believe these of any client on loopback: only `ProxyFix` reads them, and only when told to.
    "forwarded_allow_ips": "",
    "secure_scheme_headers": {},
    "proxy_protocol": "off",
    # Nobody steers the server but by signals.
    "control_socket_disable": True,
}
"""gunicorn settings that agree with what is said here."""

_ATTRIBUTE = "body_taken"
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Body:
    """The request bodies that a view accepts: largest size in bytes, media types, and largest number of form parts."""

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
        granted: returns whether this client may send so much; for others the usual limits apply.
    """

    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, Body(size, kinds, parts, granted))
        return view

    return mark


def install(app: Flask, settings: SiteSettings) -> None:
    """Install the limits. Must be called before anything that reads bodies is installed."""
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


def _bound() -> None:
    if len(request.path.encode()) + len(request.query_string) > MAX_ADDRESS:
        abort(414)
    view = current_app.view_functions.get(request.endpoint or "")
    body: Body = getattr(view, _ATTRIBUTE, Body())
    if not body.granted():
        body = Body()
    request.max_content_length, request.max_form_parts = body.size, body.parts
    if request.method not in BODY_METHODS or request.routing_exception is not None:
        return  # no view reads the body
    if request.content_length is None and "Transfer-Encoding" in request.headers:
        # Werkzeug would silently truncate such a body at the limit; no browser sends a form like this.
        abort(411)
    if request.content_length and request.mimetype not in body.kinds:
        abort(415)
