"""Headers on every route there is, and what caches may keep."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action 'self'; "
    "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
VALUES = {
    "resource_id": ("r-00", "rien"),
    "filename": ("style.css", "rien.css"),
    "ending": ("csv", "bib", "ris", "jsonl", "rien"),
    "number": ("1", "0"),
    "search_id": ("1", "rien"),
    "token": ("rien",),
}


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Every route of the app with every method, an address that exists and one that does not."""
    found = []
    for rule in app.url_map.iter_rules():
        assert set(rule.arguments) <= set(VALUES), f"give values for the new route {rule}"
        for path in paths(rule):
            found += [(method, path) for method in sorted(rule.methods or ())]
    return [*found, ("GET", "/rien"), ("GET", "/?page=x"), ("GET", "/api/v1/search?page=x"), ("PATCH", "/")]


def paths(rule: Rule) -> list[str]:
    found = [rule.rule]
    for name in rule.arguments:
        found = [re.sub(rf"<(?:[^<>]+:)?{name}>", value, path) for path in found for value in VALUES[name]]
    return found


@pytest.mark.parametrize("who", ["client", "member", "staff"])
def test_headers_everywhere(app: Flask, request: pytest.FixtureRequest, who: str) -> None:
    client: FlaskClient = request.getfixturevalue(who)
    for method, path in addresses(app):
        response = client.open(path, method=method)
        headers, where = response.headers, f"{method} {path}"
        assert response.status_code < 500, where
        assert headers["Content-Security-Policy"] == CSP, where
        assert headers["X-Content-Type-Options"] == "nosniff", where
        assert headers["X-Frame-Options"] == "DENY", where
        assert headers["Referrer-Policy"] == "same-origin", where
        assert "camera=()" in headers["Permissions-Policy"], where
        assert "Strict-Transport-Security" not in headers, where
        if path.startswith(("/static/", "/couleurs.css")) and response.status_code < 400:
            assert "Cookie" not in headers.get("Vary", ""), where
            assert "Set-Cookie" not in headers, where
        elif path not in {"/deconnexion", "/connexion"}:
            assert "Cookie" in headers["Vary"], where
            assert headers["Cache-Control"] == ("no-cache" if who == "client" else "private, no-store"), where
            assert "ETag" not in headers, where


def test_hsts_when_served_over_https(https_app: Flask) -> None:
    for path in ("/", "/rien", "/static/style.css"):
        assert https_app.test_client().get(path).headers["Strict-Transport-Security"] == "max-age=31536000"


def test_static_files_are_kept_only_under_their_fingerprint(client: FlaskClient) -> None:
    home = client.get("/").text
    address = home.split('rel="stylesheet" href="')[1].split('"')[0]
    response = client.get(address)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert len(response.data) + len(home) < 60_000
    assert client.get("/static/style.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/rien.css?v=1").headers["Cache-Control"] == "no-cache"
    again = client.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_noindex(client: FlaskClient) -> None:
    assert client.get("/api/v1/search").headers["X-Robots-Tag"] == "noindex"
    for path in ("/?q=a", "/connexion", "/rien"):
        assert '<meta name="robots" content="noindex' in client.get(path).text
    for path in ("/", "/themes", "/aide", "/ressources/r-00"):
        assert "noindex" not in client.get(path).text


def test_no_address_of_another_site_is_loaded(client: FlaskClient) -> None:
    assert not re.search(r"url\(|@import|https?://", client.get("/static/style.css").text)


def test_host_header_is_not_echoed(client: FlaskClient) -> None:
    for path in ("/", "/ressources/r-00", "/connexion", "/rien"):
        assert "evil.example" not in client.get(path, headers={"Host": "evil.example"}).text


def test_head_and_get_agree(client: FlaskClient) -> None:
    for path in ("/", "/ressources/r-00", "/rien", "/api/v1/search"):
        got, head = client.get(path), client.head(path)
        assert head.data == b""
        assert head.status_code == got.status_code
