"""OpenSearch, robots.txt and sitemaps, for browsers and crawlers. All but suggestions are the same for every reader."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from indexer.query import FacetValue, SearchRequest
from indexer.resource import Audience
from search_app.accounts.sessions import audience
from search_app.browse.addresses import territory_slug, theme_slug
from search_app.export.all_hits import public_hits
from search_app.export.record import iso_date, known_date
from search_app.search import params
from search_app.web.context import site
from search_app.web.text import short_name
from search_app.web.urls import absolute, resource_address

blueprint = Blueprint("discovery", __name__)
MOST_IN_SITEMAP = 50_000
"""Largest number of addresses of a sitemap (sitemaps.org)."""

_LONG_NAME = 48
_FOR_ROBOTS = ("/static/",)
_NOT_FOR_ROBOTS = (
    "/*?",
    # Searches once more, for crawlers that support only prefixes.
    *(f"/?{name}=" for name in params.ARGUMENTS),
    "/api/",
    "/compte",
    "/connexion",
    "/contact/recu",
    "/courriels/",
    "/export.",
    "/flux.atom",
    "/gestion",
    "/integration/",
    "/listes/",
    "/mot-de-passe",
    "/mcp",
    "/oai",
    "/opensearch/",
    "/recherches",
    "/ressources/*/citation.",
    "/ressources/*/documents/*/pages/",
    "/ressources/*/documents/*/recherche",
    "/ressources/*/documents/recherche",
    "/ressources/*/signaler",
    "/selection",
    "/suivre",
)
"""Paths that crawlers must not visit. Searches are innumerable, and the sitemap lists all resources that they find.
Crawlers read publications as whole files, linked from the pages of their resources, not page by page.
"""


@blueprint.get("/opensearch.xml")
def opensearch() -> ResponseReturnValue:
    """Return the OpenSearch description document, by which browsers offer to search this site."""
    name = site().settings.site_name
    text = render_template(
        "export/opensearch.xml",
        short_name=short_name(name),
        long_name=short_name(name, _LONG_NAME),
        description=f"Recherche en texte intégral dans {name}",
        page=absolute("pages.search"),
        feed=absolute("feeds.search"),
        suggestions=absolute("discovery.suggestions"),
        description_address=absolute("discovery.opensearch"),
    )
    return Response(text, content_type="application/opensearchdescription+xml; charset=utf-8")


@blueprint.get("/opensearch/suggestions")
def suggestions() -> ResponseReturnValue:
    """Return completions in the OpenSearch format: a list of the text typed and of its completions."""
    typed = request.args.get("q", "")
    found = site().engine.suggest(typed, audience=audience()) if typed.strip() else ()
    response = jsonify([typed, list(found)])
    response.content_type = "application/x-suggestions+json; charset=utf-8"
    return response


@blueprint.get("/robots.txt")
def robots() -> ResponseReturnValue:
    """Return robots.txt, which excludes searches, files and personal pages."""
    # Allowed paths first: some crawlers use the first line that matches, others the longest.
    lines = ["User-agent: *", *(f"Allow: {path}" for path in _FOR_ROBOTS)]
    lines += [f"Disallow: {path}" for path in _NOT_FOR_ROBOTS]
    lines += ["", f"Sitemap: {absolute('discovery.sitemap')}", ""]
    return Response("\n".join(lines), content_type="text/plain; charset=utf-8")


@blueprint.get("/sitemap.xml")
def sitemap() -> ResponseReturnValue:
    """Return the sitemap of all public resources, with the pages of their themes and territories or, if there are too
    many for one, the index of sitemaps.
    """
    urls = _urls()
    if len(urls) <= MOST_IN_SITEMAP:
        return _sitemap(urls)
    count = -(-len(urls) // MOST_IN_SITEMAP)
    parts = [absolute("discovery.sitemap_part", number=number) for number in range(1, count + 1)]
    return _xml(render_template("export/sitemap_index.xml", parts=parts))


@blueprint.get("/sitemap-<int:number>.xml")
def sitemap_part(number: int) -> ResponseReturnValue:
    """Return the sitemap with a number, from 1; respond with 404 if there are fewer."""
    first = (number - 1) * MOST_IN_SITEMAP
    part = _urls()[first : first + MOST_IN_SITEMAP] if number else []
    if not part:
        abort(404)
    return _sitemap(part)


def _urls() -> list[tuple[str, str]]:
    """Return the address of every page of the sitemap, and the date of its resource in ISO 8601.

    The date is empty for pages of themes and territories, and unless year, month and day of the resource are known.
    """
    hits = public_hits(site().engine)
    dates = (known_date(hit) for hit in hits)
    urls = [
        (resource_address(hit.id), iso_date(date) if len(date) == 3 else "")
        for hit, date in zip(hits, dates, strict=True)
    ]
    facets = site().engine.search(SearchRequest(Audience.VISITOR, per_page=1, snippets=False)).facets
    territories = [
        absolute("browse.territory", territory_slug=territory_slug(one.value)) for one in facets.territory if _is(one)
    ]
    themes = [absolute("browse.theme", theme_slug=theme_slug(one.value)) for one in facets.theme if _is(one)]
    return [*urls, *((address, "") for address in (*themes, *territories))]


def _is(value: FacetValue) -> bool:
    return value.value != params.NONE


def _sitemap(urls: Sequence[tuple[str, str]]) -> Response:
    return _xml(render_template("export/sitemap.xml", urls=urls))


def _xml(text: str) -> Response:
    return Response(text, content_type="application/xml; charset=utf-8")
