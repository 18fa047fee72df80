"""The files of publications, their pages and images, and the search inside them."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from indexer.errors import PublicationError
from indexer.publications import page_images
from indexer.query import Piece
from search_app.resources import files
from search_app.resources.reading import without_text
from search_app.search.page_hits import shorten
from search_app.settings import SiteSettings
from tests.support.published_site import (
    GUIDE,
    PRIVATE,
    PUBLIC,
    SECRET,
    contents,
    documents,
    published_app,
    published_engine,
    published_resources,
)

FILE = f"/ressources/{PUBLIC}/documents/1"
NOTES = f"/ressources/{PUBLIC}/documents/2"
HIDDEN = f"/ressources/{PRIVATE}/documents/1"
CONTENT = contents()[0]
ETAG = f'"{documents()[0].digest}"'


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, data_template: Path) -> Flask:
    """One site for all tests that change nothing in it."""
    folder = tmp_path_factory.mktemp("publications")
    copytree(data_template, folder / "data")
    settings = SiteSettings(
        corpus=folder / "corpus", index=folder / "index", data=folder / "data", site_name="Archives d’essai"
    )
    return published_app(settings, published_engine())


def soup(client: FlaskClient, path: str) -> BeautifulSoup:
    response = client.get(path)
    assert response.status_code == 200, path
    return BeautifulSoup(response.text, "lxml")


def words(element: object) -> str:
    return " ".join(element.get_text().split())  # type: ignore[attr-defined]


# The file


def test_a_pdf_is_shown_by_the_browser(client: FlaskClient) -> None:
    response = client.get(FILE)
    assert (response.status_code, response.data) == (200, CONTENT)
    headers = response.headers
    assert headers["Content-Type"] == "application/pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Length"] == str(len(CONTENT))
    assert (headers["Accept-Ranges"], headers["ETag"]) == ("bytes", ETAG)
    assert headers["Cache-Control"] == "no-cache"
    assert "Last-Modified" not in headers  # it would tell when the archive got the file
    assert headers["Content-Disposition"].startswith('inline; filename="guide de la legumerie.pdf"; filename*=UTF-8')
    assert unquote(headers["Content-Disposition"]).endswith("''guide de la légumerie.pdf")
    assert headers["Content-Security-Policy"] == files.SHOWN_POLICY
    assert headers["Link"].endswith(f'/ressources/{PUBLIC}>; rel="canonical"')
    assert "X-Robots-Tag" not in headers


def test_an_office_document_is_saved(client: FlaskClient) -> None:
    response = client.get(NOTES)
    assert response.data == contents()[1]
    assert response.headers["Content-Disposition"].startswith('attachment; filename="notes.docx"')
    assert response.headers["Content-Security-Policy"] == files.SAVED_POLICY
    assert "sandbox" in files.SAVED_POLICY


@pytest.mark.parametrize(
    ("name", "media_type", "expected"),
    [
        ("rapport.PDF", "application/pdf", ("rapport", "pdf")),
        ("rapport", "application/pdf", ("rapport", "pdf")),
        ("page.html", "application/octet-stream", ("page", "html")),
        ("archive.tar.gz", "application/octet-stream", ("archive.tar", "gz")),
        ("sans point", "application/octet-stream", ("sans point", "bin")),
        ("x.un ending", "application/octet-stream", ("x.un ending", "bin")),
        ("piège.html", "application/pdf", ("piège", "pdf")),
    ],
)
def test_names_fit_their_content(name: str, media_type: str, expected: tuple[str, str]) -> None:
    assert files.file_name(replace(documents()[0], name=name, media_type=media_type)) == expected


def test_what_is_no_publication_is_only_saved(settings: SiteSettings) -> None:
    page = replace(documents()[0], name="erreur.html", media_type="application/octet-stream", status="other-type")
    resources = tuple(replace(one, documents=(page,)) if one.id == PUBLIC else one for one in published_resources())
    response = published_app(settings, published_engine(resources)).test_client().get(FILE)
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=10-", 10, None), ("bytes=-7", -7, None), ("bytes=5-99999999", 5, None)],
)
def test_a_range_of_it(client: FlaskClient, asked: str, start: int, end: int | None) -> None:
    response = client.get(FILE, headers={"Range": asked})
    assert response.status_code == 206
    assert response.data == CONTENT[start:end]
    first = len(CONTENT) + start if start < 0 else start
    last = first + len(response.data) - 1
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/{len(CONTENT)}"
    assert response.headers["Content-Length"] == str(len(response.data))


@pytest.mark.parametrize("asked", ["lignes=0-9", "bytes=x", "bytes=0-1,5-9", "bytes=9-1", ""])
def test_a_range_that_makes_no_sense_is_the_whole(client: FlaskClient, asked: str) -> None:
    response = client.get(FILE, headers={"Range": asked})
    assert (response.status_code, response.data) == (200, CONTENT)


def test_a_range_past_the_end(client: FlaskClient) -> None:
    response = client.get(FILE, headers={"Range": "bytes=99999999-"})
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{len(CONTENT)}"


@pytest.mark.parametrize(("known", "status"), [(ETAG, 206), ('"autre"', 200), (f"W/{ETAG}", 200)])
def test_a_range_of_the_same_file(client: FlaskClient, known: str, status: int) -> None:
    assert client.get(FILE, headers={"Range": "bytes=0-9", "If-Range": known}).status_code == status


def test_what_is_known_is_not_sent_again(client: FlaskClient) -> None:
    response = client.get(FILE, headers={"If-None-Match": ETAG})
    assert (response.status_code, response.data) == (304, b"")
    assert client.get(FILE, headers={"If-None-Match": '"autre"'}).status_code == 200


def test_a_head_has_no_body(client: FlaskClient) -> None:
    response = client.head(FILE)
    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["Content-Length"] == str(len(CONTENT))


def test_a_file_that_is_lost_is_an_incident(settings: SiteSettings) -> None:
    client = published_app(settings, published_engine()).test_client()
    for one in settings.corpus.rglob(documents()[0].digest):
        one.unlink()
    response = client.get(FILE)
    assert response.status_code == 503
    assert str(settings.corpus) not in response.text


# Who may see it


def everything(base: str) -> list[str]:
    return [base, f"{base}/pages/1", f"{base}/pages/1/image", f"{base}/recherche?q={SECRET}"]


def bare(response: TestResponse) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Return a response without the link to the sign-in form, which leads back to the address that was asked for."""
    body = re.sub(rb'href="/connexion[^"]*"', b"", response.data)
    return response.status_code, body, [pair for pair in response.headers if pair[0] != "Content-Length"]


ODD = ("0", "3", "999", "-1", "01", "1.5", "x", "%D9%A1", "9" * 400, "%00", "1%20")


def test_all_that_a_visitor_may_not_see_looks_alike(client: FlaskClient) -> None:
    expected = bare(client.get("/ressources/inconnue"))
    assert expected[0] == 404
    paths = [*everything(HIDDEN), f"/ressources/{PRIVATE}/documents/recherche"]
    paths += [*everything("/ressources/inconnue/documents/1"), "/ressources/inconnue/documents/recherche"]
    paths += [f"/ressources/{PUBLIC}/documents/{n}" for n in ODD]
    paths += [f"/ressources/{PUBLIC}/documents/{n}/pages/1" for n in ODD]
    paths += [f"{FILE}/pages/{n}{end}" for n in (*ODD, "34") if n != "3" for end in ("", "/image")]
    paths += ["/ressources/r-01/documents/1", "/ressources/r-01/documents/recherche", f"{NOTES}/pages/1/image"]
    for path in paths:
        plain = path.partition("?")[0]
        assert bare(client.get(plain)) == expected, path


def test_members_read_it_and_no_cache_keeps_it(member: FlaskClient) -> None:
    for path in everything(HIDDEN):
        response = member.get(path)
        assert response.status_code == 200, path
        assert response.headers["Cache-Control"] == "private, no-store"
        assert "Cookie" in response.vary
    assert member.get(HIDDEN).headers["X-Robots-Tag"] == "noindex"
    assert SECRET in member.get(f"{HIDDEN}/pages/1").text


# A page


def test_a_page_is_read_with_its_words_marked(client: FlaskClient) -> None:
    page = soup(client, f"{FILE}/pages/4?q=l%C3%A9gumerie+arri%C3%A8re-plan&type=Guides")
    assert words(page.h1) == "p. 2 (4ᵉ du fichier) guide de la légumerie.pdf"
    marks = [mark.get_text() for mark in page.select(".sheet mark")]
    assert "légumerie" in marks
    assert [mark["id"] for mark in page.select("mark[id]")] == ["trouve"]
    lines = page.select(".sheet p")
    assert [line.get("class") for line in lines] == [["running"], None]
    assert words(lines[1]) == "Un arrière-plan : la légumerie et son atelier de découpe."
    assert "\xad" not in str(page)
    assert page.select_one(".reader-image a")["href"] == f"{FILE}#page=4"
    assert page.select_one(".back a")["href"].startswith(f"/ressources/{PUBLIC}?q=")
    assert "type=Guides" in page.select_one(".back a")["href"]


def test_one_turns_pages(client: FlaskClient) -> None:
    page = soup(client, f"{FILE}/pages/4?q=quetsches")
    links = {a["rel"][0]: a["href"] for a in page.select(".turn a[rel]")}
    assert links["prev"] == f"{FILE}/pages/3?q=quetsches"
    assert links["next"] == f"{FILE}/pages/5?q=quetsches"
    answers = page.select_one("nav[aria-label='Pages qui répondent à la recherche']")
    assert "1 page répond" in words(answers)
    assert [a["href"] for a in answers.select("a")] == [f"{FILE}/pages/33?q=quetsches#trouve"]
    ends = [soup(client, f"{FILE}/pages/{number}").select(".turn a") for number in (1, 33)]
    assert [[a["rel"][0] for a in links] for links in ends] == [["next"], ["prev"]]


def test_one_walks_from_answer_to_answer(client: FlaskClient) -> None:
    walked, here = [], f"{FILE}/pages/1?q=l%C3%A9gumerie"
    while here:
        page = soup(client, here)
        walked.append(int(here.partition("/pages/")[2].partition("?")[0]))
        nexts = [a for a in page.select("nav[aria-label^='Pages qui'] a") if "suivante" in a.get_text()]
        here = nexts[0]["href"] if nexts else ""
    assert walked == [1, *range(3, 33)]
    assert "la seule page qui répond" in words(soup(client, f"{FILE}/pages/33?q=quetsches"))
    assert "1ʳᵉ des 30 pages qui répondent" in words(soup(client, f"{FILE}/pages/3?q=légumerie"))


def test_a_page_without_text_says_so(client: FlaskClient) -> None:
    page = soup(client, f"{FILE}/pages/2?q=l%C3%A9gumerie")
    assert "Cette page n’a pas de texte" in words(page.select_one(".sheet"))
    assert page.select_one(".reader-image img") is not None


def test_a_text_that_is_not_kept_says_so(settings: SiteSettings) -> None:
    engine = published_engine()
    engine.texts = {}
    client = published_app(settings, engine).test_client()
    assert "n’est pas disponible pour l’instant" in words(soup(client, f"{FILE}/pages/1"))
    assert client.get(f"{FILE}/recherche?q=l%C3%A9gumerie").status_code == 200


def test_a_text_document_is_one_page(client: FlaskClient) -> None:
    page = soup(client, f"{NOTES}/pages/1?q=l%C3%A9gumerie")
    assert words(page.h1) == "notes.docx"
    assert not page.select(".reader-image, nav[aria-label='Pages de la publication']")
    assert "p. 1" not in words(page.select_one(".citation"))
    assert "« notes.docx »" in words(page.select_one(".citation")).replace("\xa0", " ")


def test_a_page_is_cited(client: FlaskClient, member: FlaskClient) -> None:
    cited = words(soup(client, f"{FILE}/pages/4").select_one(".citation")).replace("\xa0", " ")
    assert "4 mai 2023, « guide de la légumerie.pdf », p. 2. Disponible à l’adresse" in cited
    assert "p. 2. Disponible" in words(soup(member, f"{HIDDEN}/pages/2").select_one(".citation")).replace("\xa0", " ")


def test_programs_take_the_resource_for_its_pages(client: FlaskClient) -> None:
    for path in (f"{FILE}/pages/4", f"{FILE}/recherche?q=a", f"/ressources/{PUBLIC}/documents/recherche"):
        page = soup(client, path)
        assert page.select_one("meta[name=robots]")["content"] == "noindex"
        assert page.select_one("link[rel=canonical]")["href"].endswith(f"/ressources/{PUBLIC}")


def test_a_corrected_search_marks_what_answered(client: FlaskClient) -> None:
    page = soup(client, f"{FILE}/pages/5?q=legumrie")
    assert "légumerie" in [mark.get_text() for mark in page.select(".sheet mark")]
    assert "Rien ne correspond à « legumrie »" in words(page.select_one(".notice")).replace("\xa0", " ")


# Its image


def test_the_image_of_a_page(client: FlaskClient) -> None:
    response = client.get(f"{FILE}/pages/4/image")
    assert (response.status_code, response.mimetype) == (200, "image/webp")
    assert Image.open(io.BytesIO(response.data)).size[0] == 1200
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    again = client.get(f"{FILE}/pages/4/image", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_an_image_that_waits_its_turn(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> bytes:
        raise PublicationError("Le dessin d’une page a été interrompu.")

    monkeypatch.setattr(page_images, "draw_page", fails)
    response = client.get(f"{FILE}/pages/5/image")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")


def test_a_page_that_cannot_be_drawn_has_no_image(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_images, "draw_page", lambda *_: None)
    assert client.get(f"{FILE}/pages/6/image").status_code == 404


# The search inside


def test_all_pages_that_answer_are_listed(client: FlaskClient) -> None:
    page = soup(client, f"{FILE}/recherche?q=l%C3%A9gumerie")
    assert "30 pages, de la 1ʳᵉ à la 20ᵉ" in words(page.select_one(".tally"))
    names = page.select(".hit-pages .page-name")
    assert len(names) == 20
    assert words(names[0]) == "p. 1 (3ᵉ du fichier)"
    assert names[0]["href"] == f"{FILE}/pages/3?q=l%C3%A9gumerie#trouve"
    passage = page.select_one(".page-passage")
    assert "légumerie" in [mark.get_text() for mark in passage.select("mark")]
    assert "Guide de la restauration" not in words(passage)
    rest = soup(client, page.select_one(".turn a[rel~=next]")["href"])
    assert len(rest.select(".hit-pages .page-name")) == 10
    assert rest.select_one(".turn a[rel~=prev]")["href"].endswith("liste=1")


@pytest.mark.parametrize("part", ["0", "x", "999999", "-1", "9" * 30])
def test_a_part_that_does_not_exist(client: FlaskClient, part: str) -> None:
    assert "30 pages" in words(soup(client, f"{FILE}/recherche?q=l%C3%A9gumerie&liste={part}").select_one(".tally"))


def test_all_publications_of_a_resource_are_searched(client: FlaskClient) -> None:
    page = soup(client, f"/ressources/{PUBLIC}/documents/recherche?q=notes+quetsches")
    assert [words(one) for one in page.select("h3")] == ["guide de la légumerie.pdf", "notes.docx"]
    assert [words(one) for one in page.select(".page-name")] == ["p. 31 (33ᵉ du fichier)", "Document"]


def test_a_search_inside_keeps_the_way_back(client: FlaskClient) -> None:
    page = soup(client, f"{FILE}/recherche?q=rien+du+tout+xyz&type=Guides&page=3&sort=title")
    assert "Aucune page ne répond" in words(page.select_one(".tally"))
    assert page.select_one('.found-pages a[href^="/?q="]').text == "Chercher dans toute l’archive"
    kept = {one["name"]: one["value"] for one in page.select(".inside input[type=hidden]")}
    assert kept == {"type": "Guides", "sort": "title"}
    assert not soup(client, f"{FILE}/recherche").select(".tally")


# The page of the resource, and what programs read there


def test_pages_without_text_are_named_as_the_file_names_them(client: FlaskClient) -> None:
    labels = ("i", "ii", None, *documents()[0].labels[3:])
    with client.application.test_request_context():
        named = without_text(replace(documents()[0], labels=labels, empty_pages=(2, 3)))
    assert named is not None
    assert named.replace("\xa0", " ") == "2 pages sans texte : ii, 3"


def test_a_resource_lists_its_publications(client: FlaskClient) -> None:
    page = soup(client, f"/ressources/{PUBLIC}?q=l%C3%A9gumerie")
    section = page.select_one("section.publications")
    assert words(section.h2) == "Publications"
    assert section.select_one("form")["action"] == f"/ressources/{PUBLIC}/documents/recherche"
    assert section.select_one("form input[name=q]")["value"] == "légumerie"
    first, second = section.select("ul.files > li")
    assert "PDF, 33 pages," in words(first)
    assert "1 page sans texte : p. ii (2ᵉ du fichier)." in words(first).replace("\xa0", " ")
    assert [a["href"] for a in first.select("a")] == [FILE, f"{FILE}/pages/1?q=l%C3%A9gumerie"]
    assert "Word (DOCX), 1 ko" in words(second).replace("\xa0", " ")
    assert words(second.select_one("a")) == "Télécharger le fichier notes.docx"


def test_what_could_not_be_read_is_said(settings: SiteSettings) -> None:
    scan = replace(documents()[0], status="no-text", reason="sans texte.", empty_pages=tuple(range(1, 34)))
    damaged = replace(documents()[1], status="damaged", reason="fichier abîmé.", labels=(), empty_pages=())
    resources = tuple(
        replace(one, documents=(scan, damaged)) if one.id == PUBLIC else one for one in published_resources()
    )
    client = published_app(settings, published_engine(resources)).test_client()
    section = soup(client, f"/ressources/{PUBLIC}").select_one("section.publications")
    assert not section.select("form")
    assert "images sans texte" in words(section)
    assert "n’a pas pu être lu" in words(section)
    assert [a["href"] for a in section.select("a")] == [FILE, NOTES]
    assert client.get(f"{FILE}/pages/1/image").status_code == 200


def test_programs_find_the_file(client: FlaskClient) -> None:
    page = soup(client, f"/ressources/{PUBLIC}")
    assert page.select_one("meta[name=citation_pdf_url]")["content"].endswith(FILE)
    described = json.loads(page.select_one("script[type='application/ld+json']").string)
    media = {one["contentUrl"].partition("/ressources")[2]: one for one in described["associatedMedia"]}
    own = media[FILE.removeprefix("/ressources")]
    assert (own["encodingFormat"], own["contentSize"]) == ("application/pdf", f"{len(CONTENT)} B")


def test_resources_without_publications_say_nothing_of_them(client: FlaskClient) -> None:
    text = client.get("/ressources/r-01").text
    assert "citation_pdf_url" not in text
    assert "/documents/" not in text
    assert len(GUIDE) == 33


# What results, the API and exports say of publications


def test_hits_show_their_best_pages(client: FlaskClient) -> None:
    page = soup(client, "/?q=l%C3%A9gumerie")
    (hit,) = page.select(".hit")
    links = hit.select(".hit-pages li")
    assert [words(one.a) for one in links[:3]] == [
        "p. 1 (3ᵉ du fichier) guide de la légumerie.pdf de « Guide de la restauration collective de proximité »",
        "p. 2 (4ᵉ du fichier) guide de la légumerie.pdf de « Guide de la restauration collective de proximité »",
        "p. 3 (5ᵉ du fichier) guide de la légumerie.pdf de « Guide de la restauration collective de proximité »",
    ]
    assert links[0].a["href"] == f"{FILE}/pages/3?q=l%C3%A9gumerie"
    assert [mark.get_text() for mark in links[0].select("mark")] == ["légumerie"]
    assert words(links[3].a).startswith("et 28 autres pages de")
    assert links[3].a["href"] == f"/ressources/{PUBLIC}/documents/recherche?q=l%C3%A9gumerie"
    assert not hit.select(".snippet")  # nothing in it is marked


def test_a_text_document_is_named_as_such(client: FlaskClient) -> None:
    page = soup(client, "/?q=notes+lecture")
    (link,) = page.select(".hit-pages a")
    assert words(link).startswith("Document notes.docx")


def test_filters_on_publications(client: FlaskClient, member: FlaskClient) -> None:
    page = soup(client, "/?publication=oui")
    assert [a["id"] for a in page.select(".hit-title a")] == [f"ressource-{PUBLIC}"]
    assert "Publication : avec" in words(page.select_one(".chip")).replace("\xa0", " ")
    boxes = {
        box["value"]: box.has_attr("checked") for box in page.select("input[name=publication], input[name=format]")
    }
    assert boxes == {"oui": True, "pdf": False, "docx": False}
    assert {a["id"] for a in soup(member, "/?format=pdf").select(".hit-title a")} == {
        f"ressource-{PUBLIC}",
        f"ressource-{PRIVATE}",
    }
    chip = soup(client, "/?format=docx").select_one(".chip")
    assert "Format : Word (DOCX)" in words(chip).replace("\xa0", " ")
    assert chip["href"] == "/"
    assert client.get("/?format=xls").status_code == 400
    assert not soup(client, "/?q=compost").select("input[name=publication]")


def test_lists_keep_these_filters(client: FlaskClient) -> None:
    page = soup(client, "/?publication=oui&format=pdf")
    feed = page.select_one("link[type='application/atom+xml']")["href"]
    assert "publication=oui&format=pdf" in feed
    for path in ("/export.jsonl", "/api/v1/export.jsonl"):
        lines = client.get(f"{path}?publication=oui&format=pdf").text.splitlines()
        assert [json.loads(line)["id"] for line in lines] == [PUBLIC]
    assert client.get(feed).text.count("<entry>") == 1
    assert "avec publication, PDF" in client.get(feed).text
    assert "avec publication" in unquote(client.get("/export.csv?publication=oui").headers["Content-Disposition"])


def test_what_finds_nothing_offers_to_drop_them(client: FlaskClient) -> None:
    page = soup(client, "/?q=compost&publication=oui")
    offers = [words(one).replace("\xa0", " ") for one in page.select(".advice a")]
    assert "Retirer le filtre « Publication : avec »" in offers


def test_the_api_gives_pages_and_documents(client: FlaskClient) -> None:
    (hit,) = client.get("/api/v1/search?q=l%C3%A9gumerie").json["hits"]
    assert hit["pages_total"] == 31
    assert [(one["document"], one["page"], one["label"]) for one in hit["pages"]] == [
        (1, 3, "1"),
        (1, 4, "2"),
        (1, 5, "3"),
    ]
    assert ["légumerie", True] in hit["pages"][0]["snippet"]
    documents = client.get(f"/api/v1/resources/{PUBLIC}").json["documents"]
    assert documents[0] == {
        "n": 1,
        "name": "guide de la légumerie.pdf",
        "title": None,
        "media_type": "application/pdf",
        "pages": 33,
        "labels": [None if one.label == str(one.number) else one.label for one in GUIDE],
        "empty_pages": [2],
        "recognised_pages": [],
        "status": "read",
    }
    assert [one["n"] for one in documents] == [1, 2]


def test_robots_stay_out_of_pages(client: FlaskClient) -> None:
    rules = client.get("/robots.txt").text
    for path in (
        "/ressources/*/documents/*/pages/",
        "/ressources/*/documents/*/recherche",
        "/*?",
        "/?publication=",
        "/?format=",
    ):
        assert f"Disallow: {path}\n" in rules
    assert "/documents/" not in client.get("/sitemap.xml").text


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("court [mot]", (False, False)),
        ("début " * 30 + "[mot] " + "fin " * 60, (True, True)),
        ("[mot] " + "fin " * 100, (False, True)),
        ("début " * 100 + "[mot]", (True, False)),
        ("z" * 400, (False, True)),
        ("z" * 400 + "[mot]" + "z" * 400, (True, True)),
        ("a " * 300, (False, True)),
    ],
)
def test_passages_of_results_are_short(text: str, cut: tuple[bool, bool]) -> None:
    parts = re.split(r"[\[\]]", text)
    pieces = shorten(tuple(Piece(part, number % 2 == 1) for number, part in enumerate(parts) if part))
    shown = "".join(one.text for one in pieces).replace("\xa0", " ")
    assert (shown.startswith("… "), shown.endswith(" …")) == cut
    assert shown.removeprefix("… ").removesuffix(" …") in "".join(parts)
    assert len(shown) <= 115
    assert [one.text for one in pieces if one.matched] == ["mot"] * ("[mot]" in text)
