"""Security headers on every route, and what caches may store."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from search_app.settings import SiteSettings
from tests.support.fake_engine import FakeEngine
from tests.support.routes import Address, every_address
from tests.support.site import make_app

ALWAYS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; "
        "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PAGE_OF_SIGN_IN = {"/deconnexion", "/connexion"}


def protected(headers: Headers) -> bool:
    return all(headers.get(name) == value for name, value in ALWAYS.items()) and "camera=()" in headers.get(
        "Permissions-Policy", ""
    )


@pytest.mark.parametrize("who", ["client", pytest.param("member", marks=pytest.mark.slow), "staff"])
def test_headers_everywhere(app: Flask, request: pytest.FixtureRequest, who: str) -> None:
    client: FlaskClient = request.getfixturevalue(who)
    asked = every_address(app)
    asked += [Address("GET", "/?page=x"), Address("GET", "/api/v1/search?page=x"), Address("GET", "/rien")]
    for method, path in asked:
        response = client.open(path, method=method)
        headers, where = response.headers, f"{method} {path}"
        assert response.status_code < 500, where
        assert protected(headers), where
        assert "Strict-Transport-Security" not in headers, where
        assert "Access-Control-Allow-Origin" not in headers, where
        if path.startswith(("/static/", "/couleurs.css")) and response.status_code < 400:
            assert "Cookie" not in headers.get("Vary", ""), where
            assert "Set-Cookie" not in headers, where
        elif path not in PAGE_OF_SIGN_IN:
            assert "Cookie" in headers["Vary"], where
            assert headers["Cache-Control"] == ("no-cache" if who == "client" else "private, no-store"), where
            assert "ETag" not in headers, where
        if method == "HEAD":
            assert response.data == b"", where


def test_errors_carry_the_headers_too(settings: SiteSettings, engine: FakeEngine) -> None:
    strict = replace(settings, hosts=("localhost",), https=True, proxies=1)
    client = make_app(strict, engine).test_client()
    seen = {}
    for path, method, options in (
        ("/rien", "GET", {}),
        ("/", "TRACE", {}),
        ("/", "DELETE", {}),
        ("/connexion", "POST", {"data": {"email": "x" * 100_000}}),
        ("/connexion", "POST", {"json": {}}),
        ("/?q=" + "x" * 5000, "GET", {}),
        ("/", "GET", {"headers": {"Host": "ailleurs.exemple"}}),
    ):
        response = client.open(path, method=method, **options)
        seen[response.status_code] = path
        assert protected(response.headers), path
        assert response.headers["Strict-Transport-Security"] == "max-age=31536000", path
    assert sorted(seen) == [400, 404, 405, 413, 414, 415]


def test_a_fault_of_ours_carries_the_headers_too(client: FlaskClient, engine: FakeEngine) -> None:
    engine.failure = ZeroDivisionError("détail interne")
    for path in ("/", "/api/v1/search"):
        response = client.get(path)
        assert response.status_code == 500
        assert protected(response.headers)
        assert "interne" not in response.text


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
