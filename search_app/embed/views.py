"""Routes of the script and of the page for an iframe."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Flask, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.resource import Audience
from search_app.search import params
from search_app.search.log import note_search
from search_app.search.views import search_path
from search_app.settings import SiteSettings
from search_app.web.context import site

blueprint = Blueprint("embed", __name__, url_prefix="/integration")
RESULTS = 10

_SCRIPT = Path(__file__).with_name("archive-search.js")


def install(app: Flask, settings: SiteSettings) -> None:
    """Add the routes of the script and of the iframe to an app, if the settings let any site embed the search."""
    if settings.embed:
        app.register_blueprint(blueprint)


@blueprint.get("/archive-search.js")
def script() -> ResponseReturnValue:
    """Return the script that defines the element `<archive-search>`."""
    body, tag = _script()
    response = Response(body, content_type="text/javascript; charset=utf-8")
    response.set_etag(tag)
    return response.make_conditional(request)


@blueprint.get("/recherche")
def frame() -> ResponseReturnValue:
    """Show a search box and ten results, for an iframe; arguments are those of the search page."""
    asked, errors = params.salvage(request.args, Audience.VISITOR)
    searched = bool(params.build(asked))
    response = None
    if searched:
        response = site().engine.search(asked)
        note_search(asked, response)
    arguments = params.query_string(asked)
    page = render_template(
        "embed/frame.html",
        typed=asked.query,
        hidden=[pair for pair in params.build(asked) if pair[0] not in {"q", "page"}],
        response=response,
        hits=[] if response is None else response.hits[:RESULTS],
        whole=search_path(asked),
        back=arguments,
        home=url_for("pages.search"),
        address=url_for("embed.frame"),
    )
    return page, 400 if errors else 200


@lru_cache(maxsize=1)
def _script() -> tuple[bytes, str]:
    body = _SCRIPT.read_bytes()
    return body, hashlib.sha256(body).hexdigest()[:12]
