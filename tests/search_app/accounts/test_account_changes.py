"""Changes of accounts: which of them end sessions and feeds, and how files of earlier versions are migrated."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from indexer.resource import Audience
from search_app.accounts import store as accounts_module
from search_app.accounts.store import Accounts
from search_app.errors import AccountError

EMAIL, PASSWORD = "anne@exemple.fr", "un mot de passe solide"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords quickly; otherwise accounts work as on the site."""
    monkeypatch.setattr(accounts_module, "HASH_METHOD", "pbkdf2:sha256:1")


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    accounts = Accounts(tmp_path / "accounts.sqlite")
    accounts.add(EMAIL, "member", PASSWORD)
    return accounts


def epoch(accounts: Accounts) -> int:
    account = accounts.get(EMAIL)
    assert account is not None
    return account.epoch


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        (lambda a: a.set_password(EMAIL, PASSWORD), 1),
        (lambda a: a.set_role("ANNE@exemple.fr ", "staff"), 1),
        (lambda a: a.set_role(EMAIL, "member"), 0),
        (lambda a: a.set_disabled(EMAIL, True), 1),
        (lambda a: a.set_disabled(EMAIL, False), 0),
        (lambda a: a.end_sessions(EMAIL), 1),
        (lambda a: a.lapse(EMAIL), 1),
        (lambda a: a.bind(EMAIL, "fournisseur anne"), 0),
    ],
)
def test_what_ends_sessions(accounts: Accounts, change: object, ends: int) -> None:
    before = epoch(accounts)
    changed = change(accounts)  # type: ignore[operator]
    assert epoch(accounts) == before + ends
    assert accounts.get(EMAIL) == changed


def test_a_new_password_is_the_only_one(accounts: Accounts) -> None:
    accounts.set_password(EMAIL, "un autre mot de passe")
    assert accounts.verify(EMAIL, PASSWORD) is None
    assert accounts.verify(EMAIL, "un autre mot de passe") is not None


def test_a_disabled_account_has_no_password_that_opens_it(accounts: Accounts) -> None:
    accounts.set_disabled(EMAIL, True)
    assert accounts.verify(EMAIL, PASSWORD) is None
    accounts.set_disabled(EMAIL, False)
    assert accounts.verify(EMAIL, PASSWORD) is not None


def test_an_account_without_its_role_has_no_password_that_opens_it(accounts: Accounts) -> None:
    for _ in range(2):
        lapsed = accounts.lapse(EMAIL)
        assert (lapsed.active, lapsed.role, lapsed.epoch) == (False, Audience.MEMBER, 2)
    assert accounts.verify(EMAIL, PASSWORD) is None
    given = accounts.set_role(EMAIL, "member")
    assert (given.active, given.epoch) == (True, 2)
    assert accounts.verify(EMAIL, PASSWORD) == given


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        (lambda a: a.set_password(EMAIL, PASSWORD), True),
        (lambda a: a.end_sessions(EMAIL), True),
        (lambda a: a.set_role(EMAIL, "staff"), False),
        (lambda a: a.set_disabled(EMAIL, True), False),
        (lambda a: a.lapse(EMAIL), False),
        (lambda a: a.bind(EMAIL, "fournisseur anne"), False),
    ],
)
def test_what_ends_all_private_feeds(accounts: Accounts, change: object, ends: bool) -> None:
    changed = change(accounts)  # type: ignore[operator]
    assert changed.feed_epoch == int(ends)


def test_no_password_opens_an_account_without_one(accounts: Accounts) -> None:
    made = accounts.add_without_password("bob@exemple.fr", "staff", "fournisseur bob")
    assert (made.has_password, made.single_sign_on) == (False, True)
    assert accounts.by_subject("fournisseur bob") == made == accounts.get("bob@exemple.fr")
    for password in ("", "None", PASSWORD):
        assert accounts.verify("bob@exemple.fr", password) is None
    accounts.set_password("bob@exemple.fr", PASSWORD)
    assert accounts.verify("bob@exemple.fr", PASSWORD) is not None


def test_one_identity_opens_one_account(accounts: Accounts) -> None:
    accounts.add_without_password("bob@exemple.fr", "member", "fournisseur bob")
    with pytest.raises(AccountError, match="autre compte"):
        accounts.bind(EMAIL, "fournisseur bob")
    with pytest.raises(AccountError, match="existe déjà"):
        accounts.add_without_password(EMAIL, "member", "fournisseur anne")


@pytest.mark.parametrize("bad", ["court", "x" * 1001])
def test_a_password_that_cannot_be_used_changes_nothing(accounts: Accounts, bad: str) -> None:
    with pytest.raises(AccountError, match="mot de passe est trop"):
        accounts.set_password(EMAIL, bad)
    assert accounts.verify(EMAIL, PASSWORD) is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.set_password("x@exemple.fr", PASSWORD),
        lambda a: a.set_role("x@exemple.fr", "staff"),
        lambda a: a.set_disabled("x@exemple.fr", True),
        lambda a: a.end_sessions("x@exemple.fr"),
        lambda a: a.lapse("x@exemple.fr"),
        lambda a: a.remove("x@exemple.fr"),
        lambda a: a.bind("x@exemple.fr", "y"),
    ],
)
def test_an_account_that_does_not_exist(accounts: Accounts, change: object) -> None:
    with pytest.raises(AccountError, match="Aucun compte"):
        change(accounts)  # type: ignore[operator]


def test_remove_and_list(accounts: Accounts) -> None:
    first = accounts.get(EMAIL)
    accounts.add("abel@exemple.fr", "staff", PASSWORD)
    assert [account.email for account in accounts.all()] == ["abel@exemple.fr", EMAIL]
    accounts.remove(EMAIL)
    assert [account.email for account in accounts.all()] == ["abel@exemple.fr"]
    # A new account with the same address is a different account: sessions of the first do not give access to it.
    again = accounts.add(EMAIL, "member", PASSWORD)
    assert first is not None
    assert again.key != first.key
    assert Accounts(Path("/nonexistent/accounts.sqlite")).all() == ()


def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "accounts.sqlite"
    database = sqlite3.connect(path)
    with database:
        database.execute(
            """
            CREATE TABLE accounts (
                id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, email TEXT NOT NULL UNIQUE,
                role TEXT NOT NULL CHECK (role IN ('member', 'staff')), password TEXT NOT NULL,
                epoch INTEGER NOT NULL DEFAULT 1, created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
            )
            """
        )
        database.execute(
            "INSERT INTO accounts (key, email, role, password, epoch) VALUES ('k', ?, 'staff', ?, 4)",
            (EMAIL, accounts_module.hash_password(PASSWORD)),
        )
    database.close()
    found = Accounts(path).verify(EMAIL, PASSWORD)
    assert found is not None
    assert (found.key, found.role, found.epoch, found.disabled) == ("k", Audience.STAFF, 4, False)
    assert found == Accounts(path).by_key("k")
