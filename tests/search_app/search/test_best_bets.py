"""Above the results: filters that the query names, and the resources of a theme where hardly anything is found."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from indexer.analysis import default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from search_app.settings import SiteSettings
from tests.support.engines import fill, private, resource
from tests.support.site import make_app

FOOD, WORK = "Alimentation et agriculture", "Insertion et emploi"
RESOURCES = (
    *(
        resource(f"Cantine {n}", "Les repas des écoles.", id=f"c{n}", themes=(FOOD,), type="Guide", year=2024)
        for n in range(7)
    ),
    resource("Le marché", "On y vend des légumes.", id="m", themes=(FOOD,), type="Fiche", year=2023),
    resource(
        "Une régie",
        "Un emploi de quartier, un guide en main.",
        id="r",
        themes=(WORK, "Habitat"),
        type="Fiche",
        year=2023,
    ),
    private("Zèbre", "Un repas secret.", id="z", themes=(FOOD, "Zoologie"), type="Note rare", year=1987),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("haut")
    engine = EmbeddedEngine(folder / "index", default_analyzer())
    fill(engine, *RESOURCES, fresh=True)
    yield make_app(SiteSettings(folder / "corpus", folder / "index", folder / "data"), engine)  # type: ignore[arg-type]
    engine.close()


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    return site.test_client()


def soup(client: FlaskClient, path: str) -> BeautifulSoup:
    return BeautifulSoup(client.get(path).text, "lxml")


def offered(client: FlaskClient, query: str) -> dict[str, int]:
    """Return the filters offered for a query with their counts, after following each link to check its count."""
    found = {}
    for item in soup(client, f"/?q={query}").select(".named li"):
        link, count = item.a, item.select_one(".count")
        assert link is not None
        assert count is not None
        total = int(re.sub(r"\D", "", count.text))
        tally = soup(client, str(link["href"])).select_one("#tally strong")
        assert tally is not None
        assert tally.text.startswith(f"{total} ressource")
        found[" ".join(link.text.split())] = total
    return found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("alimentation", {f"Thème : {FOOD}": 8}),
        ("agricultures", {f"Thème : {FOOD}": 8}),
        ("guides", {"Type : Guide": 7}),
        ("2024", {"Année 2024": 7}),
        ("guide 2024", {"Type : Guide, Année 2024": 7, "Type : Guide": 7, "Année 2024": 7}),
        ("le guide des cantines", {"Type : Guide": 7}),
        ("fiche légumes", {"Type : Fiche": 1}),
        ("fiche emploi insertion", {f"Thème : {WORK}, Type : Fiche": 1, f"Thème : {WORK}": 1, "Type : Fiche": 2}),
        # One word names a theme only alone: « arrêt de travail » is not about « Travail ».
        ("habitat", {"Thème : Habitat": 1}),
        ("habitat 2023", {"Thème : Habitat, Année 2023": 1, "Thème : Habitat": 1, "Année 2023": 2}),
        ("habitat de quartier", {}),
        ("fiche habitat quartier", {"Type : Fiche": 1}),
        ("cantine", {}),
        ("", {}),
        # What a visitor cannot see is not named.
        ("zoologie", {}),
        ("note rare", {}),
        ("1987", {}),
    ],
)
def test_filters_that_a_query_names(client: FlaskClient, query: str, expected: dict[str, int]) -> None:
    assert offered(client, query) == expected


def test_a_chosen_filter_is_not_offered_and_others_stay(client: FlaskClient) -> None:
    page = soup(client, f"/?q=alimentation&theme={FOOD}&type=Guide")
    assert page.select(".named li") == []
    (link,) = soup(client, "/?q=alimentation&type=Guide").select(".named a")
    assert "type=Guide" in str(link["href"])


def test_a_theme_stands_in_where_nothing_is_found(client: FlaskClient) -> None:
    page = soup(client, "/?q=alimentation")
    assert page.select_one("#tally strong").text == "Aucune ressource"  # type: ignore[union-attr]
    section = page.select_one(".stand-ins")
    assert section is not None
    assert len(section.select("ul a")) == 5
    assert "en rassemble 8" in section.text
    assert section.select("p a")[0].text == "Voir les 8 ressources du thème"
    # If the search finds resources itself, no theme stands in for them.
    assert soup(client, "/?q=cantine").select(".stand-ins") == []
    assert soup(client, "/?q=emploi").select(".stand-ins") == [], "its only resource is shown already"


def test_further_pages_have_none(client: FlaskClient) -> None:
    assert soup(client, "/?q=guide&per_page=1&page=2").select(".named") == []
