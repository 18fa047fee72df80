"""Members' lists on their pages: several of them, notes, and links by which others see what they may see."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from search_app.settings import SiteSettings
from search_app.stores import open_stores
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine
from tests.support.site import MEMBER, Auth

PUBLIC = [resource for resource in demo_resources() if not resource.private][:2]
PRIVATE = [resource for resource in demo_resources() if resource.private][:2]


def send(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    return client.post(path, data={"csrf_token": Auth(client).token("/"), **fields})


def text(answer: TestResponse) -> str:
    return " ".join(BeautifulSoup(answer.text, "lxml").main.get_text().split())


def add(client: FlaskClient, *ids: str) -> None:
    for resource_id in ids:
        assert send(client, "/selection", action="add", resource=resource_id).status_code == 303


def titles(answer: TestResponse) -> list[str]:
    return [a.get_text() for a in BeautifulSoup(answer.text, "lxml").select(".kept > li > a")]


def shared(client: FlaskClient, number: int = 1) -> str:
    """Share the list with a number (in its address), and return the path of the link that shows it."""
    answer = send(client, f"/selection/{number}", action="share")
    assert answer.status_code == 200
    field = BeautifulSoup(answer.text, "lxml").select_one("#adresse-liste")
    return str(field["value"]).removeprefix("http://127.0.0.1:8000")


def test_the_menu_says_how_many_are_selected(member: FlaskClient) -> None:
    assert re.search(r'id="menu-selection" class="menu-count"></span>', member.get("/aide").text)
    add(member, PUBLIC[0].id, PUBLIC[1].id)
    assert '<span class="count">(2)</span>' in member.get("/aide").text


def test_adding_by_script_answers_what_is_said(member: FlaskClient) -> None:
    def ask(action: str, resource_id: str) -> TestResponse:
        form = {"csrf_token": Auth(member).token("/"), "action": action, "resource": resource_id}
        return member.post("/selection", data=form, headers={"Accept": "application/json"})

    added = ask("add", PUBLIC[0].id)
    assert added.headers["Cache-Control"] == "private, no-store"
    said = "Ajoutée à «\u00a0Ma sélection\u00a0»\u00a0: 1 ressource."
    assert added.json == {"chosen": True, "label": "Retirer de ma sélection", "count": 1, "said": said}
    assert ask("add", PUBLIC[1].id).json["count"] == 2
    removed = ask("remove", PUBLIC[0].id).json
    assert (removed["chosen"], removed["label"], removed["count"]) == (False, "Ajouter à ma sélection", 1)
    assert ask("add", "rien").status_code == 404


def test_without_a_script_the_count_stands_beside_the_button(member: FlaskClient) -> None:
    add(member, "r-02")
    form = BeautifulSoup(member.get("/?q=scic").text, "lxml").select_one("#choix-r-02")
    assert " ".join(form.get_text().split()).endswith("(1 ressource)")


def test_several_lists_notes_and_moves(member: FlaskClient) -> None:
    add(member, PUBLIC[0].id)
    made = send(member, "/selection/listes", name="  Dossier  vélo ")
    assert made.location == "/selection/2"
    assert "Ajouter à «\u00a0Dossier vélo\u00a0»" in member.get("/?q=scic").text
    add(member, PUBLIC[1].id)
    assert titles(member.get("/selection")) == [PUBLIC[1].title]
    noted = send(member, "/selection/2", action="note", resource=PUBLIC[1].id, note="à <relire>\u202e\n deux fois")
    assert noted.location == f"/selection/2#choix-{PUBLIC[1].id}"
    assert "à &lt;relire&gt;\n deux fois" in member.get("/selection/2").text
    send(member, "/selection/2", action="move", resource=PUBLIC[1].id, target="1")
    page = member.get("/selection/1")
    assert titles(page) == [PUBLIC[1].title, PUBLIC[0].title]
    assert "à &lt;relire&gt;" in page.text
    send(member, "/selection/1", action="remove", resource=PUBLIC[1].id)
    assert titles(member.get("/selection/1")) == [PUBLIC[0].title]
    assert "Ajouter désormais à cette liste" in text(member.get("/selection/1"))
    send(member, "/selection/1", action="choose")
    assert titles(member.get("/selection")) == [PUBLIC[0].title]
    send(member, "/selection/2", action="rename", name="Vélos")
    assert "Vélos" in text(member.get("/selection"))
    assert send(member, "/selection/2", action="delete").location == "/selection"
    assert "est supprimée" in text(member.get("/selection"))
    assert member.get("/selection/2").status_code == 404


@pytest.mark.parametrize("ending", ["csv", "bib", "ris", "jsonl"])
def test_a_list_is_taken_away_under_its_name(member: FlaskClient, ending: str) -> None:
    send(member, "/selection/listes", name="Dossier")
    add(member, PUBLIC[0].id, PRIVATE[0].id)
    answer = member.get(f"/selection/1/export.{ending}")
    assert f"Dossier.{ending}" in answer.headers["Content-Disposition"]
    assert PRIVATE[0].id in answer.text


@pytest.mark.parametrize("ending", ["csv", "bib", "ris", "jsonl"])
def test_notes_leave_with_the_list(member: FlaskClient, client: FlaskClient, ending: str) -> None:
    add(member, PUBLIC[0].id, PRIVATE[0].id)
    for one, note in ((PUBLIC[0], "pour le comité"), (PRIVATE[0], "à ne pas dire")):
        send(member, "/selection/1", action="note", resource=one.id, note=note)
    path = shared(member)
    for address in ("/selection/export", "/selection/1/export"):
        answer = member.get(f"{address}.{ending}")
        assert "pour le comité" in answer.text
        assert "à ne pas dire" in answer.text
    visitors = client.get(f"{path}/export.{ending}").text
    assert "pour le comité" in visitors
    assert "à ne pas dire" not in visitors


def test_emptying_and_deleting_say_what_is_lost_first(member: FlaskClient) -> None:
    add(member, PUBLIC[0].id, PUBLIC[1].id)
    send(member, "/selection/listes", name="Dossier")
    page = BeautifulSoup(member.get("/selection/1").text, "lxml")
    for action in ("empty", "delete"):
        button = page.select_one(f'details.sure button[value="{action}"]')
        said = " ".join(button.find_parent("form").get_text().split())
        assert "Ses 2 ressources en sortiront, et vos notes sur elles seront perdues." in said
    send(member, "/selection/1", action="remove", resource=PUBLIC[1].id)
    assert "Sa ressource en sortira, et votre note sur elle sera perdue." in text(member.get("/selection/1"))
    send(member, "/selection/1", action="empty")
    assert "« Ma sélection » est vide" in text(member.get("/selection/1"))


def test_the_name_of_a_list_stands_inside_other_quotes(member: FlaskClient) -> None:
    send(member, "/selection/listes", name="Dossier")
    assert "« Ajouter à “Dossier” »" in text(member.get("/selection"))


def test_what_is_shown_once_is_in_view(member: FlaskClient) -> None:
    add(member, PUBLIC[0].id)
    form = (
        BeautifulSoup(member.get("/selection/1").text, "lxml").select_one('button[value="share"]').find_parent("form")
    )
    assert form["action"] == "/selection/1#partage"


def test_what_is_refused(member: FlaskClient, staff: FlaskClient) -> None:
    add(member, PUBLIC[0].id)
    assert send(member, "/selection/1", action="autre").status_code == 400
    for path in ("/selection/listes", "/selection/1"):
        refused = send(member, path, name="  ", action="rename")
        assert refused.status_code == 400
        assert "Donnez un nom" in text(refused)
    assert send(member, "/selection/1", action="move", resource=PUBLIC[0].id, target="99").status_code == 404
    for action in ("share", "delete", "rename", "note"):
        assert send(staff, "/selection/1", action=action, name="x").status_code == 404
    assert staff.get("/selection/1").status_code == staff.get("/selection/1/export.csv").status_code == 404


# Shared by a link


def test_a_visitor_sees_the_public_resources_of_a_shared_list(
    client: FlaskClient, member: FlaskClient, settings: SiteSettings
) -> None:
    add(member, PUBLIC[0].id, PRIVATE[0].id, PUBLIC[1].id)
    send(member, "/selection/1", action="note", resource=PUBLIC[0].id, note="le meilleur")
    send(member, "/selection/1", action="note", resource=PRIVATE[0].id, note="à ne pas dire")
    path = shared(member)
    assert path not in member.get("/selection/1").text, "shown once"
    page = client.get(path)
    assert titles(page) == [PUBLIC[1].title, PUBLIC[0].title]
    assert "le meilleur" in page.text
    assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == ("private, no-store", "noindex")
    for hidden in (PRIVATE[0].id, PRIVATE[0].title, "à ne pas dire", MEMBER, "réservée"):
        assert hidden not in text(page).replace(PUBLIC[0].title, "").replace(PUBLIC[1].title, ""), hidden
    for ending in ("csv", "bib", "ris", "jsonl"):
        answer = client.get(f"{path}/export.{ending}")
        assert answer.status_code == 200
        assert PUBLIC[0].id in answer.text
        assert PRIVATE[0].id not in answer.text
    assert titles(member.get(path)) == [PUBLIC[1].title, PRIVATE[0].title, PUBLIC[0].title]
    noted = [(e.action, e.actor, e.detail) for e in open_stores(settings).audit.entries() if "list" in e.action]
    assert noted == [("list-shared", MEMBER, "list 1")]


def test_a_list_of_private_resources_alone_looks_like_an_empty_one(client: FlaskClient, member: FlaskClient) -> None:
    add(member, PRIVATE[0].id, PRIVATE[1].id)
    path = shared(member)
    full = client.get(path)
    send(member, "/selection/1", action="empty")
    assert full.text == client.get(path).text


def test_where_titles_of_private_resources_are_public_their_place_in_a_list_is_not(
    client: FlaskClient, member: FlaskClient, engine: FakeEngine
) -> None:
    """A shared list shows visitors no private resource, even if RTES_PRIVATE=title makes engines answer visitors with
    placeholders of private resources.
    """
    add(member, PUBLIC[0].id, PRIVATE[0].id)
    path = shared(member)
    engine._world = lambda _: (*PUBLIC, *PRIVATE)  # type: ignore[method-assign, assignment, return-value]
    assert titles(client.get(path)) == [PUBLIC[0].title]
    assert PRIVATE[0].title not in client.get(f"{path}/export.csv").text


def test_a_link_ends(app: Flask, client: FlaskClient, member: FlaskClient, settings: SiteSettings) -> None:
    add(member, PUBLIC[0].id)
    first = shared(member)
    second = shared(member)
    assert [client.get(path).status_code for path in (first, second)] == [404, 200]
    assert client.get(first).text == client.get("/listes/rien").text.replace("/listes/rien", first)
    accounts = open_stores(settings).accounts
    accounts.set_disabled(MEMBER, True)
    assert client.get(second).status_code == 404
    accounts.set_disabled(MEMBER, False)
    assert client.get(second).status_code == 200
    send(Auth(member).login() and member, "/selection/1", action="unshare")
    assert client.get(second).status_code == client.get(f"{second}/export.csv").status_code == 404
