"""Choosing the resources above the results of a query, and who sees them."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from search_app.settings import SiteSettings
from search_app.stores import open_stores
from tests.support.desk import post, said
from tests.support.site import MEMBER, signed_in

PAGE = "/gestion/selections"


def ids(client: FlaskClient, query: str) -> dict[str, str]:
    """Return the ids that the form offers, by title."""
    page = BeautifulSoup(client.get(PAGE, query_string={"q": query}).text, "lxml")
    first = page.select("select")[0]
    return {
        option.text.partition(" (")[0]: str(option["value"]) for option in first.select("option") if option["value"]
    }


def above(client: FlaskClient, path: str) -> list[str]:
    """Return the titles that staff chose to stand above the results of the search at an address."""
    return [link.text for link in BeautifulSoup(client.get(path).text, "lxml").select(".curated a")]


@pytest.fixture
def chosen(staff: FlaskClient) -> dict[str, str]:
    """The ids of resources by title, after staff chose two of them to stand above the results of a query."""
    known = {**ids(staff, "charte"), **ids(staff, "épicerie")}
    wanted = [known["Charte des achats"], known["Monter une épicerie solidaire"]]
    response = post(staff, PAGE, q="achat solidaire", resource=wanted)
    assert response.status_code == 303
    return known


def test_what_staff_choose_stands_above_the_results(app: Flask, staff: FlaskClient, chosen: dict[str, str]) -> None:
    member, visitor = signed_in(app, MEMBER), app.test_client()
    for query in ("achat solidaire", "Achats+solidaires", "solidaires+achats"):
        assert above(staff, f"/?q={query}") == ["Charte des achats", "Monter une épicerie solidaire"]
        assert above(member, f"/?q={query}") == ["Charte des achats", "Monter une épicerie solidaire"]
        # A visitor never learns of a private one.
        assert above(visitor, f"/?q={query}") == ["Monter une épicerie solidaire"]
        assert "Charte" not in visitor.get(f"/?q={query}").text
    for path in ("/?q=achat", "/?q=achat+solidaire&page=2", "/?q=achat+solidaire&type=Guide", "/"):
        assert above(member, path) == []


def test_results_lead_staff_to_the_choice(app: Flask, staff: FlaskClient, member: FlaskClient) -> None:
    path = f"{PAGE}?q=ferme"
    assert f'href="{path}"' in staff.get("/?q=ferme").text
    assert "Reprendre une ferme" in staff.get(path).text
    for client in (member, app.test_client()):
        assert PAGE not in client.get("/?q=ferme").text


def test_the_api_gives_them_apart(app: Flask, chosen: dict[str, str]) -> None:
    answer = app.test_client().get("/api/v1/search?q=achats+solidaires").json
    assert [one["title"] for one in answer["curated"]] == ["Monter une épicerie solidaire"]
    assert "curated" not in app.test_client().get("/api/v1/search?q=ferme").json
    member = signed_in(app, MEMBER).get("/api/v1/search?q=achats+solidaires").json
    assert [one["private"] for one in member["curated"]] == [True, False]


def test_exports_do_not_have_them(app: Flask, chosen: dict[str, str]) -> None:
    asked = {"q": "achat solidaire", "match": "all"}
    lines = app.test_client().get("/export.jsonl", query_string=asked).text.splitlines()
    found = app.test_client().get("/api/v1/search", query_string=asked).json
    assert len(lines) == found["total"]


def test_a_choice_is_removed_and_brought_back(app: Flask, staff: FlaskClient, chosen: dict[str, str]) -> None:
    post(staff, PAGE, q="achats solidaires")
    assert above(staff, "/?q=achat+solidaire") == []
    number = re.findall(r'name="number" value="(\d+)"', staff.get(PAGE).text)[0]
    assert "annulé" in said(staff, post(staff, f"{PAGE}/annuler", number=number))
    assert len(above(staff, "/?q=achat+solidaire")) == 2
    assert "ne peut plus" in said(staff, post(staff, f"{PAGE}/annuler", number="2"))
    assert "ne peut plus" in said(staff, post(staff, f"{PAGE}/annuler", number="x"))


def test_the_address_of_a_page_is_understood(staff: FlaskClient) -> None:
    ferme = ids(staff, "ferme")["Reprendre une ferme"]
    for typed in (ferme, f"/ressources/{ferme}", f"http://localhost/ressources/{ferme}?q=ferme"):
        post(staff, PAGE, q="reprise", other=typed)
        assert above(staff, "/?q=reprise") == ["Reprendre une ferme"]
        post(staff, PAGE, q="reprise")


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"q": "ferme", "other": "/ressources/inconnue"}, "Aucune ressource"),
        ({"q": "ferme", "other": "http://[x"}, "Aucune ressource"),
        ({"q": "", "other": ""}, "Écrivez les mots"),
        ({"q": "x" * 121}, "caractères au plus"),
    ],
)
def test_what_is_refused_is_said(staff: FlaskClient, form: dict[str, str], message: str) -> None:
    response = post(staff, PAGE, **form)
    assert response.status_code == 400
    assert message in response.text


def test_a_resource_that_is_gone_is_said_and_not_shown(settings: SiteSettings, staff: FlaskClient, app: Flask) -> None:
    open_stores(settings).curated.choose("ferme", ["disparue-1"], actor="x@exemple.fr")
    assert "n’est plus dans l’archive" in staff.get(PAGE).text
    assert above(staff, "/?q=ferme") == []


def test_choices_are_in_the_audit_log_without_words(
    settings: SiteSettings, staff: FlaskClient, chosen: dict[str, str]
) -> None:
    entry = open_stores(settings).audit.entries()[-1]
    assert (entry.action, entry.detail) == ("curated-edit", "2 ressources")


def test_a_search_answers_if_choices_cannot_be_read(
    settings: SiteSettings, staff: FlaskClient, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    (settings.data / "curated.sqlite").write_bytes(b"x" * 5000)
    assert app.test_client().get("/?q=ferme").status_code == 200
    assert "illisibles" in caplog.text
    assert staff.get(PAGE).status_code == 503
