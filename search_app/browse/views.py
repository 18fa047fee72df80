"""Routes of the pages of territories, of themes, and of new resources."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from indexer.query import SearchRequest, Sort
from indexer.territories import gazetteer, level_of
from search_app.about.markdown import to_html
from search_app.accounts.sessions import audience
from search_app.browse import addresses
from search_app.browse.addresses import code_of, territory_path
from search_app.browse.face import LEVELS, face, inside, months_of, tables_of_territories
from search_app.browse.themes import picked, renamed_to, shown_text, theme_at
from search_app.export.feeds import arguments_of
from search_app.search import params
from search_app.search.views import search_path
from search_app.web.context import site
from search_app.web.urls import absolute

blueprint = Blueprint("browse", __name__)
NEW = 40
"""Largest number of resources on the page of new resources."""


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


@blueprint.get("/territoires/<territory_slug>")
def territory(territory_slug: str) -> ResponseReturnValue:
    """Show a territory: the larger ones around it, the smaller ones in it, and its resources.

    A territory without a resource that the reader may see gets the same response as one that does not exist.
    """
    code, known = code_of(territory_slug), gazetteer()
    shown = known.get(code)
    if shown is None:
        abort(404)
    asked = SearchRequest(audience=audience(), territories=(code,))
    of_it = face(asked, site().engine.search, search_path, arguments_of)
    if not of_it.total:
        abort(404)
    if territory_slug != addresses.territory_slug(code):
        return redirect(url_for("browse.territory", territory_slug=addresses.territory_slug(code)), 301)
    return render_template(
        "browse/territory.html",
        territory=shown,
        canonical=absolute("browse.territory", territory_slug=territory_slug),
        kind=LEVELS[level_of(code)][0],
        above=[(known.name(one), territory_path(one)) for one in reversed(shown.parents)],
        tables=tables_of_territories(inside(of_it.response.facets.territory, code), territory_path),
        face=of_it,
    )


@blueprint.get("/themes/<theme_slug>")
def theme(theme_slug: str) -> ResponseReturnValue:
    """Show a theme: its introduction and the resources picked by staff, and the newest resources.

    A theme without a resource that the reader may see gets the same response as one that does not exist. Only readers
    who may see every resource are redirected from the former name of a theme to the current one.
    """
    reader = audience()
    name = theme_at(theme_slug, reader)
    if name is None:
        current = renamed_to(theme_slug) if reader.sees_private else None
        if current is None or theme_at(addresses.theme_slug(current), reader) is None:
            abort(404)
        return redirect(addresses.theme_path(current), 301)
    text = shown_text(name)
    return render_template(
        "browse/theme.html",
        theme=name,
        canonical=absolute("browse.theme", theme_slug=theme_slug),
        introduction=Markup(to_html(text.text)) if text.text else None,  # noqa: S704 - safe by `to_html`
        picked=picked(text, reader),
        face=face(SearchRequest(reader, themes=(name,)), site().engine.search, search_path, arguments_of),
    )


@blueprint.get("/nouveautes")
def new() -> ResponseReturnValue:
    """Show the newest resources by their own date, month by month.

    The day on which a resource came into the archive is not shown: it could tell when a private one became public.
    """
    asked = SearchRequest(audience(), sort=Sort.NEWEST, per_page=NEW, snippets=False)
    hits = [hit for hit in site().engine.search(asked).hits if hit.year is not None]
    return render_template("browse/new.html", months=months_of(hits))
