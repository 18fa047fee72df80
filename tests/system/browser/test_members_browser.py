"""Lists, mails and citations in a browser: axe on every state, focus and place kept, what works without JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from search_app.accounts.links import LinkPurpose
from search_app.accounts.secret_key import session_secret
from search_app.mail.addresses import EndTokens
from search_app.members import Frequency
from search_app.settings import MailServer, SiteSettings
from search_app.stores import Stores
from tests.support.browser import WIDE_AND_PHONE, axe, fits, sign_in, unfold
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine
from tests.support.site import MEMBER, STAFF, make_app

LOCAL = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def site_app(site_settings: SiteSettings) -> Flask:
    """The site with a mail server, which visitors may use too."""
    mail = MailServer("127.0.0.1", "archives@exemple.fr")
    return make_app(replace(site_settings, mail=mail, mail_visitors=True), FakeEngine(demo_resources()))


@pytest.fixture
def stores(site_app: Flask) -> Stores:
    found: Stores = site_app.extensions["archive"].stores
    return found


def check(page: Page) -> None:
    unfold(page)
    axe(page)
    fits(page)


@pytest.fixture
def fresh(stores: Stores) -> Stores:
    """Return the stores of the site, from which the member's lists and saved searches are deleted."""
    account = stores.accounts.get(MEMBER)
    assert account is not None
    stores.members.forget(account.key)
    return stores


@pytest.mark.slow
@pytest.mark.parametrize("context", WIDE_AND_PHONE, indirect=True)
def test_axe_finds_nothing_on_pages_for_those_without_a_session(
    page: Page, fresh: Stores, site_settings: SiteSettings
) -> None:
    account = fresh.accounts.get(MEMBER)
    assert account is not None
    follower = fresh.followers.get(fresh.followers.ask("zoe@exemple.fr", "q=scic", Frequency.DAILY))
    assert follower is not None
    number = fresh.members.save(account.key, "scic", "q=scic", (), "g1")
    saved = fresh.members.by_id(number)
    assert saved is not None
    fresh.members.set_mail(saved, Frequency.DAILY)
    fresh.lists.select(account.key, "r-02")
    current = fresh.lists.current(account.key)
    assert current is not None
    end = EndTokens(partial(session_secret, site_settings.data)).make(number)
    for path in (
        "/connexion?fait=mot-de-passe",
        "/mot-de-passe",
        "/mot-de-passe?fait=demande",
        "/mot-de-passe/rien",
        f"/mot-de-passe/{fresh.links.make(account, LinkPurpose.RESET)}",
        "/suivre?q=scic",
        "/suivre/demande",
        f"/courriels/fin/{end}",
        f"/listes/{fresh.lists.share(current)}",
    ):
        page.goto(path)
        check(page)
    page.get_by_role("link", name="CSV").focus()
    page.goto(f"/suivre/{fresh.followers.token(follower)}")
    check(page)
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("status")).to_contain_text("C’est confirmé")
    check(page)
    page.goto(f"/courriels/fin/{end}")
    page.get_by_role("button", name="Ne plus les recevoir").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est fini")
    check(page)
    page.goto("/mot-de-passe")
    page.get_by_label("Adresse électronique").fill("a@b")
    page.get_by_role("button", name="Recevoir un lien").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)


@pytest.mark.slow
@pytest.mark.parametrize("context", WIDE_AND_PHONE, indirect=True)
def test_axe_finds_nothing_on_lists_and_saved_searches(page: Page, fresh: Stores) -> None:
    sign_in(page)
    for path in ("/selection", "/recherches"):
        page.goto(path)
        check(page)
    page.goto("/?q=scic")
    page.locator(".hit .select button").first.click()
    expect(page.locator("#choix-dit")).to_contain_text("Ajoutée")
    check(page)
    page.goto("/?q=scic")  # on a small screen the filters that were unfolded cover the results
    page.get_by_role("button", name="Suivre cette recherche").click()
    expect(page.get_by_role("status")).to_contain_text("Vous suivez cette recherche")
    check(page)
    page.get_by_label("chaque matin").check()
    page.get_by_role("button", name="Enregistrer ce choix").click()
    expect(page.get_by_role("status")).to_contain_text("vous sera envoyé chaque matin")
    check(page)
    page.get_by_role("button", name="Créer une adresse privée").click()
    expect(page.get_by_label("Voici l’adresse du flux")).to_be_in_viewport()
    page.get_by_role("button", name="Copier l’adresse").click()
    expect(page.locator(".save-row .hint")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Supprimer cette recherche").click()
    expect(page.get_by_role("status")).to_contain_text("Vous ne suivez plus")
    check(page)
    account = fresh.accounts.get(MEMBER)
    assert account is not None
    number = fresh.members.save(account.key, "Du neuf", "q=scic", (), None)
    page.goto("/recherches")
    expect(page.get_by_role("button", name="Tout marquer comme vu")).to_be_visible()
    check(page)
    page.goto(f"/recherches/{number}")
    check(page)
    page.goto("/selection")
    page.get_by_label("Nouvelle liste").fill("Dossier vélo")
    page.get_by_role("button", name="Créer la liste").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dossier vélo")
    check(page)
    page.get_by_role("navigation", name="Mes listes").get_by_role("link", name="Ma sélection").click()
    unfold(page)
    page.get_by_label("Note").fill("À relire.")
    page.get_by_role("button", name="Enregistrer la note").click()
    expect(page.locator(".note")).to_have_text("À relire.")
    check(page)
    page.get_by_role("button", name="Créer une adresse").click()
    expect(page.get_by_label("Voici l’adresse de la liste")).to_be_in_viewport()
    check(page)
    page.get_by_role("button", name="Vider la sélection").click()
    expect(page.get_by_role("status")).to_contain_text("est vide")
    check(page)


@pytest.mark.slow
@pytest.mark.parametrize("context", WIDE_AND_PHONE, indirect=True)
def test_axe_finds_nothing_on_an_account_and_a_copied_citation(page: Page, fresh: Stores) -> None:
    sign_in(page)
    page.goto("/compte")
    check(page)
    page.get_by_role("button", name="Créer un jeton").click()
    expect(page.locator("#jeton-nouveau")).to_be_in_viewport()
    page.get_by_role("button", name="Copier le jeton").click()
    expect(page.locator("#copie-dite")).not_to_be_empty()
    check(page)
    page.goto("/ressources/r-02")
    page.get_by_role("button", name="Copier en BibTeX").click()
    expect(page.locator(".copies .hint")).to_be_visible()
    check(page)
    page.goto("/compte")
    page.get_by_role("button", name="Se déconnecter partout").click()
    expect(page.get_by_role("status")).to_contain_text("Toutes vos sessions sont fermées")
    check(page)


@pytest.mark.slow
@pytest.mark.parametrize("context", WIDE_AND_PHONE, indirect=True)
def test_axe_finds_nothing_where_staff_invite(page: Page, stores: Stores) -> None:
    sign_in(page, STAFF)
    page.goto("/gestion/comptes")
    page.get_by_label("Adresse électronique").fill(f"nouvelle-{page.viewport_size['width']}@exemple.fr")  # type: ignore[index]
    page.get_by_role("button", name="Inviter").click()
    expect(page.get_by_role("status")).to_contain_text("Un courriel part")
    check(page)


def test_adding_keeps_focus_and_place_and_says_the_count(page: Page, fresh: Stores) -> None:
    sign_in(page)
    page.goto("/?q=coop*")
    second = page.locator(".hit .select button").nth(1)
    second.focus()
    before = page.evaluate("scrollY")
    page.keyboard.press("Enter")
    expect(page.locator("#choix-dit")).to_have_text("Ajoutée à « Ma sélection » : 1 ressource.")
    expect(second).to_be_focused()
    expect(second).to_contain_text("Retirer de ma sélection")
    assert page.evaluate("scrollY") == before
    assert page.url.endswith("/?q=coop*"), "no page was loaded"
    expect(page.locator("#menu-selection")).to_have_text("(1)")
    page.locator(".hit .select button").first.click()
    expect(page.locator("#choix-dit")).to_contain_text("2 ressources")
    expect(page.locator(".hit .select [data-count]").nth(1)).to_have_text("(2 ressources)")
    second.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#choix-dit")).to_contain_text("Retirée de")
    expect(second).to_contain_text("Ajouter à ma sélection")
    page.reload()
    expect(page.locator("#menu-selection")).to_have_text("(1)")


def test_a_session_that_ended_meanwhile_leads_to_signing_in(page: Page, fresh: Stores) -> None:
    sign_in(page)
    page.goto("/?q=coop*")
    fresh.accounts.end_sessions(MEMBER)
    page.locator(".hit .select button").first.click()
    expect(page.locator("#choix-dit")).to_have_count(0)  # another page, which a person without a session sees
    account = fresh.accounts.get(MEMBER)
    assert account is not None
    assert fresh.lists.selected(account.key) == ()


def test_without_javascript_the_page_comes_back_at_the_hit(browser: Browser, base_url: str, fresh: Stores) -> None:
    context = browser.new_context(base_url=base_url, java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    sign_in(page)
    page.goto("/?q=coop*")
    page.locator(".hit .select button").nth(1).click()
    assert "#choix-" in page.url
    chosen = page.locator(f"#{page.url.partition('#')[2]}")
    expect(chosen).to_contain_text("Retirer de ma sélection")
    expect(chosen).to_contain_text("(1 ressource)")
    expect(page.locator(".scripted").first).to_be_hidden()
    context.close()


@pytest.mark.parametrize("permitted", [True, False], ids=["clipboard", "selection"])
def test_a_citation_is_copied_in_one_click(page: Page, context: BrowserContext, permitted: bool) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/ressources/r-02?q=scic")
    if not permitted:
        # As over plain HTTP, where there is no clipboard to write to.
        page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")

    def copied(button: Callable[[], None], said: str) -> str:
        button()
        expect(page.locator("#copie-dite")).to_have_text(said)
        return str(page.evaluate("navigator.clipboard.readText()"))

    citation = str(page.locator("#citation").text_content())
    assert "\u00a0: " in citation
    head = page.get_by_role("button", name="Citer : copier la citation")
    assert copied(head.click, "Citation copiée.") == citation
    page.get_by_role("button", name="Copier la citation", exact=True).click()
    expect(page.locator(".copies")).to_contain_text("Citation copiée.")
    bibtex = page.get_by_role("button", name="Copier en BibTeX")
    notice = str(page.locator("#notice-bib").text_content())
    assert "{r-02," in notice
    assert copied(bibtex.click, "Notice BibTeX copiée.") == notice
