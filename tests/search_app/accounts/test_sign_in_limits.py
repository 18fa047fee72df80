"""Throttling on the sign-in page: responses do not reveal whether an account exists."""

from __future__ import annotations

import re
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from search_app.accounts import store as accounts_module
from search_app.accounts.throttle import BY_ACCOUNT
from search_app.settings import SiteSettings
from search_app.web.context import site
from tests.support.fake_engine import FakeEngine
from tests.support.site import MEMBER, PASSWORD, Auth, make_app

NOBODY = "inconu@exemple.fr"  # as long as the member's address
WRONG = "un mauvais mot de passe"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Stop the clock, so that all failed attempts of a test have the same time."""
    now = [time.time()]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Compare passwords without hashing, and record each comparison."""
    checked: list[str] = []
    monkeypatch.setattr(
        accounts_module, "check_password_hash", lambda hashed, given: checked.append(hashed) or given == PASSWORD
    )
    return checked


def seen(response: TestResponse, email: str) -> tuple[int, str, list[tuple[str, str]]]:
    """Return a response without the CSRF token, the session and the typed address."""
    body = re.sub(r'name="csrf_token" value="[^"]+"', "", response.text).replace(email, "")
    headers = [(k, v) for k, v in response.headers if k not in {"Set-Cookie", "Date", "Content-Length"}]
    return response.status_code, body, headers


def tries(app: Flask, email: str, password: str, times: int) -> list[tuple[int, str, list[tuple[str, str]]]]:
    auth = Auth(app.test_client())
    return [seen(auth.login(email, password), email) for _ in range(times)]


def test_an_unknown_account_is_answered_like_a_wrong_password(
    settings: SiteSettings, engine: FakeEngine, quick: list[str], clock: list[float]
) -> None:
    app = make_app(settings, engine)
    for _ in range(BY_ACCOUNT.most - 2):
        known = tries(app, MEMBER, WRONG, 2)
        hashed = len(quick)
        unknown = tries(app, NOBODY, WRONG, 2)
        assert known == unknown
        # The work is also the same: one hash for each attempt that was checked, none for those refused before.
        assert len(quick) - hashed == hashed
        quick.clear()
        clock[0] += 30
    assert len({answer[0] for answer in (*known, *unknown)}) == 1


def test_slowed_then_blocked_and_told_when(client: FlaskClient, auth: Auth, quick: list[str]) -> None:
    answers = [auth.login(MEMBER, WRONG) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [403, 403, 403, 429]
    assert "Prochain essai" not in answers[1].text
    assert "Prochain essai possible dans 5 secondes." in answers[2].text
    assert "Réessayez dans 5 secondes" in answers[3].text
    assert [answer.headers.get("Retry-After") for answer in answers] == [None, None, None, "5"]


def test_a_right_password_too_early_is_not_looked_at(
    client: FlaskClient, auth: Auth, quick: list[str], clock: list[float]
) -> None:
    for _ in range(BY_ACCOUNT.free):
        auth.login(MEMBER, WRONG)
    quick.clear()
    assert seen(auth.login(MEMBER, PASSWORD), MEMBER) == seen(auth.login(MEMBER, WRONG), MEMBER)
    assert quick == []
    clock[0] += 5
    assert auth.login(MEMBER, PASSWORD).status_code == 303


def test_another_worker_and_a_restart_count_on(
    settings: SiteSettings, engine: FakeEngine, auth: Auth, quick: list[str]
) -> None:
    for _ in range(BY_ACCOUNT.free):
        auth.login(MEMBER, WRONG)
    other = Auth(make_app(settings, engine).test_client())
    assert other.login(MEMBER, PASSWORD).status_code == 429


def test_a_disabled_account_is_answered_like_a_wrong_password(
    app: Flask, settings: SiteSettings, quick: list[str]
) -> None:
    with app.app_context():
        site().accounts.set_disabled(MEMBER, True)
    assert tries(app, MEMBER, PASSWORD, 4) == tries(app, NOBODY, PASSWORD, 4)
    assert len(quick) == 6


def test_counts_that_cannot_be_kept_let_nobody_in(client: FlaskClient, auth: Auth, settings: SiteSettings) -> None:
    (settings.data / "throttle.sqlite").write_bytes(b"abime" * 1000)
    response = auth.login()
    assert response.status_code == 503
    assert "Données indisponibles" in response.text
    assert str(settings.data) not in response.text
    assert client.get("/").status_code == 200


def test_every_sign_in_is_noted_without_what_was_typed(
    app: Flask, client: FlaskClient, auth: Auth, quick: list[str]
) -> None:
    auth.login()
    auth.logout()
    for email in (MEMBER, "monMotDePasse"):
        for _ in range(BY_ACCOUNT.free + 3):
            auth.login(email, WRONG)
    with app.app_context():
        entries = site().audit.entries()
    failed, blocked = ["sign-in-failed"] * BY_ACCOUNT.free, ["sign-in-blocked"]
    assert [entry.action for entry in entries] == ["sign-in", "sign-out", *failed, *blocked, *failed, *blocked]
    assert [(entry.actor, entry.subject) for entry in entries] == [
        *[(MEMBER, "")] * 2,
        *[("unknown", MEMBER)] * 4,
        *[("unknown", "")] * 4,
    ]
    assert "monMotDePasse" not in str(entries)
    assert "127.0.0.1" not in str(entries)
    assert WRONG not in str(entries)
