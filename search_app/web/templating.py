"""The template environment: filters, and the few names that every page uses."""

from __future__ import annotations

import re
from urllib.parse import quote

from flask import Flask, request, url_for
from jinja2 import StrictUndefined

from search_app import messages
from search_app.accounts.sessions import current_account, safe_next
from search_app.control_characters import CONTROLS_BUT_SPACES, DIRECTION_MARKS
from search_app.web import accent, static_files
from search_app.web import text as texts
from search_app.web.context import site
from search_app.web.request_limits import MAX_ADDRESS

_IN_QUERIES = "%&=+?/:;,@!$'()*~[]"
_UNSEEN = re.compile(f"[{CONTROLS_BUT_SPACES}{DIRECTION_MARKS}]")


def install(app: Flask) -> None:
    """Set up the template environment; an undefined name in a template is an error."""
    app.jinja_options = {
        **app.jinja_options,
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "finalize": _shown,
    }
    app.jinja_env.filters.update(
        number=texts.number,
        ordinal=texts.ordinal,
        date_words=texts.date_in_words,
        year_words=texts.year_in_words,
        http_url=texts.http_url,
        host=texts.host,
        format=texts.document_format,
        printable=texts.printable,
        typeset=messages.typeset,
        without_paths=messages.without_paths,
    )
    files = static_files.install(app)

    def static_url(name: str) -> str:
        """Return the address of a static file, with a fingerprint so that browsers can cache it for ever."""
        return url_for("static", filename=name, v=files[name].fingerprint)

    @app.context_processor
    def every_page() -> dict[str, object]:
        return {
            "site_name": site().settings.site_name,
            "short_name": texts.short_name(site().settings.site_name),
            "account": current_account(),
            "static_url": static_url,
            "sign_in_path": sign_in_path,
            # Error pages have it too, for any address, so that it does not tell whether there is anything at an
            # address.
            "sign_in_next": here() if request.method in {"GET", "HEAD"} else None,
            "colours_url": accent.colours_url(),
            "NO_VALUE": messages.NO_VALUE,
        }


def _shown(value: object) -> object:
    """Return a text without invisible characters, such as marks of direction, which would reorder the page."""
    return (
        _UNSEEN.sub("", value) if type(value) is str else value
    )  # Markup was built from texts that passed through here


def here() -> str:
    """Return the address of the current request, to return to after signing in."""
    # Characters that the client did not escape are escaped, so that the address is ASCII.
    query = quote(request.query_string, safe=_IN_QUERIES)
    return quote(request.script_root + request.path) + (f"?{query}" if query else "")


def sign_in_path(target: str | None) -> str:
    """Return the address of the sign-in form that leads back to `target`.

    Without a target, or if `target` is not a safe address of this site, it is the address of the form alone.
    """
    plain: str = url_for("auth.sign_in")
    if not target or safe_next(target) != target:
        return plain
    address: str = url_for("auth.sign_in", next=target)
    return address if len(address) <= MAX_ADDRESS else plain
