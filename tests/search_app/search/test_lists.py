"""All lists that people read are in the order of a French dictionary."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

import search_app.accounts.store as accounts_module
from search_app.accounts.store import Accounts
from search_app.members.store import MembersStore
from search_app.search.log_store import SearchLog
from search_app.settings import SiteSettings
from search_app.staff import desk
from tests.support.demo_resources import demo_resources
from tests.support.fake_engine import FakeEngine
from tests.support.site import STAFF, make_app, signed_in

NAMES = ["Assemblée", "Çà et là", "eau", "Écoles", "énergie", "Épargne", "Île", "Numérique", "Œuvres", "Zones"]


def shuffled() -> list[str]:
    return random.Random(3).sample(NAMES, len(NAMES))


@pytest.fixture
def engine() -> FakeEngine:
    """An engine with a resource for each of `NAMES`: the name is its title, its theme and its type."""
    plain = next(one for one in demo_resources() if not one.private)
    return FakeEngine(
        [replace(plain, id=f"r-{n}", title=name, themes=(name,), type=name) for n, name in enumerate(shuffled())]
    )


@pytest.fixture
def client(settings: SiteSettings, engine: FakeEngine) -> FlaskClient:
    return make_app(settings, engine).test_client()


def test_themes(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/themes").text, "lxml")
    assert [link.get_text() for link in page.select(".index a")] == NAMES


def test_what_staff_choose_from(settings: SiteSettings, engine: FakeEngine) -> None:
    app = make_app(settings, engine)
    with app.test_request_context():
        assert (desk.known_themes(), desk.known_types()) == (NAMES, NAMES)
    page = BeautifulSoup(signed_in(app, STAFF).get("/gestion/themes").text, "lxml")
    assert [one["value"] for one in page.select("#names option")] == NAMES
    assert [one["value"] for one in page.select("select option") if one["value"]] == NAMES


def test_accounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts_module, "HASH_METHOD", "pbkdf2:sha256:1")
    accounts = Accounts(tmp_path / "accounts.sqlite")
    for name in ("zoe", "_equipe", "abel", "marc"):
        accounts.add(f"{name}@exemple.fr", "member", "une phrase assez longue")
    addresses = [account.email for account in accounts.all()]
    assert addresses == [f"{name}@exemple.fr" for name in ("abel", "_equipe", "marc", "zoe")]


def test_searches_that_were_asked_as_often(tmp_path: Path) -> None:
    log = SearchLog(tmp_path / "searches.sqlite", 90, clock=lambda: datetime(2024, 2, 16, 9))
    for name in shuffled():
        log.note(name, results=0, member=False, corrected=False)
    every = (date(2024, 1, 1), date(2024, 12, 31))
    for found in (log.most_frequent(*every), log.without_result(*every)):
        assert [one.query for one in found] == [name.casefold() for name in NAMES]


def test_saved_searches(tmp_path: Path) -> None:
    store = MembersStore(tmp_path / "members.sqlite")
    for name in shuffled():
        store.save("anne", name, "q=eau", (), None)
    assert [search.name for search in store.searches("anne")] == NAMES
