"""Accounts at the staff desk, and their entries in the audit log."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer.corpus.corrections import NOBODY
from indexer.pipeline.correcting import corrections_of
from search_app import cli
from search_app.jobs.store import Job, Jobs
from search_app.settings import SiteSettings
from search_app.stores import open_stores
from tests.support.archive import Archive
from tests.support.desk import post, said, text
from tests.support.site import MEMBER, STAFF, Auth


def password(page: str) -> str:
    found = re.search(r"<code>([^<]+)</code>", page)
    assert found
    return found[1]


def actions(settings: SiteSettings) -> list[tuple[str, str, str]]:
    return [(e.action, e.actor, e.subject) for e in open_stores(settings).audit.entries() if e.action != "sign-in"]


def test_a_new_account_gets_a_password_that_is_shown_once(app: Flask, staff: FlaskClient) -> None:
    made = post(staff, "/gestion/comptes", email="Nouvelle@Exemple.fr", role="member")
    assert made.status_code == 200
    assert Auth(app.test_client()).login("nouvelle@exemple.fr", password(made.text)).status_code == 303
    assert password(made.text) not in staff.get("/gestion/comptes").text


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


def test_a_password_is_given_anew_and_sessions_end(app: Flask, staff: FlaskClient, member: FlaskClient) -> None:
    made = post(staff, "/gestion/comptes/changer", email=MEMBER, action="password")
    assert member.get("/compte").status_code != 200
    assert Auth(app.test_client()).login(MEMBER, password(made.text)).status_code == 303


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


@pytest.mark.parametrize("action", ["member", "disable"])
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
