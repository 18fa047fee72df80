"""Single sign-on with a real OpenID Connect provider in a separate process on loopback."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search_app.settings import SiteSettings
from search_app.web.context import site
from tests.support.fake_engine import FakeEngine
from tests.support.oidc_provider import Provider
from tests.support.sign_on import SETTINGS, enter
from tests.support.site import MEMBER, PASSWORD, STAFF, Auth, make_app

Make = Callable[..., Flask]


@pytest.fixture
def make(settings: SiteSettings, engine: FakeEngine, provider: Provider) -> Make:
    def app(**changes: Any) -> Flask:
        sign_on = replace(SETTINGS, issuer=provider.address, **changes)
        return make_app(replace(settings, sign_on=sign_on), engine)

    return app


@pytest.fixture
def app(make: Make) -> Flask:
    return make()


def account_of(app: Flask, email: str) -> Any:
    with app.app_context():
        return site().accounts.get(email)


def test_off_unless_configured(settings: SiteSettings, engine: FakeEngine) -> None:
    client = make_app(settings, engine).test_client()
    assert "Se connecter avec" not in client.get("/connexion").text
    assert client.get("/connexion/reseau").status_code == 404
    assert client.get("/connexion/reseau/retour").status_code == 404


def test_a_member_comes_in(app: Flask, client: FlaskClient, provider: Provider) -> None:
    provider.set_user("lea", roles=["autre", "adherent"])
    assert 'href="/connexion/reseau?next=/themes">Se connecter avec le compte d’essai' in (
        client.get("/connexion?next=/themes").text
    )
    response = enter(client, provider, "lea", "/themes")
    assert (response.status_code, response.location) == (303, "/themes")
    assert "lea@exemple.fr" in client.get("/").text
    assert client.get("/ressources/r-04").status_code == 200
    with client.session_transaction() as session:
        assert not [name for name in session if "state" in name or "next" in name]
    account = account_of(app, "lea@exemple.fr")
    assert (account.role, account.has_password, account.single_sign_on) == ("member", False, True)
    with app.app_context():
        entries = [(e.action, e.actor, e.subject, e.detail) for e in site().audit.entries()]
    assert entries == [
        ("account-added", "single sign-on", "lea@exemple.fr", "member"),
        ("sign-in", "lea@exemple.fr", "", "single sign-on"),
    ]


def test_the_request_carries_state_nonce_and_challenge(client: FlaskClient, provider: Provider) -> None:
    response = client.get("/connexion/reseau")
    assert response.headers["Cache-Control"] == "private, no-store"
    asked = {name: value for name, (value,) in parse_qs(urlsplit(response.location).query).items()}
    assert asked["redirect_uri"] == "http://localhost/connexion/reseau/retour"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    with client.session_transaction() as session:
        kept = session[f"_state_provider_{asked['state']}"]["data"]
    assert kept["nonce"] == asked["nonce"]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(kept["code_verifier"].encode()).digest())
    assert asked["code_challenge"] == challenge.decode().rstrip("=")
    assert "secret" not in response.location
    # Abandoned attempts do not fill the cookie.
    for _ in range(3):
        client.get("/connexion/reseau")
    with client.session_transaction() as session:
        assert len([name for name in session if name.startswith("_state_")]) == 1


def test_staff_come_in(app: Flask, client: FlaskClient, provider: Provider) -> None:
    provider.set_user("chef", roles=["adherent", "equipe"])
    assert enter(client, provider, "chef").status_code == 303
    assert "warnings" in client.get("/api/v1/resources/r-04").json


def test_the_first_staff_account_is_not_made_by_the_web(app: Flask, client: FlaskClient, provider: Provider) -> None:
    with app.app_context():
        site().accounts.remove(STAFF)
    provider.set_user("chef", roles=["equipe"])
    response = enter(client, provider, "chef")
    assert response.status_code == 403
    assert "python run.py user add EMAIL --role staff" in response.text
    assert account_of(app, "chef@exemple.fr") is None


@pytest.mark.parametrize(
    ("changes", "claims", "role"),
    [
        ({}, {"roles": "ami"}, "member"),
        ({"role_claim": "realm_access.roles"}, {"realm_access": {"roles": ["adherent"]}}, "member"),
        ({"role_claim": "https://reseau.example/role"}, {"https://reseau.example/role": "adherent"}, "member"),
        ({}, {"roles": ["inconnu"]}, None),
        ({}, {"roles": {"adherent": True}}, None),
        ({}, {}, None),
        ({"role_claim": "realm_access.roles"}, {"realm_access": "adherent", "roles": "adherent"}, None),
    ],
)
def test_the_role_comes_from_a_claim(
    make: Make, provider: Provider, changes: dict[str, str], claims: dict[str, object], role: str | None
) -> None:
    app = make(**changes)
    provider.set_user("nina", **claims)
    response = enter(app.test_client(), provider, "nina")
    account = account_of(app, "nina@exemple.fr")
    if role:
        assert (response.status_code, account.role) == (303, role)
    else:
        assert (response.status_code, account) == (403, None)
        assert "aucun droit d’accès" in response.text


def test_a_role_changed_at_the_provider_ends_older_sessions(app: Flask, provider: Provider) -> None:
    older, newer = app.test_client(), app.test_client()
    provider.set_user("lea", roles=["adherent"])
    enter(older, provider, "lea")
    provider.set_user("lea", roles=["equipe"])
    assert enter(newer, provider, "lea").status_code == 303
    assert account_of(app, "lea@exemple.fr").role == "staff"
    assert "lea@exemple.fr" not in older.get("/").text
    assert "lea@exemple.fr" in newer.get("/").text
    # If the role is unchanged, other sessions continue.
    enter(older, provider, "lea")
    assert "lea@exemple.fr" in newer.get("/").text
    # If it is revoked, all sessions end.
    provider.set_user("lea", roles=[])
    assert enter(app.test_client(), provider, "lea").status_code == 403
    for client in (older, newer):
        assert "lea@exemple.fr" not in client.get("/").text


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"email_verified": False}, "n’est pas encore vérifiée"),
        ({"email_verified": "false"}, "n’est pas encore vérifiée"),
        ({"email": None}, "n’a pas transmis votre adresse"),
        ({"email": "sans arobase"}, "n’est pas une adresse électronique"),
    ],
)
def test_an_address_that_cannot_be_relied_on(
    client: FlaskClient, provider: Provider, claims: dict[str, object], says: str
) -> None:
    provider.set_user("max", roles=["adherent"], **claims)
    response = enter(client, provider, "max")
    assert response.status_code == 403
    assert says in response.text.replace("\u00a0", " ")
    assert "Connexion" in client.get("/").text


def test_an_account_of_that_address_is_tied_only_if_verified(app: Flask, provider: Provider) -> None:
    provider.set_user("pirate", email=MEMBER, email_verified=None, roles=["adherent"])
    response = enter(app.test_client(), provider, "pirate")
    assert response.status_code == 403
    assert "ne confirme pas que cette adresse électronique est la vôtre" in response.text
    provider.set_user("membre", roles=["adherent"], email=MEMBER)
    assert enter(app.test_client(), provider, "membre").status_code == 303
    account = account_of(app, MEMBER)
    assert (account.has_password, account.single_sign_on) == (True, True)
    # An account bound to one identity is not opened by another, even one with the same address.
    provider.set_user("pirate", email=MEMBER, roles=["adherent"])
    response = enter(app.test_client(), provider, "pirate")
    assert response.status_code == 403
    assert "Un compte porte déjà cette adresse et s’ouvre par une autre identité" in response.text
    assert account_of(app, MEMBER) == account


def test_an_unconfirmed_address_makes_no_account(app: Flask, client: FlaskClient, provider: Provider) -> None:
    provider.set_user("sans", roles=["adherent"], email_verified=None)
    assert enter(client, provider, "sans").status_code == 403
    assert account_of(app, "sans@exemple.fr") is None


@pytest.mark.parametrize(("email", "claimed"), [(STAFF, "adherent"), (MEMBER, "equipe")])
def test_no_role_is_changed_by_an_address(app: Flask, provider: Provider, email: str, claimed: str) -> None:
    before = account_of(app, email)
    provider.set_user("quelqu-un", email=email, roles=[claimed])
    for _ in range(2):
        response = enter(app.test_client(), provider, "quelqu-un")
        assert response.status_code == 403
        assert "avec un autre rôle" in response.text
        assert account_of(app, email) == before
    # Staff bind the account, and from then on the provider determines the role.
    with app.app_context():
        site().accounts.set_role(email, "member" if claimed == "adherent" else "staff")
        if email == STAFF:
            site().accounts.add("chef@exemple.fr", "staff", PASSWORD)
    assert enter(app.test_client(), provider, "quelqu-un").status_code == 303
    assert account_of(app, email).single_sign_on


@pytest.mark.parametrize(
    ("kept", "claimed"),
    [
        ("secretariat@exemple.fr", "ſecretariat@exemple.fr"),
        ("contact@strasse.fr", "contact@straße.fr"),
        ("contact@strasse.fr", "contact@ſtrasse.fr"),
        ("karl@exemple.fr", "\u212aarl@exemple.fr"),
        ("finance@exemple.fr", "ﬁnance@exemple.fr"),
        ("anne@exemple.fr", "an\u200bne@exemple.fr"),
        ("anne@exemple.fr", "\u202eanne@exemple.fr"),
        ("anne@exemple.fr", "anne@exemple.fr\n"),
        ("anne@exemple.fr", "аnne@exemple.fr"),
        ("anne@exemple.fr", "anne@еxemple.fr"),
    ],
)
@pytest.mark.parametrize("role", ["member", "staff"])
def test_no_look_alike_takes_an_account(app: Flask, provider: Provider, kept: str, claimed: str, role: str) -> None:
    with app.app_context():
        before = site().accounts.add(kept, role, PASSWORD)
    provider.set_user("pirate", email=claimed, roles=["adherent"])
    client = app.test_client()
    response = enter(client, provider, "pirate")
    assert account_of(app, kept) == before
    assert kept not in client.get("/").text
    with app.app_context():
        made = [one.email for one in site().accounts.all() if one.single_sign_on]
    # An address with another domain gets its own account, in an unmistakable spelling; other addresses are refused.
    assert all(one.isascii() and one != kept for one in made)
    assert (response.status_code == 303) is bool(made)


def test_an_account_that_is_tied_needs_no_address(app: Flask, client: FlaskClient, provider: Provider) -> None:
    provider.set_user("lea", roles=["adherent"])
    assert enter(client, provider, "lea").status_code == 303
    before = account_of(app, "lea@exemple.fr")
    for claims in ({"email": MEMBER}, {"email": None}, {"email_verified": False}, {"email": "ſans@exemple.fr"}):
        provider.set_user("lea", roles=["adherent"], **claims)
        again = app.test_client()
        assert enter(again, provider, "lea").status_code == 303
        assert "lea@exemple.fr" in again.get("/").text
    assert account_of(app, "lea@exemple.fr") == before
    assert not account_of(app, MEMBER).single_sign_on


def test_the_user_info_is_of_the_same_person(app: Flask, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    oauth = app.extensions["authlib.integrations.flask_client"].create_client("provider")
    provider.set_user("lea", roles=["adherent"], email_verified=None)
    for more, status in (
        ({"sub": "lea", "email": "lea@exemple.fr", "email_verified": True}, 303),
        ({"sub": "autre", "email": "lea@exemple.fr", "email_verified": True}, 502),
        ({"email": "lea@exemple.fr", "email_verified": True}, 502),
    ):
        monkeypatch.setattr(oauth, "userinfo", lambda token, more=more: more)
        assert enter(app.test_client(), provider, "lea").status_code == status


def test_no_password_opens_an_account_of_the_provider(client: FlaskClient, provider: Provider, auth: Auth) -> None:
    provider.set_user("lea", roles=["adherent"])
    enter(client, provider, "lea")
    assert "il s’ouvre par l’authentification unique" in client.get("/compte").text
    auth.logout()
    assert auth.login("lea@exemple.fr", "").status_code == 403
    assert auth.login("lea@exemple.fr", PASSWORD).status_code == 403


def test_a_disabled_account_stays_out(app: Flask, client: FlaskClient, provider: Provider) -> None:
    provider.set_user("lea", roles=["adherent"])
    enter(client, provider, "lea")
    with app.app_context():
        site().accounts.set_disabled("lea@exemple.fr", True)
    assert "lea@exemple.fr" not in client.get("/").text
    response = enter(client, provider, "lea")
    assert response.status_code == 403
    assert "désactivé" in response.text


def test_denied_at_the_provider(client: FlaskClient, provider: Provider) -> None:
    sent = client.get("/connexion/reseau?next=/themes")
    back = urlsplit(provider.consent(sent.location, action="deny"))
    response = client.get(f"{back.path}?{back.query}")
    assert response.status_code == 403
    assert "n’a pas donné son accord" in response.text
    assert 'name="next" value="/themes"' in response.text


@pytest.mark.parametrize("query", ["", "?state=inconnu&code=x", "?code=x", "?error=%0d%0aX&error_description=y"])
def test_an_answer_nobody_asked_for(client: FlaskClient, query: str) -> None:
    response = client.get(f"/connexion/reseau/retour{query}")
    assert response.status_code == 400
    assert "n’est plus valable" in response.text


def test_an_answer_for_another_browser(app: Flask, provider: Provider) -> None:
    provider.set_user("lea", roles=["adherent"])
    sent = app.test_client().get("/connexion/reseau")
    back = urlsplit(provider.consent(sent.location, sub="lea"))
    other = app.test_client()
    other.get("/connexion/reseau")
    assert other.get(f"{back.path}?{back.query}").status_code == 400
    assert "Connexion" in other.get("/").text


@pytest.mark.parametrize("forge", ["nonce", "code", "audience", "issuer"])
def test_an_answer_that_is_not_sound(
    make: Make, provider: Provider, forge: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = make()
    client = app.test_client()
    provider.set_user("lea", roles=["adherent"])
    sent = client.get("/connexion/reseau")
    back = urlsplit(provider.consent(sent.location, sub="lea"))
    query = back.query
    if forge == "nonce":
        with client.session_transaction() as session:
            (name,) = (name for name in session if name.startswith("_state_"))
            state = session[name]
            state["data"]["nonce"] = "un-autre"
            session[name] = state
    elif forge == "code":
        query = query.replace("code=", "code=x")
    else:
        # The provider's response is checked by a site that expects another issuer, client or key.
        oauth = app.extensions["authlib.integrations.flask_client"].create_client("provider")
        if forge == "issuer":
            oauth.server_metadata["issuer"] = f"{provider.address}/"
        else:
            site_settings = app.extensions["archive"]
            app.extensions["archive"] = replace(
                site_settings,
                settings=replace(
                    site_settings.settings,
                    sign_on=replace(SETTINGS, issuer=provider.address, client_id="un-autre-site"),
                ),
            )
    response = client.get(f"{back.path}?{query}")
    assert response.status_code == 502
    assert "n’est pas celle attendue" in response.text
    assert "Connexion" in client.get("/").text
    assert account_of(app, "lea@exemple.fr") is None
    assert "refusée" in caplog.text


def test_unsigned_tokens_are_never_taken(app: Flask, client: FlaskClient, provider: Provider) -> None:
    oauth = app.extensions["authlib.integrations.flask_client"].create_client("provider")
    oauth.load_server_metadata()["id_token_signing_alg_values_supported"] = ["none", "RS256"]
    client.get("/connexion/reseau")
    assert oauth.server_metadata["id_token_signing_alg_values_supported"] == ["RS256"]


@pytest.mark.parametrize("issuer", ["http://127.0.0.1:9", "nothing here"])
def test_a_provider_that_is_down_leaves_the_password(
    settings: SiteSettings, engine: FakeEngine, provider: Provider, issuer: str, caplog: pytest.LogCaptureFixture
) -> None:
    address = issuer if issuer.startswith("http") else f"{provider.address}/rien"
    app = make_app(replace(settings, sign_on=replace(SETTINGS, issuer=address)), engine)
    client = app.test_client()
    response = client.get("/connexion/reseau?next=/themes")
    assert response.status_code == 503
    assert "Le fournisseur d’identité ne répond pas" in response.text
    assert 'name="next" value="/themes"' in response.text
    assert Auth(client).login().status_code == 303
    assert "injoignable" in caplog.text


def test_it_leads_to_no_other_site(client: FlaskClient, provider: Provider) -> None:
    provider.set_user("lea", roles=["adherent"])
    assert enter(client, provider, "lea", "//evil.example").location == "/"


def test_signed_in_already(member: FlaskClient) -> None:
    response = member.get("/connexion/reseau?next=/themes")
    assert (response.status_code, response.location) == (303, "/themes")
