"""The pages of which screenshots are taken, and what is done on each page before its picture is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page


def _nothing(page: Page) -> None:
    pass


def _type(page: Page) -> None:
    page.locator("#q").press_sequentially("com")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")


def _open_filters(page: Page) -> None:
    if page.locator("#filtres > summary").is_visible():
        page.locator("#filtres > summary").click()


def _select(page: Page) -> None:
    page.locator(".select button[value=add]").first.click()
    page.goto("/selection")


def _save(page: Page) -> None:
    """Save the search, unless it was saved for an earlier picture of the page."""
    search = page.url
    page.goto("/recherches")
    if not page.get_by_role("link", name="commande").count():
        page.goto(search)
        page.locator("form.follow button").click()
        page.goto("/recherches")


def _latest(kind: str) -> Callable[[Page], None]:
    def follow(page: Page) -> None:
        page.locator(".rows").get_by_role("link", name=kind).first.click()

    return follow


def _first_correction(page: Page) -> None:
    page.locator(".rows a").first.click()


def _rename(page: Page) -> None:
    page.locator("#theme").select_option(index=1)
    page.locator("#name").fill("Alimentation")
    page.get_by_role("button", name="Voir ce que cela changerait").click()


def _try_synonym(page: Page) -> None:
    page.locator("#text").fill("gratiferia = réemploi\nmonnaie fondante => monnaie locale\n")
    page.get_by_role("button", name="Voir ce que cela changerait").click()


def _open_page(page: Page) -> None:
    with page.expect_response("**/image"):
        page.locator(".page-name").first.click()
    page.wait_for_load_state("networkidle")


def _new_password(page: Page) -> None:
    page.get_by_role("button", name="Nouveau mot de passe").last.click()


@dataclass(frozen=True, slots=True)
class View:
    """A page of which screenshots are taken.

    Attributes:
        path: its address.
        role: ``member`` or ``staff``; None for a visitor.
        prepare: actions before the picture is taken.
        scrolled: whether the picture on a phone begins at the main content, below the menus.
    """

    path: str
    role: str | None = None
    prepare: Callable[[Page], None] = _nothing
    scrolled: bool = False


VIEWS: dict[str, View] = {
    "home": View("/"),
    "results": View("/?q=commande+publique&year=2023&year=none"),
    "filters": View("/?q=coop*&type=Guide", prepare=_open_filters),
    "completion": View("/", prepare=_type),
    "corrected": View("/?q=comande+publike"),
    "nothing": View("/?q=coop*&type=Webinaire&year=2014"),
    "resource": View("/"),
    "pages": View("/?q=ramasse+lentilles"),
    "publication": View("/?q=ramasse", prepare=_open_page),
    "member": View("/?private=oui", role="member"),
    "account": View("/compte", role="member"),
    "selection": View("/", role="member", prepare=_select),
    "saved": View("/?q=commande", role="member", prepare=_save),
    "api": View("/api"),
    "themes": View("/themes"),
    "years": View("/annees"),
    "territories": View("/territoires"),
    "territory": View("/territoires/r53-bretagne"),
    "theme": View("/themes/cooperation-economique"),
    "new": View("/nouveautes"),
    "help": View("/aide"),
    "sign-in": View("/connexion"),
    "missing": View("/ressources/inconnue"),
    "desk": View("/gestion/", role="staff"),
    "desk-import": View("/gestion/import", role="staff", scrolled=True),
    "desk-preview": View("/gestion/travaux", role="staff", prepare=_latest("Aperçu d’un import"), scrolled=True),
    "desk-running": View("/gestion/travaux", role="staff", prepare=_latest("Indexation complète"), scrolled=True),
    "desk-jobs": View("/gestion/travaux", role="staff", scrolled=True),
    "desk-care": View("/gestion/a-verifier?quoi=annee", role="staff", scrolled=True),
    "desk-correction": View("/gestion/corrections", role="staff", prepare=_first_correction, scrolled=True),
    "desk-corrections": View("/gestion/corrections", role="staff", scrolled=True),
    "desk-themes": View("/gestion/themes", role="staff", prepare=_rename, scrolled=True),
    "desk-theme": View("/gestion/themes/cooperation-economique", role="staff", scrolled=True),
    "desk-synonyms": View("/gestion/synonymes?terme=gratiferia", role="staff", prepare=_try_synonym, scrolled=True),
    "desk-searches": View("/gestion/recherches", role="staff", scrolled=True),
    "desk-accounts": View("/gestion/comptes", role="staff", prepare=_new_password, scrolled=True),
    "desk-refused": View("/gestion/", role="member"),
}
