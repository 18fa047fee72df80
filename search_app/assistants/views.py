"""The route of MCP: one JSON-RPC message a request (streamable HTTP), answered at once; no state is kept between
messages.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from search_app.accounts.bearer import ASSISTANTS
from search_app.assistants import tools
from search_app.assistants.protocol import (
    ASSUMED,
    MOST_IN_BATCH,
    VERSIONS,
    Code,
    RpcError,
    Server,
    answer,
    decode,
    failure,
)
from search_app.messages import typeset
from search_app.settings import LOCAL_ADDRESS, SiteSettings
from search_app.web import error_pages
from search_app.web.context import site
from search_app.web.request_limits import takes

blueprint = Blueprint("assistants", __name__)

_JSON = frozenset({"application/json"})
_ORIGIN_REFUSED = (
    "Origine refusée",
    "Les pages d’autres sites ne peuvent pas utiliser cet outil : un assistant s’y connecte lui-même, sans navigateur.",
)
_NOT_ACCEPTED = ("Réponse refusée", "Les réponses sont du JSON : acceptez application/json.")


def install(app: Flask, settings: SiteSettings) -> None:
    """Add the route of MCP to an app, if the settings allow assistants to use the archive."""
    if settings.assistants:
        app.register_blueprint(blueprint)
        # A message is JSON, which no form can send, and its account comes from a token alone.
        app.extensions["csrf"].exempt(blueprint)


@blueprint.post(ASSISTANTS)
@takes(kinds=_JSON)
def mcp() -> ResponseReturnValue:
    """Answer a POST request, whose body is a JSON-RPC message or a batch of them."""
    if not _own_origin(request.headers.get("Origin")):
        return error_pages.answer(403, _ORIGIN_REFUSED)
    if request.accept_mimetypes and not request.accept_mimetypes.accept_json:
        return error_pages.answer(406, _NOT_ACCEPTED)
    try:
        version = _version()
        message = decode(request.get_data())
        answers = _answers(message, version)
    except RpcError as error:
        return jsonify(failure(None, error)), 400
    if answers is None:
        return Response(status=202)
    return jsonify(answers)


def _answers(message: Any, version: str) -> Any:
    """Return the answer to a message or to a batch of messages; None if there is nothing to answer.

    Raises:
        RpcError: the version of the protocol has no batches, or the batch is empty or too large.
    """
    server = _server()
    if not isinstance(message, list):
        return answer(message, server)
    if version != ASSUMED:
        raise RpcError(
            Code.INVALID_REQUEST, f"La version {version} du protocole n’a pas de lots : un message à la fois."
        )
    if not 1 <= len(message) <= MOST_IN_BATCH:
        raise RpcError(Code.INVALID_REQUEST, f"Un lot a de 1 à {MOST_IN_BATCH} messages.")
    return [said for one in message if (said := answer(one, server)) is not None] or None


def _version() -> str:
    given = request.headers.get("MCP-Protocol-Version", ASSUMED)
    if given not in VERSIONS:
        # What the client wrote is not repeated: it could be anything.
        raise RpcError(Code.VERSION, "Cette version du protocole n’est pas connue.", {"supported": list(VERSIONS)})
    return given


def _own_origin(origin: str | None) -> bool:
    """Return whether a request with this Origin header is accepted. Programs send none; a browser sends the origin of
    the page, which could be of any site whose name leads to this machine (DNS rebinding).
    """
    if origin is None:
        return True
    own = urlsplit(site().settings.address or LOCAL_ADDRESS)
    return origin == f"{own.scheme}://{own.netloc}"


def _server() -> Server:
    name = site().settings.site_name
    return Server(
        name="rtes-archive",
        title=name,
        instructions=typeset(
            f"Recherche dans {name}, en français. Cherchez avec search, lisez avec get et page, puis citez chaque "
            "affirmation avec la citation et l’adresse que donnent ces outils, et le numéro de page s’il y en a un."
        ),
        tools=tools.TOOLS,
        run=tools.run,
    )
