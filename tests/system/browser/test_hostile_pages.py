"""Hostile content in a real Chromium: no dialog, no script, no request elsewhere, nothing reordered around it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from indexer import document
from indexer.document import (
    Caption,
    Cell,
    Document,
    Heading,
    ListBlock,
    Paragraph,
    Preformatted,
    Quotation,
    Run,
    Table,
)
from indexer.resource import Attachment, Resource, YearSource
from search_app.accounts.store import Accounts
from search_app.settings import SiteSettings
from tests.support.fake_engine import FakeEngine
from tests.support.site import make_app

PASSWORD = "un mot de passe solide"
EMAIL = "\"><script>document.title='pris'</script>\u202e@exemple.fr"
RUN = "document.title='pris';alert(1)"
TEXTS = (
    f"<script>{RUN}</script>",
    f'"><img src=x onerror="{RUN}">',
    f"' autofocus onfocus='{RUN}",
    f"</title></script></textarea></select><svg onload={RUN}>",
    f"javascript:{RUN}",
    f"<iframe srcdoc=\"<script>parent.{RUN}</script>\"></iframe><base href=//evil.example>",
    f"<form action=//evil.example><button formaction=javascript:{RUN}>",
    "{{7*7}} ${7*7} <!-- <![CDATA[ &lt;script&gt; &#60;script&#62;",
    "fin\u202edébut\u2067\u2066",
    "nul\x00 \x1b[31m \u2028 \u2029",
)  # fmt: skip
LINKS = (
    f"javascript:{RUN}",
    f"data:text/html,<script>{RUN}</script>",
    "//evil.example/a.pdf",
    'https://e.example/" onclick="x',
)


def shape(text: str, number: int) -> str:
    """Return the shape (outline as JSON) of a document with `text` and the `number`-th hostile link in all blocks."""
    whole = (Run(0, len(text), strong=True, target=LINKS[number % len(LINKS)]),)
    blocks = (Heading(2, whole), Caption(whole), Preformatted(whole), Quotation((Paragraph(whole),)))
    table = Table(((Cell((Paragraph(whole),), head=True), Cell(blocks)),), whole)
    return document.write(Document(text, (*blocks, ListBlock((blocks,)), table)))


def resource(number: int) -> Resource:
    text = TEXTS[number]
    body = f"Corps {text}\n\n• {text}\n\n{text}" + "<div>" * 500
    return Resource(
        id=f"piege-{number}",
        url=LINKS[number % len(LINKS)],
        title=f"Piège {number} {text}",
        body=body,
        summary=f"Résumé {text}",
        type=f"Type {text}",
        private=False,
        themes=(f"Thème {text}", text),
        date=text if number % 2 else "2020-02-30",
        year=2020,
        year_source=YearSource.PAGE,
        attachments=tuple(Attachment(link, f"Fichier {text}") for link in LINKS),
        source=f"dossier/{text}.html",
        warnings=(f"À vérifier : {text}",),
        body_shape=shape(body, number) if number % 3 else None,
    )


@pytest.fixture(scope="module")
def site_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("hostile")
    settings = SiteSettings(folder / "corpus", folder / "index", folder / "data", site_name="Archives d’essai")
    Accounts(settings.data / "accounts.sqlite").add("equipe@exemple.fr", "staff", PASSWORD)
    # Such an address is refused now, but an earlier version may have stored one.
    database = sqlite3.connect(settings.data / "accounts.sqlite")
    with database:
        database.execute("UPDATE accounts SET email = ?", (EMAIL.replace(" ", ""),))
    database.close()
    return make_app(settings, FakeEngine(tuple(map(resource, range(len(TEXTS))))))


@pytest.fixture
def guarded(page: Page) -> Iterator[Page]:
    """Yield a page on which dialogs, popups and console messages are failures, besides those of the fixture `page`."""
    heard: list[str] = []
    page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: heard.append(message.text) if "status of 40" not in message.text else None)
    page.on("popup", lambda popup: heard.append(popup.url))
    yield page
    assert heard == []


def untouched(page: Page) -> None:
    """Assert that no hostile text has run, become an element, or kept characters that reorder text."""
    assert page.title() != "pris"
    odd = page.evaluate(
        """() => {
          const names = "script,iframe,object,embed,base,img,form[action^='//'],"
            + "[onerror],[onload],[onfocus],[onclick],[formaction]";
          // Ours are the scripts of this site, and one block of data, which must be whole.
          const ours = e => e.localName === "script" && (e.type === "application/ld+json"
            ? Boolean(JSON.parse(e.textContent)["@type"]) && !e.src
            : new URL(e.src).origin === location.origin);
          return [...document.querySelectorAll(names)]
            .filter(e => !ours(e))
            .map(e => e.outerHTML.slice(0, 80));
        }"""
    )
    assert odd == []
    text = page.locator("html").inner_text() + page.title()
    assert not set(text) & set("\x00\x1b\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    assert page.evaluate("document.defaultView.location.host").startswith("127.0.0.1")


def addresses() -> list[str]:
    found = ["/", "/?per_page=100", "/themes"]
    found += [f"/ressources/piege-{number}" for number in range(len(TEXTS))]
    for text in (*TEXTS, *LINKS):
        found += ["/?" + urlencode({name: text}) for name in ("q", "theme", "year_from")]
        found.append("/connexion?" + urlencode({"next": text}))
    return found


@pytest.mark.slow
def test_nothing_runs(guarded: Page) -> None:
    for address in addresses():
        guarded.goto(address)
        untouched(guarded)


def test_every_link_and_button_leads_somewhere_of_ours_or_is_a_site(guarded: Page) -> None:
    for number in range(len(LINKS)):
        guarded.goto(f"/ressources/piege-{number}")
        links = guarded.evaluate("[...document.links].map(a => a.protocol)")
        assert set(links) <= {"http:", "https:"}


def test_completion_shows_text(guarded: Page) -> None:
    guarded.goto("/")
    guarded.locator("#q").press_sequentially("piège")
    expect(guarded.locator(".completed [role=status]")).not_to_be_empty()
    untouched(guarded)


def test_accounts_too(guarded: Page) -> None:
    guarded.goto("/connexion")
    guarded.evaluate("document.querySelector('#email').type = 'text'")
    for password in ("faux mot de passe", PASSWORD):
        guarded.locator("#email").fill(EMAIL)
        guarded.get_by_label("Mot de passe").fill(password)
        guarded.get_by_role("button", name="Se connecter").click()
        guarded.wait_for_load_state()
        untouched(guarded)
        if password != PASSWORD:
            guarded.evaluate("document.querySelector('#email').type = 'text'")
    assert guarded.locator(".account-name, .account").first.inner_text().count("<script>") == 1
    for number in range(len(TEXTS)):
        guarded.goto(f"/ressources/piege-{number}")
        untouched(guarded)
