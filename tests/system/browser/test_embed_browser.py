"""The search embedded in a page of another site, as a custom element or an iframe, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from flask import Flask, Response
from playwright.sync_api import BrowserContext, Page, expect

from search_app.settings import SiteSettings
from tests.support.browser import WIDE_AND_NARROW, axe, fits, serving, sign_in
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine
from tests.support.site import make_app


@dataclass(frozen=True)
class Sites:
    """The addresses of the archive, of a site that may embed it, and of one that may not."""

    archive: str
    town: str
    stranger: str


def other_site() -> Flask:
    """Return a site with a strict Content Security Policy, whose pages embed the archive.

    The path of a page ends with the address of the archive.
    """
    app = Flask("ville")

    def page(body: str, archive: str) -> Response:
        text = (
            '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Ville</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
            f"<body><main><h1>Ville d’exemple</h1>{body}</main></body></html>"
        )
        answer = Response(text, content_type="text/html; charset=utf-8")
        answer.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src {archive}; connect-src {archive}; frame-src {archive}; style-src 'self'"
        )
        return answer

    @app.get("/element/<path:archive>")
    def element(archive: str) -> Response:
        script = f'<script src="{archive}/integration/archive-search.js" defer></script>'
        return page(f'{script}<archive-search label="Nos archives" filters="theme=none"></archive-search>', archive)

    @app.get("/whole/<path:archive>")
    def whole(archive: str) -> Response:
        script = f'<script src="{archive}/integration/archive-search.js" defer></script>'
        return page(f"{script}<archive-search></archive-search>", archive)

    @app.get("/iframe/<path:archive>")
    def iframe(archive: str) -> Response:
        return page(
            f'<iframe title="Chercher dans les archives" width="300" height="600" '
            f'src="{archive}/integration/recherche?q=monnaie"></iframe>',
            archive,
        )

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    return app


@pytest.fixture(scope="module")
def sites(site_settings: SiteSettings) -> Iterator[Sites]:
    with serving(other_site()) as town, serving(other_site()) as stranger:
        settings = replace(site_settings, embed=(town.rstrip("/"),))
        with serving(make_app(settings, FakeEngine(demo_resources()))) as archive:
            yield Sites(archive.rstrip("/"), town.rstrip("/"), stranger.rstrip("/"))


@pytest.mark.parametrize("context", WIDE_AND_NARROW, indirect=True)
def test_the_element_searches_from_another_site(page: Page, sites: Sites) -> None:
    page.goto(f"{sites.town}/whole/{sites.archive}")
    box = page.get_by_role("combobox", name="Chercher dans les archives")
    axe(page)
    box.fill("monnaie")
    page.get_by_role("button", name="Rechercher").click()
    hit = page.get_by_role("link", name="Monnaie locale : dix ans d’une expérience basque")
    expect(hit).to_have_attribute("href", f"{sites.archive}/ressources/r-01?q=monnaie")
    expect(page.get_by_role("status")).to_have_text("4 ressources")
    expect(page.locator("archive-search mark").first).to_have_text("monnaie")
    expect(page.get_by_role("link", name="Ouvrir cette recherche")).to_have_attribute(
        "href", f"{sites.archive}/?q=monnaie"
    )
    axe(page)
    fits(page)
    box.fill("xylophone")
    box.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Aucune ressource ne correspond à cette recherche.")
    hit_count = page.locator("archive-search li.hit")
    expect(hit_count).to_have_count(0)
    box.fill("")
    box.press("Enter")
    expect(hit_count).to_have_count(10)
    expect(page.get_by_role("link", name="Voir tous les résultats")).to_be_visible()


def test_completion_with_the_keyboard(page: Page, sites: Sites) -> None:
    page.goto(f"{sites.town}/whole/{sites.archive}")
    box = page.get_by_role("combobox")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("coop")
    options = page.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    axe(page)
    first = options.first.text_content()
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert box.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    box.press("ArrowUp")
    expect(page.locator("[aria-activedescendant]")).to_have_count(0)
    box.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    box.press("Escape")
    expect(options).to_have_count(0)
    expect(box).to_have_value("coop")
    box.press_sequentially("e")
    expect(options.first).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value(first or "")
    expect(page.locator("archive-search li.hit").first).to_be_visible()


def test_filters_of_the_element_apply(page: Page, sites: Sites) -> None:
    page.goto(f"{sites.town}/element/{sites.archive}")
    box = page.get_by_role("combobox", name="Nos archives")
    box.press("Enter")
    expect(page.get_by_role("link", name="Rapport d’activité 2022")).to_be_visible()
    expect(page.get_by_role("link", name="Monnaie locale")).to_have_count(0)


def test_a_site_that_is_not_named_gets_nothing(context: BrowserContext, sites: Sites) -> None:
    page = context.new_page()
    page.goto(f"{sites.stranger}/whole/{sites.archive}")
    box = page.get_by_role("combobox")
    box.fill("monnaie")
    box.press("Enter")
    expect(page.get_by_role("status")).to_have_text(
        "La recherche ne répond pas pour l’instant. Réessayez dans un instant."
    )
    refused: list[str] = []
    page.on("console", lambda told: refused.append(told.text))
    page.goto(f"{sites.stranger}/iframe/{sites.archive}")
    expect(page.frame_locator("iframe").get_by_text("Monnaie locale")).to_have_count(0)
    assert any("frame-ancestors" in one for one in refused), refused


def test_a_member_embeds_the_visitors_world(context: BrowserContext, sites: Sites) -> None:
    page = context.new_page()
    page.goto(sites.archive + "/connexion")
    sign_in(page)
    page.goto(f"{sites.archive}/?q=zanzibar")
    expect(page.get_by_role("link", name="Convention de coopération")).to_be_visible()
    # The same host, so the cookie comes along.
    page.goto(f"{sites.town}/whole/{sites.archive}")
    box = page.get_by_role("combobox")
    box.fill("zanzibar")
    box.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Aucune ressource ne correspond à cette recherche.")
    page.goto(f"{sites.archive}/integration/recherche?q=zanzibar")
    expect(page.get_by_role("heading", name="Aucune ressource pour")).to_be_visible()


@pytest.mark.parametrize("context", WIDE_AND_NARROW, indirect=True)
def test_the_iframe(page: Page, sites: Sites) -> None:
    page.goto(f"{sites.town}/iframe/{sites.archive}")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("link", name="Monnaie locale")).to_be_visible()
    frame.get_by_role("searchbox").fill("c*")
    frame.get_by_role("button", name="Rechercher").click()
    expect(frame.get_by_role("listitem")).to_have_count(10)
    frame.get_by_role("link", name="Voir tous les résultats").click()
    page.wait_for_url(f"{sites.archive}/?q=c%2A")


@pytest.mark.parametrize("context", WIDE_AND_NARROW, indirect=True)
def test_the_page_of_the_iframe_is_accessible(page: Page, sites: Sites) -> None:
    for query in ("", "?q=coop*", "?q=xylophone"):
        page.goto(f"{sites.archive}/integration/recherche{query}")
        axe(page)
        fits(page)
