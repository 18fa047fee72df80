"""One module decides what an account may do now, and every way of access uses it."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

import search_app
from search_app.accounts import rights
from search_app.accounts import store as accounts_module
from search_app.accounts.links import LinkPurpose
from search_app.accounts.store import Account
from search_app.members import Frequency
from search_app.settings import SiteSettings
from search_app.stores import Stores, open_stores

EMAIL, PASSWORD = "anne@exemple.fr", "un mot de passe solide"
PROOFS = {
    # The function of each store that accepts a secret, and the modules that may call it.
    ("sessions", "find"), ("tokens", "find"), ("members", "by_token"), ("accounts", "verify"),
    ("links", "find"), ("lists", "by_share"),
}  # fmt: skip


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stores:
    monkeypatch.setattr(accounts_module, "HASH_METHOD", "pbkdf2:sha256:1")
    stores = open_stores(SiteSettings(tmp_path, tmp_path, tmp_path))
    stores.accounts.add(EMAIL, "staff", PASSWORD)
    return stores


def account_of(stores: Stores) -> Account:
    account = stores.accounts.get(EMAIL)
    assert account is not None
    return account


class Ways:
    """An account with one credential of every kind: session, token, feed, mails about a search, shared list."""

    def __init__(self, stores: Stores) -> None:
        self.stores, account = stores, account_of(stores)
        self.session = stores.sessions.begin(account)
        self.token = stores.tokens.make(EMAIL, "robot")
        search = stores.members.search(account.key, stores.members.save(account.key, "Vélo", "q=velo", (), "g"))
        assert search is not None
        self.feed = stores.members.open_feed(search, account.feed_epoch)
        stores.members.set_mail(search, Frequency.DAILY)
        self.search = stores.members.search(account.key, search.id)
        stores.lists.select(account.key, "r-1")
        current = stores.lists.current(account.key)
        assert current is not None
        self.share = stores.lists.share(current)
        self.link = stores.links.make(account, LinkPurpose.RESET)

    def open(self) -> dict[str, bool]:
        return {
            "session": rights.by_session(self.stores, self.session) is not None,
            "token": rights.by_token(self.stores, self.token) is not None,
            "feed": rights.by_feed(self.stores, self.feed) is not None,
            "link": rights.by_link(self.stores, self.link) is not None,
            "share": rights.by_share(self.stores, self.share) is not None,
            "news": self.search is not None and rights.addressee_of(self.stores, self.search) is not None,
            "password": rights.by_password(self.stores, EMAIL, PASSWORD) is not None,
            "job": rights.may_work(self.stores, EMAIL),
        }


ALL = frozenset({"session", "token", "feed", "password", "job", "link", "share", "news"})


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (lambda a: None, ALL),
        (lambda a: a.set_disabled(EMAIL, True), frozenset()),
        (lambda a: a.lapse(EMAIL), frozenset()),
        (lambda a: a.remove(EMAIL), frozenset()),
        (lambda a: a.set_role(EMAIL, "member"), ALL - {"session", "job"}),
        (lambda a: a.set_password(EMAIL, PASSWORD), ALL - {"session", "feed", "link"}),
        (lambda a: a.end_sessions(EMAIL), ALL - {"session", "feed", "link"}),
        (lambda a: (a.set_disabled(EMAIL, True), a.set_disabled(EMAIL, False)), ALL - {"session"}),
        (lambda a: (a.lapse(EMAIL), a.set_role(EMAIL, "staff")), ALL - {"session"}),
    ],
)
def test_what_is_left_of_every_way(stores: Stores, change: object, left: frozenset[str]) -> None:
    ways = Ways(stores)
    assert {way for way, is_open in ways.open().items() if is_open} == ALL
    change(stores.accounts)  # type: ignore[operator]
    assert {way for way, is_open in ways.open().items() if is_open} == left


def test_the_role_is_that_of_now(stores: Stores) -> None:
    ways = Ways(stores)
    stores.accounts.set_role(EMAIL, "member")
    found = rights.by_token(stores, ways.token)
    feed = rights.by_feed(stores, ways.feed)
    assert found is not None
    assert feed is not None
    assert found.role == feed[0].role == "member"


def test_a_session_of_a_person_let_in_before_a_change_does_not_hold(stores: Stores) -> None:
    """A session is not valid if the password was changed, or the account removed, just before it was stored."""
    let_in = account_of(stores)
    stores.accounts.set_password(EMAIL, PASSWORD)
    assert rights.by_session(stores, stores.sessions.begin(let_in)) is None
    stores.accounts.remove(EMAIL)
    assert rights.by_session(stores, stores.sessions.begin(let_in)) is None


def test_what_opens_nothing_leaves_no_trace_of_use(stores: Stores) -> None:
    ways = Ways(stores)
    stores.accounts.lapse(EMAIL)
    ways.open()
    (token,), (search,) = stores.tokens.of(EMAIL), stores.members.searches(account_of(stores).key)
    assert token.used is None
    assert search.feed is not None
    assert search.feed.used is None


@pytest.mark.parametrize(("disabled", "lapsed"), [(False, False), (True, False), (False, True), (True, True)])
def test_active(stores: Stores, disabled: bool, lapsed: bool) -> None:
    assert replace(account_of(stores), disabled=disabled, lapsed=lapsed).active is not (disabled or lapsed)


def test_nobody_else_asks_a_store_whom_a_secret_lets_in() -> None:
    """Only the module `rights` calls functions of stores that accept a secret (`PROOFS`) or find an account by key."""
    asked = set()
    for path in Path(search_app.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute | ast.Name | ast.Call):
                owner = node.value.func if isinstance(node.value, ast.Call) else node.value
                name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
                if (name, node.attr) in PROOFS or node.attr == "by_key":
                    asked.add((path.name, f"{name}.{node.attr}"))
    assert asked == {
        ("rights.py", "sessions.find"), ("rights.py", "tokens.find"), ("rights.py", "members.by_token"),
        ("rights.py", "accounts.verify"), ("rights.py", "accounts.by_key"), ("rights.py", "links.find"),
        ("rights.py", "lists.by_share"),
    }  # fmt: skip
