"""Visitors get responses about public resources only, compared byte by byte."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer.resource import Audience
from search_app.settings import SiteSettings
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine
from tests.support.site import Auth, make_app

SECRETS = ("Zanzibar", "confidentiel", "Arbitrages", "Convention de coopération", "compte rendu")
PRIVATE = [resource.id for resource in demo_resources() if resource.private]


def everything(response: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Return a whole response, without tokens and date."""
    body = re.sub(rb'name="csrf_token" value="[^"]+"', b"", response.data)
    body = re.sub(rb'"took_ms":[0-9.]+', b"", body)
    headers = sorted((k, v) for k, v in response.headers if k not in {"Date", "Set-Cookie"})
    return response.status_code, body, headers


@pytest.mark.parametrize("resource_id", PRIVATE)
@pytest.mark.parametrize("query", ["", "?q=zanzibar&page=2", "?page=x"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("folder", ["/ressources/", "/api/v1/resources/"])
def test_private_is_like_nothing(client: FlaskClient, folder: str, method: str, query: str, resource_id: str) -> None:
    """The response for a private resource and the one for an unknown id differ only in the address that was asked for,
    to which the sign-in link leads back.
    """
    unknown = "x" * len(resource_id)
    real = client.open(f"{folder}{resource_id}{query}", method=method)
    none = client.open(f"{folder}{unknown}{query}", method=method)
    status, body, headers = everything(none)
    assert everything(real) == (status, body.replace(unknown.encode(), resource_id.encode()), headers)
    if method == "GET":
        assert real.status_code == 404
        links = real.data.count(f"next=/ressources/{resource_id}".encode())
        assert links == real.data.count(resource_id.encode()) == (0 if folder.startswith("/api") else 2)


def test_visitors_see_the_archive_that_has_no_private_resource(app: Flask, settings: SiteSettings) -> None:
    public = tuple(resource for resource in demo_resources() if not resource.private)
    other = make_app(settings, FakeEngine(public))
    paths = [
        "/", "/?q=zan*", "/?private=oui", "/?private=non&q=coop*", "/?q=adhérents&sort=title", "/?page=99",
        "/?q=annexe+financière", "/?year=2024&year=none", "/?per_page=100", "/themes", "/annees", "/aide",
        "/territoires", "/nouveautes",
        "/territoires/r53-bretagne", "/territoires/23096-gueret", "/themes/monnaies-locales", "/?territory=23096",
        "/?q=gueret", "/?q=territoire:creuse", "/flux.atom?territory=R53", "/export.csv?territory=R53",
        "/connexion",
        "/?q=xylophone&theme=none&type=Guides",
        "/healthz", "/api/v1/search?per_page=100", "/api/v1/search?q=zan*", "/api/v1/search?private=oui",
        "/export.csv", "/export.bib?q=zan*", "/export.ris?private=oui", "/export.jsonl?sort=title", "/flux.atom",
        "/flux.atom?q=conf*", "/api/v1/flux.atom?private=oui", "/api/v1/export.csv?q=coop*", "/opensearch.xml",
        "/opensearch/suggestions?q=z", "/sitemap.xml", "/sitemap-1.xml", "/robots.txt", "/api", "/selection",
        "/selection/export.csv", "/recherches", "/recherches/1", "/recherches/flux/rien",
        *(f"/ressources/{resource.id}?q=coop*" for resource in demo_resources()),
        *(f"/ressources/{resource.id}/citation.ris" for resource in demo_resources()),
        "/api/v1/suggest?q=z", "/api/v1/suggest?q=conf", "/api/v1/openapi.json", "/static/style.css",
        *(f"/ressources/{resource.id}" for resource in demo_resources()),
        *(f"/api/v1/resources/{resource.id}" for resource in demo_resources()),
    ]  # fmt: skip
    for path in paths:
        with_private = app.test_client().get(path)
        without = other.test_client().get(path)
        assert everything(with_private) == everything(without), path
        for secret in SECRETS:
            assert secret.casefold() not in with_private.text.casefold(), path


def test_private_facet_is_for_members(client: FlaskClient, member: FlaskClient) -> None:
    for path in ("/", "/?private=oui", "/?q=coop*&private=non"):
        page = client.get(path).text
        assert 'type="checkbox" form="recherche" name="private"' not in page
        assert "facette-private" not in page
        assert ">Accès<" not in page
    assert "Aucune ressource ne correspond" in client.get("/?private=oui").text
    page = member.get("/?private=oui").text
    assert ">Accès</legend>" in page
    assert page.count("Réservée aux adhérents</span>") == 4
    assert "<strong>4 ressources</strong> sur 33" in page


def test_an_engine_that_tells_too_much_shows_nothing(
    client: FlaskClient, member: FlaskClient, engine: FakeEngine
) -> None:
    """The page shows visitors no facet of access, even if the engine returns one."""
    real = engine.search
    engine.search = lambda request: replace(  # type: ignore[method-assign]
        real(request), facets=real(replace(request, audience=Audience.MEMBER)).facets
    )
    assert 'name="private"' not in client.get("/").text


def test_members_read_what_is_private(client: FlaskClient, member: FlaskClient, auth: Auth) -> None:
    page = member.get("/ressources/r-04")
    assert page.status_code == 200
    assert "Réservée aux adhérents" in page.text
    assert 'content="noindex"' in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "Note interne" in member.get("/?q=arbitrages").text
    assert member.get("/api/v1/resources/r-04").json["private"] is True


def test_signing_out_closes_the_door(client: FlaskClient, auth: Auth) -> None:
    auth.login()
    assert client.get("/ressources/r-04").status_code == 200
    auth.logout()
    assert client.get("/ressources/r-04").status_code == 404


def test_every_missing_page_leads_back_to_its_address(client: FlaskClient) -> None:
    """Pages for private resources and for nothing differ only in the address to which signing in leads back."""
    paths = {
        "/rien": "/rien",
        "/ressources/r-04": "/ressources/r-04",
        "/ressources/x?y=%C3%A9&z": "/ressources/x?y%3D%25C3%25A9%26z",
        "/a/b/c": "/a/b/c",
        "/ressources/r-04/citation.ris": "/ressources/r-04/citation.ris",
        "/sitemap-9.xml": "/sitemap-9.xml",
    }
    pages = set()
    for path, back in paths.items():
        body = client.get(path).text
        assert body.count(f'href="/connexion?next={back}"') == 2, path
        pages.add(body.replace(back, ""))
    assert len(pages) == 1


def test_signing_in_from_a_private_address_leads_there(client: FlaskClient, auth: Auth) -> None:
    link = re.search(r'href="(/connexion[^"]*)">connectez-vous', client.get("/ressources/r-04?q=note").text)
    assert link is not None
    kept = re.search(r'name="next" value="([^"]*)"', client.get(link[1]).text)
    assert kept is not None
    answer = auth.login(next=kept[1])
    assert answer.location == "/ressources/r-04?q=note"
    read = client.get(answer.location)
    assert read.status_code == 200
    assert "connectez-vous" not in client.get("/rien").text
