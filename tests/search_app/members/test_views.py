"""The selection and saved searches of members, which nobody else can see."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace

import feedparser
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer.engine.protocol import IndexStatus
from indexer.errors import EngineError
from indexer.resource import Resource
from search_app.accounts.audit import COMMAND_LINE
from search_app.erasure import remove_account
from search_app.members.refresh import MOST_BEHIND
from search_app.settings import SiteSettings
from search_app.stores import open_stores
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine
from tests.support.site import MEMBER, PASSWORD, STAFF, Auth


class Growing(FakeEngine):
    """An engine whose generation changes with its resources."""

    def status(self) -> IndexStatus:
        return replace(super().status(), generation=f"g{len(self.resources)}")


@pytest.fixture
def engine() -> Growing:
    return Growing(demo_resources())


def soup(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "lxml")


def send(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    return client.post(path, data={"csrf_token": Auth(client).token("/"), **fields})


def press(client: FlaskClient, page: str, label: str) -> TestResponse:
    """Send the form on the page at a path (`page`) whose button's text begins with `label`, with its values."""
    for form in soup(client.get(page)).select("form"):
        for button in form.select("button"):
            if " ".join(button.get_text().split()).startswith(label):
                fields = {box["name"]: box.get("value", "") for box in form.select("input[name]")}
                if button.get("name"):
                    fields[button["name"]] = button["value"]
                return client.post(form["action"], data=fields)
    raise AssertionError(f"no button « {label} » on {page}")


def new(number: int, **fields: object) -> Resource:
    return replace(demo_resources()[24], **{"id": f"neuf-{number}", "title": f"Neuf à vélo {number}", **fields})


def text(answer: TestResponse) -> str:
    return " ".join(soup(answer).main.get_text().split())


# The selection


def test_one_chooses_on_results_and_on_pages(member: FlaskClient) -> None:
    answer = press(member, "/?q=scic", "Ajouter à ma sélection : Créer une SCIC")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?q=scic#choix-r-02")
    assert "Retirer de ma sélection" in text(member.get("/?q=scic"))
    answer = press(member, "/ressources/r-04?q=convention", "Ajouter à ma sélection")
    assert answer.headers["Location"] == "/ressources/r-04?q=convention#choix-r-04"
    titles = [a.get_text() for a in soup(member.get("/selection")).select(".kept > li > a")]
    assert titles == ["Convention de coopération entre métropole et campagnes", "Créer une SCIC avec sa commune"]
    press(member, "/selection", "Retirer de ma sélection : Convention")
    assert "Convention" not in text(member.get("/selection"))
    press(member, "/selection", "Vider la sélection")
    assert "Rien n’est encore choisi" in text(member.get("/selection"))


@pytest.mark.parametrize("ending", ["csv", "bib", "ris", "jsonl"])
def test_the_selection_is_taken_away_in_all_formats(member: FlaskClient, ending: str) -> None:
    for resource_id in ("r-02", "r-04"):
        send(member, "/selection", action="add", resource=resource_id)
    answer = member.get(f"/selection/export.{ending}")
    assert answer.text.index("Convention de coopération") < answer.text.index("Créer une SCIC")
    assert f"Ma%20s%C3%A9lection.{ending}" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_selection_is_one_account_s_own(member: FlaskClient, staff: FlaskClient) -> None:
    send(member, "/selection", action="add", resource="r-02")
    assert "SCIC" not in text(staff.get("/selection"))


def test_what_is_gone_from_the_archive_is_told(member: FlaskClient, engine: Growing) -> None:
    send(member, "/selection", action="add", resource="r-02")
    engine.resources = engine.resources[3:]
    assert "1 ressource de votre sélection n’a plus sa place" in text(member.get("/selection"))
    assert member.get("/selection/export.jsonl").text == ""


def test_only_what_exists_is_selected(member: FlaskClient) -> None:
    assert send(member, "/selection", action="add", resource="rien").status_code == 404
    assert send(member, "/selection", action="autre", resource="r-02").status_code == 400
    assert send(member, "/selection", action="add", resource="r-02", next="//evil.example/").headers["Location"] == "/"


# Saved searches


def save(member: FlaskClient, page: str = "/?q=v%C3%A9lo&sort=title&page=2") -> str:
    answer = press(member, page.replace("&page=2", ""), "Suivre cette recherche")
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_news_of_a_saved_search(member: FlaskClient, engine: Growing) -> None:
    path = save(member)
    assert "Rien de nouveau" in text(member.get(path))
    assert soup(member.get(path)).select_one(".standfirst a")["href"] == "/?q=v%C3%A9lo&sort=title"
    engine.resources = (*engine.resources, new(1), new(2, private=True), new(3, body="à pied", title="Rien à voir"))
    assert "vélo2 nouvelles" in text(member.get("/recherches"))
    page = member.get(path)
    assert "2 ressources de plus" in text(page)
    assert [a.get_text() for a in soup(page).select(".kept > li > a")] == ["Neuf à vélo 1", "Neuf à vélo 2"]
    assert "2 ressources de plus" in text(member.get(path))


def test_news_are_marked_as_seen(member: FlaskClient, staff: FlaskClient, engine: Growing) -> None:
    path, other = save(member), save(staff)
    assert "Tout marquer comme vu" not in text(member.get("/recherches"))
    engine.resources = (*engine.resources, new(1), new(2))
    assert "vélo2 nouvelles" in text(member.get("/recherches"))
    assert "2 ressources de plus" in text(staff.get(other))
    assert press(member, "/recherches", "Tout marquer comme vu").headers["Location"] == "/recherches"
    assert "vélorien de nouveau" in text(member.get("/recherches"))
    assert "Rien de nouveau" in text(member.get(path))
    assert in_menu(member.get("/aide")) == "Mes recherches"
    assert "2 ressources de plus" in text(staff.get(other)), "another person's"
    engine.resources = (*engine.resources, new(3))
    assert "1 ressource de plus" in text(member.get(path))


def test_what_was_done_is_said_once(member: FlaskClient) -> None:
    path = save(member)
    assert "Vous suivez cette recherche" in text(member.get(path))
    assert "Vous suivez cette recherche" not in text(member.get(path))
    send(member, "/recherches", arguments="q=v%C3%A9lo&sort=title")
    assert "Vous suivez cette recherche" not in text(member.get(path)), "followed already"
    page = soup(member.get(path))
    assert page.select_one('button[value="open-feed"]').find_parent("form")["action"] == f"{path}#flux"
    said = " ".join(page.select_one("details.sure").get_text().split())
    assert "Vous ne suivrez plus cette recherche. Supprimer" in said
    open_feed(member, path)
    said = " ".join(soup(member.get(path)).select_one("details.sure").get_text().split())
    assert "cette recherche, l’adresse de son flux ne vaudra plus rien." in said
    send(member, path, action="delete")
    assert "Vous ne suivez plus « vélo »." in text(member.get("/recherches"))


def test_a_search_is_renamed_and_deleted(member: FlaskClient) -> None:
    path = save(member)
    send(member, path, action="rename", name="  Deux \x00  roues ")
    send(member, path, action="rename", name="   ")
    assert "Deux roues" in text(member.get("/recherches"))
    assert send(member, path, action="autre").status_code == 400
    press(member, path, "Supprimer cette recherche")
    assert "Aucune recherche" in text(member.get("/recherches"))
    assert member.get(path).status_code == 404
    assert member.get("/recherches/" + "9" * 40).status_code == 404


def test_all_resources_may_be_followed(member: FlaskClient) -> None:
    assert "Toutes les ressources" in text(member.get(save(member, "/")))
    assert send(member, "/recherches", arguments="q=" + "x" * 5000).status_code == 400


def test_a_search_is_one_account_s_own(member: FlaskClient, staff: FlaskClient) -> None:
    path = save(member)
    assert staff.get(path).status_code == 404
    assert send(staff, path, action="delete").status_code == 404
    assert member.get(path).status_code == 200


# Private feeds


def open_feed(member: FlaskClient, path: str) -> str:
    answer = press(member, path, "Créer une adresse privée")
    assert answer.status_code == 200
    return soup(answer).select_one("#adresse-flux")["value"].removeprefix("http://127.0.0.1:8000")


def test_a_private_feed_has_what_is_new(app: Flask, client: FlaskClient, member: FlaskClient, engine: Growing) -> None:
    path = save(member)
    address = open_feed(member, path)
    assert address not in member.get(path).text
    assert feedparser.parse(client.get(address).data).entries == []
    engine.resources = (*engine.resources, new(1), new(2, private=True))
    answer = client.get(address)
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    feed = feedparser.parse(answer.data)
    assert not feed.bozo
    assert {entry.title for entry in feed.entries} == {"Neuf à vélo 1", "Neuf à vélo 2"}
    assert feed.feed.title == "Nouveautés\u00a0: vélo"
    assert client.get(address).data == answer.data
    assert client.get("/ressources/neuf-2").status_code == 404  # the address gives access to the feed only


def missing_feed(client: FlaskClient, address: str) -> str:
    """Return the error page that a feed which never existed would have at an address."""
    return client.get("/recherches/flux/rien").text.replace("/recherches/flux/rien", address)


def test_a_feed_is_revoked(client: FlaskClient, member: FlaskClient) -> None:
    path = save(member)
    first = open_feed(member, path)
    press(member, path, "Changer d’adresse")
    assert client.get(first).status_code == 404
    assert client.get(first).text == missing_feed(client, first)
    press(member, path, "Supprimer l’adresse")
    assert "Créer une adresse privée" in text(member.get(path))


def test_a_feed_ends_with_its_search_and_its_account(
    app: Flask, client: FlaskClient, member: FlaskClient, settings: SiteSettings
) -> None:
    path = save(member)
    first = open_feed(member, path)
    assert client.get(first).status_code == 200
    send(member, path, action="delete")
    assert client.get(first).status_code == 404
    second = open_feed(member, save(member))
    send(member, "/selection", action="add", resource="r-02")
    stores = open_stores(settings)
    account = stores.accounts.get(MEMBER)
    assert account is not None
    remove_account(stores, MEMBER, actor=COMMAND_LINE)
    assert client.get(second).status_code == 404
    assert stores.members.searches(account.key) == ()
    assert stores.lists.selected(account.key) == ()


def test_a_feed_holds_no_longer_than_its_account(
    client: FlaskClient, member: FlaskClient, settings: SiteSettings
) -> None:
    address = open_feed(member, save(member))
    accounts = open_stores(settings).accounts
    accounts.set_disabled(MEMBER, True)
    assert client.get(address).status_code == 404
    accounts.set_disabled(MEMBER, False)
    assert client.get(address).status_code == 200


def feeds_listed(member: FlaskClient) -> list[str]:
    return [a.get_text() for a in soup(member.get("/compte")).select("section[aria-labelledby=flux] .index a")]


def test_feeds_are_listed_renewed_and_ended_on_the_account_page(
    client: FlaskClient, member: FlaskClient, staff: FlaskClient, settings: SiteSettings
) -> None:
    assert "Vous n’avez aucun flux privé." in text(member.get("/compte"))
    path = save(member)
    save(member, "/?q=scic")  # without a private feed
    first = open_feed(member, path)
    assert feeds_listed(member) == ["vélo"]
    assert "jamais lu" in text(member.get("/compte"))
    assert client.get(first).status_code == 200
    assert "dernière lecture le" in text(member.get("/compte"))
    # Only one's own feeds can be changed.
    for client_of_another, number in ((staff, "1"), (member, "2"), (member, "99"), (member, "x"), (member, "")):
        for action in ("renouvellement", "suppression"):
            assert send(client_of_another, f"/compte/flux/{action}", search=number).status_code == 303
    assert client.get(first).status_code == 200
    answer = press(member, "/compte", "Changer d’adresse : flux « vélo »")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    second = soup(answer).select_one("#adresse-flux")["value"].removeprefix("http://127.0.0.1:8000")
    assert second.rpartition("/")[2] not in member.get("/compte").text
    assert [client.get(address).status_code for address in (first, second)] == [404, 200]
    answer = press(member, "/compte", "Supprimer l’adresse du flux « vélo »")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/compte?fait=flux-termine")
    assert client.get(second).status_code == 404
    assert feeds_listed(member) == []
    noted = [(e.action, e.actor, e.detail) for e in open_stores(settings).audit.entries() if "feed" in e.action]
    assert noted == [
        ("feed-opened", MEMBER, "search 1"),
        ("feed-opened", MEMBER, "search 1"),
        ("feed-closed", MEMBER, "search 1"),
    ]


@pytest.mark.parametrize("by", ["everywhere", "password", "desk"])
def test_signing_out_everywhere_and_a_new_password_end_feeds(
    app: Flask, client: FlaskClient, member: FlaskClient, settings: SiteSettings, by: str
) -> None:
    path = save(member)
    address = open_feed(member, path)
    accounts = open_stores(settings).accounts
    if by == "everywhere":
        send(member, "/compte/deconnexion-partout")
    elif by == "password":
        new = "un tout autre mot de passe"
        send(member, "/compte/mot-de-passe", current=PASSWORD, new=new, again=new)
    else:
        accounts.set_password(MEMBER, PASSWORD)
    answer = client.get(address)
    assert (answer.status_code, answer.text) == (404, missing_feed(client, address))
    again = app.test_client()
    Auth(again).login(MEMBER, "un tout autre mot de passe" if by == "password" else PASSWORD)
    assert feeds_listed(again) == []
    # The saved search still exists, and can get a new address, which stays valid.
    other = open_feed(again, path)
    assert client.get(other).status_code == 200
    accounts.set_role(MEMBER, "staff")
    assert client.get(other).status_code == 200


def test_a_feed_that_nobody_reads_ends(
    client: FlaskClient, member: FlaskClient, settings: SiteSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(member)
    address = open_feed(member, path)
    database = sqlite3.connect(settings.data / "shelf.sqlite")
    for days, status in ((364, 200), (367, 404), (1, 404)):
        with database:
            database.execute(
                "UPDATE searches SET feed_counted = CAST(strftime('%s', 'now') AS REAL) - ?, feed_used = NULL",
                (days * 24 * 3600,),
            )
        if days == 1:
            send(member, path, action="close-feed")
        assert client.get(address).status_code == status
        assert feeds_listed(member) == (["vélo"] if status == 200 else [])
    database.close()


def test_a_feed_in_use_before_it_was_listed_goes_on(
    client: FlaskClient, member: FlaskClient, settings: SiteSettings
) -> None:
    address = open_feed(member, save(member))
    shelf, accounts = (sqlite3.connect(settings.data / f"{name}.sqlite") for name in ("shelf", "accounts"))
    new = [f"feed_{name}" for name in ("epoch", "made", "used", "counted")]
    new += [f"mail{name}" for name in ("", "_since", "_until", "_due", "_refused")]
    columns = "".join(f"ALTER TABLE searches DROP COLUMN {name};" for name in new)
    selected = "CREATE TABLE selected (account TEXT, resource TEXT, rank INTEGER);"
    shelf.executescript(
        f"DROP INDEX searches_mail_due; {columns} DROP TABLE items; DROP TABLE lists; DROP TABLE followers; {selected}"
        "PRAGMA user_version=1"
    )
    accounts.executescript(
        "ALTER TABLE accounts DROP COLUMN lapsed; ALTER TABLE accounts DROP COLUMN feed_epoch; DROP TABLE sessions;"
        "DROP TABLE links; PRAGMA user_version=3"
    )
    for database in (shelf, accounts):
        database.close()
    assert client.get(address).status_code == 200
    Auth(member).login()
    assert feeds_listed(member) == ["vélo"]
    assert "créé avant" not in text(member.get("/compte"))  # it was read in the meantime
    send(member, "/compte/deconnexion-partout")
    assert client.get(address).status_code == 404


# Visitors


def test_visitors_are_led_to_sign_in(client: FlaskClient) -> None:
    for path in ("/selection", "/selection/export.csv", "/recherches", "/recherches/1"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/connexion?next={path}")
    token = Auth(client).token()
    for path in ("/selection", "/recherches", "/recherches/1"):
        answer = client.post(path, data={"csrf_token": token, "action": "add", "resource": "r-02"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/connexion")


def test_visitors_see_nothing_of_it(client: FlaskClient) -> None:
    for path in ("/?q=scic", "/ressources/r-02", "/aide"):
        page = client.get(path).text
        assert "sélection" not in page
        assert "csrf_token" not in page
        assert "Mes recherches" not in page


def test_changes_need_a_token(member: FlaskClient) -> None:
    for path in ("/selection", "/recherches", "/recherches/1"):
        assert member.post(path, data={"action": "add", "resource": "r-02"}).status_code == 400


def test_an_unreadable_shelf_is_told_and_searches_go_on(member: FlaskClient, settings: SiteSettings) -> None:
    (settings.data / "shelf.sqlite").write_bytes(b"x" * 5000)
    answer = member.get("/selection")
    assert answer.status_code == 503
    assert "shelf.sqlite" not in answer.text
    assert member.get("/aide").status_code == 200


def test_results_offer_all_formats(client: FlaskClient) -> None:
    page = soup(client.get("/?q=v%C3%A9lo&year=2023&sort=title&page=1&per_page=25"))
    links = {a.get_text(): a["href"] for a in page.select(".formats a")}
    assert links == {
        "CSV": "/export.csv?q=v%C3%A9lo&year=2023&sort=title",
        "BibTeX": "/export.bib?q=v%C3%A9lo&year=2023&sort=title",
        "RIS": "/export.ris?q=v%C3%A9lo&year=2023&sort=title",
        "JSON Lines": "/export.jsonl?q=v%C3%A9lo&year=2023&sort=title",
        "Flux Atom": "/flux.atom?q=v%C3%A9lo&year=2023",
    }
    for href in links.values():
        assert client.get(href).status_code == 200
    alternate = page.select_one("link[rel=alternate][type='application/atom+xml']")
    assert (alternate["title"], alternate["href"]) == ("vélo, 2023", links["Flux Atom"])
    assert page.select_one("link[rel=search]")["href"] == "/opensearch.xml"
    address = page.select_one("link[rel=canonical]")["href"]
    assert address.startswith("http://127.0.0.1:8000/?")
    assert soup(client.get("/")).select_one("link[rel=canonical]")["href"] == "http://127.0.0.1:8000/"


def test_staff_have_theirs_too(staff: FlaskClient) -> None:
    assert STAFF in staff.get("/selection").text
    assert re.search(r'aria-current="page">Ma sélection', staff.get("/selection").text)


# Beside the results, and in the menu


def test_a_search_is_followed_in_one_step_and_once(member: FlaskClient) -> None:
    path = save(member, "/?q=scic")
    page = soup(member.get("/?q=scic"))
    assert page.select_one(".follow a")["href"] == path
    again = send(member, "/recherches", arguments="q=scic")
    assert again.headers["Location"] == path
    assert soup(member.get("/?q=scic&year=2020")).select_one("form.follow") is not None


def in_menu(answer: TestResponse) -> str:
    link = soup(answer).select_one('.nav a[href="/recherches"]')
    return " ".join(link.get_text().split())


def test_the_menu_says_how_many_are_new(member: FlaskClient, engine: Growing) -> None:
    path = save(member)
    save(member, "/?q=v%C3%A9lo&year=2023")
    assert in_menu(member.get("/aide")) == "Mes recherches"
    engine.resources = (*engine.resources, new(1), new(2, private=True))
    assert in_menu(member.get("/aide")) == "Mes recherches (2 nouvelles ressources)"
    member.get(path)
    assert in_menu(member.get("/aide")) == "Mes recherches (2 nouvelles ressources)", "new until the visit is over"


def test_searches_run_again_once_for_each_generation(
    member: FlaskClient, engine: Growing, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MOST_BEHIND + 2):
        save(member, f"/?q=v%C3%A9lo+mot{number}&match=all")
    asked: list[str] = []
    search = engine.search
    monkeypatch.setattr(engine, "search", lambda request: asked.append(request.query) or search(request))

    def searches_of(path: str) -> int:
        asked.clear()
        member.get(path)
        return len(asked)

    assert searches_of("/aide") == 0
    engine.resources = (*engine.resources, new(1))
    assert [searches_of("/aide") for _ in range(3)] == [MOST_BEHIND, 2, 0]


def test_a_menu_that_cannot_be_filled_leaves_the_page_as_it_is(member: FlaskClient, engine: Growing) -> None:
    save(member)
    engine.resources = (*engine.resources, new(1))
    engine.failure = EngineError("L’index manque.")
    assert member.get("/compte").status_code == 200
    assert in_menu(member.get("/compte")) == "Mes recherches"
