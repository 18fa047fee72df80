"""Forgotten passwords and invitations: links are signed, work once and for a short time, and do not reveal accounts."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from search_app.accounts.audit import COMMAND_LINE
from search_app.accounts.links import BETWEEN_RESETS, LinkPurpose, PasswordLinks
from search_app.accounts.recovery import invite, send_link, set_password_by_link
from search_app.accounts.session_store import Sessions
from search_app.accounts.store import Accounts
from search_app.accounts.throttle import Throttle
from search_app.accounts.tokens import Tokens
from search_app.errors import AccountError
from search_app.mail import Order, OrderKind
from search_app.mail.letters import Letters
from search_app.mail.queue import MOST_AN_HOUR
from search_app.settings import MailServer, SiteSettings
from search_app.stores import Stores, open_stores
from tests.support.clock import Clock
from tests.support.fake_engine import FakeEngine
from tests.support.site import MEMBER, PASSWORD, Auth, make_app, signed_in

NEW = "un tout autre mot de passe"
UNKNOWN = "personne@exemple.fr"


@pytest.fixture
def mail_settings(settings: SiteSettings) -> SiteSettings:
    return replace(settings, mail=MailServer("127.0.0.1", "archives@exemple.fr"))


@pytest.fixture
def app(mail_settings: SiteSettings, engine: FakeEngine) -> Flask:
    return make_app(mail_settings, engine)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stores(mail_settings: SiteSettings, clock: Clock) -> Stores:
    opened = open_stores(mail_settings)
    opened.links._clock = clock
    return opened


def ask(client: FlaskClient, email: str) -> TestResponse:
    return client.post("/mot-de-passe", data={"csrf_token": Auth(client).token("/mot-de-passe"), "email": email})


def links_of(settings: SiteSettings, stores: Stores) -> dict[str, str]:
    """Compose the mails that are due, and return the path of the link in each, by recipient."""
    compose: Callable[[Order], object] = Letters(stores, settings, lambda: FakeEngine(())).compose
    found = {}
    for order in stores.mails.due():
        mail = compose(order)
        stores.mails.drop(order)
        if mail is not None:
            link = re.search(r"http://127\.0\.0\.1:8000(/mot-de-passe/\S+)", mail.text)  # type: ignore[attr-defined]
            assert link
            found[mail.recipient] = link[1]  # type: ignore[attr-defined]
    return found


def choose(client: FlaskClient, path: str, new: str = NEW, again: str | None = None) -> TestResponse:
    form = {"csrf_token": Auth(client).token("/connexion"), "new": new, "again": new if again is None else again}
    return client.post(path, data=form)


def body(answer: TestResponse) -> str:
    return re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)


# Asking


def test_a_forgotten_password(app: Flask, mail_settings: SiteSettings, member: FlaskClient) -> None:
    stores, client = open_stores(mail_settings), app.test_client()
    assert "Mot de passe oublié" in client.get("/connexion").text
    answer = ask(client, MEMBER)
    assert (answer.status_code, answer.location) == (303, "/mot-de-passe?fait=demande")
    assert "Si cette adresse a un compte" in client.get(answer.location).text
    path = links_of(mail_settings, stores)[MEMBER]
    page = client.get(path)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "private, no-store")
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert client.get(path).status_code == 200, "programs that check mails request links too"
    assert Auth(app.test_client()).login(MEMBER, PASSWORD).status_code == 303
    done = choose(client, path)
    assert (done.status_code, done.location) == (303, "/connexion?fait=mot-de-passe")
    signing_in = client.get(done.location).text
    assert "Votre mot de passe est enregistré\u202f; les sessions ouvertes sont fermées" in signing_in
    assert f'value="{MEMBER}"' in signing_in, "one need not type it again"
    assert f'value="{MEMBER}"' not in client.get("/connexion").text
    assert member.get("/compte").status_code == 303, "sessions end"
    assert Auth(app.test_client()).login(MEMBER, PASSWORD).status_code == 403
    assert Auth(app.test_client()).login(MEMBER, NEW).status_code == 303
    assert client.get(path).status_code == 404
    assert choose(client, path, PASSWORD).status_code == 404, "a link is used once"
    assert [(e.action, e.actor) for e in stores.audit.entries() if "link" in e.action] == [("password-by-link", MEMBER)]


def test_asking_looks_no_account_up_so_the_answer_and_its_time_cannot_tell(
    app: Flask, mail_settings: SiteSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same code runs, whatever is known of the address: no store of accounts is called, and one row is written."""
    client = app.test_client()
    token = Auth(client).token("/mot-de-passe")

    def read(*_: object, **__: object) -> None:
        raise AssertionError("an account was looked up")

    for store in (Accounts, Sessions, Tokens, PasswordLinks, Throttle):
        for name, value in vars(store).items():
            if callable(value) and not name.startswith("__"):
                monkeypatch.setattr(store, name, read)
    answers = [
        client.post("/mot-de-passe", data={"csrf_token": token, "email": email}) for email in (MEMBER, UNKNOWN, MEMBER)
    ]
    assert len({(one.status_code, one.text, one.location) for one in answers}) == 1
    assert [order.recipient for order in open_stores(mail_settings).mails.due()] == [MEMBER, UNKNOWN, MEMBER]


def test_nothing_is_sent_to_who_has_no_account_that_a_password_opens(
    mail_settings: SiteSettings, app: Flask, stores: Stores
) -> None:
    accounts = stores.accounts
    accounts.add("ferme@exemple.fr", "member", PASSWORD)
    accounts.set_disabled("ferme@exemple.fr", True)
    accounts.add_without_password("unique@exemple.fr", "member", "https://sso.example#1")
    accounts.add_invited("invitee@exemple.fr", "member")
    for number, email in enumerate(("ferme@exemple.fr", "unique@exemple.fr", "invitee@exemple.fr", UNKNOWN)):
        stores.mails.request(OrderKind.RESET, email, address=f"192.0.2.{number}")
    assert set(links_of(mail_settings, stores)) == {"invitee@exemple.fr"}


def test_strangers_neither_fill_a_mailbox_nor_end_a_link_in_use(
    mail_settings: SiteSettings, app: Flask, stores: Stores, clock: Clock
) -> None:
    client = app.test_client()
    ask(client, MEMBER)
    first = links_of(mail_settings, stores)[MEMBER]
    for _ in range(MOST_AN_HOUR - 1):
        ask(client, MEMBER)
    assert links_of(mail_settings, stores) == {}
    refused = ask(client, MEMBER)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert body(refused) == body(ask(client, UNKNOWN)).replace(UNKNOWN, MEMBER), "counted by network, not by account"
    token = first.rpartition("/")[2]
    assert stores.links.find(token) is not None
    clock.now += BETWEEN_RESETS
    open_stores(mail_settings).mails.request(OrderKind.RESET, MEMBER, address="192.0.2.9")
    second = links_of(mail_settings, stores)[MEMBER].rpartition("/")[2]
    assert stores.links.find(token) is None, "a link replaces the one before"
    assert stores.links.find(second) is not None


def test_the_mail_that_is_tried_again_brings_a_link_that_holds(
    mail_settings: SiteSettings, app: Flask, stores: Stores
) -> None:
    ask(app.test_client(), MEMBER)
    (order,) = stores.mails.due()
    letters = Letters(stores, mail_settings, lambda: FakeEngine(()))
    texts = [mail.text for mail in (letters.compose(order), letters.compose(order)) if mail is not None]
    assert len(texts) == 2
    last = re.search(r"/mot-de-passe/(\S+)", texts[1])
    assert last
    assert stores.links.find(last[1]) is not None


@pytest.mark.parametrize("typed", ["", "pas une adresse", "mem\u200bbre@exemple.fr", "a@b"])
def test_what_is_no_address_is_said(app: Flask, mail_settings: SiteSettings, typed: str) -> None:
    answer = ask(app.test_client(), typed)
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.text
    assert open_stores(mail_settings).mails.due() == ()


def test_without_a_mail_server_people_are_led_to_the_team(settings: SiteSettings, engine: FakeEngine) -> None:
    client = make_app(settings, engine).test_client()
    assert "Ce site n’envoie pas de courriels" in client.get("/mot-de-passe").text
    assert 'href="/contact"' in client.get("/connexion").text
    token = Auth(client).token()
    assert client.post("/mot-de-passe", data={"csrf_token": token, "email": MEMBER}).status_code == 404
    assert open_stores(settings).mails.due() == ()


# Links


def token_of(stores: Stores, email: str = MEMBER, purpose: LinkPurpose = LinkPurpose.RESET) -> str:
    account = stores.accounts.get(email)
    assert account is not None
    return stores.links.make(account, purpose)


def test_links_are_signed_and_only_their_hash_is_stored(stores: Stores, settings: SiteSettings, clock: Clock) -> None:
    token = token_of(stores)
    secret = token.partition(".")[0]
    stored = b"".join(path.read_bytes() for path in settings.data.iterdir() if path.is_file())
    assert secret.encode() not in stored
    assert stores.links.find(token) is not None
    forged = PasswordLinks(settings.data / "accounts.sqlite", lambda: b"another key", clock=clock)
    assert forged.find(token) is None
    for other in (secret, token + "x", "x" + token, secret + ".", "", "é", "x" * 10_000):
        assert stores.links.find(other) is None
        with pytest.raises(AccountError, match="n’est plus valable"):
            set_password_by_link(stores, other, NEW)


@pytest.mark.parametrize(("purpose", "hours"), [(LinkPurpose.RESET, 1), (LinkPurpose.INVITATION, 7 * 24)])
def test_links_expire(stores: Stores, clock: Clock, purpose: LinkPurpose, hours: int) -> None:
    token = token_of(stores, purpose=purpose)
    clock.now += hours * 3600 - 1
    assert stores.links.find(token) is not None
    clock.now += 1
    assert stores.links.find(token) is None
    with pytest.raises(AccountError, match="n’est plus valable"):
        set_password_by_link(stores, token, NEW)


@pytest.mark.parametrize(
    "change",
    [
        lambda stores: stores.accounts.set_disabled(MEMBER, True),
        lambda stores: stores.accounts.lapse(MEMBER),
        lambda stores: stores.accounts.set_password(MEMBER, NEW),
        lambda stores: stores.accounts.end_sessions(MEMBER),
        lambda stores: stores.accounts.remove(MEMBER),
    ],
    ids=["disabled", "lapsed", "password", "signed out everywhere", "removed"],
)
def test_what_ends_a_link(stores: Stores, change: Callable[[Stores], object]) -> None:
    token = token_of(stores)
    change(stores)
    with pytest.raises(AccountError, match="n’est plus valable"):
        set_password_by_link(stores, token, "encore un mot de passe")


def test_two_who_use_a_link_at_once_set_one_password(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(stores)
    stores.links.redeem(token, NEW, MEMBER)
    with pytest.raises(AccountError, match="n’est plus valable"):
        stores.links.redeem(token, "le mot de passe du second", MEMBER)
    assert stores.accounts.verify(MEMBER, NEW) is not None


@pytest.mark.parametrize(
    ("new", "again", "says"),
    [("court", "court", "10"), (NEW, NEW + "x", "diffèrent"), ("membre2024", "membre2024", "notice-error")],
)
def test_a_password_that_cannot_be_used_leaves_the_link(
    app: Flask, mail_settings: SiteSettings, new: str, again: str, says: str
) -> None:
    stores, client = open_stores(mail_settings), app.test_client()
    path = f"/mot-de-passe/{token_of(stores)}"
    answer = choose(client, path, new, again)
    assert answer.status_code == 400
    assert says in answer.text
    assert choose(client, path).status_code == 303


def test_choosing_needs_a_token_of_the_form(app: Flask, mail_settings: SiteSettings) -> None:
    path = f"/mot-de-passe/{token_of(open_stores(mail_settings))}"
    assert app.test_client().post(path, data={"new": NEW, "again": NEW}).status_code == 400


def test_links_of_an_earlier_file_are_none_and_accounts_stay(tmp_path: Path, settings: SiteSettings) -> None:
    path = settings.data / "accounts.sqlite"
    database = sqlite3.connect(path)
    database.executescript("DROP TABLE IF EXISTS links; PRAGMA user_version=4")
    database.close()
    stores = open_stores(settings)
    assert stores.links.find(token_of(stores)) is not None


# Invitations


def test_an_invitation(app: Flask, mail_settings: SiteSettings, stores: Stores) -> None:
    invited = invite(stores, "Nouvelle@Exemple.fr", "staff", actor=COMMAND_LINE, by_mail=True)
    assert (invited.account.email, invited.token) == ("nouvelle@exemple.fr", None)
    assert Auth(app.test_client()).login("nouvelle@exemple.fr", "").status_code == 403
    path = links_of(mail_settings, stores)["nouvelle@exemple.fr"]
    live = open_stores(mail_settings)
    account = live.accounts.get("nouvelle@exemple.fr")
    assert account is not None
    path = f"/mot-de-passe/{live.links.make(account, LinkPurpose.INVITATION)}"
    client = app.test_client()
    signing_in = client.get(choose(client, path).location).text
    assert "Votre mot de passe est enregistré\u00a0: connectez-vous." in signing_in
    assert 'value="nouvelle@exemple.fr"' in signing_in
    assert Auth(app.test_client()).login("nouvelle@exemple.fr", NEW).status_code == 303
    entries = [(e.action, e.actor, e.subject, e.detail) for e in stores.audit.entries()]
    assert entries[0] == ("account-invited", COMMAND_LINE, "nouvelle@exemple.fr", "staff")


def test_an_invitation_that_cannot_be(stores: Stores) -> None:
    before = stores.audit.entries()
    for email, role in ((MEMBER, "member"), ("pas une adresse", "member"), ("b@exemple.fr", "chef")):
        with pytest.raises(AccountError):
            invite(stores, email, role, actor=COMMAND_LINE, by_mail=True)
    with pytest.raises(AccountError, match="n’existe pas"):
        send_link(stores, UNKNOWN, actor=COMMAND_LINE, by_mail=False)
    assert stores.audit.entries() == before
    assert stores.mails.due() == ()


def test_without_mails_a_link_is_handed_over(stores: Stores) -> None:
    invited = invite(stores, "nouvelle@exemple.fr", "member", actor=COMMAND_LINE, by_mail=False)
    assert invited.token is not None
    assert set_password_by_link(stores, invited.token, NEW).email == "nouvelle@exemple.fr"
    again = send_link(stores, "nouvelle@exemple.fr", actor=COMMAND_LINE, by_mail=False)
    assert again.token is not None
    found = stores.links.find(again.token)
    assert found is not None
    assert found.purpose is LinkPurpose.RESET


def test_signing_in_meanwhile_is_as_before(app: Flask, mail_settings: SiteSettings) -> None:
    token_of(open_stores(mail_settings))
    assert signed_in(app).get("/compte").status_code == 200
