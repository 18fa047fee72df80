"""Pages that people read: search, one resource, themes, help."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.engine.placeholder import is_placeholder
from indexer.query.request import SearchRequest
from indexer.resource import Audience
from search_app.accounts.sessions import audience
from search_app.export.views import source_of
from search_app.resources import page as resource_view
from search_app.search import params, results_page, years_page
from search_app.search.log import note_search
from search_app.search.planner import planner
from search_app.web.context import site
from search_app.web.templating import here
from search_app.web.urls import search_path

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
    view = results_page.make(
        asked,
        response,
        errors=errors,
        typed_years=(_typed("year_from"), _typed("year_to")),
        archive_size=_archive_size(reader),
        address=lambda request: home + params.query_string(request),
        search=engine.search,
    )
    page = render_template(
        "search/search.html",
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
        "resources/resource.html",
        resource=found,
        view=resource_view.make(found, came_from, site().engine, source_of(), planner(site().settings.data)),
        keeper=reader is Audience.STAFF,
        reserved=is_placeholder(found),
        sign_in_next=here(),
    )


@blueprint.get("/themes")
def themes() -> ResponseReturnValue:
    """All themes and how many resources each holds."""
    response = site().engine.search(SearchRequest(audience=audience(), per_page=1, snippets=False))
    values = [value for value in response.facets.theme if value.value != params.NONE]
    without = [value for value in response.facets.theme if value.value == params.NONE]
    return render_template(
        "search/themes.html",
        themes=sorted(values, key=lambda value: (-value.count, value.label)),
        without=without[0] if without else None,
        total=response.total,
        sign_in_next=here(),
    )


@blueprint.get("/annees")
def years() -> ResponseReturnValue:
    """The archive year by year and type by type: a plot, and its figures."""
    timeline = years_page.timeline(audience(), site().engine.search, search_path)
    return render_template("search/years.html", timeline=timeline, sign_in_next=here())


@blueprint.get("/aide")
def help_page() -> ResponseReturnValue:
    """How to ask."""
    return render_template("search/help.html", sign_in_next=here())


def _typed(name: str) -> str:
    return next((value.strip() for value in request.args.getlist(name) if value.strip()), "")


def _archive_size(reader: Audience) -> int:
    status = site().engine.status()
    return status.visible(reader)
