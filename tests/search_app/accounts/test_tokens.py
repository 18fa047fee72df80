"""API tokens: shown once, stored as hashes, ended when revoked and with their account."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from search_app.accounts import store as accounts_module
from search_app.accounts.rights import by_token
from search_app.accounts.store import Accounts
from search_app.accounts.tokens import MAX_LABEL, MAX_TOKENS, ApiToken, Tokens
from search_app.errors import AccountError
from search_app.settings import SiteSettings
from search_app.stores import open_stores

EMAIL, OTHER = "anne@exemple.fr", "bob@exemple.fr"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(accounts_module, "HASH_METHOD", "pbkdf2:sha256:1")
    path = tmp_path / "accounts.sqlite"
    for email in (EMAIL, OTHER):
        Accounts(path).add(email, "member", "un mot de passe solide")
    return path


class Calendar:
    """A date that tests can set; today by default."""

    def __init__(self) -> None:
        self.day = datetime.now(UTC).date()

    def __call__(self) -> date:
        return self.day


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def tokens(path: Path, calendar: Calendar) -> Tokens:
    return Tokens(path, clock=calendar)


def owner(tokens: Tokens, path: Path, secret: str) -> str | None:
    """Return the key of the account (in the file `path`) to which the token `secret` gives access, or None."""
    data = path.parent
    account = by_token(replace(open_stores(SiteSettings(data, data, data)), tokens=tokens), secret)
    return None if account is None else account.key


def key_of(path: Path, email: str) -> str:
    account = Accounts(path).get(email)
    assert account is not None
    return account.key


def test_a_token_speaks_for_its_account(tokens: Tokens, path: Path) -> None:
    secret = tokens.make("ANNE@exemple.fr", "essai")
    assert secret.startswith("rtes_")
    assert len(secret) > 45
    assert tokens.make(EMAIL, "essai") != secret
    assert owner(tokens, path, secret) == key_of(path, EMAIL)


@pytest.mark.parametrize("wrong", ["", "rtes_", "rtes_" + "A" * 43, "\udc80", "x" * 100_000])
def test_what_is_no_token(tokens: Tokens, path: Path, tmp_path: Path, wrong: str) -> None:
    tokens.make(EMAIL, "essai")
    assert owner(tokens, path, wrong) is None
    assert Tokens(tmp_path / "absent.sqlite").find(wrong) is None


def test_only_its_hash_is_kept(tokens: Tokens, path: Path) -> None:
    secret = tokens.make(EMAIL, "essai")
    assert secret.removeprefix("rtes_").encode() not in path.read_bytes()


def test_listed_without_its_secret(tokens: Tokens, path: Path, calendar: Calendar) -> None:
    calendar.day = date(2024, 2, 16)
    secret = tokens.make(EMAIL, "  tableau\nde bord " + "x" * 200)
    (made,) = tokens.of(EMAIL)
    assert made == ApiToken(
        1, ("tableau de bord " + "x" * 200)[:MAX_LABEL], "2024-02-16", None, "2025-02-15", expired=False
    )
    calendar.day = date(2024, 2, 17)
    owner(tokens, path, secret)
    assert tokens.of(EMAIL)[0].used == "2024-02-17"
    assert tokens.of(OTHER) == ()


def test_revoked_by_its_own_account_alone(tokens: Tokens, path: Path) -> None:
    kept, secret = tokens.make(EMAIL, "gardé"), tokens.make(EMAIL, "révoqué")
    with pytest.raises(AccountError, match="pas de jeton n° 2".replace(" ", r"\s")):
        tokens.revoke(OTHER, 2)
    assert owner(tokens, path, secret) is not None
    tokens.revoke(EMAIL, 2)
    assert owner(tokens, path, secret) is None
    assert owner(tokens, path, kept) is not None
    with pytest.raises(AccountError):
        tokens.revoke(EMAIL, 2)
    # Numbers are not reused, so an old page cannot revoke a new token.
    tokens.make(EMAIL, "nouveau")
    assert [token.number for token in tokens.of(EMAIL)] == [1, 3]


def test_expired_after_its_last_day(tokens: Tokens, path: Path, calendar: Calendar) -> None:
    calendar.day = date(2024, 2, 16)
    short, long = tokens.make(EMAIL, "court", days=13), tokens.make(EMAIL, "long")
    calendar.day = date(2024, 2, 29)
    assert owner(tokens, path, short) == key_of(path, EMAIL)
    assert not tokens.of(EMAIL)[0].expired
    calendar.day = date(2024, 3, 1)
    assert owner(tokens, path, short) is None
    assert owner(tokens, path, long) == key_of(path, EMAIL)
    assert [(one.label, one.expired) for one in tokens.of(EMAIL)] == [("court", True), ("long", False)]
    tokens.make(EMAIL, "nouveau")  # which deletes expired tokens
    assert [one.label for one in tokens.of(EMAIL)] == ["long", "nouveau"]


@pytest.mark.parametrize(("days", "expires"), [(1, "2024-02-17"), (0, "2024-02-17"), (10**9, "2034-02-13")])
def test_no_token_is_for_ever(tokens: Tokens, calendar: Calendar, days: int, expires: str) -> None:
    calendar.day = date(2024, 2, 16)
    tokens.make(EMAIL, "essai", days=days)
    assert tokens.of(EMAIL)[0].expires == expires


def test_tokens_of_a_file_of_before_expire_too(tokens: Tokens, path: Path) -> None:
    secret = tokens.make(EMAIL, "ancien")
    database = sqlite3.connect(path)
    database.executescript(
        "ALTER TABLE tokens DROP COLUMN expires; ALTER TABLE accounts DROP COLUMN lapsed;"
        "ALTER TABLE accounts DROP COLUMN feed_epoch; DROP TABLE sessions; DROP TABLE links; PRAGMA user_version=2"
    )
    database.close()
    assert owner(tokens, path, secret) == key_of(path, EMAIL)
    (one,) = tokens.of(EMAIL)
    assert date.today() + timedelta(days=360) < date.fromisoformat(one.expires) < date.today() + timedelta(days=370)


def test_gone_with_the_account(tokens: Tokens, path: Path) -> None:
    secret = tokens.make(EMAIL, "essai")
    Accounts(path).remove(EMAIL)
    assert owner(tokens, path, secret) is None
    database = sqlite3.connect(path)
    assert database.execute("SELECT COUNT(*) FROM tokens").fetchone() == (0,)
    database.close()


def test_refused(tokens: Tokens, path: Path) -> None:
    with pytest.raises(AccountError, match="Aucun compte"):
        tokens.make("x@exemple.fr", "")
    for _ in range(MAX_TOKENS):
        tokens.make(EMAIL, "")
    with pytest.raises(AccountError, match="révoquez"):
        tokens.make(EMAIL, "")
    Accounts(path).set_disabled(OTHER, True)
    with pytest.raises(AccountError, match="désactivé"):
        tokens.make(OTHER, "")


def test_a_file_that_cannot_be_written_still_lets_tokens_read(tokens: Tokens, path: Path) -> None:
    secret = tokens.make(EMAIL, "essai")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert owner(Tokens(path, wait=0.01), path, secret) == key_of(path, EMAIL)
    writer.close()
    assert tokens.of(EMAIL)[0].used is None
