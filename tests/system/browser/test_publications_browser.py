"""Publications in a browser: from a result to its page and back, without JavaScript, with axe on every state."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from indexer.resource import Resource
from search_app.settings import SiteSettings
from tests.support.browser import NARROW, WIDE_AND_PHONE, axe, fits, sign_in, unfold
from tests.support.published_site import (
    PRIVATE,
    PUBLIC,
    documents,
    published_app,
    published_engine,
    published_resources,
)

pytestmark = pytest.mark.slow

FILE = f"/ressources/{PUBLIC}/documents/1"
PATHS = {
    "results": "/?q=l%C3%A9gumerie",
    "filtered": "/?publication=oui&format=pdf",
    "resource": f"/ressources/{PUBLIC}?q=l%C3%A9gumerie",
    "unread": "/ressources/r-01",
    "page": f"{FILE}/pages/4?q=l%C3%A9gumerie+arri%C3%A8re-plan",
    "first page": f"{FILE}/pages/1",
    "recognised page": f"{FILE}/pages/5?q=l%C3%A9gumerie",
    "blank page": f"{FILE}/pages/2?q=l%C3%A9gumerie",
    "no answer": f"{FILE}/pages/3?q=xylophone",
    "text document": f"/ressources/{PUBLIC}/documents/2/pages/1?q=l%C3%A9gumerie",
    "pages": f"{FILE}/recherche?q=l%C3%A9gumerie",
    "last pages": f"{FILE}/recherche?q=l%C3%A9gumerie&liste=2",
    "all pages": f"/ressources/{PUBLIC}/documents/recherche?q=notes+quetsches",
    "no pages": f"{FILE}/recherche?q=xylophone",
    "to be asked": f"{FILE}/recherche",
}


def resources() -> tuple[Resource, ...]:
    """Return the demo resources: one publication has a title and text from OCR, and those of another resource could not
    be read.
    """
    guide = replace(
        documents()[0],
        title="La légumerie pas à pas",
        recognised_pages=(3, 5),
        links=("https://reseau.example/guide.pdf",),
    )
    held = {PUBLIC: (guide, documents()[1])}
    scan = replace(documents()[0], status="no-text", empty_pages=tuple(range(1, 34)))
    locked = replace(documents()[2], n=2, status="password", labels=(), empty_pages=())
    held["r-01"] = (scan, locked)
    return tuple(replace(one, documents=held.get(one.id, one.documents)) for one in published_resources())


@pytest.fixture(scope="module")
def site_app(site_settings: SiteSettings) -> Flask:
    return published_app(site_settings, published_engine(resources()))


def at(path: str) -> re.Pattern[str]:
    return re.compile(path.replace("?", r"\?"))


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("context", WIDE_AND_PHONE, indirect=True)
def test_axe_finds_nothing(page: Page, path: str) -> None:
    page.goto(path)
    axe(page)
    if page.locator("details").count():
        unfold(page)
        axe(page)


@pytest.mark.parametrize("context", WIDE_AND_PHONE, indirect=True)
def test_axe_finds_nothing_for_members(page: Page) -> None:
    sign_in(page)
    for path in ("", "/documents/1/pages/1?q=quetschotine", "/documents/recherche?q=quetschotine"):
        page.goto(f"/ressources/{PRIVATE}{path}")
        expect(page.get_by_text("Réservée aux adhérents").first).to_be_visible()
        axe(page)


@pytest.mark.parametrize("context", [NARROW], ids=["320"], indirect=True)
def test_nothing_scrolls_sideways_at_320_pixels(page: Page) -> None:
    for path in PATHS.values():
        page.goto(path)
        unfold(page)
        fits(page)


@pytest.mark.parametrize("context", [{"java_script_enabled": False}], ids=["no script"], indirect=True)
def test_from_a_result_to_its_page_and_back_without_javascript(page: Page) -> None:
    page.goto("/")
    page.locator("#q").fill("légumerie")
    page.locator("#recherche button").click()
    with page.expect_response(re.compile("/image$")) as image:
        page.locator(".hit-pages .page-name").first.click()
    assert (image.value.status, image.value.headers["content-type"]) == (200, "image/webp")
    expect(page).to_have_url(at(f"{FILE}/pages/3?q="))
    expect(page.locator(".sheet mark")).to_have_text(["légumerie"])
    expect(page.locator(".reader-image img")).to_be_visible()
    page.get_by_role("link", name=re.compile("Page suivante qui répond")).click()
    expect(page).to_have_url(at(f"{FILE}/pages/4?q="))
    page.get_by_role("link", name="Page précédente", exact=True).click()
    page.get_by_role("link", name="Toutes les pages qui répondent").click()
    expect(page.locator(".hit-pages .page-name")).to_have_count(20)
    page.get_by_role("link", name="Pages suivantes").click()
    expect(page.locator(".hit-pages .page-name")).to_have_count(10)
    page.locator("#q-dedans").fill("quetsches")
    page.locator(".inside button").click()
    page.locator(".hit-pages .page-name").click()
    expect(page).to_have_url(at(f"{FILE}/pages/33?q=quetsches"))
    page.locator(".back a").click()
    expect(page).to_have_url(at(f"/ressources/{PUBLIC}?q=quetsches"))


def test_live_results_show_pages(page: Page) -> None:
    page.goto("/?q=foncier")
    page.locator("input[name=publication][value=oui]").check()
    page.locator(".chip").wait_for()
    expect(page.locator(".hit")).to_have_count(2)  # the fake engine finds words of files that were not read, too
    expect(page.locator(".hit-pages .page-name").first).to_contain_text("p. i")


def test_a_browser_can_show_the_image(page: Page) -> None:
    page.goto(f"{FILE}/pages/4")
    shown = page.locator(".reader-image img").evaluate("one => one.decode().then(() => one.naturalWidth)")
    assert shown == 1200


def test_the_image_stands_beside_the_text_where_there_is_room(page: Page) -> None:
    page.goto(f"{FILE}/pages/4")
    text, image = (page.locator(one).bounding_box() for one in (".sheet", ".reader-image"))
    assert text is not None
    assert image is not None
    assert image["x"] >= text["x"] + text["width"]
    assert abs(image["y"] - text["y"]) < 40


def test_the_browser_shows_the_pdf(page: Page) -> None:
    """The browser gets the first bytes of a PDF when it asks for a range: no header of the response prevents it."""
    page.goto(FILE.rpartition("/documents")[0])
    answer = page.evaluate(
        "path => fetch(path, {headers: {Range: 'bytes=0-4'}}).then(async one => [one.status, await one.text()])", FILE
    )
    assert answer == [206, "%PDF-"]
