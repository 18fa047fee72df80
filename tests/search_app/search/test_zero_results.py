"""No results: every suggestion leads to as many resources as it says, with the real engine."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from indexer.analysis.analyzer import default_analyzer
from indexer.engine.embedded.engine import EmbeddedEngine
from search_app import create_app
from search_app.settings import SiteSettings
from tests.support.demo_resources import demo_resources
from tests.support.site import BufferedClient


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    folder = tmp_path_factory.mktemp("vrai")
    engine = EmbeddedEngine(folder / "index", default_analyzer())
    with engine.writer(fresh=True) as writer:
        for resource in demo_resources()[:-1]:  # the last one has a date that no parser would return
            writer.put(resource)
    (folder / "data").mkdir()
    app = create_app(SiteSettings(folder / "corpus", folder / "index", folder / "data"), engine)
    app.test_client_class = BufferedClient
    yield app.test_client()
    engine.close()


def ways_out(client: FlaskClient, path: str) -> dict[str, int]:
    """Return the suggestions of an empty result with their counts, after checking each count by following the link."""
    soup = BeautifulSoup(client.get(path).text, "lxml")
    assert soup.select_one(".empty-title") is not None
    offers = {}
    for li in soup.select(".empty li"):
        count = re.search(r"\((\d+) ", li.get_text())
        if count:
            answer = client.get("/api/v1/search" + li.a["href"].removeprefix("/")).json
            assert answer["total"] == int(count[1]), li.a["href"]
            offers[" ".join(li.a.get_text().split())] = answer["total"]
    return offers


THEMES = 8


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "/?type=Guides&theme=Mobilités+solidaires",
            {
                "Retirer le filtre « Thème : Mobilités solidaires »": 6,
                "Retirer le filtre « Type : Guides »": 4,
                "Retirer tous les filtres": 28,
            },
        ),
        (
            "/?q=vélo&type=Guides&year_from=2021",
            {"Retirer le filtre « Type : Guides »": 2, "Retirer tous les filtres": 3},
        ),
        ("/?q=vélo&year_from=1990&year_to=1999", {"Retirer le filtre « Année : de 1990 à 1999 »": 3}),
        ('/?q="gare+vélo"', {"Chercher les mots seuls, sans guillemets ni signes": 3}),
        ("/?q=gare+ET+coursiers", {"Chercher les mots seuls, sans guillemets ni signes": 2}),
        ("/?q=gare+ET+coursiers&type=Guides", {"Chercher l’un ou l’autre de ces mots, sans filtre": 2}),
        ("/?q=gare+-gare", {"Chercher les mots seuls, sans guillemets ni signes": 1}),
        ("/?q=qwxzkj&year=2023", {}),
    ],
)  # fmt: skip
def test_ways_out_of_an_empty_result(visitor: FlaskClient, path: str, expected: dict[str, int]) -> None:
    offers = ways_out(visitor, path)
    assert dict(list(offers.items())[:-THEMES]) == expected


def test_the_largest_themes_are_offered(visitor: FlaskClient) -> None:
    offers = ways_out(visitor, "/?q=qwxzkj")
    assert len(offers) == THEMES
    assert list(offers.values()) == sorted(offers.values(), reverse=True)


def test_nothing_is_offered_where_nothing_was_asked(client: FlaskClient) -> None:
    assert "Ce qui donnerait" not in client.get("/").text
