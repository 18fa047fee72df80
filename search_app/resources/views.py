"""Routes of the page of one resource."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from indexer.analysis import SynonymsError, WatchedSynonyms, default_analyzer
from indexer.engine import is_placeholder
from indexer.query import Planner
from indexer.resource import Audience
from indexer.settings import OWN_SYNONYMS
from search_app.accounts.sessions import audience
from search_app.export.views import source_of
from search_app.resources import page as resource_page
from search_app.search import params
from search_app.web.context import site

blueprint = Blueprint("resources", __name__)


@blueprint.get("/ressources/<resource_id>")
def page(resource_id: str) -> ResponseReturnValue:
    """Show one resource. Arguments are those of the search that led to it, for links back."""
    reader = audience()
    found = site().engine.get(resource_id, audience=reader)
    if found is None:
        abort(404)
    came_from, _ = params.salvage(request.args, reader)
    return render_template(
        "resources/resource.html",
        resource=found,
        typed=came_from.query,
        view=resource_page.make(found, came_from, site().engine, source_of(), _planner(site().settings.data)),
        keeper=reader is Audience.STAFF,
        reserved=is_placeholder(found),
    )


def _planner(data: Path) -> Planner:
    """Return a planner with the built-in synonyms and those of the data folder."""
    return Planner(default_analyzer(), _vocabulary(data / OWN_SYNONYMS).synonyms)


@lru_cache(maxsize=1)
def _vocabulary(own: Path) -> WatchedSynonyms:
    try:
        return WatchedSynonyms(default_analyzer(), own)
    except SynonymsError:
        # The file has become faulty; the engine has logged that already.
        return WatchedSynonyms(default_analyzer())
