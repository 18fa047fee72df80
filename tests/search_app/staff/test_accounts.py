"""Accounts at the staff desk, and their entries in the audit log."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from indexer.corpus.corrections import NOBODY
from indexer.pipeline.correcting import corrections_of
from search_app import cli
from search_app.jobs.store import Job, Jobs
from search_app.settings import MailServer, SiteSettings
from search_app.stores import open_stores
from tests.support.archive import Archive
from tests.support.desk import post, said, text
from tests.support.fake_engine import FakeEngine
from tests.support.site import MEMBER, STAFF, Auth, make_app, signed_in

NEW_PASSWORD = "un tout autre mot de passe"


def link(page: str) -> str:
    """Return the path of the link that a page shows."""
    found = re.search(r"<code[^>]*>http://127\.0\.0\.1:8000(/mot-de-passe/[^<]+)</code>", page)
    assert found
    return found[1]


def choose(app: Flask, address: str, password: str = NEW_PASSWORD) -> TestResponse:
    """Set a password with a link, as its owner does."""
    owner = app.test_client()
    form = {"csrf_token": Auth(owner).token(address), "new": password, "again": password}
    return owner.post(address, data=form)


def actions(settings: SiteSettings) -> list[tuple[str, str, str]]:
    return [(e.action, e.actor, e.subject) for e in open_stores(settings).audit.entries() if e.action != "sign-in"]


def test_who_is_invited_gets_a_link_that_is_shown_once(app: Flask, staff: FlaskClient, settings: SiteSettings) -> None:
    made = post(staff, "/gestion/comptes", email="Nouvelle@Exemple.fr", role="member")
    assert made.status_code == 200
    assert link(made.text) not in staff.get("/gestion/comptes").text
    assert "invité, sans mot de passe encore" in text(staff.get("/gestion/comptes"))
    assert choose(app, link(made.text)).status_code == 303
    assert Auth(app.test_client()).login("nouvelle@exemple.fr", NEW_PASSWORD).status_code == 303
    assert choose_again(app, link(made.text)) == 404
    assert actions(settings) == [
        ("account-invited", STAFF, "nouvelle@exemple.fr"),
        ("password-by-link", "nouvelle@exemple.fr", ""),
    ]


def choose_again(app: Flask, address: str) -> int:
    return app.test_client().get(address).status_code


def test_with_a_mail_server_no_link_is_shown(engine: FakeEngine, settings: SiteSettings) -> None:
    app = make_app(replace(settings, mail=MailServer("127.0.0.1", "archives@exemple.fr")), engine)
    staff = signed_in(app, STAFF)
    for path, fields in (
        ("/gestion/comptes", {"email": "nouvelle@exemple.fr", "role": "staff"}),
        ("/gestion/comptes/changer", {"email": MEMBER, "action": "link"}),
    ):
        made = post(staff, path, **fields)
        assert "Un courriel part" in text(made)
        assert "/mot-de-passe/" not in made.text
    orders = open_stores(settings).mails.due()
    assert [(order.kind, order.recipient) for order in orders] == [
        ("invitation", "nouvelle@exemple.fr"),
        ("invitation", MEMBER),
    ]


@pytest.mark.parametrize(
    ("email", "says"),
    [
        ("mem\u200bbre@exemple.fr", "caractère invisible (U+200B)"),
        ("\u202emembre@exemple.fr", "caractère invisible (U+202E)"),
        ("ſecretariat@exemple.fr", "sans accent"),
        ("membre@ſtrasse.fr", "nom de domaine"),
    ],
)
def test_no_account_that_looks_like_another_s(
    settings: SiteSettings, staff: FlaskClient, email: str, says: str
) -> None:
    before = open_stores(settings).accounts.all()
    refused = post(staff, "/gestion/comptes", email=email, role="member")
    assert refused.status_code == 400
    assert says in text(refused).replace("\u00a0", " ")
    assert open_stores(settings).accounts.all() == before
    assert actions(settings) == []


def test_a_link_for_a_forgotten_password_ends_sessions_once_it_is_used(
    app: Flask, staff: FlaskClient, member: FlaskClient
) -> None:
    made = post(staff, "/gestion/comptes/changer", email=MEMBER, action="link")
    assert member.get("/compte").status_code == 200, "until then nothing changes"
    assert choose(app, link(made.text)).status_code == 303
    assert member.get("/compte").status_code != 200
    assert Auth(app.test_client()).login(MEMBER, NEW_PASSWORD).status_code == 303


def test_no_link_for_an_account_that_is_closed(staff: FlaskClient, settings: SiteSettings) -> None:
    open_stores(settings).accounts.set_disabled(MEMBER, True)
    assert "Lien pour un mot de passe" not in text(staff.get("/gestion/comptes"))
    refused = post(staff, "/gestion/comptes/changer", email=MEMBER, action="link")
    assert refused.status_code == 400
    assert "désactivé" in text(refused)


def test_role_and_closing(settings: SiteSettings, staff: FlaskClient, member: FlaskClient) -> None:
    assert "modifié" in said(staff, post(staff, "/gestion/comptes/changer", email=MEMBER, action="staff"))
    assert "désactivé" in said(staff, post(staff, "/gestion/comptes/changer", email=MEMBER, action="disable"))
    said(staff, post(staff, "/gestion/comptes/changer", email=MEMBER, action="enable"))
    assert actions(settings) == [
        ("account-role", STAFF, MEMBER),
        ("account-disabled", STAFF, MEMBER),
        ("account-enabled", STAFF, MEMBER),
    ]


def test_a_role_that_the_provider_took_away_is_given_back(settings: SiteSettings, staff: FlaskClient) -> None:
    accounts = open_stores(settings).accounts
    assert "Rendre son rôle" not in text(staff.get("/gestion/comptes"))
    accounts.lapse(MEMBER)
    page = text(staff.get("/gestion/comptes"))
    assert "rôle retiré par le fournisseur d’identité" in page
    assert "Rendre son rôle" in page
    post(staff, "/gestion/comptes/changer", email=MEMBER, action="member")
    found = accounts.get(MEMBER)
    assert found is not None
    assert found.active


@pytest.mark.parametrize("action", ["member", "disable", "link"])
def test_nobody_locks_themselves_out(settings: SiteSettings, staff: FlaskClient, action: str) -> None:
    refused = post(staff, "/gestion/comptes/changer", email=STAFF, action=action)
    assert refused.status_code == 400
    assert "son propre" in text(refused)
    account = open_stores(settings).accounts.get(STAFF)
    assert account is not None
    assert (account.role, account.disabled) == ("staff", False)


@pytest.mark.parametrize(("email", "role"), [("pas une adresse", "member"), (MEMBER, "member"), ("a@b.fr", "chef")])
def test_an_account_that_cannot_be_made(settings: SiteSettings, staff: FlaskClient, email: str, role: str) -> None:
    refused = post(staff, "/gestion/comptes", email=email, role=role)
    assert refused.status_code == 400
    assert f'value="{email}"' in refused.text
    assert actions(settings) == []


def test_an_account_or_a_change_that_does_not_exist(staff: FlaskClient) -> None:
    assert post(staff, "/gestion/comptes/changer", email="rien@exemple.fr", action="staff").status_code == 404
    assert post(staff, "/gestion/comptes/changer", email=MEMBER, action="autre").status_code == 400


def test_what_staff_do_is_noted_without_its_words(settings: SiteSettings, staff: FlaskClient) -> None:
    post(staff, "/gestion/travaux", kind="survey")
    found = re.search(r'name="version" value="([^"]*)"', staff.get("/gestion/synonymes").text)
    assert found
    post(staff, "/gestion/synonymes", text="secret = mystère", action="save", version=found[1])
    entries = [e for e in open_stores(settings).audit.entries() if e.action != "sign-in"]
    assert [(e.action, e.actor) for e in entries] == [("job-survey", STAFF), ("synonyms-edit", STAFF)]
    assert not any("secret" in e.detail for e in entries)


def test_erasing_a_person_leaves_no_name_on_what_they_did(
    archive: Archive, staff: FlaskClient, over: Callable[[], Job]
) -> None:
    known = archive.ids()["Reprendre une ferme"]
    post(staff, f"/gestion/ressources/{known}", year="2019")
    over()
    places = [f"--{name}={getattr(archive.settings, name)}" for name in ("corpus", "index", "data")]
    assert cli.main([*places, "user", "erase", STAFF]) == 0
    (entry,) = corrections_of(archive.settings).history(known)
    (job,) = Jobs(archive.settings.data).latest()
    assert (entry.actor, job.actor) == (NOBODY, NOBODY)
