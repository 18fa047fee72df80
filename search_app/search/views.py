"""Routes of the search page, and of the pages of themes, years and help."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from indexer.analysis import collation_key
from indexer.query import SearchRequest
from indexer.resource import Audience
from search_app.accounts.sessions import audience
from search_app.browse.addresses import theme_path
from search_app.search import best_bets, curated, params, results_page, years_page
from search_app.search.log import note_search
from search_app.search.page_hits import hit_pages
from search_app.web.context import site

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def search() -> ResponseReturnValue:
    """Show the search page. It reports malformed arguments, and answers the search without them."""
    reader = audience()
    asked, errors = params.salvage(request.args, reader)
    engine = site().engine
    response = engine.search(asked)
    note_search(asked, response)
    home = url_for("pages.search")  # computed once, since the page has a hundred addresses
    view = results_page.make(
        asked,
        response,
        errors=errors,
        typed_years=(_typed("year_from"), _typed("year_to")),
        archive_size=_archive_size(reader),
        address=lambda request: home + params.query_string(request),
        search=engine.search,
        pages=hit_pages(response, engine, reader, params.query_string(asked)),
    )
    page = render_template(
        "search/search.html",
        view=view,
        response=response,
        best=best_bets.make(
            asked, response, search=engine.search, address=lambda request: home + params.query_string(request)
        ),
        curated=curated.shown(asked),
        welcome=site().settings.welcome,
        noindex=bool(request.args),
        INFERRED_YEARS=results_page.INFERRED_YEARS,
    )
    return page, 400 if errors else 200


@blueprint.get("/themes")
def themes() -> ResponseReturnValue:
    """Show all themes and the number of resources of each."""
    response = site().engine.search(SearchRequest(audience=audience(), per_page=1, snippets=False))
    values = [value for value in response.facets.theme if value.value != params.NONE]
    without = [value for value in response.facets.theme if value.value == params.NONE]
    return render_template(
        "search/themes.html",
        themes=sorted(values, key=lambda value: (-value.count, collation_key(value.label))),
        without=without[0] if without else None,
        total=response.total,
        theme_path=theme_path,
    )


@blueprint.get("/annees")
def years() -> ResponseReturnValue:
    """Show the number of resources by year and type, as a plot and a table."""
    timeline = years_page.timeline(audience(), site().engine.search, search_path)
    return render_template("search/years.html", timeline=timeline)


@blueprint.get("/aide")
def help_page() -> ResponseReturnValue:
    """Show the help page on how to search."""
    return render_template("search/help.html")


def search_path(request: SearchRequest) -> str:
    """Return the path of the search page that answers a request."""
    return url_for("pages.search") + params.query_string(request)


def _typed(name: str) -> str:
    return next((value.strip() for value in request.args.getlist(name) if value.strip()), "")


def _archive_size(reader: Audience) -> int:
    status = site().engine.status()
    return status.visible(reader)
