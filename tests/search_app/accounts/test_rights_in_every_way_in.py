"""When an account loses a right, it loses it for every way of access: session, token, password, feed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search_app.settings import SiteSettings
from search_app.web.context import site
from tests.support.fake_engine import FakeEngine
from tests.support.oidc_provider import Provider
from tests.support.sign_on import SETTINGS, enter
from tests.support.site import MEMBER, PASSWORD, Auth, make_app

PRIVATE = "/api/v1/resources/r-04"


@dataclass
class Person:
    """Someone who signed in through the provider, with all credentials of the account."""

    app: Flask
    provider: Provider
    sub: str
    session: FlaskClient
    token: str
    feed: str

    @property
    def email(self) -> str:
        return f"{self.sub}@exemple.fr"

    def gets_in(self) -> dict[str, bool]:
        """Return for each way of access whether it shows private resources."""
        visitor, bearer = self.app.test_client(), {"Authorization": f"Bearer {self.token}"}
        known = self.app.test_client()
        return {
            "session": self.session.get(PRIVATE).status_code == 200,
            "token": visitor.get(PRIVATE, headers=bearer).status_code == 200,
            "search by token": bool(
                visitor.get("/api/v1/search?private=oui&per_page=100", headers=bearer).json.get("total")
            ),
            "metrics": visitor.get("/metrics", headers=bearer).status_code == 200,
            "feed": visitor.get(self.feed).status_code == 200,
            "password": Auth(known).login(self.email, PASSWORD).status_code == 303,
        }


@pytest.fixture
def person(settings: SiteSettings, engine: FakeEngine, provider: Provider) -> Callable[..., Person]:
    def come_in(sub: str, role: str) -> Person:
        app = make_app(replace(settings, sign_on=replace(SETTINGS, issuer=provider.address)), engine)
        provider.set_user(sub, roles=[role])
        session = app.test_client()
        with app.app_context():
            # A password from before the account was bound to the provider.
            site().accounts.add(f"{sub}@exemple.fr", "staff" if role == "equipe" else "member", PASSWORD)
        assert enter(session, provider, sub).status_code == 303
        with app.app_context():
            stores = site().stores
            account = stores.accounts.get(f"{sub}@exemple.fr")
            search = stores.members.search(account.key, stores.members.save(account.key, "Vélo", "q=velo", (), "g"))
            token = stores.tokens.make(account.email, "robot")
            feed = stores.members.open_feed(search, account.feed_epoch)
        return Person(app, provider, sub, session, token, f"/recherches/flux/{feed}")

    return come_in


@pytest.mark.parametrize("role", ["adherent", "equipe"])
@pytest.mark.parametrize("left", [[], ["inconnu"], None])
def test_a_role_that_the_provider_takes_away_ends_everything(
    person: Callable[..., Person], role: str, left: list[str] | None
) -> None:
    someone = person("nina", role)
    everything = dict.fromkeys(someone.gets_in(), True) | {"metrics": role == "equipe"}
    assert someone.gets_in() == everything
    someone.provider.set_user("nina", **({} if left is None else {"roles": left}))
    assert enter(someone.app.test_client(), someone.provider, "nina").status_code == 403
    assert someone.gets_in() == dict.fromkeys(everything, False)
    # Trying again gives no access either.
    assert enter(someone.app.test_client(), someone.provider, "nina").status_code == 403
    assert someone.gets_in() == dict.fromkeys(everything, False)
    # It is logged once, with the account.
    with someone.app.app_context():
        noted = [(e.action, e.actor, e.subject) for e in site().audit.entries() if e.action == "account-lapsed"]
    assert noted == [("account-lapsed", "single sign-on", someone.email)]
    # When the role is given again, tokens, feeds and the password work again; the ended session does not.
    someone.provider.set_user("nina", roles=["adherent"])
    assert enter(someone.app.test_client(), someone.provider, "nina").status_code == 303
    assert someone.gets_in() == dict.fromkeys(everything, True) | {"session": False, "metrics": False}


def test_an_address_that_is_no_longer_good_does_not_keep_a_role(person: Callable[..., Person]) -> None:
    someone = person("nina", "adherent")
    someone.provider.set_user("nina", roles=[], email=None)
    assert enter(someone.app.test_client(), someone.provider, "nina").status_code == 403
    assert set(someone.gets_in().values()) == {False}


def test_staff_may_give_a_role_in_the_place_of_the_provider(person: Callable[..., Person]) -> None:
    someone = person("nina", "adherent")
    someone.provider.set_user("nina", roles=[])
    enter(someone.app.test_client(), someone.provider, "nina")
    with someone.app.app_context():
        site().accounts.set_role(someone.email, "member")
    assert someone.gets_in() == {
        "session": False, "token": True, "search by token": True, "metrics": False, "feed": True, "password": True,
    }  # fmt: skip


@pytest.mark.parametrize("change", ["disable", "remove"])
def test_what_is_closed_is_closed_by_every_way(person: Callable[..., Person], change: str) -> None:
    someone = person("nina", "equipe")
    with someone.app.app_context():
        if change == "disable":
            site().accounts.set_disabled(someone.email, True)
        else:
            site().accounts.remove(someone.email)
    assert set(someone.gets_in().values()) == {False}


def test_a_role_that_sinks_sinks_by_every_way(person: Callable[..., Person]) -> None:
    someone = person("nina", "equipe")
    someone.provider.set_user("nina", roles=["adherent"])
    assert enter(someone.app.test_client(), someone.provider, "nina").status_code == 303
    assert someone.gets_in() == {
        "session": False, "token": True, "search by token": True, "metrics": False, "feed": True, "password": True,
    }  # fmt: skip
    bearer = {"Authorization": f"Bearer {someone.token}"}
    assert "warnings" not in someone.app.test_client().get(PRIVATE, headers=bearer).json


# Sessions end on the server


def copy_of(app: Flask, client: FlaskClient) -> FlaskClient:
    """Return a new client with a copy of the session cookie of a client."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    other = app.test_client()
    other.set_cookie("session", cookie.value)
    return other


def test_a_copied_cookie_ends_with_its_session(app: Flask, client: FlaskClient, auth: Auth) -> None:
    auth.login()
    copy, elsewhere = copy_of(app, client), app.test_client()
    Auth(elsewhere).login()
    assert copy.get(PRIVATE).status_code == 200
    auth.logout()
    assert copy.get(PRIVATE).status_code == 404
    assert MEMBER not in copy.get("/").text
    assert copy.get("/compte").status_code == 303
    # The other browser has a different session.
    assert elsewhere.get(PRIVATE).status_code == 200


def test_signing_in_again_ends_the_session_before(app: Flask, client: FlaskClient, auth: Auth) -> None:
    auth.login()
    copy = copy_of(app, client)
    page_token = auth.token("/compte")
    client.post("/connexion", data={"email": MEMBER, "password": PASSWORD, "csrf_token": page_token})
    assert client.get(PRIVATE).status_code == 200
    assert copy.get(PRIVATE).status_code == 404


def test_a_session_is_kept_as_a_hash(app: Flask, client: FlaskClient, auth: Auth, engine: FakeEngine) -> None:
    auth.login()
    with client.session_transaction() as session:
        secret = session["id"]
    with app.app_context():
        for path in site().settings.data.iterdir():
            assert secret.encode() not in path.read_bytes(), path
