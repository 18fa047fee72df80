"""The JSON API, version 1; `serializers` defines the keys of its responses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, jsonify, request, url_for
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue

from indexer.query import Completion, CompletionKind, SearchRequest
from indexer.resource import Audience
from search_app import messages
from search_app.accounts.sessions import audience
from search_app.api.serializers import completion_json, curated_json, resource_json, search_json
from search_app.search import curated, params
from search_app.search.log import note_search
from search_app.search.recognised import recognised_pages
from search_app.search.views import search_path
from search_app.web import error_pages
from search_app.web.context import site

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

MAX_PREFIX = 200
"""Number of characters after which the text to complete is cut; titles are shorter."""

_DESCRIPTION = Path(__file__).with_name("openapi.json")


class WrittenOrder(DefaultJSONProvider):
    """A JSON provider that keeps the order of keys and does not escape accented letters."""

    sort_keys = False
    ensure_ascii = False


def install(app: Flask) -> None:
    """Add the routes of the API to an app, and make its JSON responses keep the order of keys."""
    app.json = WrittenOrder(app)
    app.register_blueprint(blueprint)


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    """Return the response to a search. Arguments are those of the search page."""
    asked = params.parse(request.args, audience())
    response = site().engine.search(asked)
    note_search(asked, response)
    answer = search_json(response, recognised_pages(response, site().engine, asked.audience))
    chosen = curated.shown(asked)
    if chosen:
        answer["curated"] = [curated_json(one) for one in chosen]
    return jsonify(answer)


@blueprint.get("/resources/<resource_id>")
def resource(resource_id: str) -> ResponseReturnValue:
    """Return one resource as JSON, or an error with status 404."""
    reader = audience()
    found = site().engine.get(resource_id, audience=reader)
    if found is None:
        title, _ = messages.error(404)
        return error_pages.answer(404, (title, "Aucune ressource ne porte cet identifiant."))
    return jsonify(resource_json(found, reader))


@blueprint.get("/suggest")
def suggest() -> ResponseReturnValue:
    """Return, for the text being typed, texts to search, and pages (themes, resources…) with the path of each."""
    prefix, reader, engine = request.args.get("q", "")[:MAX_PREFIX], audience(), site().engine
    if not prefix.strip():
        return jsonify({"suggestions": [], "items": []})
    items = [completion_json(one, _path(one, reader)) for one in engine.complete(prefix, audience=reader)]
    return jsonify({"suggestions": list(engine.suggest(prefix, audience=reader)), "items": items})


def _path(completion: Completion, reader: Audience) -> str:
    """Return the path of the page that a completion leads to, for the audience `reader`."""
    match completion.kind:
        case CompletionKind.THEME:
            return search_path(SearchRequest(audience=reader, themes=(completion.text,)))
        case CompletionKind.PHRASE:
            return search_path(SearchRequest(audience=reader, query=completion.text))
        case CompletionKind.RESOURCE:
            return url_for("resources.page", resource_id=completion.resource)
        case CompletionKind.DOCUMENT:
            return url_for("publications.file", resource_id=completion.resource, document=completion.document)


@blueprint.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """Return the OpenAPI description of this API."""
    return jsonify(description())


def description() -> dict[str, Any]:
    """Return the OpenAPI description, with the name of this site."""
    described: dict[str, Any] = json.loads(_DESCRIPTION.read_text(encoding="utf-8"))
    described["info"]["title"] = site().settings.site_name
    return described
