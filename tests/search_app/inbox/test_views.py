"""« Signaler une erreur » and « Contact », as visitors and members use them, and the queue at the desk."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer.resource import Resource
from search_app.inbox import MAX_TEXT, Message
from search_app.inbox.store import MOST_AN_HOUR
from search_app.web.context import site
from tests.support.demo_resources import demo_resources
from tests.support.site import MEMBER, Auth

PUBLIC: Resource = next(one for one in demo_resources() if not one.private)
PRIVATE: Resource = next(one for one in demo_resources() if one.private)


def report(client: FlaskClient, path: str = f"/ressources/{PUBLIC.id}/signaler", **fields: str) -> TestResponse:
    token = Auth(client).token("/contact")
    return client.post(path, data={"csrf_token": token, "message": "Le lien est mort.", **fields})


def held(app: Flask) -> tuple[Message, ...]:
    with app.app_context():
        return site().stores.inbox.messages(closed=False, limit=100)


def error_of(answer: TestResponse) -> str:
    told = BeautifulSoup(answer.text, "lxml").select_one("#erreur")
    return told.get_text() if told is not None else ""


def test_a_visitor_reports_an_error(client: FlaskClient, app: Flask) -> None:
    page = client.get(f"/ressources/{PUBLIC.id}")
    assert f'href="/ressources/{PUBLIC.id}/signaler"' in page.text
    answer = report(client, email=" Zoe@Exemple.fr ")
    assert (answer.status_code, answer.location) == (303, f"/contact/recu?ressource={PUBLIC.id}")
    assert PUBLIC.title in client.get(answer.location).text
    (message,) = held(app)
    assert (message.resource, message.text, message.email) == (PUBLIC.id, "Le lien est mort.", "zoe@exemple.fr")


def test_contact_is_about_no_resource(client: FlaskClient, app: Flask) -> None:
    assert '<a href="/contact">Contact</a>' in client.get("/").text
    assert report(client, "/contact").location == "/contact/recu"
    assert held(app)[0].resource is None


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_private_resource_is_unknown_to_visitors(client: FlaskClient, app: Flask, method: str) -> None:
    if method == "get":
        private, unknown = (client.get(f"/ressources/{one}/signaler") for one in (PRIVATE.id, "inconnue"))
    else:
        private, unknown = (report(client, f"/ressources/{one}/signaler") for one in (PRIVATE.id, "inconnue"))
    assert private.status_code == unknown.status_code == 404
    assert private.text.replace(PRIVATE.id, "inconnue") == unknown.text
    assert held(app) == ()
    assert PRIVATE.title not in client.get(f"/contact/recu?ressource={PRIVATE.id}").text


def test_a_member_reports_a_private_one_and_their_address_is_filled_in(member: FlaskClient, app: Flask) -> None:
    path = f"/ressources/{PRIVATE.id}/signaler"
    assert f'value="{MEMBER}"' in member.get(path).text
    assert report(member, path).status_code == 303
    assert held(app)[0].resource == PRIVATE.id


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"message": " \n\t "}, "Votre message est vide"),
        ({"message": "x" * (MAX_TEXT + 1)}, f"dépasse {MAX_TEXT} caractères"),
        ({"email": "zoe"}, "Corrigez votre adresse"),
        ({"email": "zoe@exemple.fr\nbcc: autre@exemple.fr"}, "Corrigez votre adresse"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    client: FlaskClient, app: Flask, fields: dict[str, str], said: str
) -> None:
    answer = report(client, **fields)
    assert answer.status_code == 400
    assert said in error_of(answer)
    box = BeautifulSoup(answer.text, "lxml").select_one("#message")
    assert box is not None
    assert box.get_text().strip() == fields.get("message", "Le lien est mort.").strip()
    assert held(app) == ()


def test_controls_and_marks_of_direction_are_dropped(client: FlaskClient, app: Flask) -> None:
    report(client, message="a\x00b\u202ec\r\nd")
    assert held(app)[0].text == "abc\nd"


def test_a_program_that_fills_in_everything_is_thanked_and_not_stored(client: FlaskClient, app: Flask) -> None:
    assert report(client, site="https://exemple.com/").status_code == 303
    assert held(app) == ()


def test_without_its_token_nothing_is_stored(client: FlaskClient, app: Flask) -> None:
    assert client.post("/contact", data={"message": "Bonjour"}).status_code == 400
    assert held(app) == ()


def test_one_network_is_told_to_wait_and_keeps_its_text(client: FlaskClient) -> None:
    for number in range(MOST_AN_HOUR):
        report(client, message=f"Message {number}")
    answer = report(client, message="Le sixième")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Le sixième" in answer.text
    assert "renvoyez-le plus tard" in error_of(answer)


# The desk


def act(staff: FlaskClient, number: int, action: str) -> TestResponse:
    token = Auth(staff).token("/gestion/messages")
    return staff.post(
        f"/gestion/messages/{number}", data={"csrf_token": token, "action": action}, follow_redirects=True
    )


def test_staff_deal_with_messages(client: FlaskClient, staff: FlaskClient) -> None:
    report(client, message="<b>Le lien</b> est mort.", email="zoe@exemple.fr")
    assert "1 message de lecteurs à traiter" in staff.get("/gestion/").text
    page = staff.get("/gestion/messages").text
    assert "&lt;b&gt;Le lien&lt;/b&gt; est mort." in page
    assert PUBLIC.title in page
    assert "zoe@exemple.fr" in page
    assert "rangé parmi les messages traités" in act(staff, 1, "close").text
    assert "Aucun message n’attend" in staff.get("/gestion/messages").text
    assert "entre-temps par quelqu’un d’autre" in act(staff, 1, "close").text
    assert "de nouveau à traiter" in act(staff, 1, "reopen").text
    assert "entre-temps par quelqu’un d’autre" in act(staff, 1, "delete").text
    act(staff, 1, "close")
    assert "Le message est effacé" in act(staff, 1, "delete").text
    assert act(staff, 1, "autre").status_code == 400


def test_a_resource_that_is_gone_is_said(client: FlaskClient, staff: FlaskClient, app: Flask) -> None:
    with app.app_context():
        site().stores.inbox.add("Perdue.", resource="disparue", email=None, address="192.0.2.1")
    assert "n’est plus dans l’archive" in staff.get("/gestion/messages").text


def test_members_and_visitors_do_not_read_messages(client: FlaskClient, member: FlaskClient) -> None:
    assert client.get("/gestion/messages").status_code == 303
    assert member.get("/gestion/messages").status_code == 403
