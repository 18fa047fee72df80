"""Routes of the pages of territories."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from indexer.query import SearchRequest
from indexer.territories import gazetteer, level_of
from search_app.accounts.sessions import audience
from search_app.browse.addresses import code_of, territory_path, territory_slug
from search_app.browse.face import LEVELS, face, inside, tables_of_territories
from search_app.export.feeds import arguments_of
from search_app.search import params
from search_app.search.views import search_path
from search_app.web.context import site
from search_app.web.urls import absolute

blueprint = Blueprint("browse", __name__)


@blueprint.get("/territoires")
def territories() -> ResponseReturnValue:
    """Show the number of resources of each territory, level by level."""
    response = site().engine.search(SearchRequest(audience=audience(), per_page=1, snippets=False))
    values = response.facets.territory
    without = next((value.count for value in values if value.value == params.NONE), 0)
    return render_template(
        "browse/territories.html",
        tables=tables_of_territories(values, territory_path),
        total=response.total,
        without=without if values else response.total,
    )


@blueprint.get("/territoires/<place>")
def territory(place: str) -> ResponseReturnValue:
    """Show a territory: what holds it, what it holds, and its resources.

    A territory without a resource that the reader may see is as unknown as one that does not exist.
    """
    code, known = code_of(place), gazetteer()
    shown = known.get(code)
    if shown is None:
        abort(404)
    asked = SearchRequest(audience=audience(), territories=(code,))
    of_it = face(asked, site().engine.search, search_path, arguments_of)
    if not of_it.total:
        abort(404)
    if place != territory_slug(code):
        return redirect(url_for("browse.territory", place=territory_slug(code)), 301)
    return render_template(
        "browse/territory.html",
        territory=shown,
        canonical=absolute("browse.territory", place=place),
        kind=LEVELS[level_of(code)][0],
        above=[(known.name(one), territory_path(one)) for one in reversed(shown.parents)],
        tables=tables_of_territories(inside(of_it.response.facets.territory, code), territory_path),
        face=of_it,
    )
