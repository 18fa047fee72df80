"""Helpers for tests of the staff desk: read pages and send forms as a person does."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PAGES = (
    "/gestion/",
    "/gestion/import",
    "/gestion/sources",
    "/gestion/travaux",
    "/gestion/travaux/retour",
    "/gestion/a-verifier",
    "/gestion/a-verifier?quoi=theme",
    "/gestion/a-verifier?quoi=type",
    "/gestion/a-verifier?quoi=theme&suggestions=oui",
    "/gestion/a-verifier?quoi=doublons",
    "/gestion/a-verifier?quoi=liens",
    "/gestion/publications",
    "/gestion/corrections",
    "/gestion/lot?theme=Ruralit%C3%A9",
    "/gestion/themes",
    "/gestion/messages",
    "/gestion/textes",
    "/gestion/textes/mentions-legales",
    "/gestion/synonymes",
    "/gestion/selections",
    "/gestion/selections?q=ferme",
    "/gestion/recherches",
    "/gestion/comptes",
)


def token(client: FlaskClient, path: str = "/gestion/travaux") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found, "no form with a CSRF token"
    return found[1]


def post(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    """Send a form, and return the response without following redirects."""
    return client.post(path, data={"csrf_token": token(client), **fields})


def said(client: FlaskClient, answer: TestResponse) -> str:
    """Return the page that a response redirects to, as plain text."""
    assert answer.status_code == 303, text(answer)
    return text(client.get(answer.location))


def text(answer: TestResponse) -> str:
    """Return the text of a page without its tags, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def number(answer: TestResponse) -> int:
    """Return the number of the job that a response redirects to."""
    found = re.search(r"/travaux/(\d+)$", answer.location or "")
    assert found, text(answer)
    return int(found[1])
