"""Pages that people read: search, one resource, themes, help."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.query.request import SearchRequest
from indexer.resource import Audience
from indexer.stubs import is_stub
from search_app import browse_view, params, resource_view, search_view
from search_app.addresses import search_path
from search_app.auth import audience
from search_app.context import site
from search_app.exports import source_of
from search_app.rendering import here
from search_app.search_log import note_search
from search_app.vocabulary import planner

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def search() -> ResponseReturnValue:
    """The search page; malformed arguments are named on it, and the rest of the form is kept and answered."""
    reader = audience()
    asked, errors = params.salvage(request.args, reader)
    engine = site().engine
    response = engine.search(asked)
    note_search(asked, response)
    home = url_for("pages.search")  # once: the page holds a hundred addresses
    view = search_view.make(
        asked,
        response,
        errors=errors,
        typed_years=(_typed("year_from"), _typed("year_to")),
        archive_size=_archive_size(reader),
        address=lambda request: home + params.query_string(request),
        search=engine.search,
    )
    page = render_template(
        "search.html",
        view=view,
        response=response,
        welcome=site().settings.welcome,
        noindex=bool(request.args),
        sign_in_next=here(),
    )
    return page, 400 if errors else 200


@blueprint.get("/ressources/<resource_id>")
def resource(resource_id: str) -> ResponseReturnValue:
    """One resource. The arguments of the search one came from lead back to it."""
    reader = audience()
    found = site().engine.get(resource_id, audience=reader)
    if found is None:
        abort(404)
    came_from, _ = params.salvage(request.args, reader)
    return render_template(
        "resource.html",
        resource=found,
        view=resource_view.make(found, came_from, site().engine, source_of(), planner(site().settings.data)),
        keeper=reader is Audience.STAFF,
        reserved=is_stub(found),
        sign_in_next=here(),
    )


@blueprint.get("/themes")
def themes() -> ResponseReturnValue:
    """All themes and how many resources each holds."""
    response = site().engine.search(SearchRequest(audience=audience(), per_page=1, snippets=False))
    values = [value for value in response.facets.theme if value.value != params.NONE]
    without = [value for value in response.facets.theme if value.value == params.NONE]
    return render_template(
        "themes.html",
        themes=sorted(values, key=lambda value: (-value.count, value.label)),
        without=without[0] if without else None,
        total=response.total,
        sign_in_next=here(),
    )


@blueprint.get("/annees")
def years() -> ResponseReturnValue:
    """The archive year by year and type by type: a plot, and its figures."""
    timeline = browse_view.timeline(audience(), site().engine.search, search_path)
    return render_template("years.html", timeline=timeline, sign_in_next=here())


@blueprint.get("/aide")
def help_page() -> ResponseReturnValue:
    """How to ask."""
    return render_template("help.html", sign_in_next=here())


def _typed(name: str) -> str:
    return next((value.strip() for value in request.args.getlist(name) if value.strip()), "")


def _archive_size(reader: Audience) -> int:
    status = site().engine.status()
    return status.visible(reader)
