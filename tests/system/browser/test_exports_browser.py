"""Exports, saved searches and citations in a browser: axe in both themes, without JavaScript, at 320 pixels."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import NARROW, WIDE, WIDE_AND_PHONE, axe, fits, sign_in, unfold

pytestmark = pytest.mark.slow


def empty_selection(page: Page) -> None:
    """Empty the selection, since other tests use the same server."""
    page.goto("/selection")
    if (summary := page.locator("summary", has_text="Vider la sélection")).is_visible():
        summary.click()
        page.get_by_role("button", name="Vider la sélection").click()


def check(page: Page) -> None:
    unfold(page)
    axe(page)


@pytest.mark.slow
@pytest.mark.parametrize("context", WIDE_AND_PHONE, indirect=True)
def test_axe_finds_nothing(page: Page) -> None:
    for path in (
        "/ressources/r-02?q=scic+commune",
        "/ressources/r-hostile?q=pi%C3%A9g%C3%A9e",
        "/?q=v%C3%A9lo",
        "/api",
    ):
        page.goto(path)
        check(page)


@pytest.mark.slow
@pytest.mark.parametrize("context", WIDE_AND_PHONE, indirect=True)
def test_axe_finds_nothing_for_members(page: Page) -> None:
    sign_in(page)
    empty_selection(page)
    check(page)
    page.goto("/?q=scic")
    page.locator(".hit .select button").first.click()
    expect(page.locator(".hit .select button").first).to_contain_text("Retirer")
    page.locator(".follow :is(button, a)").click()  # a link where it is followed already
    page.get_by_label("Nom", exact=True).fill("Les SCIC")
    page.get_by_role("button", name="Renommer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Les SCIC")
    check(page)
    page.get_by_role("button", name=re.compile("adresse")).first.click()
    expect(page.locator("#adresse-flux")).to_have_value(re.compile(r"/recherches/flux/[\w-]{43}$"))
    check(page)
    for path in ("/selection", "/recherches", "/ressources/r-04?q=zanzibar"):
        page.goto(path)
        check(page)


@pytest.mark.parametrize("context", [NARROW], ids=["320"], indirect=True)
def test_nothing_scrolls_sideways_at_320_pixels(page: Page) -> None:
    sign_in(page)
    page.goto("/?q=scic+commune")
    page.locator(".follow :is(button, a)").click()  # a link where it is followed already
    expect(page.get_by_role("heading", level=1)).to_have_text("scic commune")
    saved = page.url
    for path in (
        "/ressources/r-02?q=scic",
        "/ressources/r-hostile?q=monnaie",
        "/?q=scic",
        "/selection",
        "/recherches",
        saved,
        "/api",
    ):
        page.goto(path)
        unfold(page)
        fits(page)


@pytest.mark.parametrize("context", [{**WIDE, "java_script_enabled": False}], ids=["no-js"], indirect=True)
def test_without_javascript(page: Page) -> None:
    """Without JavaScript, people can search, go from hit to hit, cite, export, and select resources."""
    page.goto("/?q=coop*&sort=title")
    page.locator(".hit-title a").first.click()
    expect(page.locator(".position")).to_have_text("1 sur 10")
    page.locator(".neighbours [rel=next]").click()
    expect(page.locator(".position")).to_have_text("2 sur 10")
    expect(page.locator(".prose mark").first).to_be_visible()
    page.get_by_role("link", name="aller au premier").click()
    assert page.url.endswith("#trouve")
    page.locator(".cite summary", has_text="BibTeX").click()
    expect(page.locator(".cite pre").first).to_contain_text("@misc{")
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger la notice BibTeX").click()
    assert download.value.suggested_filename.endswith(".bib")
    page.get_by_role("link", name="Retour aux résultats").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "coop.csv"
    assert Path(download.value.path()).read_bytes().startswith(b"\xef\xbb\xbfTitre;")

    sign_in(page)
    empty_selection(page)
    page.goto("/?q=coop*&sort=title")
    page.locator(".hit .select button").nth(1).click()
    expect(page.locator(".hit .select button").nth(1)).to_contain_text("Retirer")
    page.get_by_role("link", name="Ma sélection").first.click()
    expect(page.locator(".kept > li")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="RIS").click()
    assert download.value.suggested_filename == "Ma sélection.ris"
    empty_selection(page)
    expect(page.locator(".kept > li")).to_have_count(0)


def test_the_data_block_is_no_script(page: Page) -> None:
    """The Content Security Policy does not take the JSON-LD of a page for a script: nothing is said on the console."""
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto("/ressources/r-hostile?q=monnaie")
    name = page.evaluate("JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent).name")
    assert name == '<script>alert("titre")</script> & "guillemets"'
    assert messages == []


def test_print_leaves_text_and_citation(page: Page) -> None:
    page.goto("/ressources/r-02?q=scic")
    page.emulate_media(media="print")
    expect(page.locator(".citation")).to_be_visible()
    for hidden in (".neighbours", ".cite details >> nth=0", ".related"):
        expect(page.locator(hidden)).to_be_hidden()


def test_what_is_followed_is_what_the_page_shows(page: Page) -> None:
    """The button beside the results follows the search with the filters that were applied without a page load."""
    sign_in(page)
    page.goto("/?q=coop*")
    page.locator("input[name=type][value=Guides]").check()
    expect(page.locator(".chip")).to_have_count(1)
    page.locator(".follow :is(button, a)").click()  # a link where it is followed already
    expect(page.get_by_role("heading", level=1)).to_have_text("coop*, Guides")
    page.go_back()
    page.reload()
    expect(page.get_by_role("link", name="Recherche suivie")).to_be_visible()
