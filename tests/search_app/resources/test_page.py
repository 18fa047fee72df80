"""The page of a resource: highlighting, neighbours, citations, and metadata for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from shutil import copytree

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from indexer.analysis.analyzer import default_analyzer
from indexer.analysis.synonyms import SYNONYMS_FILE, Synonyms
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.pipeline.indexing import index_corpus
from indexer.progress import Silent
from indexer.query.fields import TextField
from indexer.query.highlighting import find_highlights
from indexer.query.planner import Planner
from indexer.query.request import SearchRequest
from indexer.resource import Audience
from search_app.resources.position import position_of
from search_app.settings import SiteSettings
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine
from tests.support.places import EXAMPLE

PLANNER = Planner(default_analyzer(), Synonyms.load(SYNONYMS_FILE, default_analyzer()))


def page(client: FlaskClient, path: str) -> BeautifulSoup:
    answer = client.get(path)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "lxml")


def marked(soup: BeautifulSoup) -> list[str]:
    return [mark.get_text() for mark in soup.select(".prose mark")]


def test_the_words_of_the_query_are_marked(client: FlaskClient) -> None:
    soup = page(client, "/ressources/r-01?q=elue+monnaies")
    assert marked(soup) == ["monnaie", "élu·e·s", "monnaie"]
    assert [mark["id"] for mark in soup.select("mark[id]")] == ["trouve"]
    assert "3 mots de votre recherche marqués" in " ".join(soup.select_one(".resource-head").get_text().split())
    whole = " ".join(soup.select_one("#texte").parent.get_text().split())
    assert "La monnaie locale circule entre trois mille particuliers" in whole


@pytest.mark.parametrize("query", ["", "?q=", "?sort=title", "?q=xylophone", "?q=%22"])
def test_nothing_is_marked_where_nothing_was_asked(client: FlaskClient, query: str) -> None:
    assert marked(page(client, f"/ressources/r-01{query}")) == []


def test_the_site_s_own_synonyms_are_marked_too(client: FlaskClient, settings: SiteSettings) -> None:
    (settings.data / "synonyms.txt").write_text("cantines = réfectoires\n", encoding="utf-8")
    assert marked(page(client, "/ressources/r-00?q=r%C3%A9fectoire+territoire")) == ["territoire", "cantines"]


def test_a_corrected_query_marks_what_answered_it(client: FlaskClient) -> None:
    assert "monnaie" in marked(page(client, "/ressources/r-01?q=monaie"))


def neighbours(soup: BeautifulSoup) -> tuple[str, str | None, str | None]:
    before, after = soup.select_one(".neighbours [rel=prev]"), soup.select_one(".neighbours [rel=next]")
    position = soup.select_one(".position")
    return (
        " ".join(position.get_text().split()) if position else "",
        before["href"] if before else None,
        after["href"] if after else None,
    )


@pytest.mark.parametrize("arguments", ["q=coop*", "q=coop*&per_page=4", "sort=title&per_page=3&type=Guides"])
def test_one_can_walk_through_a_search(client: FlaskClient, arguments: str) -> None:
    ids = [json.loads(line)["id"] for line in client.get(f"/export.jsonl?{arguments}").text.splitlines()]
    total = len(ids)
    walked, here = [], f"/ressources/{ids[0]}?{arguments}"
    while here is not None and len(walked) <= total:
        soup = page(client, here)
        walked.append(here.partition("?")[0].rpartition("/")[2])
        position, _, here = neighbours(soup)
        assert position == f"{len(walked)} sur {total}"
    assert walked == ids
    back = []
    here = f"/ressources/{walked[-1]}?{arguments}"  # without the page number, the whole search is examined
    while here is not None and len(back) <= total:
        back.append(here.partition("?")[0].rpartition("/")[2])
        here = neighbours(page(client, here))[1]
    assert back == ids[::-1]


def test_there_are_no_neighbours_outside_of_a_search(client: FlaskClient, member: FlaskClient) -> None:
    for path in (
        "/ressources/r-01",
        "/ressources/r-01?q=xylophone",
        "/ressources/r-01?type=Guides",
        "/ressources/r-01?q=",
    ):
        assert neighbours(page(client, path)) == ("", None, None), path
    assert "Réservée" in page(member, "/ressources/r-04?private=oui").get_text()
    assert neighbours(page(member, "/ressources/r-04?private=oui"))[0].endswith("sur 4")


def test_the_page_of_a_neighbour_is_told() -> None:
    engine = FakeEngine(demo_resources())
    request = SearchRequest(Audience.VISITOR, per_page=5, page=2)
    hits = engine.search(SearchRequest(Audience.VISITOR, per_page=100)).hits
    _, place = position_of(engine, request, hits[5].id)
    assert place is not None
    assert (place.number, place.previous.page, place.next.page) == (6, 1, 2)
    assert (place.previous.id, place.next.id) == (hits[4].id, hits[6].id)
    assert position_of(engine, request, "rien")[1] is None


def test_citations(client: FlaskClient) -> None:
    soup = page(client, "/ressources/r-02")
    assert " ".join(soup.select_one(".citation").get_text().split()) == (
        "Léa Roux et Réseau d’essai. Créer une SCIC avec sa commune [en ligne]. reseau.example, novembre 2021. "
        "Dans : Archives d’essai. Disponible à l’adresse : https://reseau.example/ressources/2"
    )
    shown = [pre.get_text() for pre in soup.select(".cite pre")]
    links = [a["href"] for a in soup.select(".cite details a")]
    for text, link in zip(shown, links, strict=True):
        assert client.get(link).text.replace("\r\n", "\n").strip() == text.strip()


def test_metadata(client: FlaskClient) -> None:
    soup = page(client, "/ressources/r-02")
    names = {meta["name"]: meta["content"] for meta in soup.select("meta[name^=citation_]")}
    assert names["citation_title"] == "Créer une SCIC avec sa commune"
    assert [meta["content"] for meta in soup.select("meta[name=citation_author]")] == ["Léa Roux", "Réseau d’essai"]
    assert "Léa Roux, Réseau d’essai" in soup.select_one(".facts").get_text()
    assert names["citation_publication_date"] == "2021/11"
    assert names["citation_public_url"] == "https://reseau.example/ressources/2"
    properties = {meta["property"]: meta["content"] for meta in soup.select("meta[property]")}
    assert properties["og:url"] == soup.select_one("link[rel=canonical]")["href"]
    assert properties["og:locale"] == "fr_FR"
    data = json.loads(soup.select_one("script[type='application/ld+json']").string)
    assert data["@type"] == "Report"
    assert data["datePublished"] == "2021-11"
    assert data["author"] == ["Léa Roux", "Réseau d’essai"]
    assert [one["contentUrl"] for one in data["associatedMedia"]] == [
        "https://reseau.example/fichiers/guide-scic.pdf",
        "https://autre.example/fiche",
    ]


def test_metadata_says_nothing_of_what_is_not_known(client: FlaskClient) -> None:
    soup = page(client, "/ressources/r-31")
    data = json.loads(soup.select_one("script[type='application/ld+json']").string)
    assert {"datePublished", "description", "sameAs", "associatedMedia"} - set(data) == {
        "datePublished", "description", "associatedMedia",
    }  # fmt: skip
    assert not soup.select("meta[name=citation_publication_date], meta[name=description]")


def test_a_title_cannot_close_the_data_block(client: FlaskClient) -> None:
    answer = client.get("/ressources/r-hostile").text
    block = answer.split('<script type="application/ld+json">')[1].split("</script>")[0]
    assert json.loads(block)["name"] == '<script>alert("titre")</script> & "guillemets"'
    assert "sameAs" not in json.loads(block)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedEngine]:
    place = tmp_path_factory.mktemp("marques")
    copytree(EXAMPLE, place / "corpus" / "exemple")
    settings = SiteSettings(corpus=place / "corpus", index=place / "index", data=place / "data")
    engine = EmbeddedEngine(settings.index, default_analyzer())
    index_corpus(settings, engine, full=True, progress=Silent())
    yield engine
    engine.close()


@pytest.mark.parametrize(
    "query",
    ["commande publique", '"économie sociale"', "coop*", "ESS", "tiers-lieux", "élue", "PTCE OU SCIC", "m?bilité"],
)
def test_pages_mark_what_snippets_mark(archive: EmbeddedEngine, query: str) -> None:
    """The engine highlights from its arrays and the page from the text, by the same rules."""
    hits = archive.search(SearchRequest(Audience.MEMBER, query, per_page=100)).hits
    assert hits
    for hit in hits:
        resource = archive.get(hit.id, audience=Audience.MEMBER)
        assert resource is not None
        whole = {TextField.SUMMARY: resource.summary or "", TextField.BODY: resource.body or ""}
        found = find_highlights(query, whole.items(), PLANNER)
        words = {
            text[mark.start : mark.end] for text, marks in zip(whole.values(), found, strict=True) for mark in marks
        }
        assert {piece.text for piece in hit.snippet if piece.matched} <= words
