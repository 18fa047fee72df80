"""Commands on accounts, the audit log and the log of searches."""

from __future__ import annotations

import io
import sqlite3
import stat
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from search_app.accounts import store as accounts_module
from search_app.accounts.audit import COMMAND_LINE
from search_app.accounts.rights import by_token
from search_app.stores import Stores, open_stores
from tests.support.spaces import plain

EMAIL = "anne@reseau.fr"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts_module, "HASH_METHOD", "pbkdf2:sha256:1")


@pytest.fixture
def stores(site: Any) -> Stores:
    """The stores in the data folder, as the site would open them."""
    from search_app.settings import SiteSettings

    return open_stores(SiteSettings(site.corpus, site.index, site.data))


@pytest.fixture
def user(cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that runs `run.py user …` with a password on standard input; one account exists."""

    def command(*arguments: str, password: str = "un mot de passe") -> Any:
        monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))
        return cli("user", *arguments)

    assert command("add", EMAIL, "--role", "staff", "--password-stdin").status == 0
    return command


def test_list(user: Callable[..., Any], cli: Callable[..., Any]) -> None:
    user("add", "bob@reseau.fr", "--role", "member", "--password-stdin")
    user("disable", "bob@reseau.fr")
    assert user("list").out == "anne@reseau.fr (staff)\nbob@reseau.fr (member, désactivé)\n"
    assert user("list", "--json").json["accounts"][1] == {
        "email": "bob@reseau.fr",
        "role": "member",
        "disabled": True,
        "lapsed": False,
        "has_password": True,
        "single_sign_on": False,
    }


def test_list_of_nobody_says_how_to_begin(cli: Callable[..., Any], site: Any) -> None:
    outcome = cli("user", "list")
    assert (outcome.status, outcome.out) == (0, "")
    assert "--role staff" in outcome.err
    assert not site.data.exists()


def test_password(user: Callable[..., Any], stores: Stores) -> None:
    outcome = user("password", EMAIL, "--password-stdin", password="un autre mot de passe")
    assert (outcome.status, outcome.out) == (0, f"Mot de passe changé, sessions et flux privés fermés : {EMAIL}.\n")
    account = stores.accounts.verify(EMAIL, "un autre mot de passe")
    assert account is not None
    assert account.epoch == 2


def test_role_disable_enable_remove(user: Callable[..., Any], stores: Stores) -> None:
    def state() -> tuple[str, bool, int] | None:
        account = stores.accounts.get(EMAIL)
        return None if account is None else (str(account.role), account.disabled, account.epoch)

    assert user("role", EMAIL.upper(), "member").out == f"Rôle : {EMAIL} (member).\n"
    assert state() == ("member", False, 2)
    assert user("disable", EMAIL).status == 0
    assert state() == ("member", True, 3)
    assert user("enable", EMAIL).status == 0
    assert state() == ("member", False, 4)
    assert user("remove", EMAIL).status == 0
    assert state() is None
    assert [(e.action, e.actor, e.subject, e.detail) for e in stores.audit.entries()] == [
        ("account-added", COMMAND_LINE, EMAIL, "staff"),
        ("account-role", COMMAND_LINE, EMAIL, "member"),
        ("account-disabled", COMMAND_LINE, EMAIL, ""),
        ("account-enabled", COMMAND_LINE, EMAIL, ""),
        ("account-removed", COMMAND_LINE, EMAIL, ""),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("password", "x@reseau.fr", "--password-stdin"),
        ("role", "x@reseau.fr", "member"),
        ("disable", "x@reseau.fr"),
        ("enable", "x@reseau.fr"),
        ("remove", "x@reseau.fr"),
        ("token", "x@reseau.fr"),
        ("token", "x@reseau.fr", "--revoke", "1"),
        ("add", EMAIL, "--role", "member", "--password-stdin"),
    ],
)
def test_what_cannot_be_done_is_1_and_not_noted(
    user: Callable[..., Any], stores: Stores, arguments: tuple[str, ...]
) -> None:
    outcome = user(*arguments)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.count("\n") == 1
    assert len(stores.audit.entries()) == 1


def test_token(user: Callable[..., Any], stores: Stores) -> None:
    outcome = user("token", EMAIL, "--label", "tableau de bord")
    secret = outcome.out.strip()
    assert outcome.out == f"{secret}\n"
    assert "ne sera plus affiché" in outcome.err
    account = stores.accounts.get(EMAIL)
    assert account is not None
    assert by_token(stores, secret) == account
    assert user("token", EMAIL, "--list").out.startswith("1  tableau de bord (créé le ")
    (listed,) = user("token", EMAIL, "--list", "--json").json["tokens"]
    assert list(listed) == ["number", "label", "created", "used", "expires"]
    assert secret not in str(listed)
    assert user("token", EMAIL, "--revoke", "1").out == "Jeton n° 1 révoqué.\n"
    assert by_token(stores, secret) is None
    assert list(user("token", EMAIL, "--json").json) == ["token"]
    assert user("token", EMAIL, "--revoke", "2", "--json").json == {"revoked": 2}
    assert secret not in str(stores.audit.entries())


def test_a_token_for_some_days(user: Callable[..., Any], stores: Stores) -> None:
    assert "Il vaut 365 jours" in user("token", EMAIL).err
    outcome = user("token", EMAIL, "--days", "30", "--label", "court")
    assert "Il vaut 30 jours" in outcome.err
    year, month = (date.fromisoformat(token.expires) for token in stores.tokens.of(EMAIL))
    assert (year - month).days == 335
    assert f"expire le {month})" in user("token", EMAIL, "--list").out
    for wrong in ("0", "-1", "3651", "un"):
        assert user("token", EMAIL, "--days", wrong).status == 2
    for other in (["--list"], ["--revoke", "1"]):
        outcome = user("token", EMAIL, "--days", "30", *other)
        assert outcome.status == 2
        assert "--days ne vaut que pour un nouveau jeton" in outcome.err
    assert len(stores.tokens.of(EMAIL)) == 2


def test_erase_leaves_nothing_of_a_person(user: Callable[..., Any], stores: Stores, site: Any) -> None:
    user("token", EMAIL)
    stores.throttle.succeeded(stores.throttle.begin(EMAIL, "192.0.2.1"))
    stores.throttle.begin(EMAIL, "192.0.2.1")
    stores.audit.record("sign-in", EMAIL)
    outcome = user("erase", EMAIL.upper())
    assert outcome.status == 0
    assert (
        "compte : oui ; jetons : 1 ; essais : 2 ; lignes du journal rendues anonymes : 3 ; "
        "corrections, choix, travaux et messages traités : 0 ; messages : 0 ; "
        "recherches suivies sans compte : 0 ; courriels en attente : 0." in outcome.out
    )
    for path in site.data.iterdir():
        assert EMAIL.encode() not in path.read_bytes(), path
    assert stores.audit.entries()[-1].action == "account-erased"
    assert stores.accounts.all() == ()
    # Erasing again finds nothing, which is not an error.
    assert "compte : aucun ; jetons : 0 ; essais : 0" in user("erase", EMAIL).out


def test_erase_after_the_account_was_removed(user: Callable[..., Any], stores: Stores, site: Any) -> None:
    user("remove", EMAIL)
    assert "anonymes : 2 ;" in user("erase", EMAIL).out
    assert EMAIL.encode() not in (site.data / "audit.sqlite").read_bytes()


def test_audit(user: Callable[..., Any], cli: Callable[..., Any], stores: Stores) -> None:
    stores.audit.record("sign-in", EMAIL)
    stores.audit.record("une-action-nouvelle", EMAIL, "r-04")
    lines = cli("audit").out.splitlines()
    assert [line[21:] for line in lines] == [
        f"ligne de commande : compte créé, pour {EMAIL}, staff",
        f"{EMAIL} : connexion",
        f"{EMAIL} : une-action-nouvelle, r-04",
    ]
    entries = cli("audit", "--json").json["entries"]
    assert [list(entry) for entry in entries] == [["number", "at", "action", "actor", "subject", "detail"]] * 3
    assert entries[1]["subject"] is None
    assert cli("audit", "--json", "--since", "2999-01-01").json == {"entries": []}


def test_searches_erase(cli: Callable[..., Any], stores: Stores) -> None:
    assert cli("searches", "erase").out == "Recherches effacées : 0.\n"
    for _ in range(3):
        stores.searches.note("épicerie", results=1, member=False, corrected=False)
    assert cli("searches", "erase", "--json").json == {"erased": 3}
    assert stores.searches.most_frequent(date(2000, 1, 1), date.today()) == ()
    assert [entry.action for entry in stores.audit.entries()] == ["searches-erased"] * 2


def test_files_are_for_their_owner_alone_and_check_says_so(
    user: Callable[..., Any], cli: Callable[..., Any], stores: Stores, indexed: Any
) -> None:
    stores.throttle.begin(EMAIL, "192.0.2.1")
    stores.searches.note("épicerie", results=1, member=False, corrected=False)
    files = sorted(path for path in indexed.data.iterdir())
    assert [path.name for path in files] == [
        "accounts.sqlite",
        "audit.sqlite",
        "searches.sqlite",
        "secret.key",
        "throttle.sqlite",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert cli("check").status == 0
    for path in files:
        path.chmod(0o640)
        assert f"chmod 600 {path}" in cli("check").err
        path.chmod(0o600)


@pytest.mark.parametrize(
    ("name", "mend"),
    [("accounts", "restaurez"), ("audit", "restaurez"), ("searches", "supprimez"), ("throttle", "supprimez")],
)
def test_check_finds_a_damaged_file(cli: Callable[..., Any], indexed: Any, name: str, mend: str) -> None:
    path = Path(indexed.data / f"{name}.sqlite")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"rien de bon " * 100)
    path.chmod(0o600)
    outcome = cli("check")
    assert (outcome.status, outcome.out) == (1, "")
    assert str(path) in outcome.err
    assert mend in outcome.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("audit", "--since", "hier"), "« hier » n’est pas un jour : écrivez par exemple 2024-02-16"),
        (("searches",), "il manque : COMMANDE"),
        (("user", "role", "a@b.fr", "chef"), "« chef » n’est pas possible"),
        (("user", "token", "a@b.fr", "--revoke", "x"), "« x » n’est pas un nombre"),
        (("user", "token", "a@b.fr", "--list", "--revoke", "1"), "ne va pas avec"),
        (("user", "erase"), "il manque : EMAIL"),
    ],
)
def test_wrong_usage(cli: Callable[..., Any], arguments: tuple[str, ...], says: str) -> None:
    outcome = cli(*arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert says in outcome.plain_err


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit",),
        ("searches",),
        ("searches", "erase"),
        *(
            ("user", name)
            for name in ("list", "password", "role", "disable", "enable", "link", "remove", "erase", "token")
        ),
    ],
)
def test_help(bare: Callable[..., Any], arguments: tuple[str, ...]) -> None:
    outcome = bare(*arguments, "--help")
    assert (outcome.status, outcome.err) == (0, "")
    assert plain(outcome.out).startswith("usage : run.py")
    assert "show this" not in outcome.out.casefold()


@pytest.mark.parametrize(
    ("email", "says"),
    [
        ("an\u200bne@reseau.fr", "caractère invisible (U+200B)"),
        ("\u202eanne@reseau.fr", "caractère invisible (U+202E)"),
        ("ſecretariat@reseau.fr", "sans accent"),
        ("anne@ſtrasse.fr", "nom de domaine"),
        ("anne", "adresse électronique"),
    ],
)
def test_add_refuses_what_looks_like_another_s(user: Callable[..., Any], stores: Stores, email: str, says: str) -> None:
    outcome = user("add", email, "--role", "staff", "--password-stdin")
    assert (outcome.status, outcome.out) == (1, "")
    assert says in outcome.err.replace("\u00a0", " ")
    assert [account.email for account in stores.accounts.all()] == [EMAIL]
    assert [entry.action for entry in stores.audit.entries()] == ["account-added"]


def test_add_tells_domains_apart(user: Callable[..., Any]) -> None:
    added = user("add", "contact@straße.fr", "--role", "member", "--password-stdin")
    assert added.out == "Compte créé : contact@xn--strae-oqa.fr (member).\n"
    assert user("add", "contact@strasse.fr", "--role", "member", "--password-stdin").status == 0
    assert user("add", "Contact@STRASSE.fr", "--role", "member", "--password-stdin").status == 1


def keep_as_before(data: Path, email: str) -> None:
    """Give the only account an address that is refused now, but that an earlier version accepted."""
    database = sqlite3.connect(data / "accounts.sqlite")
    with database:
        database.execute("UPDATE accounts SET email = ?", (email,))
    database.close()


def test_check_lists_addresses_that_no_longer_fit(
    user: Callable[..., Any], cli: Callable[..., Any], indexed: Any
) -> None:
    assert "adresse admise" not in cli("check").err
    keep_as_before(indexed.data, "a\u202enne@reseau.fr")
    checked = cli("check")
    # Such an address is not a fault: signing in with the password still works.
    assert (checked.status, "Tout est en ordre" in checked.out) == (0, True)
    assert "«\u00a0a<U+202E>nne@reseau.fr\u00a0» n’est plus une adresse admise" in checked.err
    assert "\u202e" not in checked.err
    keep_as_before(indexed.data, "anne@écoles.fr")
    assert "adresse admise" not in cli("check").err


def test_erase_reaches_an_address_that_no_longer_fits(user: Callable[..., Any], stores: Stores, site: Any) -> None:
    keep_as_before(site.data, "élise@reseau.fr")
    stores.audit.record("sign-in", "élise@reseau.fr")
    outcome = user("erase", "Élise@reseau.fr")
    assert "compte : oui" in outcome.out
    assert "lignes du journal rendues anonymes : 1 ;" in outcome.out
    for path in site.data.iterdir():
        assert "élise@".encode() not in path.read_bytes(), path


def test_link(user: Callable[..., Any], stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = user("link", EMAIL, "anne-1")
    assert (refused.status, "RTES_OIDC_ISSUER" in refused.err) == (1, True)
    for name, value in (
        ("ISSUER", "https://id.exemple.fr"), ("CLIENT_ID", "archives"), ("CLIENT_SECRET", "secret"),
        ("MEMBER_VALUES", "ami"),
    ):  # fmt: skip
        monkeypatch.setenv(f"RTES_OIDC_{name}", value)
    assert user("link", EMAIL, "anne-1").out == f"Compte lié à l’identité du fournisseur : {EMAIL}.\n"
    linked = stores.accounts.by_subject("https://id.exemple.fr anne-1")
    assert linked is not None
    assert linked.email == EMAIL
    assert user("link", EMAIL, "anne-2").status == 0
    assert stores.accounts.by_subject("https://id.exemple.fr anne-1") is None
    for wrong in ("", " ", "x" * 256):
        assert "identifiant n’est pas utilisable" in user("link", EMAIL, wrong).err
    user("add", "bob@reseau.fr", "--role", "member", "--password-stdin")
    assert "ouvre déjà un autre compte" in user("link", "bob@reseau.fr", "anne-2").err
    assert [entry.action for entry in stores.audit.entries()].count("account-bound") == 2


def test_an_account_that_has_lost_its_role(user: Callable[..., Any], stores: Stores) -> None:
    stores.accounts.lapse(EMAIL)
    assert user("list").out == f"{EMAIL} (staff, rôle retiré par le fournisseur d’identité)\n"
    assert user("list", "--json").json["accounts"][0]["lapsed"] is True
    outcome = user("token", EMAIL)
    assert outcome.status == 1
    assert "user role" in outcome.err
    assert user("role", EMAIL, "staff").status == 0
    assert user("token", EMAIL).status == 0
