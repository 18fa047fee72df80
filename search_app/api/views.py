"""The JSON API, version 1: keys are a contract, so each is written out here and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, jsonify, request
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue

from indexer.query.request import FacetValue, Hit, SearchResponse
from indexer.resource import Audience, Resource
from search_app import messages
from search_app.accounts.sessions import audience
from search_app.search import params
from search_app.search.log import note_search
from search_app.web import error_pages
from search_app.web.context import site

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

MAX_PREFIX = 200
"""Characters of what is being typed that are completed; titles are shorter."""

_DESCRIPTION = Path(__file__).with_name("openapi.json")


class WrittenOrder(DefaultJSONProvider):
    """JSON with keys in the order they are written here, and French readable as it is."""

    sort_keys = False
    ensure_ascii = False


def install(app: Flask) -> None:
    """Add the API."""
    app.json = WrittenOrder(app)
    app.register_blueprint(blueprint)


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    """Search; arguments as on the search page."""
    asked = params.parse(request.args, audience())
    response = site().engine.search(asked)
    note_search(asked, response)
    return jsonify(search_json(response))


@blueprint.get("/resources/<resource_id>")
def resource(resource_id: str) -> ResponseReturnValue:
    """One resource."""
    reader = audience()
    found = site().engine.get(resource_id, audience=reader)
    if found is None:
        title, _ = messages.error(404)
        return error_pages.answer(404, (title, messages.RESOURCE_NOT_FOUND))
    return jsonify(resource_json(found, reader))


@blueprint.get("/suggest")
def suggest() -> ResponseReturnValue:
    """Completions of what is being typed."""
    prefix = request.args.get("q", "")[:MAX_PREFIX]
    found = site().engine.suggest(prefix, audience=audience()) if prefix.strip() else ()
    return jsonify({"suggestions": list(found)})


@blueprint.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """The description of this API."""
    return jsonify(description())


def description() -> dict[str, Any]:
    """The OpenAPI description, under the name of this site."""
    told: dict[str, Any] = json.loads(_DESCRIPTION.read_text(encoding="utf-8"))
    told["info"]["title"] = site().settings.site_name
    return told


def search_json(response: SearchResponse) -> dict[str, Any]:
    """The JSON answer to a search, as DESIGN fixes it; the terminal prints the same."""
    return {
        "query": response.query,
        "total": response.total,
        "page": response.page,
        "per_page": response.per_page,
        "took_ms": round(response.took_ms, 2),
        "sort": response.sort.value,
        "hits": [_hit(hit) for hit in response.hits],
        "facets": {
            "type": [_facet_value(value) for value in response.facets.type],
            "year": [_facet_value(value) for value in response.facets.year],
            "theme": [_facet_value(value) for value in response.facets.theme],
            "private": [_facet_value(value) for value in response.facets.private],
        },
        "did_you_mean": response.did_you_mean,
        "corrected": response.corrected,
        "matching": response.matching.value,
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.id,
        "url": hit.url,
        "title": hit.title,
        "type": hit.type,
        "year": hit.year,
        "year_source": hit.year_source.value if hit.year_source else None,
        "date": hit.date,
        "private": hit.private,
        "themes": list(hit.themes),
        "score": hit.score,
        "snippet": [[piece.text, piece.matched] for piece in hit.snippet],
    }


def _facet_value(value: FacetValue) -> dict[str, Any]:
    return {"value": value.value, "label": value.label, "count": value.count, "selected": value.selected}


def resource_json(found: Resource, reader: Audience) -> dict[str, Any]:
    """A resource as the API gives it to a reader; exports in JSON Lines hold the same."""
    answer: dict[str, Any] = {
        "id": found.id,
        "url": found.url,
        "title": found.title,
        "body": found.body,
        "summary": found.summary,
        "type": found.type,
        "private": found.private,
        "themes": list(found.themes),
        "date": found.date,
        "year": found.year,
        "year_source": found.year_source.value if found.year_source else None,
        "attachments": [{"url": one.url, "label": one.label} for one in found.attachments],
    }
    if reader is Audience.STAFF:
        # Where it came from and what is doubtful in it: matters of the archive's keepers.
        answer["source"] = found.source
        answer["warnings"] = list(found.warnings)
    return answer
