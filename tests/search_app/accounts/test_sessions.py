"""Accounts, signing in and out, sessions."""

from __future__ import annotations

import re
import sqlite3
import stat
import threading
import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from indexer.errors import SettingsError
from indexer.resource import Audience
from search_app.accounts import store as accounts_module
from search_app.accounts.secret_key import session_secret
from search_app.accounts.sessions import safe_next
from search_app.accounts.store import Accounts
from search_app.errors import AccountError, StoreError
from search_app.settings import SiteSettings
from search_app.web.context import site
from search_app.web.templating import here
from tests.support.site import MEMBER, PASSWORD, Auth


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path / "neuf" / "accounts.sqlite")


def test_add_verify_get(
    accounts: Accounts, tmp_path: Path, production_hashing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts_module, "HASH_METHOD", production_hashing)
    made = accounts.add("  Elise@Écoles.FR ", "staff", PASSWORD)
    assert (made.email, made.role, made.epoch) == ("elise@xn--coles-9ra.fr", Audience.STAFF, 1)
    assert accounts.verify("elise@xn--coles-9ra.fr", PASSWORD) == made
    assert accounts.verify("ELISE@écoles.fr", PASSWORD) == made
    assert accounts.get("elise@xn--coles-9ra.fr ") == made
    assert accounts.by_key(made.key) == made
    assert accounts.verify("elise@xn--coles-9ra.fr", PASSWORD + "x") is None
    assert accounts.verify("autre@exemple.fr", PASSWORD) is None
    assert accounts.verify("\udc80", "\udc80") is None
    assert accounts.get("autre@exemple.fr") is None
    path = tmp_path / "neuf" / "accounts.sqlite"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert PASSWORD.encode() not in path.read_bytes()
    hashed = sqlite3.connect(path)
    assert hashed.execute("SELECT password FROM accounts").fetchone()[0].startswith("scrypt:")
    hashed.close()


def test_no_file_before_the_first_account(accounts: Accounts, tmp_path: Path) -> None:
    assert accounts.get("a@b.fr") is None
    assert accounts.verify("a@b.fr", "x") is None
    assert not (tmp_path / "neuf").exists()


@pytest.mark.parametrize(
    ("email", "role", "password"),
    [
        ("sans-arobase", "member", PASSWORD),
        ("a b@exemple.fr", "member", PASSWORD),
        ("a@exemple", "member", PASSWORD),
        ("a\n@exemple.fr", "member", PASSWORD),
        ("a@" + "x" * 300 + ".fr", "member", PASSWORD),
        ("élise@exemple.fr", "member", PASSWORD),
        ("ſecretariat@exemple.fr", "member", PASSWORD),
        ("an\u200bne@exemple.fr", "member", PASSWORD),
        ("\u202eanne@exemple.fr", "member", PASSWORD),
        ("", "member", PASSWORD),
        ("a@exemple.fr", "visitor", PASSWORD),
        ("a@exemple.fr", "chef", PASSWORD),
        ("a@exemple.fr", "member", "court"),
        ("a@exemple.fr", "member", "123456789"),
    ],
)
def test_refused(accounts: Accounts, email: str, role: str, password: str) -> None:
    with pytest.raises(AccountError, match=r"\.$"):
        accounts.add(email, role, password)


def test_taken(accounts: Accounts) -> None:
    accounts.add("a@exemple.fr", "member", PASSWORD)
    with pytest.raises(AccountError, match="existe déjà"):
        accounts.add("A@EXEMPLE.fr", "staff", PASSWORD)
    assert accounts.get("a@exemple.fr").role is Audience.MEMBER


def test_unusable_file(tmp_path: Path) -> None:
    path = tmp_path / "accounts.sqlite"
    path.write_bytes(b"pas une base" * 100)
    for ask in (
        lambda: Accounts(path).add("a@b.fr", "member", PASSWORD),
        lambda: Accounts(path).get("a@b.fr"),
        lambda: Accounts(path).verify("a@b.fr", PASSWORD),
    ):
        with pytest.raises(StoreError, match="vérifiez"):
            ask()


def test_unknown_account_costs_a_hash(
    accounts: Accounts, production_hashing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts_module, "HASH_METHOD", production_hashing)
    accounts.add("a@exemple.fr", "member", PASSWORD)
    checked = []
    real = accounts_module.check_password_hash
    monkeypatch.setattr(accounts_module, "check_password_hash", lambda h, p: checked.append(h) or real(h, p))
    accounts.verify("inconnu@exemple.fr", PASSWORD)
    accounts.verify("a@exemple.fr", "faux mot de passe")
    assert [hashed.split("$")[0] for hashed in checked] == ["scrypt:32768:8:1"] * 2


def test_sign_in_and_out(client: FlaskClient, auth: Auth) -> None:
    assert "Connexion" in client.get("/").text
    response = auth.login()
    assert (response.status_code, response.location) == (303, "/")
    home = client.get("/").text
    assert MEMBER in home
    assert "Se déconnecter" in home
    assert auth.login.__self__.client.get("/connexion").status_code == 303
    assert client.get("/deconnexion").status_code == 405
    response = auth.logout()
    assert (response.status_code, response.location) == (303, "/")
    assert MEMBER not in client.get("/").text


def test_cookie(client: FlaskClient, auth: Auth, https_app: Flask) -> None:
    cookie = auth.login().headers["Set-Cookie"]
    assert cookie.startswith("session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert "Expires=" in cookie
    assert PASSWORD not in cookie
    https = https_app.test_client()
    assert "Secure" in https.get("/connexion", base_url="https://localhost").headers["Set-Cookie"]


def test_visitors_get_no_cookie(client: FlaskClient) -> None:
    for path in ("/", "/themes", "/aide", "/ressources/r-00", "/rien", "/api/v1/search", "/healthz"):
        assert "Set-Cookie" not in client.get(path).headers


@pytest.mark.parametrize(("email", "password"), [(MEMBER, "faux mot de passe"), ("inconnu@exemple.fr", PASSWORD)])
def test_wrong(client: FlaskClient, auth: Auth, email: str, password: str) -> None:
    response = auth.login(email, password, next="/themes")
    assert response.status_code == 403
    assert "Adresse ou mot de passe incorrect." in response.text
    assert 'name="next" value="/themes"' in response.text
    assert password not in response.text
    assert email in response.text
    assert "Connexion" in client.get("/").text


@pytest.mark.parametrize("known", [MEMBER, "inconnu@exemple.fr"])
def test_a_character_that_nobody_sees_is_named_whether_there_is_an_account_or_not(auth: Auth, known: str) -> None:
    response = auth.login(f"\u200b{known}", PASSWORD)
    assert response.status_code == 403
    assert "incorrect. Cette adresse contient un caractère invisible (U+200B)" in response.text.replace("\u00a0", " ")
    assert "caractère invisible" not in auth.login(known, "faux mot de passe").text


@pytest.mark.parametrize(
    "typed", [f"\u200b{MEMBER}", f"{MEMBER}\u200b", MEMBER.replace("m", "\uff4d"), MEMBER + "\u00a0", "\u202e" + MEMBER]
)
def test_no_other_spelling_opens_an_account(client: FlaskClient, auth: Auth, typed: str) -> None:
    assert auth.login(typed, PASSWORD).status_code == 403
    assert MEMBER not in client.get("/").text


def test_session_is_made_anew(client: FlaskClient, auth: Auth) -> None:
    token = auth.token()
    client.post("/connexion", data={"email": MEMBER, "password": PASSWORD, "csrf_token": token})
    with client.session_transaction() as session:
        assert "csrf_token" not in session
        assert set(session) == {"_permanent", "id"}
    # The CSRF token of the visitor's session is not accepted in the member's.
    assert client.post("/deconnexion", data={"csrf_token": token}).status_code == 400


@pytest.mark.parametrize("other", ["inconnu", "", 1, None, ["x"], "x" * 2000])
def test_session_that_does_not_exist(client: FlaskClient, auth: Auth, other: object) -> None:
    auth.login()
    with client.session_transaction() as session:
        session["id"] = other
    assert MEMBER not in client.get("/").text
    assert client.get("/ressources/r-04").status_code == 404


def test_a_session_of_an_earlier_version_is_over(client: FlaskClient, app: Flask) -> None:
    """A session cookie that names its account, as before, signs nobody in: the server could not end such sessions."""
    with app.app_context():
        account = site().accounts.get(MEMBER)
    with client.session_transaction() as session:
        session.update(account=account.key, epoch=account.epoch, since=int(time.time()))
    assert MEMBER not in client.get("/").text


def test_session_ends(client: FlaskClient, auth: Auth, settings: SiteSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    auth.login()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 11 * 3600)
    assert MEMBER in client.get("/").text
    for later in (12 * 3600 + 5, -3600):
        monkeypatch.setattr(time, "time", lambda later=later: now + later)
        assert MEMBER not in client.get("/").text


def test_rows_of_expired_sessions_are_dropped(
    app: Flask, client: FlaskClient, settings: SiteSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept() -> int:
        database = sqlite3.connect(settings.data / "accounts.sqlite")
        (count,) = database.execute("SELECT COUNT(*) FROM sessions").fetchone()
        database.close()
        return int(count)

    for _ in range(3):
        Auth(app.test_client()).login()
    assert kept() == 3
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 13 * 3600)
    with app.app_context():
        stores = site().stores
        stores.sessions.begin(stores.accounts.get(MEMBER))
    assert kept() == 1
    with app.app_context():
        stores.accounts.end_sessions(MEMBER)
    assert kept() == 0


def test_new_epoch_ends_sessions(client: FlaskClient, auth: Auth, settings: SiteSettings) -> None:
    auth.login()
    database = sqlite3.connect(settings.data / "accounts.sqlite")
    with database:
        database.execute("UPDATE accounts SET epoch = epoch + 1 WHERE email = ?", (MEMBER,))
    database.close()
    assert MEMBER not in client.get("/").text


def test_forged_cookie(client: FlaskClient) -> None:
    client.set_cookie("session", "eyJhY2NvdW50IjoiYSJ9.abc.def")
    assert client.get("/").status_code == 200
    assert client.get("/ressources/r-04").status_code == 404


def test_csrf(client: FlaskClient, auth: Auth) -> None:
    for form in ({}, {"csrf_token": "faux"}):
        response = client.post("/connexion", data={"email": MEMBER, "password": PASSWORD, **form})
        assert response.status_code == 400
        assert "Formulaire expiré" in response.text
    auth.login()
    assert client.post("/deconnexion").status_code == 400
    assert MEMBER in client.get("/").text


def test_accounts_out_of_order(client: FlaskClient, auth: Auth, settings: SiteSettings) -> None:
    auth.login()
    (settings.data / "accounts.sqlite").write_bytes(b"abime" * 1000)
    response = client.get("/")
    assert response.status_code == 503
    assert "Données indisponibles" in response.text
    assert str(settings.data) not in response.text
    assert client.get("/rien").status_code in {404, 500, 503}
    assert client.get("/healthz").status_code == 200
    assert client.get("/static/style.css").status_code == 200
    client.delete_cookie("session")
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("target", ["/", "/themes", "/?q=a&page=2", "/ressources/r-01?q=%C3%A9t%C3%A9", "/a:b"])
def test_next_is_followed(client: FlaskClient, auth: Auth, target: str) -> None:
    assert auth.login(next=target).location == target


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "\t//evil.example",
        "/\x00",
        " //evil.example",
        "themes",
        "",
        "/deconnexion",
        "/connexion?next=/",
        "/" + "a" * 3000,
        "//[",
    ],
)
def test_next_elsewhere_is_not(client: FlaskClient, auth: Auth, app: Flask, target: str) -> None:
    assert auth.login(next=target).location == "/"
    with app.test_request_context():
        assert safe_next(target) == "/"


def test_sign_in_link_comes_back(client: FlaskClient, auth: Auth) -> None:
    assert 'href="/connexion?next=/?q%3D%25C3%25A9t%25C3%25A9"' in client.get("/?q=%C3%A9t%C3%A9").text
    assert 'value="/?q=%C3%A9t%C3%A9"' in client.get("/connexion?next=/%3Fq%3D%25C3%25A9t%25C3%25A9").text


@pytest.mark.parametrize(
    ("query", "back"), [("q=a\\*b", "/?q=a%5C*b"), ("q=\u00e9", "/?q=%C3%A9"), ("q=a b", "/?q=a%20b")]
)
def test_what_comes_unescaped_is_escaped(app: Flask, query: str, back: str) -> None:
    raw = query.encode().decode("latin-1")  # as WSGI has it
    with app.test_request_context("/", environ_overrides={"QUERY_STRING": raw}):
        assert here() == back == safe_next(here())


def test_the_sign_in_form_keeps_where_it_leads(client: FlaskClient) -> None:
    """On the sign-in page, the link to it in the menu keeps the address to return to after signing in (`next`)."""
    assert 'href="/connexion?next=/themes" aria-current="page"' in client.get("/connexion?next=/themes").text


@pytest.mark.parametrize("path", ["/?q=" + "%C3%A9" * 600, "/" + "a" * 3000, "/rien?" + "&" * 1500, "/deconnexion"])
def test_a_link_that_could_not_lead_back_is_a_plain_one(client: FlaskClient, path: str) -> None:
    links = re.findall(r'href="(/connexion[^"]*)"', client.get(path).text)
    assert set(links) == {"/connexion"}


@pytest.mark.parametrize("path", ["/?q=" + "%C3%A9" * 330, "/?q=" + "a" * 1990, "/?" + "&" * 900])
def test_a_sign_in_link_is_never_too_long(client: FlaskClient, path: str) -> None:
    (link,) = set(re.findall(r'href="(/connexion[^"]*)"', client.get(path).text))
    assert "next=" in link
    assert client.get(link).status_code == 200


def test_secret(tmp_path: Path) -> None:
    folder = tmp_path / "neuf"
    secret = session_secret(folder)
    assert len(secret) == 32
    assert session_secret(folder) == secret
    path = folder / "secret.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in folder.iterdir()] == ["secret.key"]
    path.chmod(0o644)
    assert session_secret(folder) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert session_secret(tmp_path / "autre") != secret


def test_secret_damaged(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"court")
    with pytest.raises(SettingsError, match="supprimez"):
        session_secret(tmp_path)
    (tmp_path / "fichier").write_text("x")
    with pytest.raises(SettingsError, match="vérifiez"):
        session_secret(tmp_path / "fichier")


def test_secret_made_by_many_workers_at_once(tmp_path: Path) -> None:
    for turn in range(20):
        gate, found = threading.Barrier(8), []

        def work(folder: Path = tmp_path / str(turn), gate: threading.Barrier = gate, found: list = found) -> None:
            gate.wait()
            found.append(session_secret(folder))

        workers = [threading.Thread(target=work) for _ in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert len(found) == 8
        assert len(set(found)) == 1
