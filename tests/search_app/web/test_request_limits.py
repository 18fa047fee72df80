"""Proxies and host names are trusted only if settings say so; the size and type of bodies and addresses are limited."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from waitress.adjustments import Adjustments
from werkzeug.test import EnvironBuilder, run_wsgi_app

from search_app import messages
from search_app.jobs import MAX_SENT
from search_app.settings import SiteSettings
from search_app.web.error_pages import WRONG_HOST
from search_app.web.request_limits import MAX_ADDRESS, MAX_BODY, SERVER_LIMITS, body_limit, takes
from tests.support.fake_engine import FakeEngine
from tests.support.site import STAFF, Auth, make_app, signed_in

FORWARDED = {
    "X-Forwarded-For": "192.0.2.1, 192.0.2.2",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "444",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=192.0.2.9;host=evil.example;proto=https",
    "X-Real-IP": "192.0.2.8",
}


def seen(app: Flask, headers: dict[str, str]) -> tuple[str | None, str, str, str]:
    """Return the client's address, the scheme, the host and the script root, as views see them."""

    @app.get("/vu")
    def view() -> dict[str, Any]:
        return {"seen": [request.remote_addr, request.scheme, request.host, request.script_root]}

    return tuple(app.test_client().get("/vu", headers=headers).json["seen"])


def test_forwarded_headers_are_ignored_by_default(app: Flask) -> None:
    assert seen(app, FORWARDED) == ("127.0.0.1", "http", "localhost", "")


@pytest.mark.parametrize(("proxies", "client"), [(1, "192.0.2.2"), (2, "192.0.2.1"), (3, "127.0.0.1")])
def test_as_many_proxies_are_believed_as_settings_say(
    settings: SiteSettings, engine: FakeEngine, proxies: int, client: str
) -> None:
    app = make_app(replace(settings, proxies=proxies), engine)
    scheme = "https" if proxies == 1 else "http"
    # The host name is never taken from it, since many proxies pass on what the client wrote.
    assert seen(app, FORWARDED) == (client, scheme, "localhost", "")


def test_the_server_hands_on_what_proxies_say_and_believes_none_of_it() -> None:
    asked = Adjustments(**SERVER_LIMITS)
    assert asked.trusted_proxy is None
    assert not asked.clear_untrusted_proxy_headers, "ProxyFix would have nothing to read"
    assert MAX_ADDRESS < asked.max_request_header_size <= 64 * 1024
    assert not asked.expose_tracebacks


def test_the_server_reads_only_bodies_that_the_app_would_read(app: Flask, settings: SiteSettings) -> None:
    def limit(path: str, client: FlaskClient) -> int:
        cookies = "; ".join(f"{one.key}={one.value}" for one in client._cookies.values())
        return body_limit(app, EnvironBuilder(path, method="POST", headers={"Cookie": cookies}).get_environ())

    visitor, staff = app.test_client(), signed_in(app, STAFF)
    assert {limit(path, visitor) for path in ("/connexion", "/rien", "/gestion/import")} == {MAX_BODY}
    assert limit("/gestion/import", staff) > MAX_SENT
    assert limit("/connexion", staff) == MAX_BODY
    (settings.data / "accounts.sqlite").write_bytes(b"x" * 5000)
    assert limit("/gestion/import", staff) == MAX_BODY, "whoever asks, where accounts cannot be read"


# Host names


@pytest.fixture
def named(settings: SiteSettings, engine: FakeEngine) -> FlaskClient:
    return make_app(replace(settings, hosts=("archives.exemple.fr", ".reseau.fr")), engine).test_client()


@pytest.mark.parametrize("host", ["archives.exemple.fr", "archives.exemple.fr:8443", "a.reseau.fr", "reseau.fr"])
def test_names_of_the_site(named: FlaskClient, host: str) -> None:
    assert named.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["localhost", "exemple.fr", "archives.exemple.fr.evil.example", "evilreseau.fr", "a b", "é", "[", "x" * 300]
)
def test_other_names_are_refused_in_french(named: FlaskClient, host: str) -> None:
    for path in ("/", "/rien", "/healthz", "/connexion", "/static/style.css"):
        response = named.get(path, environ_overrides={"HTTP_HOST": host.encode().decode("latin-1")})
        assert response.status_code == 400, path
        assert response.text.strip() == WRONG_HOST
        assert response.mimetype == "text/plain"
    response = named.get("/api/v1/search", environ_overrides={"HTTP_HOST": host.encode().decode("latin-1")})
    assert response.json == {"error": {"message": WRONG_HOST, "field": None}}


def test_a_forwarded_name_does_not_help(settings: SiteSettings, engine: FakeEngine) -> None:
    client = make_app(replace(settings, hosts=("exemple.fr",), proxies=1), engine).test_client()
    headers = {"Host": "evil.example", "X-Forwarded-Host": "exemple.fr"}
    assert client.get("/", headers=headers).status_code == 400


# Sizes and content types


def test_bodies_have_a_size(client: FlaskClient) -> None:
    for data in ({"email": "x" * MAX_BODY}, {"file": (io.BytesIO(b"x" * MAX_BODY), "a.html")}):
        response = client.post("/connexion", data=data)
        assert response.status_code == 413
        assert messages.error(413)[0] in response.text


def test_a_body_that_does_not_say_its_size_is_not_read(app: Flask) -> None:
    builder = EnvironBuilder("/connexion", method="POST", input_stream=io.BytesIO(b"email=" + b"x" * 100_000))
    environ = {**builder.get_environ(), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
    environ.pop("CONTENT_LENGTH", None)
    content, status, _ = run_wsgi_app(app, environ)
    assert status.startswith("411")
    assert messages.error(411)[0] in b"".join(content).decode()


def test_a_form_has_so_many_fields(client: FlaskClient) -> None:
    fields = {f"champ{number}": "x" for number in range(500)}
    response = client.post("/connexion", data={**fields, "file": (io.BytesIO(b"x"), "a")})
    assert response.status_code == 413


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/xml", "application/octet-stream", ""])
def test_bodies_are_of_a_kind(client: FlaskClient, kind: str) -> None:
    response = client.post("/connexion", data=b"email=a", content_type=kind)
    assert response.status_code == 415
    assert messages.error(415)[0] in response.text


def test_addresses_have_a_length(client: FlaskClient) -> None:
    assert client.get("/?q=" + "%C3%A9" * 500).status_code == 200
    response = client.get("/?q=" + "x" * MAX_ADDRESS)
    assert response.status_code == 414
    assert messages.error(414)[1].split(".")[0] in response.text
    response = client.get("/api/v1/search?q=" + "x" * MAX_ADDRESS)
    assert response.status_code == 414
    assert response.json is not None
    assert client.get("/ressources/" + "x" * MAX_ADDRESS).status_code == 414


def test_a_view_may_take_more(app: Flask) -> None:
    """A view may set its own limits of body size and type: they apply before the CSRF check, to that view only."""

    @app.post("/depot")
    @takes(size=300_000)
    def drop() -> str:
        return str(len(request.files["page"].read()))

    @app.post("/programme")
    @takes(size=100, kinds=frozenset({"application/json"}))
    def program() -> str:
        return "lu"

    client = app.test_client()
    token = Auth(client).token()
    small, large = ((io.BytesIO(b"x" * size), "page.html") for size in (200_000, 400_000))
    assert client.post("/depot", data={"csrf_token": token, "page": small}).text == "200000"
    assert client.post("/depot", data={"csrf_token": token, "page": large}).status_code == 413
    assert client.post("/depot", data={"page": (io.BytesIO(b"x" * 200_000), "a")}).status_code == 400
    assert client.post("/programme", json={}, headers={"X-CSRFToken": token}).text == "lu"
    assert client.post("/programme", json=["x" * 200], headers={"X-CSRFToken": token}).status_code == 413
    assert client.post("/programme", data={"csrf_token": token}).status_code == 415
