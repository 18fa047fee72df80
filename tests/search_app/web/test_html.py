"""HTML and CSS are valid: every kind of page of the site, for visitors, members and staff."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flask.testing import FlaskClient

from indexer.errors import IndexMissingError
from search_app.settings import SignOn, SiteSettings
from tests.support.fake_engine import FakeEngine
from tests.support.html_checker import complaints, java, written
from tests.support.places import STATIC
from tests.support.published_site import PUBLIC, published_app, published_engine
from tests.support.site import MEMBER, Auth, make_app

__all__ = ["java"]

PATHS = (
    "/",
    "/?q=coop*&year=2023&year=none&type=Guides",
    "/?per_page=2&page=6",
    "/?q=monaie",
    "/?q=alimentation+durable+2023",
    "/?q=xylophone&year=2023",
    "/?q=coop*&year_from=20l4",
    "/?page=900",
    "/ressources/r-00?q=cantine",
    "/ressources/r-02",
    "/ressources/r-04",
    "/ressources/r-31",
    "/ressources/r-hostile",
    "/themes",
    "/annees",
    "/territoires",
    "/territoires/d35-ille-et-vilaine",
    "/?territory=R53",
    "/themes/monnaies-locales",
    "/nouveautes",
    "/aide",
    "/connexion",
    "/contact",
    "/contact/recu?ressource=r-00",
    "/ressources/r-00/signaler",
    "/api",
    "/rien",
)
SIGNED_IN = ("/?private=oui", "/ressources/r-04", "/ressources/r-10", "/compte", "/selection", "/recherches")
"""Pages with additional content for members or staff."""


def test_every_page_is_valid(
    java: str, tmp_path: Path, client: FlaskClient, member: FlaskClient, staff: FlaskClient, engine: FakeEngine
) -> None:
    pages = {
        f"{who}-{number}": reader.get(path).text
        for who, reader, paths in (
            ("visitor", client, PATHS),
            ("member", member, SIGNED_IN),
            ("staff", staff, SIGNED_IN),
        )
        for number, path in enumerate(paths)
    }
    engine.failure = IndexMissingError("x")
    pages["unavailable"] = client.get("/").text
    assert complaints(java, *written(tmp_path, pages), STATIC / "style.css") == []


def test_the_sign_on_pages_are_valid(java: str, tmp_path: Path, settings: SiteSettings, engine: FakeEngine) -> None:
    # No server listens on that port, so the provider cannot be reached.
    sign_on = SignOn("http://127.0.0.1:9", "archives", "secret", member_values=frozenset({"adherent"}))
    client = make_app(replace(settings, sign_on=sign_on), engine).test_client()
    answers = {
        "offered": client.get("/connexion"),
        "wrong password": Auth(client).login(MEMBER, "faux mot de passe"),
        "down": client.get("/connexion/reseau?next=/themes"),
        "expired": client.get("/connexion/reseau/retour?state=x&code=y"),
    }
    assert [answer.status_code for answer in answers.values()] == [200, 403, 503, 400]
    assert complaints(java, *written(tmp_path, {name: answer.text for name, answer in answers.items()})) == []


def test_the_checker_does_look(java: str, tmp_path: Path) -> None:
    page = tmp_path / "wrong.html"
    page.write_text("<!doctype html><html lang=fr><title>x</title><p><div></p><img>", "utf-8")
    assert complaints(java, page)


def test_pages_of_publications_are_valid(java: str, tmp_path: Path, settings: SiteSettings) -> None:
    client = published_app(settings, published_engine()).test_client()
    file = f"/ressources/{PUBLIC}/documents/1"
    paths = ("/?q=légumerie&publication=oui", f"/ressources/{PUBLIC}?q=légumerie", f"{file}/pages/4?q=légumerie")
    paths += (f"{file}/pages/2", f"{file}/recherche?q=légumerie", f"/ressources/{PUBLIC}/documents/2/pages/1")
    pages = {f"publication-{number}": client.get(path).text for number, path in enumerate(paths)}
    assert complaints(java, *written(tmp_path, pages), STATIC / "reader.css") == []
