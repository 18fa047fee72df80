"""Error responses: a page of the site, or JSON for programs, under /api/ and at /mcp."""

from __future__ import annotations

import sqlite3
from types import TracebackType

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from indexer.errors import ArchiveError, EngineError, IndexMissingError, RequestError
from indexer.storage.os_errors import SystemFailure, reason_of
from search_app import messages
from search_app.errors import AccountError, StoreError
from search_app.web.logging import RedactingFilter, known_method

ExcInfo = tuple[type, BaseException, TracebackType | None] | tuple[None, None, None]

RETRY_SECONDS = "60"
_NOTED = "missing-index-noted"

INDEX_MISSING = (
    "L’archive n’est pas encore ouverte",
    "Aucune ressource n’est encore publiée dans l’archive. Revenez dans quelque temps.",
)
INDEX_MISSING_FOR_STAFF = (
    "Pour l’équipe : à la page « Gestion », importez des pages, puis lancez l’indexation. Le site montre les "
    "ressources dès qu’elle est finie."
)
ACCOUNTS_UNAVAILABLE = (
    "Comptes indisponibles",
    "Les comptes ne peuvent pas être lus pour l’instant. Réessayez dans quelques minutes.",
)
DATA_UNAVAILABLE = (
    "Données indisponibles",
    "Des données dont cette page a besoin ne peuvent pas être lues pour l’instant. Réessayez dans quelques minutes.",
)
SYSTEM_REFUSES = (
    "Service indisponible",
    "Le site ne peut pas répondre pour l’instant. Réessayez dans quelques minutes.",
)
CSRF_FAILED = (
    "Formulaire expiré",
    "Par sécurité, ce formulaire n’est plus valable : il est resté ouvert trop longtemps, ou votre navigateur "
    "refuse les cookies. Revenez à la page, rechargez-la et recommencez.",
)
WRONG_HOST = messages.typeset(
    "Ce site ne répond pas sous ce nom : vérifiez l’adresse demandée. (Pour l’équipe : les noms acceptés se règlent "
    "avec RTES_HOSTS.)"
)


class ArchiveFlask(Flask):
    """A Flask app that logs where it failed, but never the data it failed on."""

    def __init__(self, import_name: str) -> None:
        super().__init__(import_name)
        if not any(isinstance(one, RedactingFilter) for one in self.logger.filters):
            self.logger.addFilter(RedactingFilter())

    def log_exception(self, exc_info: ExcInfo) -> None:
        """Log an exception that no handler caught."""
        rule = request.url_rule
        method = known_method(request.method)
        self.logger.error("incident sur %s [%s]", "?" if rule is None else rule.rule, method, exc_info=exc_info)


def install(app: Flask) -> None:
    """Register a handler for every error that a request may cause."""
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(SecurityError, _host_error)
    app.register_error_handler(RequestError, _request_error)
    app.register_error_handler(EngineError, _engine_error)
    app.register_error_handler(StoreError, _store_error)
    app.register_error_handler(AccountError, _account_error)
    app.register_error_handler(ArchiveError, _archive_error)
    for kind in (OSError, sqlite3.Error, MemoryError):
        app.register_error_handler(kind, _system_error)


def answer(
    status: int, text: tuple[str, str], *, field: str | None = None, for_staff: str | None = None, failure: bool = True
) -> Response:
    """Return the response to an error.

    Args:
        status: HTTP status.
        text: title and explanation. They contain no part of the address, so that the responses are identical for an
            address that does not exist and one that this reader may not see.
        field: name of the argument at fault, if any.
        for_staff: a further sentence that only staff see, if any.
        failure: whether anything went wrong; False for a page that only has nothing to show yet, so that the page is
            not called an error.
    """
    title, explanation = (messages.typeset(part) for part in text)
    if _for_programs():
        response = jsonify({"error": {"message": explanation, "field": field}})
    else:
        response = _page(status, title, explanation, for_staff=for_staff, failure=failure)
    response.status_code = status
    return response


def _for_programs() -> bool:
    return request.path.startswith("/api/") or request.path == "/mcp"


def _page(status: int, title: str, explanation: str, *, for_staff: str | None, failure: bool) -> Response:
    try:
        page = render_template(
            "error.html",
            status=status,
            title=title,
            explanation=explanation,
            for_staff=None if for_staff is None else messages.typeset(for_staff),
            failure=failure,
            failing=status >= 500,
        )
        return make_response(page)
    except (OSError, sqlite3.Error, MemoryError, ArchiveError) as error:
        # What the system refuses may be the template itself, or the account that the page would name.
        current_app.logger.error("page d’erreur sans mise en page: %s", _described(error))
        response = make_response(f"{title}\n\n{explanation}\n")
        response.mimetype = "text/plain"
        return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    response = answer(status, messages.error(status))
    # For example Allow, for status 405.
    for name, value in error.get_headers(request.environ):
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _csrf_error(error: CSRFError) -> Response:
    return answer(400, CSRF_FAILED)


def _host_error(error: SecurityError) -> Response:
    # If the host name is not accepted, a page could not link to the site.
    if _for_programs():
        return answer(400, ("", WRONG_HOST))
    response = make_response(WRONG_HOST + "\n", 400)
    response.mimetype = "text/plain"
    return response


def _request_error(error: RequestError) -> Response:
    title, _ = messages.error(400)
    return answer(400, (title, str(error)), field=error.field)


def _engine_error(error: EngineError) -> Response:
    if isinstance(error, IndexMissingError):
        note_missing_index()
        return _unavailable(INDEX_MISSING, for_staff=INDEX_MISSING_FOR_STAFF, failure=False)
    # The error's message names folders of the server, so it is only logged.
    current_app.logger.error("recherche impossible: %s", error)
    return _unavailable(messages.error(503))


def note_missing_index() -> None:
    """Log that nothing is indexed yet: once, not at each visit, since nothing is broken."""
    if _NOTED not in current_app.extensions:
        current_app.extensions[_NOTED] = True
        current_app.logger.warning("rien n’est encore indexé: lancez « python run.py index », ou l’indexation du site")


def _store_error(error: StoreError) -> Response:
    current_app.logger.error("données inutilisables: %s", error)
    return _unavailable(DATA_UNAVAILABLE)


def _account_error(error: AccountError) -> Response:
    # Not its message, which may name a person.
    current_app.logger.error("comptes illisibles: %s", type(error).__name__)
    return _unavailable(ACCOUNTS_UNAVAILABLE)


def _archive_error(error: ArchiveError) -> Response:
    current_app.logger.error("demande impossible: %s", error)
    return _unavailable(SYSTEM_REFUSES)


def _system_error(error: SystemFailure) -> Response:
    current_app.logger.error("le système refuse %s", _described(error), exc_info=error)
    return _unavailable(SYSTEM_REFUSES)


def _described(error: SystemFailure | ArchiveError) -> str:
    """Return the part of an error that may be logged: a system error may name a file that identifies a person."""
    return str(error) if isinstance(error, ArchiveError) else reason_of(error).then("lancez « python run.py check »")


def _unavailable(text: tuple[str, str], *, for_staff: str | None = None, failure: bool = True) -> Response:
    response = answer(503, text, for_staff=for_staff, failure=failure)
    response.headers["Retry-After"] = RETRY_SECONDS
    return response
