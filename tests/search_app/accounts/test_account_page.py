"""The account page: password, signing out everywhere, tokens."""

from __future__ import annotations

import re
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from search_app.accounts.tokens import MAX_TOKENS
from search_app.settings import SiteSettings
from search_app.web.context import site
from tests.support.site import MEMBER, PASSWORD, STAFF, Auth

NEW = "un tout autre mot de passe"


def send(client: FlaskClient, path: str, **form: str) -> TestResponse:
    return client.post(f"/compte{path}", data={"csrf_token": Auth(client).token("/compte"), **form})


def change(client: FlaskClient, current: str = PASSWORD, new: str = NEW, again: str | None = None) -> TestResponse:
    return send(client, "/mot-de-passe", current=current, new=new, again=new if again is None else again)


def actions(app: Flask) -> list[tuple[str, str, str]]:
    with app.app_context():
        return [(entry.action, entry.actor, entry.detail) for entry in site().audit.entries()]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/mot-de-passe",
        "/deconnexion-partout",
        "/jetons",
        "/jetons/revocation",
        "/flux/renouvellement",
        "/flux/suppression",
    ],
)
def test_for_those_who_are_signed_in(client: FlaskClient, path: str) -> None:
    response = client.get("/compte") if not path else client.post(f"/compte{path}")
    assert response.status_code == (400 if path else 303)  # a form without its CSRF token has no effect
    if not path:
        assert response.location == "/connexion?next=/compte"


def test_a_visitor_with_a_form_of_their_own_is_sent_to_sign_in(client: FlaskClient) -> None:
    token = Auth(client).token("/connexion")
    response = client.post("/compte/jetons", data={"csrf_token": token})
    assert (response.status_code, response.location) == (303, "/connexion?next=/compte")


def test_says_who_one_is(member: FlaskClient, staff: FlaskClient) -> None:
    assert f"{MEMBER}, adhérent." in member.get("/compte").text
    assert f"{STAFF}, équipe." in staff.get("/compte").text
    assert 'href="/compte"' in member.get("/").text
    assert "noindex" in member.get("/compte").text


def test_change_password(app: Flask, member: FlaskClient) -> None:
    other = app.test_client()
    Auth(other).login()
    response = change(member)
    assert (response.status_code, response.location) == (303, "/compte?fait=mot-de-passe")
    # This session continues, others have ended, and only the new password is accepted.
    assert "Le mot de passe est changé" in member.get(response.location).text
    assert MEMBER not in other.get("/").text
    assert Auth(other).login(MEMBER, PASSWORD).status_code == 403
    assert Auth(other).login(MEMBER, NEW).status_code == 303
    assert ("account-password", MEMBER, "") in actions(app)


@pytest.mark.parametrize(
    ("form", "status", "says"),
    [
        ({"current": "pas le bon"}, 403, "Le mot de passe actuel n’est pas celui-ci."),
        ({"new": "court"}, 400, "trop court"),
        ({"new": "x" * 1001}, 400, "trop long"),
        ({"again": "encore un autre"}, 400, "diffèrent"),
    ],
)
def test_change_password_refused(member: FlaskClient, form: dict[str, str], status: int, says: str) -> None:
    response = change(member, **form)
    assert response.status_code == status
    assert says in response.text
    assert response.text.count('aria-invalid="true"') == 1
    assert PASSWORD not in response.text
    assert MEMBER in member.get("/").text


def test_a_session_left_open_is_no_place_to_guess_from(member: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)  # all attempts have the same time, even on a busy machine
    answers = [change(member, current="pas le bon") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 429]
    assert "Trop d’essais" in answers[-1].text
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_sign_out_everywhere(app: Flask, member: FlaskClient) -> None:
    other = app.test_client()
    Auth(other).login()
    response = send(member, "/deconnexion-partout")
    assert (response.status_code, response.location) == (303, "/connexion?fait=partout")
    assert "Toutes vos sessions sont fermées" in member.get(response.location).text
    for client in (member, other):
        assert MEMBER not in client.get("/").text
        assert client.get("/ressources/r-04").status_code == 404
    assert actions(app)[-1] == ("sign-out-everywhere", MEMBER, "")


@pytest.mark.parametrize("change", ["set_disabled", "set_role", "remove"])
def test_what_is_done_to_an_account_ends_its_sessions_at_once(app: Flask, member: FlaskClient, change: str) -> None:
    arguments = {"set_disabled": (MEMBER, True), "set_role": (MEMBER, "staff"), "remove": (MEMBER,)}
    with app.app_context():
        getattr(site().accounts, change)(*arguments[change])
    assert MEMBER not in member.get("/").text
    assert member.get("/ressources/r-04").status_code == 404
    assert member.get("/compte").status_code == 303


def test_a_session_of_a_disabled_account_does_not_come_back(app: Flask, member: FlaskClient) -> None:
    with app.app_context():
        site().accounts.set_disabled(MEMBER, True)
        site().accounts.set_disabled(MEMBER, False)
    assert MEMBER not in member.get("/").text


def made_token(response: TestResponse) -> str:
    found = re.search(r"<code[^>]*>(rtes_[\w-]+)</code>", response.text)
    assert found
    return found[1]


def test_a_token_is_shown_once(app: Flask, client: FlaskClient, member: FlaskClient) -> None:
    response = send(member, "/jetons", label="tableau <b>de bord</b>")
    token = made_token(response)
    assert response.headers["Cache-Control"] == "private, no-store"
    page = member.get("/compte").text
    assert token not in page
    assert "tableau &lt;b&gt;de bord&lt;/b&gt;" in page
    assert "jamais" in page
    assert "expire le" in page
    assert "Il expire au bout de 365" in page
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/resources/r-04", headers=bearer).json["private"] is True
    assert "jamais" not in member.get("/compte").text
    response = send(member, "/jetons/revocation", number="1")
    assert (response.status_code, response.location) == (303, "/compte?fait=jeton-revoque")
    assert client.get("/api/v1/resources/r-04", headers=bearer).status_code == 401
    assert actions(app)[-2:] == [("token-made", MEMBER, ""), ("token-revoked", MEMBER, "token 1")]


def test_a_token_of_another_account_cannot_be_revoked(app: Flask, member: FlaskClient, staff: FlaskClient) -> None:
    send(staff, "/jetons", label="le mien")
    for number in ("1", "99", "x", ""):
        assert send(member, "/jetons/revocation", number=number).status_code == 303
    assert "le mien" in staff.get("/compte").text
    assert "token-revoked" not in {action for action, _, _ in actions(app)}


def test_so_many_tokens_and_no_more(app: Flask, member: FlaskClient) -> None:
    with app.app_context():
        for _ in range(MAX_TOKENS):
            site().stores.tokens.make(MEMBER, "")
    response = send(member, "/jetons", label="de trop")
    assert response.status_code == 400
    assert "révoquez ceux qui ne servent plus" in response.text
    assert "token-made" not in {action for action, _, _ in actions(app)}


def test_what_cannot_be_noted_is_not_done(app: Flask, member: FlaskClient, settings: SiteSettings) -> None:
    csrf = Auth(member).token("/compte")
    (settings.data / "audit.sqlite").write_bytes(b"abime" * 1000)
    for path in ("/jetons", "/deconnexion-partout"):
        response = member.post(f"/compte{path}", data={"csrf_token": csrf})
        assert response.status_code == 503
        assert str(settings.data) not in response.text
    with app.app_context():
        assert site().stores.tokens.of(MEMBER) == ()
    assert MEMBER in member.get("/").text


def test_no_notice_but_our_own(member: FlaskClient) -> None:
    assert 'role="status"' not in member.get("/compte?fait=Bravo").text
