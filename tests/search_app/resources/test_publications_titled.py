"""Publications that have a title, that their resource links to, and in which text was recognised."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from indexer.query import SearchRequest
from indexer.resource import Attachment, Audience
from search_app.cli.output import result_lines
from search_app.search.recognised import recognised_pages
from search_app.settings import SiteSettings
from tests.support.published_site import PUBLIC, documents, published_app, published_engine, published_resources

FILE = f"/ressources/{PUBLIC}/documents/1"
NAME, TITLE = "guide de la légumerie.pdf", "La légumerie pas à pas"
HELD = Attachment("https://reseau.example/files/guide.pdf?itok=1", "La légumerie pas à pas (PDF)")
OTHER = Attachment("https://autre.example/note.pdf", "Une note")
RECOGNISED = "texte reconnu automatiquement"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, data_template: Path) -> Flask:
    """One site for all tests that change nothing in it: a guide with a title, of which two pages are scans."""
    folder = tmp_path_factory.mktemp("titres")
    copytree(data_template, folder / "data")
    settings = SiteSettings(corpus=folder / "corpus", index=folder / "index", data=folder / "data")
    guide = replace(documents()[0], title=TITLE, recognised_pages=(3, 5), links=(HELD.url,))
    resources = tuple(
        replace(one, documents=(guide, documents()[1]), attachments=(HELD, OTHER)) if one.id == PUBLIC else one
        for one in published_resources()
    )
    return published_app(settings, published_engine(resources))


def soup(client: FlaskClient, path: str) -> BeautifulSoup:
    response = client.get(path)
    assert response.status_code == 200, path
    return BeautifulSoup(response.text, "lxml")


def words(element: object) -> str:
    return " ".join(element.get_text().replace("\xa0", " ").split())  # type: ignore[attr-defined]


def test_a_resource_lists_a_publication_once(client: FlaskClient) -> None:
    page = soup(client, f"/ressources/{PUBLIC}")
    first, second = page.select("section.publications ul.files > li")
    assert words(first.select_one(".file-name")) == TITLE
    assert words(first.select_one(".file-facts")).startswith(f"{NAME}, PDF, 33 pages")
    assert "2 pages dont le texte a été reconnu automatiquement." in words(first)
    assert [a["href"] for a in first.select("a")] == [FILE, f"{FILE}/pages/1", HELD.url]
    assert words(first.select("a")[-1]) == f"Voir sur reseau.example {TITLE}"
    assert words(second.select_one(".file-name")) == "notes.docx"
    assert [a["href"] for a in page.select("section.documents a")] == [OTHER.url]
    assert sum(TITLE in words(one) for one in page.select("section.documents, section.publications li")) == 1


def test_a_page_is_headed_by_the_title_with_the_name_beside_it(client: FlaskClient) -> None:
    page = soup(client, f"{FILE}/pages/4")
    assert words(page.h1) == f"p. 2 (4ᵉ du fichier) {TITLE}"
    assert words(page.select_one(".reader-head .file-facts")) == NAME
    assert page.title.get_text().startswith(f"{TITLE}, ")
    assert f"« {TITLE} », p. 2." in words(page.select_one(".citation"))


@pytest.mark.parametrize(("number", "recognised"), [(3, True), (4, False)])
def test_a_page_says_that_its_text_was_recognised(client: FlaskClient, number: int, recognised: bool) -> None:
    sheet = words(soup(client, f"{FILE}/pages/{number}").select_one(".sheet"))
    assert ("Texte reconnu automatiquement dans l’image de la page" in sheet) is recognised


def test_results_say_which_pages_were_recognised(client: FlaskClient) -> None:
    (hit,) = soup(client, "/?q=l%C3%A9gumerie").select(".hit")
    first, second, third = hit.select(".hit-pages li")[:3]
    assert [RECOGNISED in words(one) for one in (first, second, third)] == [True, False, True]
    assert TITLE in words(first.a)


def test_the_api_says_which_pages_were_recognised(client: FlaskClient) -> None:
    (hit,) = client.get("/api/v1/search?q=l%C3%A9gumerie").json["hits"]
    assert {page["page"]: page["recognised"] for page in hit["pages"]} == {3: True, 4: False, 5: True}


def test_the_command_line_says_which_pages_were_recognised(app: Flask) -> None:
    engine = app.extensions["archive"].engine
    response = engine.search(SearchRequest(Audience.VISITOR, "légumerie"))
    shown = list(result_lines(response, recognised_pages(response, engine, Audience.VISITOR), colours=False))
    pages = [line for line in shown if line.startswith("  p.")]
    assert [line.endswith(f" ({RECOGNISED})") for line in pages] == [True, False, True]


def test_a_search_inside_says_it_too(client: FlaskClient) -> None:
    page = soup(client, f"{FILE}/recherche?q=l%C3%A9gumerie")
    assert TITLE in words(page.h1)
    assert [RECOGNISED in words(one) for one in page.select(".hit-pages li")[:3]] == [True, False, True]


def test_programs_are_told_the_title_once_and_the_pages(client: FlaskClient) -> None:
    described = json.loads(
        soup(client, f"/ressources/{PUBLIC}").select_one("script[type='application/ld+json']").string
    )
    assert [one["name"] for one in described["associatedMedia"]] == [TITLE, "notes.docx", "Une note"]
    guide, _ = client.get(f"/api/v1/resources/{PUBLIC}").json["documents"]
    assert (guide["name"], guide["title"], guide["recognised_pages"]) == (NAME, TITLE, [3, 5])
