"""API tokens: ``Authorization: Bearer …`` identifies the account, instead of a session.

The header is ignored on pages, since tokens are for programs, and pages have forms that rely on sessions.
"""

from __future__ import annotations

from flask import Flask, Response, g, request

from search_app.accounts import rights
from search_app.web import error_pages
from search_app.web.context import site

_TOKEN_REFUSED = (
    "Jeton refusé",
    "Ce jeton n’est pas valable : il a expiré ou a été révoqué, son compte est désactivé ou sans rôle, ou il est mal "
    "recopié. Créez-en un autre à la page « Mon compte », ou retirez l’en-tête Authorization pour lire ce qui est "
    "public.",
)


API = "/api/"
ASSISTANTS = "/mcp"
"""Path of MCP (Model Context Protocol), where only a token identifies an account: sessions are ignored."""


def install(app: Flask) -> None:
    """Make the API of an app, and MCP, accept valid tokens and refuse others."""
    app.before_request(_authenticate)


def carries_token() -> bool:
    """Return whether the request carries a token, valid or not."""
    given = request.authorization
    takes = request.path.startswith(API) or request.path == ASSISTANTS
    return takes and given is not None and given.type == "bearer"


def _authenticate() -> Response | None:
    if request.path == ASSISTANTS:
        g.account = None
    if not carries_token():
        return None
    given = request.authorization
    account = rights.by_token(site().stores, given.token) if given is not None and given.token else None
    if account is None:
        g.account = None
        response = error_pages.answer(401, _TOKEN_REFUSED)
        response.headers["WWW-Authenticate"] = 'Bearer realm="api", error="invalid_token"'
        return response
    g.account = account
    return None
