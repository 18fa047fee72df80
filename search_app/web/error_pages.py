"""Errors as people and programs read them: a page in the site's look, or JSON under /api/."""

from __future__ import annotations

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from indexer.errors import EngineError, IndexMissingError, RequestError
from search_app import messages
from search_app.errors import AccountError, StoreError
from search_app.messages import web

RETRY_SECONDS = "60"


def install(app: Flask) -> None:
    """Handle every error that a request may end in."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(SecurityError, _host_error)
    app.register_error_handler(RequestError, _request_error)
    app.register_error_handler(EngineError, _engine_error)
    app.register_error_handler(StoreError, _store_error)
    app.register_error_handler(AccountError, _account_error)


def answer(status: int, text: tuple[str, str], *, field: str | None = None) -> Response:
    """An error's response.

    Args:
        status: HTTP status.
        text: title and explanation. Nothing of the address that was asked stands in it, so that an address which
            does not exist and one that is not for this reader are told apart by no byte.
        field: the argument at fault.
    """
    title, explanation = (messages.typeset(part) for part in text)
    if request.path.startswith("/api/"):
        response = jsonify({"error": {"message": explanation, "field": field}})
    else:
        response = make_response(render_template("error.html", status=status, title=title, explanation=explanation))
    response.status_code = status
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    response = answer(status, messages.error(status))
    # Such as Allow with a 405.
    for name, value in error.get_headers(request.environ):
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _csrf_error(error: CSRFError) -> Response:
    return answer(400, messages.CSRF_FAILED)


def _host_error(error: SecurityError) -> Response:
    # Under a name that is not the site's own, there is no address that a page could link to.
    if request.path.startswith("/api/"):
        return answer(400, ("", web.WRONG_HOST))
    response = make_response(web.WRONG_HOST + "\n", 400)
    response.mimetype = "text/plain"
    return response


def _request_error(error: RequestError) -> Response:
    title, _ = messages.error(400)
    return answer(400, (title, str(error)), field=error.field)


def _engine_error(error: EngineError) -> Response:
    # The error's own sentence names folders of the server: it is for the log alone.
    current_app.logger.error("recherche impossible: %s", error)
    missing = isinstance(error, IndexMissingError)
    return _unavailable(messages.INDEX_MISSING if missing else messages.error(503))


def _store_error(error: StoreError) -> Response:
    current_app.logger.error("comptes illisibles: %s", error)
    return _unavailable(messages.ACCOUNTS_UNAVAILABLE)


def _account_error(error: AccountError) -> Response:
    # Not its sentence, which may name a person.
    current_app.logger.error("comptes illisibles: %s", type(error).__name__)
    return _unavailable(messages.ACCOUNTS_UNAVAILABLE)


def _unavailable(text: tuple[str, str]) -> Response:
    response = answer(503, text)
    response.headers["Retry-After"] = RETRY_SECONDS
    return response
