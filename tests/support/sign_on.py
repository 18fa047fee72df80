"""Helpers for tests that sign in through an OpenID Connect provider."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from search_app.settings import SignOn
from tests.support.oidc_provider import Provider

SETTINGS = SignOn(
    issuer="", client_id="archives", client_secret="secret", name="le compte d’essai",
    member_values=frozenset({"adherent", "ami"}), staff_values=frozenset({"equipe"}),
)  # fmt: skip


def enter(client: FlaskClient, provider: Provider, sub: str, target: str = "/") -> TestResponse:
    """Sign in at the provider as the person `sub`, and return the site's response on the way back to `target`."""
    sent = client.get("/connexion/reseau", query_string={"next": target})
    assert sent.status_code == 302
    back = urlsplit(provider.consent(sent.location, sub=sub))
    return client.get(f"{back.path}?{back.query}")
