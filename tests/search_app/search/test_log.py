"""Which requests are logged as searches, and that logging neither delays nor breaks them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from search_app.search.log_store import SearchesOfQuery
from search_app.settings import SiteSettings
from search_app.web.context import site
from tests.support.fake_engine import FakeEngine
from tests.support.site import MEMBER, make_app


def noted(app: Flask) -> dict[str, SearchesOfQuery]:
    with app.app_context():
        return {row.query: row for row in site().stores.searches.most_frequent(date(2000, 1, 1), date.today())}


@pytest.mark.parametrize("path", ["/", "/api/v1/search"])
def test_a_search_is_noted(app: Flask, client: FlaskClient, member: FlaskClient, path: str) -> None:
    client.get(f"{path}?q=Monnaie&type=Guides")
    client.get(f"{path}?q=zzzz")
    client.get(f"{path}?q=monaie")
    member.get(f"{path}?q=monnaie")
    found = noted(app)
    assert {query: (row.searches, row.fruitless, row.corrected) for query, row in found.items()} == {
        "monnaie": (2, 0, 0),
        "zzzz": (1, 1, 0),
        "monaie": (1, 0, 1),
    }
    with app.app_context():
        days = site().stores.searches.by_day(date(2000, 1, 1), date.today())
    assert (sum(day.searches for day in days), sum(day.by_members for day in days)) == (
        4,
        1,
    )  # two days if midnight passes meanwhile


@pytest.mark.parametrize(
    ("address", "headers", "method"),
    [
        ("/", {}, "GET"),
        ("/?q=%20", {}, "GET"),
        ("/?type=Guides", {}, "GET"),
        ("/?q=monnaie&page=2", {}, "GET"),
        ("/api/v1/search?q=monnaie&page=2", {}, "GET"),
        ("/api/v1/search?q=monnaie&page=x", {}, "GET"),
        ("/api/v1/suggest?q=monnaie", {}, "GET"),
        ("/?q=monnaie", {}, "HEAD"),
        ("/?q=monnaie", {}, "OPTIONS"),
        ("/?q=monnaie", {"Purpose": "prefetch"}, "GET"),
        ("/?q=monnaie", {"Sec-Purpose": "prefetch;prerender"}, "GET"),
        ("/?q=monnaie", {"X-Moz": "prefetch"}, "GET"),
    ],
)
def test_what_is_not_noted(
    app: Flask, client: FlaskClient, settings: SiteSettings, address: str, headers: dict[str, str], method: str
) -> None:
    client.open(address, headers=headers, method=method)
    assert noted(app) == {}
    assert not (settings.data / "searches.sqlite").exists()


def test_nothing_of_anyone_is_kept(app: Flask, member: FlaskClient, settings: SiteSettings) -> None:
    member.get("/?q=arbitrages", headers={"User-Agent": "Navigateur-rare"}, environ_base={"REMOTE_ADDR": "192.0.2.77"})
    raw = (settings.data / "searches.sqlite").read_bytes()
    with app.app_context():
        account = site().accounts.get(MEMBER)
    assert account is not None
    for word in (MEMBER, account.key, "192.0.2.77", "Navigateur"):
        assert word.encode() not in raw


def test_noted_once_the_answer_has_gone(app: Flask, client: FlaskClient) -> None:
    response = client.get("/?q=monnaie", buffered=False)
    assert noted(app) == {}
    response.close()
    assert list(noted(app)) == ["monnaie"]


def test_off(settings: SiteSettings, engine: FakeEngine, client: FlaskClient) -> None:
    client.get("/?q=monnaie")
    app = make_app(replace(settings, search_log_days=0), engine)
    app.test_client().get("/?q=monnaie")
    assert b"monnaie" not in (settings.data / "searches.sqlite").read_bytes()


def test_a_log_out_of_order_breaks_no_search(client: FlaskClient, settings: SiteSettings) -> None:
    (settings.data / "searches.sqlite").write_bytes(b"abime" * 1000)
    for path in ("/?q=monnaie", "/api/v1/search?q=monnaie"):
        assert client.get(path).status_code == 200
