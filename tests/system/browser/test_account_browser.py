"""The account page, and single sign-on between two servers, in a real browser."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from search_app.settings import SignOn, SiteSettings
from tests.support.browser import WIDE_AND_NARROW, axe, fits
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine
from tests.support.oidc_provider import Provider
from tests.support.site import PASSWORD, STAFF, make_app

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site_app(site_settings: SiteSettings, provider: Provider) -> Flask:
    """The site with single sign-on."""
    sign_on = SignOn(provider.address, "archives", "secret", member_values=frozenset({"adherent"}))
    return make_app(replace(site_settings, sign_on=sign_on), FakeEngine(demo_resources()))


def check(page: Page) -> None:
    axe(page)
    fits(page)


def test_a_person_signs_in_at_the_provider_and_comes_back(context: BrowserContext, provider: Provider) -> None:
    provider.set_user("rose", roles=["adherent"])
    # The provider's page requests style sheets from other hosts; these requests are blocked.
    context.route(re.compile(r"^(?!http://127\.0\.0\.1[:/])"), lambda route: route.abort())
    page, refused = context.new_page(), []
    page.on("console", lambda said: refused.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto("/connexion?next=/themes")
    check(page)
    page.get_by_role("link", name="Se connecter avec le compte du réseau").click()
    page.locator("input[name=sub]").fill("rose")
    page.get_by_role("button", name="Authorize").click()
    expect(page).to_have_url(re.compile("/themes$"))
    expect(page.get_by_role("link", name="Mon compte, rose@exemple.fr")).to_be_visible()
    assert refused == []


@pytest.mark.parametrize("context", WIDE_AND_NARROW, indirect=True)
def test_the_account_page_by_keyboard(page: Page) -> None:
    page.goto("/connexion?next=/compte")
    page.get_by_label("Adresse électronique").fill(STAFF)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Mon compte")).to_be_visible()
    check(page)
    page.goto("/?q=v%C3%A9lo")
    page.locator(".follow :is(button, a)").click()  # a link where it is followed already
    page.get_by_role("button", name="Créer une adresse privée").click()
    page.goto("/compte")
    check(page)
    page.get_by_role("button", name="Changer d’adresse").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Voici la nouvelle adresse du flux")
    check(page)
    page.get_by_role("button", name="Supprimer l’adresse du flux").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Ce flux privé n’existe plus.")
    page.get_by_label("Nom du nouveau jeton").fill("tableau de bord")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("il ne sera plus affiché")
    check(page)
    page.get_by_role("button", name="Révoquer").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Le jeton est révoqué.")
    page.get_by_label("Mot de passe actuel").fill("pas celui-ci")
    page.get_by_label("Nouveau mot de passe").fill("un autre mot de passe")
    page.get_by_label("Le même").fill("un autre mot de passe")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Le mot de passe actuel n’est pas celui-ci.")
    check(page)
    page.get_by_role("button", name="Se déconnecter partout").click()
    expect(page.get_by_role("link", name="Connexion")).to_be_visible()
