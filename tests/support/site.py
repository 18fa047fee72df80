"""Helpers for tests of the site: an app over the fake engine, a client, and signing in as a person does."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from search_app import create_app
from search_app.settings import SiteSettings
from tests.support.fake_engine import FakeEngine

PASSWORD = "un mot de passe solide"
MEMBER = "membre@exemple.fr"
STAFF = "equipe@exemple.fr"


class BufferedClient(FlaskClient):
    """A test client that reads responses completely, so that no static file stays open."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **kwargs})


def make_app(settings: SiteSettings, engine: FakeEngine) -> Flask:
    app = create_app(settings, engine)
    app.test_client_class = BufferedClient
    # Errors are handled as in production, so that tests see the pages that people see.
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


class Auth:
    """Signs in and out as a person does: reads the form and submits it."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def token(self, path: str = "/connexion") -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(path).text)
        assert found, "no form with a CSRF token"
        return found[1]

    def login(self, email: str = MEMBER, password: str = PASSWORD, **fields: str) -> TestResponse:
        form = {"email": email, "password": password, "csrf_token": self.token(), **fields}
        return self.client.post("/connexion", data=form)

    def logout(self) -> TestResponse:
        return self.client.post("/deconnexion", data={"csrf_token": self.token("/")})


def signed_in(app: Flask, email: str = MEMBER) -> FlaskClient:
    """Return a client that is signed in."""
    client = app.test_client()
    assert Auth(client).login(email).status_code == 303
    return client
