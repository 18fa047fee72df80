"""The site in a browser: with the keyboard only, without JavaScript, on a phone, zoomed, and axe on every page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.support.browser import (
    NARROW,
    PHONE,
    WIDE,
    WIDE_AND_PHONE,
    axe,
    enter,
    fits,
    sign_in,
    unfold,
    violations,
)
from tests.support.places import STATIC
from tests.support.site import MEMBER, PASSWORD

pytestmark = pytest.mark.slow

SEARCH = "/?q=coop*&year=2023&year=none&type=Ressources+du+r%C3%A9seau"
PATHS = {
    "home": "/",
    "search": SEARCH,
    "pages": "/?per_page=2&page=6",
    "corrected": "/?q=monaie",
    "named filters": "/?q=alimentation+durable+2023",
    "empty": "/?q=xylophone&year=2023",
    "malformed": "/?q=coop*&year_from=20l4",
    "resource": "/ressources/r-02?q=scic",
    "bare resource": "/ressources/r-31",
    "nothing but filters": "/?type=Guides&theme=Mobilit%C3%A9s+solidaires",
    "themes": "/themes",
    "years": "/annees",
    "territories": "/territoires",
    "territory": "/territoires/d35-ille-et-vilaine",
    "filtered by territory": "/?territory=R53",
    "theme": "/themes/monnaies-locales",
    "new": "/nouveautes",
    "help": "/aide",
    "api": "/api",
    "sign-in": "/connexion",
    "contact": "/contact",
    "report": "/ressources/r-00/signaler",
    "missing": "/ressources/rien",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("context", WIDE_AND_PHONE, indirect=True)
def test_axe_finds_nothing(page: Page, path: str) -> None:
    page.goto(path)
    axe(page)
    if page.locator("details").count():
        unfold(page)
        axe(page)


@pytest.mark.parametrize("context", WIDE_AND_PHONE, indirect=True)
def test_axe_finds_nothing_while_the_page_is_used(page: Page) -> None:
    page.goto("/")
    page.locator("#q").press_sequentially("mon")
    page.get_by_role("option").first.wait_for()
    axe(page)
    page.keyboard.press("ArrowDown")
    axe(page)
    page.keyboard.press("Escape")
    page.locator("#filtres").evaluate("one => { one.open = true }")
    page.locator("#parmi-theme").fill("zzz")
    axe(page)
    page.locator("#parmi-theme").fill("")
    page.locator("input[name=type][value=Guides]").check()
    page.locator(".chip").wait_for()
    axe(page)
    page.locator("#year_from").fill("20l4")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    axe(page)


def test_axe_does_look(page: Page) -> None:
    page.goto("/")
    page.evaluate("document.querySelector('label[for=q]').remove()")
    assert violations(page).violations_count > 0


def test_axe_looks_in_both_themes(page: Page) -> None:
    page.goto("/")
    page.evaluate(
        "document.documentElement.style.setProperty('--ink', '#1f1b16')"
    )  # dark text on a light background is correct
    assert violations(page).violations_count == 0
    with pytest.raises(AssertionError, match="dark theme"):
        axe(page)


@pytest.mark.parametrize("context", WIDE_AND_PHONE, indirect=True)
def test_axe_finds_nothing_for_members(page: Page) -> None:
    enter(page, MEMBER, "faux mot de passe")
    expect(page.get_by_role("alert")).to_have_text("Adresse ou mot de passe incorrect.")
    axe(page)
    sign_in(page)
    page.goto("/?private=oui")
    expect(page.get_by_text("Réservée aux adhérents").first).to_be_visible()
    axe(page)
    for path in ("/ressources/r-04", "/compte", "/selection", "/recherches"):
        page.goto(path)
        axe(page)


@pytest.mark.parametrize("context", [NARROW], ids=["320"], indirect=True)
def test_nothing_scrolls_sideways_at_320_pixels(page: Page) -> None:
    for path in (*PATHS.values(), "/ressources/r-hostile", "/?q=" + "x" * 300):
        page.goto(path)
        unfold(page)
        fits(page)


LARGE = "html { font-size: 200% }"
SPACED = (
    "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }"
    " p { margin-bottom: 2em !important }"
)


@pytest.mark.parametrize("sheet", [LARGE, SPACED], ids=["200 %", "spaced"])
@pytest.mark.parametrize(
    "context", [{**WIDE, "bypass_csp": True}, {**PHONE, "bypass_csp": True}], ids=["wide", "phone"], indirect=True
)
def test_nothing_is_lost_in_large_or_spaced_text(page: Page, sheet: str) -> None:
    """WCAG 1.4.4 and 1.4.12: nothing is cut off, and the page does not scroll horizontally."""
    for path in (
        "/",
        SEARCH,
        "/?q=xylophone&year=2023",
        "/ressources/r-02",
        "/themes",
        "/annees",
        "/territoires",
        "/territoires/d35-ille-et-vilaine",
        "/themes/monnaies-locales",
        "/nouveautes",
        "/aide",
        "/connexion",
    ):
        page.goto(path)
        page.add_style_tag(content=sheet)
        unfold(page)
        fits(page)
        cut = page.locator("main :is(a, p, h1, h2, h3, label, button, li, dt, dd)").evaluate_all(
            """all => all.filter(one => getComputedStyle(one).overflowX === 'hidden' && !one.matches('.unseen')
                && one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)"""
        )
        assert cut == [], path


@pytest.mark.parametrize("context", [PHONE], ids=["phone"], indirect=True)
def test_targets_are_large_enough(page: Page) -> None:
    """On phones controls are 44 px high, a hit's themes (links) 24; links in text are exempt (WCAG 2.5.5, 2.5.8)."""
    for path in ("/", SEARCH, "/?per_page=2&page=6", "/themes", "/annees", "/territoires", "/connexion"):
        page.goto(path)
        unfold(page)
        targets = page.locator(
            "nav a, button, summary, label.value, input:not([type=hidden], [type=checkbox]), .chip, .clear, .figures a"
        )
        for target in filter(Locator.is_visible, targets.all()):
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 43.5, (path, target.inner_text(), box)
            assert box["width"] >= 24, (path, target.inner_text(), box)
        for target in page.locator(".hit-themes a").all():
            box = target.bounding_box()
            assert box is not None
            assert box["height"] >= 24, (path, target.inner_text(), box)


ONLY_COOP = re.compile(r"/\?q=coop(\*|%2A)(?!.*type=)")
"""Matches the address of a search for coop* without filters; a glob pattern would match those with filters too."""


def test_keyboard_alone(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    box = page.get_by_role("combobox", name="Mots à chercher")
    expect(box).to_be_focused()
    page.keyboard.type("coop*")
    page.keyboard.press("Enter")
    page.wait_for_url(ONLY_COOP)
    expect(page.get_by_role("heading", level=1)).to_contain_text("coop*")

    box.focus()
    reach(page, "input[name=type][value=Guides]")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Space")
    page.wait_for_url("**type=Guides**")
    expect(page.locator("input[name=type][value=Guides]")).to_be_checked()
    expect(page.locator("input[name=type][value=Guides]")).to_be_focused()
    expect(page.locator(".tally")).to_contain_text("sur 29")

    reach(page, ".chip")
    page.keyboard.press("Enter")
    page.wait_for_url(ONLY_COOP)
    reach(page, ".hit-title a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ressources/**")
    reach(page, ".back a")
    page.keyboard.press("Enter")
    page.wait_for_url(ONLY_COOP)


def reach(page: Page, selector: str) -> None:
    """Press Tab until the first element that matches has focus; it must then be visible and not covered."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            seen = page.evaluate(
                """() => {
                    const box = document.activeElement.getBoundingClientRect();
                    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                    return top === document.activeElement || document.activeElement.contains(top);
                }"""
            )
            assert seen, f"{selector} has focus but something covers it"
            return
    pytest.fail(f"{selector} was not reached")


@pytest.mark.parametrize(
    "context", [{**WIDE, "java_script_enabled": False}, {**PHONE, "java_script_enabled": False}],
    ids=["wide", "phone"], indirect=True,
)  # fmt: skip
def test_without_javascript(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Mots à chercher").fill("coop*")
    page.get_by_role("button", name="Rechercher").click()

    def unfold_filters() -> None:
        if page.viewport_size == PHONE["viewport"]:
            page.locator("details.filters > summary").click()

    def choose(*labels: str) -> None:
        unfold_filters()
        for label in labels:
            page.get_by_role("checkbox", name=label).check()
        page.get_by_role("button", name="Appliquer les filtres").click()

    choose("2023", "2024")
    expect(page.locator(".tally")).to_have_text("3 ressources sur 29")
    assert "q=coop" in page.url
    assert "year=2024&year=2023" in page.url
    choose("Guides")
    expect(page.locator(".tally")).to_have_text("1 ressource sur 29")
    page.get_by_role("link", name="Retirer le filtre Type : Guides").click()
    expect(page.locator(".tally")).to_have_text("3 ressources sur 29")
    page.get_by_role("link", name="Titre", exact=True).click()
    expect(page).to_have_url(re.compile("sort=title"))
    choose("Guides")
    expect(page.locator(".tally")).to_have_text("1 ressource sur 29")
    assert "sort=title" in page.url
    page.locator(".hit-title a").first.click()
    page.get_by_role("link", name="Retour aux résultats").click()
    expect(page.locator(".tally")).to_have_text("1 ressource sur 29")

    unfold_filters()
    page.get_by_label("De", exact=True).fill("20l4")
    page.get_by_role("button", name="Appliquer les filtres").click()
    expect(page.get_by_role("alert")).to_contain_text("n’est pas une année")
    expect(page.locator("#year_from")).to_have_value("20l4")

    sign_in(page)
    page.goto("/?private=oui")
    expect(page.locator(".tally")).to_have_text("4 ressources sur 33")
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("link", name="Connexion")).to_be_visible()


def test_filters_stand_open_on_wide_screens_and_closed_on_phones(page: Page) -> None:
    page.goto("/")
    expect(page.locator("input[name=type]").first).to_be_visible()
    expect(page.locator("details.filters > summary")).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("details.filters > summary")).to_be_visible()
    expect(page.locator("input[name=type]").first).to_be_hidden()


def test_a_phone_shows_first_what_one_came_for(page: Page) -> None:
    facts, text = page.locator(".facts"), page.locator(".prose p").first
    page.goto("/ressources/r-02")
    expect(facts).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 740})
    expect(facts).to_be_hidden()
    expect(text).to_be_in_viewport()
    page.locator("#fiche > summary").click()
    expect(facts).to_be_visible()
    page.goto("/?q=coop*")
    expect(page.locator("h1")).to_have_text(re.compile("Résultats pour"))
    expect(page.locator(".hit").first).to_be_in_viewport(ratio=1)


def test_sign_in_comes_back(page: Page) -> None:
    page.goto("/?q=%C3%A9lu&sort=title")
    page.get_by_role("link", name="Connexion").click()
    page.get_by_label("Adresse électronique").fill(MEMBER)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url("**/?q=%C3%A9lu&sort=title")


def test_hostile_content_never_runs(page: Page) -> None:
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    for path in ("/ressources/r-hostile", "/?q=piégée", "/themes", '/?q="><script>alert(1)</script>'):
        page.goto(path)
        assert page.locator("main script, main img").count() == 0


@pytest.mark.parametrize("context", [{**WIDE, "forced_colors": "active"}], ids=["forced"], indirect=True)
def test_forced_colours_keep_what_is_current(page: Page) -> None:
    page.goto("/")
    assert page.locator(".nav [aria-current]").evaluate("e => getComputedStyle(e).textDecorationLine") == "underline"
    line = "e => getComputedStyle(e).borderBottomColor"
    lines = {
        current: page.locator(f".nav a{current}").first.evaluate(line) for current in ("[href='/']", "[href='/aide']")
    }
    assert lines["[href='/aide']"] == page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert lines["[href='/']"] != lines["[href='/aide']"]
    page.goto("/?year=2023")
    chosen, other = (
        page.locator(bars).first.evaluate("e => getComputedStyle(e).fill")
        for bars in (".histogram .selected .bar", ".histogram a:not(.selected) .bar")
    )
    assert chosen != other
    page.locator("#q").press_sequentially("mon")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    option = page.get_by_role("option").first
    assert option.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_print_leaves_the_text(page: Page, context: BrowserContext) -> None:
    page.goto("/ressources/r-02")
    page.emulate_media(media="print")
    expect(page.locator(".prose")).to_be_visible()
    for hidden in (".nav", ".back", ".footer", ".searchbox", ".report"):
        expect(page.locator(hidden)).to_be_hidden()
    page.goto("/ressources/r-02?q=scic")
    expect(page.locator("a[href='#trouve']")).to_be_hidden()
    page.set_viewport_size({"width": 720, "height": 1000})  # A4
    page.goto("/annees")
    assert page.locator(".scroller").evaluate("e => e.scrollWidth <= document.documentElement.clientWidth")


def test_the_width_of_a_screen_changes_no_colour() -> None:
    """No style sheet changes colours by the width of the screen, so `axe` checks small screens in one theme only."""
    by_width = [
        rules
        for sheet in STATIC.glob("*.css")
        for rules in re.findall(r"@media [^{]*width[^{]*\{((?:[^{}]*\{[^{}]*\})*)", sheet.read_text("utf-8"))
    ]
    assert len(by_width) > 4
    assert [rules for rules in by_width if re.search(r"[\s;{](color|background[a-z-]*|opacity)\s*:", rules)] == []
