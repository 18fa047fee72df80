"""Embedding in pages of other sites: which sites may do it, with which headers, and that they see what visitors see."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from indexer.errors import SettingsError
from search_app.settings import SiteSettings, read_settings
from search_app.stores import open_stores
from tests.support.fake_engine import FakeEngine
from tests.support.routes import Address, every_address
from tests.support.site import MEMBER, make_app, signed_in

SITE, OTHER = "https://www.exemple.fr", "https://ailleurs.example"
SCRIPT, FRAME = "/integration/archive-search.js", "/integration/recherche"
SECRET = "Convention de coopération"


@pytest.fixture
def embedding(settings: SiteSettings, engine: FakeEngine) -> Flask:
    return make_app(replace(settings, embed=(SITE, "https://intranet.exemple.fr:8443")), engine)


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ()),
        ("https://www.exemple.fr", (SITE,)),
        ("HTTPS://WWW.Exemple.FR/, https://www.exemple.fr:443", (SITE,)),
        ("https://a.exemple.fr https://b.exemple.fr:8443", ("https://a.exemple.fr", "https://b.exemple.fr:8443")),
        ("http://127.0.0.1:8001,http://localhost:80", ("http://127.0.0.1:8001", "http://localhost")),
    ],
)
def test_sites_are_origins(text: str, origins: tuple[str, ...]) -> None:
    assert read_settings({"RTES_EMBED": text}).embed == origins


@pytest.mark.parametrize(
    "text",
    [
        "*", "exemple.fr", "https://*.exemple.fr", "http://www.exemple.fr", "https://www.exemple.fr/page", "null",
        "https://exemple.fr?x=1", "https://moi@exemple.fr", "https://.exemple.fr", "ftp://exemple.fr", "https://",
        "https://exemple.fr:99999", "https://exemple.fr;script-src", "https://[::1]", "data:,x", "'self'",
        "https://exemple.fr https://exemple.fr/x",
    ],
)  # fmt: skip
def test_what_is_no_site_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"RTES_EMBED .*n’est pas l’adresse d’un site : écrivez par exemple"):
        read_settings({"RTES_EMBED": text})


def test_there_is_a_limit() -> None:
    assert len(read_settings({"RTES_EMBED": " ".join(f"https://s{n}.fr" for n in range(20))}).embed) == 20
    with pytest.raises(SettingsError, match="20 au plus"):
        read_settings({"RTES_EMBED": " ".join(f"https://s{n}.fr" for n in range(21))})


def test_off_by_default(client: FlaskClient) -> None:
    for path in (SCRIPT, FRAME, "/integration"):
        assert client.get(path).status_code == 404
    headers = client.get("/api/v1/search", headers={"Origin": SITE}).headers
    assert not [name for name in dict(headers) if name.startswith("Access-Control")]
    assert "Origin" not in headers["Vary"]


def test_only_these_three_differ(app: Flask, embedding: Flask) -> None:
    """Allowing other sites to embed the search changes no header of any route but the script, its frame and the API."""
    plain, open_ = app.test_client(), embedding.test_client()
    asked = [*every_address(app), Address("GET", "/?page=x"), Address("GET", "/rien"), Address("GET", "/integration/x")]
    for method, path in asked:
        if path.startswith("/api/") or method not in {"GET", "POST"}:
            continue
        one, other = (c.open(path, method=method, headers={"Origin": SITE}) for c in (plain, open_))
        names = set(one.headers.keys()) - {"Date", "Content-Length", "Set-Cookie"}
        assert {n: one.headers[n] for n in names} == {n: other.headers.get(n) for n in names}, path
        assert not [name for name in dict(other.headers) if name.startswith("Access-Control")], path


def test_the_script(embedding: Flask) -> None:
    for client in (embedding.test_client(), signed_in(embedding)):
        answer = client.get(SCRIPT, headers={"Origin": OTHER})
        assert answer.status_code == 200
        assert answer.content_type == "text/javascript; charset=utf-8"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "Vary" not in answer.headers
        assert "Set-Cookie" not in answer.headers
        assert len(answer.data) < 12_000
        assert client.get(SCRIPT, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", [FRAME, f"{FRAME}?q=monnaie", f"{FRAME}?q=%22", f"{FRAME}?q=xylophone"])
def test_the_page_for_an_iframe(embedding: Flask, path: str) -> None:
    answer = embedding.test_client().get(path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors {SITE} https://intranet.exemple.fr:8443")
    assert "default-src 'none'" in policy
    assert "X-Frame-Options" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    soup = BeautifulSoup(answer.text, "lxml")
    assert soup.html["lang"] == "fr"
    assert len(soup.select("h1")) == 1
    assert not soup.select("script, style, [style]")
    for link in soup.select("a"):
        assert link["target"] == "_top"


def test_the_page_for_an_iframe_keeps_filters_and_leads_to_the_archive(embedding: Flask) -> None:
    soup = BeautifulSoup(embedding.test_client().get(f"{FRAME}?q=coop*&type=Guides&sort=title").text, "lxml")
    assert {(one["name"], one["value"]) for one in soup.select("input[type=hidden]")} == {
        ("type", "Guides"),
        ("sort", "title"),
    }
    assert 1 <= len(soup.select("ol li")) <= 10
    assert soup.select("a")[-1]["href"] == "/?q=coop%2A&type=Guides&sort=title"
    errors = embedding.test_client().get(f"{FRAME}?q=coop*&year=x&page=x")
    assert errors.status_code == 400
    assert "X-Frame-Options" not in errors.headers
    assert embedding.test_client().post(FRAME).headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "path", ["/api/v1/search", "/api/v1/suggest?q=co", "/api/v1/resources/r-00", "/api/v1/openapi.json"]
)
def test_the_api_answers_named_sites_without_credentials(embedding: Flask, path: str) -> None:
    client = embedding.test_client()
    answer = client.get(path, headers={"Origin": SITE})
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"
    for origin in (OTHER, "null", SITE + ".ailleurs.example", SITE.replace("https", "http"), None):
        other = client.get(path, headers={} if origin is None else {"Origin": origin})
        assert "Access-Control-Allow-Origin" not in other.headers
        assert "Origin" in other.headers["Vary"]


def test_errors_of_the_api_may_be_read_too(embedding: Flask) -> None:
    for path, status in (("/api/v1/search?page=x", 400), ("/api/v1/resources/rien", 404), ("/api/v1/rien", 404)):
        answer = embedding.test_client().get(path, headers={"Origin": SITE})
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (status, SITE)
        assert answer.json["error"]["message"]


def test_a_members_cookie_gives_the_visitors_world(embedding: Flask, engine: FakeEngine) -> None:
    member, visitor = signed_in(embedding), embedding.test_client()
    assert SECRET in member.get("/api/v1/search?q=zanzibar").text
    for path in (f"{FRAME}?q=zanzibar", f"{FRAME}?type=Autres&per_page=100"):
        assert SECRET not in member.get(path).text
        assert member.get(path).data == visitor.get(path).data
    for path in (
        "/api/v1/search?q=zanzibar",
        "/api/v1/search?per_page=100",
        "/api/v1/suggest?q=zanz",
        "/api/v1/resources/r-04",
    ):
        answer = member.get(path, headers={"Origin": SITE})
        assert SECRET not in answer.text
        assert answer.data == visitor.get(path, headers={"Origin": SITE}).data
    # Other sites get no access to what they ask for; a cookie then counts as before.
    assert SECRET in member.get("/api/v1/search?q=zanzibar", headers={"Origin": OTHER}).text


def test_a_token_is_no_session(embedding: Flask, settings: SiteSettings) -> None:
    """A program that sends a token and an origin is answered, but the headers let no page of another site read it."""
    bearer = {"Authorization": f"Bearer {open_stores(settings).tokens.make(MEMBER, 'essai')}", "Origin": SITE}
    answer = embedding.test_client().get("/api/v1/search?q=zanzibar", headers=bearer)
    assert SECRET in answer.text
    assert "Access-Control-Allow-Origin" not in answer.headers
    asked = {"Origin": SITE, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    preflight = embedding.test_client().options("/api/v1/search", headers=asked)
    assert "Access-Control-Allow-Headers" not in preflight.headers
