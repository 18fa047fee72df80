"""Pages of territories: what they show, and that they tell nothing of private resources."""

from __future__ import annotations

from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from search_app.settings import SiteSettings
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine
from tests.support.site import make_app


def page(client: FlaskClient, path: str, status: int = 200) -> BeautifulSoup:
    answer = client.get(path)
    assert answer.status_code == status
    return BeautifulSoup(answer.text, "lxml")


def rows(shown: BeautifulSoup, heading: str) -> dict[str, str]:
    """Return the counts in the table below a heading, by name of the territory."""
    found = shown.find("h2", string=heading)
    assert found is not None, heading
    table = found.find_next("table")
    assert table is not None
    return {row.th.get_text(): row.td.get_text() for row in table.tbody.find_all("tr")}


def test_territories_by_level(client: FlaskClient) -> None:
    shown = page(client, "/territoires")
    assert [h2.get_text() for h2 in shown.main.find_all("h2")] == [
        "Régions",
        "Départements",
        "Intercommunalités",
        "Communes",
    ]
    assert rows(shown, "Régions") == {"Bretagne": "3", "Normandie": "1", "Nouvelle-Aquitaine": "1"}
    assert rows(shown, "Communes") == {"Rennes": "2"}


def test_members_see_territories_of_private_resources(member: FlaskClient) -> None:
    shown = page(member, "/territoires")
    assert rows(shown, "Communes") == {"Rennes": "2", "Brest": "1", "Guéret": "1"}


def test_a_territory_shows_what_holds_it_and_what_it_holds(client: FlaskClient) -> None:
    shown = page(client, "/territoires/d35-ille-et-vilaine")
    assert shown.h1.get_text() == "Ille-et-Vilaine"
    assert [a["href"] for a in shown.select(".back a")] == ["/territoires", "/territoires/r53-bretagne"]
    assert rows(shown, "Communes") == {"Rennes": "2"}
    assert "3 ressources en parlent" in shown.main.get_text()
    assert len(shown.select(".kept li")) == 3
    assert shown.find("a", href="/?territory=D35") is not None
    feed = shown.find("link", rel="alternate")
    assert feed["href"] == "/flux.atom?territory=D35"
    assert page(client, "/?territory=D35").find(string="Territoire") is not None


@pytest.mark.parametrize("place", ["D35", "d35", "d35-autre", "D35-Ille-et-Vilaine"])
def test_other_addresses_of_a_territory_lead_to_its_own(client: FlaskClient, place: str) -> None:
    answer = client.get(f"/territoires/{place}")
    assert (answer.status_code, answer.location) == (301, "/territoires/d35-ille-et-vilaine")


def test_a_territory_of_private_resources_is_unknown_to_visitors(client: FlaskClient, member: FlaskClient) -> None:
    unknown = client.get("/territoires/d99-nulle-part").text
    for place in ("23096-gueret", "d23-creuse", "d23", "29019-brest"):
        answer = client.get(f"/territoires/{place}")
        # The link to sign in leads back to the page.
        assert (answer.status_code, answer.text.replace(place, "d99-nulle-part")) == (404, unknown)
    assert page(member, "/territoires/23096-gueret").h1.get_text() == "Guéret"


@pytest.mark.parametrize("path", ["/", "/?q=territoire:creuse", "/?q=gueret", "/?territory=23096", "/territoires"])
def test_visitors_never_read_the_name_of_a_private_territory(client: FlaskClient, path: str) -> None:
    text = client.get(path).text
    assert "29019" not in text
    if "23096" not in path:
        assert "Guéret" not in text


def test_the_facet_drills_down(client: FlaskClient) -> None:
    shown = page(client, "/?territory=R53")
    facet = shown.find(id="facette-territory")
    narrower = {a.get_text(): a["href"] for a in facet.find_all("a")}
    assert narrower["Ille-et-Vilaine"] == "/?territory=D35"
    assert [box["value"] for box in facet.find_all("input", checked=True)] == ["R53"]
    assert shown.select_one(".chip").get_text(" ", strip=True) == "Retirer le filtre Territoire\u00a0: Bretagne ×"


def test_a_query_that_names_a_territory_offers_it(client: FlaskClient, member: FlaskClient) -> None:
    shown = page(client, "/?q=coopérative+en+bretagne")
    named = shown.select_one(".named a")
    assert named is not None
    assert named.get_text() == "Territoire\u00a0: Bretagne"
    assert named["href"] == "/?q=coop%C3%A9rative&territory=R53"
    assert page(client, "/?q=guéret").select_one(".named") is None
    assert "Guéret" in page(member, "/?q=guéret").select_one(".named").get_text()


def test_a_resource_says_where_its_territories_were_found(client: FlaskClient) -> None:
    facts = page(client, "/ressources/r-05").select_one(".facts")
    assert [a.get_text() for a in facts.select("a[href^='/territoires']")] == ["Normandie", "Ille-et-Vilaine"]
    assert "d’après le texte" in facts.get_text()


def test_without_any_territory_the_page_says_so(settings: SiteSettings) -> None:
    empty = make_app(settings, FakeEngine([replace(one, territories=()) for one in demo_resources()])).test_client()
    assert empty.get("/").text.count("facette-territory") == 0
    assert "Aucune ressource ne nomme encore de territoire" in page(empty, "/territoires").main.get_text()
