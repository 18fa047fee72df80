"""Routes of the page of one resource."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from indexer.engine import is_placeholder
from indexer.resource import Audience
from search_app.accounts.sessions import audience
from search_app.export.views import source_of
from search_app.resources import page as resource_page
from search_app.resources.planning import planner
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
        view=resource_page.make(found, came_from, site().engine, source_of(), planner()),
        keeper=reader is Audience.STAFF,
        reserved=is_placeholder(found),
    )
