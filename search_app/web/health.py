"""Whether the site works, for the machine that watches over it."""

from __future__ import annotations

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from indexer.query.request import SearchRequest
from indexer.resource import Audience
from search_app.web.context import site

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """200 when a search answers, else 503; ``degraded`` when it answers from an older generation, or not at all."""
    engine = site().engine
    try:
        engine.search(SearchRequest(audience=Audience.VISITOR, per_page=1, snippets=False))
        degraded = engine.status().degraded is not None
    except Exception:
        # Whatever went wrong, the one who asks must hear it as "not well" and the log must say why.
        current_app.logger.exception("recherche de contrôle impossible")
        return jsonify({"status": "degraded"}), 503
    return jsonify({"status": "degraded" if degraded else "ok"})
