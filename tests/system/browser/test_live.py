"""With JavaScript, results change without a page load: address, Back, focus and announcements are as they should be."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Error, Page, Route, expect

from tests.support.browser import axe, sign_in

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def loaded(page: Page) -> Page:
    """The search page with a mark that a page load would remove."""
    page.goto("/?q=coop*")
    page.evaluate("window.mark = true")
    return page


def same_page(page: Page) -> bool:
    return bool(page.evaluate("window.mark === true"))


def test_a_filter_applies_at_once(loaded: Page) -> None:
    box = loaded.locator("input[name=type][value=Guides]")
    box.check()
    expect(loaded.locator("#tally")).to_have_text("3 ressources sur 29")
    expect(loaded).to_have_url(re.compile(r"\?q=coop\*&type=Guides$|\?q=coop%2A&type=Guides$"))
    expect(box).to_be_focused()
    expect(box).to_be_checked()
    expect(loaded.locator("#facette-type > summary")).to_contain_text("(1")
    loaded.locator("input[name=theme]").first.check()
    expect(loaded.locator(".chip")).to_have_count(2)
    assert same_page(loaded)


def test_two_filters_in_a_row_keep_both(loaded: Page) -> None:
    loaded.evaluate("for (const value of ['Guides', 'Autres']) document.querySelector(`input[value=${value}]`).click()")
    loaded.wait_for_url("**type=Guides&type=Autres**")
    expect(loaded.locator(".chip")).to_have_count(2)
    assert same_page(loaded)


def test_a_stale_answer_never_shows(loaded: Page) -> None:
    held: list[Route] = []
    loaded.route(re.compile("type=Guides$"), lambda route: held.append(route))  # noqa: PLW0108 - Playwright takes no built-in
    with loaded.expect_request(re.compile("type=Guides$")):
        loaded.locator("input[value=Guides]").click(no_wait_after=True)
    loaded.locator("input[value=Guides]").click()
    expect(loaded.locator("#resultats")).not_to_have_attribute("aria-busy", "true")
    with suppress(Error):  # the page may have aborted the request
        held[0].continue_()
    loaded.evaluate("fetch(location.href).then(answer => answer.text())")  # which gets its response after the stale one
    expect(loaded.locator(".chip")).to_have_count(0)
    expect(loaded.locator("input[value=Guides]")).not_to_be_checked()
    assert same_page(loaded)


def test_back_and_forward(loaded: Page) -> None:
    first = loaded.locator("#tally").inner_text()
    loaded.locator("input[value=Guides]").check()
    expect(loaded.locator("#tally")).to_contain_text("3 ressources")
    loaded.locator("#q").fill("monnaie")
    loaded.locator("#q").press("Enter")
    expect(loaded.locator("h1")).to_contain_text("monnaie")
    loaded.go_back()
    expect(loaded.locator("#tally")).to_contain_text("3 ressources")
    expect(loaded.locator("#q")).to_have_value("coop*")
    expect(loaded.locator("input[value=Guides]")).to_be_checked()
    loaded.go_back()
    expect(loaded.locator("#tally")).to_have_text(first)
    expect(loaded.locator("input[value=Guides]")).not_to_be_checked()
    loaded.go_forward()
    loaded.go_forward()
    expect(loaded.locator("h1")).to_contain_text("monnaie")
    expect(loaded).to_have_title(re.compile("monnaie"))
    assert same_page(loaded)


def test_back_from_a_resource_finds_the_search_and_the_place(loaded: Page) -> None:
    loaded.locator("input[value=Guides]").check()
    loaded.wait_for_url("**type=Guides**")
    loaded.locator(".hit-title a").last.click()
    loaded.wait_for_url("**/ressources/**")
    loaded.go_back()
    expect(loaded.locator("#tally")).to_contain_text("3 ressources")
    expect(loaded.locator("input[value=Guides]")).to_be_checked()


def test_the_link_back_comes_to_the_hit(page: Page) -> None:
    page.goto("/?sort=title&page=2")
    hit = page.locator(".hit-title a").nth(7)
    title = hit.inner_text()
    hit.click()
    page.get_by_role("link", name="Retour aux résultats").click()
    page.wait_for_url("**/?sort=title&page=2#ressource-*")
    expect(page.get_by_role("link", name=title, exact=True)).to_be_focused()
    expect(page.locator(".hit").nth(7)).to_be_in_viewport()
    page.wait_for_function("() => scrollY > 500")


def test_back_comes_to_where_one_stood(page: Page) -> None:
    page.goto("/")
    page.locator(".pager").scroll_into_view_if_needed()
    page.wait_for_function("() => scrollY > 500 && history.state?.y === scrollY")
    stood = page.evaluate("scrollY")
    page.get_by_role("link", name="Suivante").click()
    expect(page.locator("#tally")).to_contain_text("page 2")
    assert page.evaluate("scrollY") < stood
    page.go_back()
    expect(page.locator("#tally")).to_contain_text("page 1")
    page.wait_for_function("stood => Math.abs(scrollY - stood) < 40", arg=stood)


def test_the_next_page_begins_at_its_top_and_is_told(page: Page) -> None:
    page.goto("/")
    status = page.locator("#tally[role=status]")
    page.evaluate(
        """() => { window.told = [];
             new MutationObserver(() => told.push(document.getElementById("tally").textContent))
               .observe(document.getElementById("tally"), { childList: true }) }"""
    )
    page.get_by_role("link", name="Suivante").click()
    expect(status).to_have_text("29 ressources, page 2 sur 3")
    expect(page.locator("#resultats-titre")).to_be_focused()
    expect(page.locator("#tally")).to_be_in_viewport()
    assert page.evaluate("told") == ["29 ressources, page 2 sur 3"]


def test_focus_goes_on_when_what_had_it_is_gone(loaded: Page) -> None:
    loaded.goto("/?type=Guides&year=2023")
    loaded.locator(".chip").first.focus()
    loaded.keyboard.press("Enter")
    expect(loaded.locator(".chip")).to_have_count(1)
    expect(loaded.locator("#resultats-titre")).to_be_focused()
    loaded.get_by_role("link", name="Titre", exact=True).press("Enter")
    loaded.wait_for_url("**sort=title**")
    expect(loaded.get_by_role("link", name="Titre", exact=True)).to_be_focused()


def test_a_span_of_years(loaded: Page) -> None:
    loaded.get_by_label("De", exact=True).fill("2022")
    loaded.get_by_label("De", exact=True).press("Tab")
    loaded.keyboard.type("20")  # while the response is on its way
    loaded.wait_for_url("**year_from=2022**")
    expect(loaded.locator("#year_to")).to_be_focused()
    expect(loaded.locator("#year_to")).to_have_value("20")
    loaded.keyboard.type("x")
    loaded.keyboard.press("Enter")
    expect(loaded.get_by_role("alert")).to_contain_text("n’est pas une année")
    expect(loaded.locator("#year_to")).to_have_value("20x")
    assert same_page(loaded)


def test_bars_choose_a_year(loaded: Page) -> None:
    bar = loaded.locator(".histogram a").filter(has=loaded.locator("title", has_text="2023"))
    said = bar.locator("title").text_content()
    bar.locator(".reach").click()
    loaded.wait_for_url("**year=2023**")
    expect(loaded.locator("input[name=year][value='2023']")).to_be_checked()
    tally = loaded.locator("#tally strong").inner_text()
    assert said is not None
    assert said.endswith(tally)
    assert loaded.locator(".histogram a:not([tabindex='-1'])").count() == 0


def test_closed_facets_are_remembered(loaded: Page) -> None:
    loaded.locator("#facette-theme > summary").click()
    loaded.locator("input[value=Guides]").check()
    loaded.wait_for_url("**type=Guides**")
    assert not loaded.locator("#facette-theme").evaluate("one => one.open")
    loaded.goto("/")
    expect(loaded.locator("#facette-theme")).not_to_have_attribute("open", "")
    loaded.locator("#facette-theme > summary").click()
    loaded.wait_for_function("localStorage.getItem('filtres-replies') === '[]'")
    loaded.reload()
    assert loaded.locator("#facette-theme").evaluate("one => one.open")


def test_spoilt_memory_changes_nothing(loaded: Page) -> None:
    loaded.evaluate("localStorage.setItem('filtres-replies', '{')")
    loaded.reload()
    loaded.locator("input[value=Guides]").check()
    loaded.wait_for_url("**type=Guides**")


def test_a_long_list_is_narrowed(page: Page, site_app: Flask) -> None:
    page.goto("/")
    values = page.locator("#facette-theme .values > li")
    assert values.count() >= 12
    page.locator("#parmi-theme").fill("sante")
    expect(values.filter(visible=True)).to_have_count(1)
    expect(page.locator("#valeurs")).to_have_text("1 valeur")
    page.locator("#facette-theme").get_by_role("checkbox", name="Santé et grand âge").check()
    page.wait_for_url("**theme=**")
    expect(page.locator("#parmi-theme")).to_have_value("sante")
    expect(values.filter(visible=True)).to_have_count(1)
    page.locator("#parmi-theme").fill("zzz")
    expect(page.locator("#valeurs")).to_have_text("Aucune valeur")
    assert "parmi" not in page.url


@pytest.mark.parametrize("status", [500, 404])
def test_trouble_ends_in_a_plain_page(loaded: Page, status: int) -> None:
    answers = []

    def fail_once(route: Route) -> None:
        answers.append(route.request.resource_type)
        if len(answers) == 1:
            route.fulfill(status=status, body="?")
        else:
            route.continue_()

    loaded.route(re.compile("type=Guides"), fail_once)
    loaded.locator("input[value=Guides]").click()  # not check(), since another page may already stand there
    loaded.wait_for_function("window.mark === undefined")
    expect(loaded.locator("#tally")).to_have_text("3 ressources sur 29")
    assert answers == ["fetch", "document"]


def test_another_page_in_its_place_is_loaded_whole(loaded: Page) -> None:
    loaded.route(
        re.compile("type=Guides"), lambda route: route.fulfill(body="<p>Maintenance</p>", content_type="text/html")
    )
    loaded.locator("input[value=Guides]").click()  # not check(), since the box disappears with its page
    expect(loaded.locator("body")).to_have_text("Maintenance")


def test_other_keys_and_links_are_left_alone(loaded: Page) -> None:
    with loaded.context.expect_page() as opened:
        loaded.get_by_role("link", name="Titre", exact=True).click(modifiers=["Control"])
    opened.value.wait_for_url("**sort=title**")
    assert same_page(loaded)
    assert "sort=title" not in loaded.url


@pytest.mark.parametrize("context", [PHONE], ids=["phone"], indirect=True)
def test_on_a_phone_filters_lead_back_to_results(loaded: Page) -> None:
    loaded.locator("#filtres > summary").tap()
    loaded.locator("label.value", has_text="Guides").tap()
    see = loaded.get_by_role("button", name="Voir 3 ressources")
    see.tap()
    expect(loaded.locator("#resultats-titre")).to_be_focused()
    expect(loaded.locator("#tally")).to_be_in_viewport()
    expect(loaded.locator(".hit").first).to_be_in_viewport()
    assert not loaded.locator("#filtres").evaluate("one => one.open")
    assert same_page(loaded)


def test_dragging_over_the_bars_chooses_years(page: Page) -> None:
    page.goto("/?year=none")
    plot = page.locator(".histogram")
    first, last = (int(plot.get_attribute(f"data-{end}") or "") for end in ("first", "last"))
    box = plot.bounding_box()
    assert box is not None
    place = box["width"] / (last - first + 1)
    height = box["y"] + box["height"] - 2
    for begin, end in ((1, 3), (3, 1)):  # to the right and to the left
        page.goto("/?year=none")
        page.mouse.move(box["x"] + (begin + 0.5) * place, height)
        page.mouse.down()
        page.mouse.move(box["x"] + (end + 0.5) * place, height, steps=4)
        expect(page.locator("#annees-choisies")).to_have_text(f"{first + 1} – {first + 3}")
        page.mouse.up()
        page.wait_for_url(f"**/?year_from={first + 1}&year_to={first + 3}")
        expect(page.locator("#year_from")).to_have_value(str(first + 1))
        expect(page.locator(".histogram .range")).to_have_attribute("width", re.compile(r"\d"))
    axe(page)
    page.locator(".histogram a").last.click(force=True)  # a bar beyond the span takes its place
    page.wait_for_url(f"**/?year={last}")


def test_the_handles_choose_years_by_keyboard(page: Page) -> None:
    page.goto("/")
    plot = page.locator(".histogram")
    first, last = (int(plot.get_attribute(f"data-{end}") or "") for end in ("first", "last"))
    page.get_by_role("slider", name="Depuis l’année").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"**/?year_from={first + 1}")
    expect(page.locator("#annee-de")).to_be_focused()
    page.get_by_role("slider", name="Jusqu’à l’année").focus()
    page.keyboard.press("Home")  # stops at the other one
    page.wait_for_url(f"**/?year_from={first + 1}&year_to={first + 1}")
    expect(page.locator("#annee-a")).to_be_focused()
    page.keyboard.press("End")
    page.wait_for_url(f"**/?year_from={first + 1}")
    page.locator("#annee-de").focus()
    page.keyboard.press("Home")  # all years: no bound, and resources without a year are back
    page.wait_for_url(re.compile(r"/$"))
    assert page.locator("#annee-a").input_value() == str(last)


@pytest.mark.parametrize("context", [PHONE], ids=["phone"], indirect=True)
def test_on_a_phone_filters_are_a_sheet(page: Page) -> None:
    page.goto("/?q=coop*")
    summary, see = page.locator("#filtres > summary"), page.locator(".apply button")
    summary.tap()
    expect(see).to_have_text(re.compile(r"Voir \d+ ressources"))
    for place in ("0", "one.scrollHeight"):
        page.locator("#filtres").evaluate(f"one => one.scrollTo(0, {place})")
        expect(see).to_be_in_viewport(ratio=1)
        expect(summary).to_be_in_viewport(ratio=1)
    axe(page)
    # A filter whose place is gone with the new results leaves the sheet open.
    page.locator("#facettes input[name=theme]").first.focus()
    page.keyboard.press("Space")
    page.wait_for_url("**theme=**")
    expect(see).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(see).to_be_hidden()
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    see.focus()
    page.keyboard.press("Tab")  # among the results, which the sheet must not cover
    expect(see).to_be_hidden()
    expect(page.locator(".results :focus")).to_be_in_viewport()


# Completion


def test_completion_by_keyboard(page: Page) -> None:
    page.goto("/")
    box = page.get_by_role("combobox", name="Mots à chercher")
    box.press_sequentially("mon")
    options = page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    texts = options.all_inner_texts()
    assert all("mon" in text.casefold() for text in texts)
    expect(page.locator(".completed [role=status]")).to_contain_text(f"{len(texts)} suggestion")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    active = box.get_attribute("aria-activedescendant")
    assert active is not None
    expect(page.locator(f"#{active}")).to_have_text(texts[0])
    expect(box).to_have_value(texts[0])
    page.keyboard.press("ArrowUp")
    expect(box).to_have_value("mon")
    page.keyboard.press("ArrowUp")
    expect(box).to_have_value(texts[-1])
    page.keyboard.press("Escape")
    expect(box).to_have_value("mon")
    expect(box).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(texts[0])
    expect(options.first).to_be_hidden()


def test_completion_by_pointer(page: Page) -> None:
    page.goto("/")
    page.locator("#q").press_sequentially("mon")
    option = page.get_by_role("group", name="Mots à chercher").get_by_role("option").first
    text = option.inner_text()
    option.click()
    expect(page.locator("h1")).to_contain_text(text)
    expect(page.locator("#q")).to_be_focused()
    expect(page.get_by_role("option").first).to_be_hidden()


def test_completion_that_fails_says_nothing(page: Page) -> None:
    page.route("**/api/v1/suggest*", lambda route: route.fulfill(status=500, body="?"))
    page.goto("/")
    page.locator("#q").press_sequentially("mon")
    expect(page.locator(".completed [role=status]")).to_have_text("Pas de suggestion")
    expect(page.get_by_role("option")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("mon")


def test_suggestions_do_what_they_say(page: Page) -> None:
    page.goto("/")
    box = page.locator("#q")
    box.press_sequentially("mon")
    theme = page.get_by_role("group", name="Thèmes").get_by_role("option").first
    expect(theme).to_have_accessible_name(re.compile(r"^Monnaies locales \(\d+ ressources?\)$"))
    axe(page)
    theme.click()
    page.wait_for_url("**/?theme=Monnaies+locales")
    box.press_sequentially("monn")
    resource = page.get_by_role("group", name="Ressources").get_by_role("option").first
    title = resource.inner_text()
    resource.click()
    page.wait_for_url("**/ressources/**")
    expect(page.locator("h1")).to_have_text(title)
    # By keyboard too: the first suggestion is the theme.
    page.goto("/")
    box.press_sequentially("mon")
    expect(theme).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(theme).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?theme=Monnaies+locales")
    expect(box).to_have_value("")


def arrived(page: Page, query: str) -> None:
    """Wait until the results of a query are shown and the page is loaded, since scripts only then store the query."""
    expect(page.locator("h1")).to_contain_text(query)
    page.wait_for_load_state()


def test_own_searches_are_kept_in_this_browser_alone(page: Page) -> None:
    own = page.get_by_role("group", name="Vos recherches, gardées dans ce navigateur").get_by_role("option")
    box = page.locator("#q")
    page.goto("/")
    for query in ("monnaie locale", "coopérative"):
        box.fill(query)
        box.press("Enter")
        arrived(page, query)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.post_data or ''} {request.headers}"))
    page.goto("/")
    box.press_sequentially("loc")
    expect(own).to_have_text(["monnaie locale", "Effacer vos recherches"])
    assert not any("monnaie" in request for request in asked)
    own.first.click()
    arrived(page, "monnaie locale")
    # With nothing typed the latest come first; they are forgotten by one of the suggestions.
    page.goto("/")
    box.press("ArrowDown")
    expect(own).to_have_text(["monnaie locale", "coopérative", "Effacer vos recherches"])
    page.keyboard.press("ArrowUp")
    expect(own.last).to_have_attribute("aria-selected", "true")
    expect(box).to_have_value("")
    page.keyboard.press("Enter")
    assert page.evaluate("localStorage.getItem('recherches')") is None


def test_own_searches_may_be_refused(page: Page) -> None:
    page.goto("/aide")
    page.evaluate("localStorage.setItem('recherches', JSON.stringify(['ferme']))")
    page.get_by_role("button", name="Effacer mes recherches").click()
    expect(page.get_by_text("C’est effacé.")).to_be_visible()
    assert page.evaluate("localStorage.getItem('recherches')") is None
    page.get_by_role("checkbox", name="Garder mes recherches").uncheck()
    page.goto("/")
    page.locator("#q").fill("monnaie")
    page.keyboard.press("Enter")
    arrived(page, "monnaie")
    assert page.evaluate("localStorage.getItem('recherches')") is None


@pytest.mark.parametrize("end", ["a click", "a click before the scripts are there", "its time limit"])
def test_own_searches_are_forgotten_with_the_session(page: Page, end: str) -> None:
    sign_in(page)
    page.wait_for_load_state()
    page.locator("#q").fill("monnaie")
    page.keyboard.press("Enter")
    arrived(page, "monnaie")
    assert "monnaie" in page.evaluate("localStorage.getItem('recherches')")
    if end == "its time limit":
        page.context.clear_cookies()
        page.goto("/")
    else:
        if end != "a click":
            page.route("**/*.js*", lambda route: route.abort())
            page.goto("/")
            page.unroute("**/*.js*")
        page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("link", name="Connexion")).to_be_visible()
    page.wait_for_load_state()
    assert page.evaluate("localStorage.getItem('recherches')") is None


def test_a_visitor_s_own_searches_stay(page: Page) -> None:
    page.goto("/?q=coop*")
    page.locator("#q").fill("monnaie")
    page.keyboard.press("Enter")
    arrived(page, "monnaie")
    page.goto("/")
    assert "monnaie" in page.evaluate("localStorage.getItem('recherches')")


def test_slash_leads_to_the_box_unless_refused(page: Page) -> None:
    page.goto("/?q=coop*")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("a/b")  # in the search box it is an ordinary character
    expect(page.locator("#q")).to_have_value("a/b")
    page.goto("/themes")
    page.keyboard.press("/")
    page.keyboard.type("scic")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=scic")
    page.goto("/aide")
    page.get_by_role("checkbox", name="Utiliser la touche").uncheck()
    page.goto("/")
    page.keyboard.press("/")
    expect(page.locator("#q")).not_to_be_focused()
