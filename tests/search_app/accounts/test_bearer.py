"""API tokens give access to the API, and nowhere else."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search_app.accounts.tokens import Tokens
from search_app.settings import SiteSettings
from search_app.web.context import site
from tests.support.site import MEMBER, STAFF

PRIVATE = "/api/v1/resources/r-04"
API = ("/api/v1/search", PRIVATE, "/api/v1/suggest?q=a", "/api/v1/openapi.json", "/api/v1/rien")


@pytest.fixture
def token(app: Flask) -> str:
    with app.app_context():
        return site().stores.tokens.make(MEMBER, "essai")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_reads_as_its_account(app: Flask, client: FlaskClient, token: str) -> None:
    assert client.get(PRIVATE).status_code == 404
    assert client.get(PRIVATE, headers=bearer(token)).json["private"] is True
    assert client.get("/api/v1/search", headers=bearer(token)).json["facets"]["private"] != []
    assert "warnings" not in client.get(PRIVATE, headers=bearer(token)).json
    # The role is the current role of the account.
    with app.app_context():
        site().accounts.set_role(MEMBER, "staff")
    assert "warnings" in client.get(PRIVATE, headers=bearer(token)).json


def test_the_scheme_has_no_case(client: FlaskClient, token: str) -> None:
    assert client.get(PRIVATE, headers={"Authorization": f"bearer {token}"}).status_code == 200


@pytest.mark.parametrize("path", API)
@pytest.mark.parametrize("wrong", ["rtes_inconnu", "", "a b c", "x=y", "é", "Ā", "rtes_" + "A" * 5000])
def test_a_wrong_token_is_turned_away(client: FlaskClient, token: str, path: str, wrong: str) -> None:
    response = client.get(path, headers={"Authorization": f"Bearer {wrong}".encode().decode("latin-1")})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'
    assert response.headers["Cache-Control"] == "private, no-store"
    assert list(response.json["error"]) == ["message", "field"]
    assert "Ce jeton n’est pas valable" in response.json["error"]["message"]


def test_a_wrong_token_is_not_a_session(member: FlaskClient) -> None:
    assert member.get(PRIVATE).status_code == 200
    assert member.get(PRIVATE, headers=bearer("faux")).status_code == 401


def test_the_token_wins_over_the_session(staff: FlaskClient, token: str) -> None:
    assert "warnings" in staff.get(PRIVATE).json
    assert "warnings" not in staff.get(PRIVATE, headers=bearer(token)).json


def test_an_expired_token_is_turned_away(client: FlaskClient, member: FlaskClient, settings: SiteSettings) -> None:
    long_ago = Tokens(settings.data / "accounts.sqlite", clock=lambda: date(2001, 1, 1))
    response = client.get(PRIVATE, headers=bearer(long_ago.make(MEMBER, "essai")))
    assert response.status_code == 401
    assert "il a expiré" in response.text
    assert "a expiré le" in member.get("/compte").text


@pytest.mark.parametrize("change", ["set_disabled", "remove", "revoke"])
def test_a_token_dies(app: Flask, client: FlaskClient, token: str, change: str) -> None:
    with app.app_context():
        stores = site().stores
        match change:
            case "set_disabled":
                stores.accounts.set_disabled(MEMBER, True)
            case "remove":
                stores.accounts.remove(MEMBER)
            case _:
                stores.tokens.revoke(MEMBER, 1)
    assert client.get(PRIVATE, headers=bearer(token)).status_code == 401


def test_a_token_outlives_sessions(app: Flask, client: FlaskClient, token: str) -> None:
    with app.app_context():
        site().accounts.end_sessions(MEMBER)
    assert client.get(PRIVATE, headers=bearer(token)).status_code == 200


@pytest.mark.parametrize("path", ["/", "/ressources/r-04", "/compte", "/themes", "/healthz", "/static/style.css"])
@pytest.mark.parametrize("good", [True, False])
def test_on_pages_the_header_means_nothing(client: FlaskClient, token: str, path: str, good: bool) -> None:
    plain, asked = client.get(path), client.get(path, headers=bearer(token if good else "faux"))
    assert (asked.status_code, asked.data) == (plain.status_code, plain.data)
    assert asked.headers["Cache-Control"] == plain.headers["Cache-Control"]


def test_other_schemes_are_not_ours(client: FlaskClient) -> None:
    """Other schemes are ignored: a proxy may require a password, for example."""
    for header in ("Basic YTpi", "Digest username=a", "n’importe quoi", ""):
        value = header.encode().decode("latin-1")
        assert client.get("/api/v1/search", headers={"Authorization": value}).status_code == 200


def test_caches_keep_apart_what_differs(client: FlaskClient, token: str) -> None:
    for headers, kept in (({}, "no-cache"), (bearer(token), "private, no-store")):
        response = client.get("/api/v1/search", headers=headers)
        assert {"Authorization", "Cookie"} <= set(response.vary)
        assert response.headers["Cache-Control"] == kept
        assert "Set-Cookie" not in response.headers
    assert "Authorization" not in client.get("/").vary


def test_accounts_out_of_order(client: FlaskClient, token: str, settings: SiteSettings) -> None:
    (settings.data / "accounts.sqlite").write_bytes(b"abime" * 1000)
    response = client.get(PRIVATE, headers=bearer(token))
    assert response.status_code == 503
    assert str(settings.data) not in response.text
    assert client.get("/api/v1/search").status_code == 200


def test_the_description_says_so(client: FlaskClient) -> None:
    description = client.get("/api/v1/openapi.json").json
    assert description["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert description["security"] == [{}, {"bearer": []}, {"session": []}]
    for path in description["paths"].values():
        assert "401" in path["get"]["responses"]


def test_staff_tokens_read_as_staff(app: Flask, client: FlaskClient) -> None:
    with app.app_context():
        token = site().stores.tokens.make(STAFF, "")
    assert client.get(PRIVATE, headers=bearer(token)).json["warnings"] == ["La date manque."]
