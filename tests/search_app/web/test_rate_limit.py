"""Counting requests: bursts pass, scrapers wait, workers share, nobody is named in the file."""

from __future__ import annotations

import math
import multiprocessing
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from indexer.errors import SettingsError
from search_app.settings import Rate, SiteSettings
from search_app.web.context import site
from search_app.web.rate_limit import PROBED, RATES_FILE, SLOTS, RateLimiter
from tests.support.fake_engine import FakeEngine
from tests.support.site import MEMBER, Auth, make_app

KEY = b"k" * 32


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make(tmp_path: Path, clock: Clock) -> Callable[..., RateLimiter]:
    return lambda count=10, seconds=60: RateLimiter(tmp_path / "rates.bin", Rate(count, seconds), KEY, clock)


def passed(rates: RateLimiter, reader: str, times: int, cost: float = 1.0) -> int:
    return sum(not rates.wait(reader, cost) for _ in range(times))


def test_a_burst_passes_then_the_rate(make: Callable[..., RateLimiter], clock: Clock) -> None:
    rates = make()
    assert passed(rates, "a", 30) == 10
    assert rates.wait("a") == pytest.approx(6.0)
    clock.now += 6
    assert passed(rates, "a", 5) == 1
    clock.now += 30
    assert passed(rates, "a", 30) == 5
    clock.now += 3600
    assert passed(rates, "a", 30) == 10


def test_what_is_refused_is_not_counted(make: Callable[..., RateLimiter], clock: Clock) -> None:
    rates = make()
    passed(rates, "a", 1000)
    clock.now += 6
    assert rates.wait("a") == 0


def test_over_a_long_time_nobody_gets_more_than_the_rate(make: Callable[..., RateLimiter], clock: Clock) -> None:
    rates, got = make(), 0
    for _ in range(10_000):
        clock.now += 0.37
        got += rates.wait("scraper") == 0
    assert got <= 10 + 10_000 * 0.37 / 6 + 1


def test_readers_are_counted_apart(make: Callable[..., RateLimiter]) -> None:
    rates = make()
    passed(rates, "a", 20)
    assert passed(rates, "b", 20) == 10


def test_costs(make: Callable[..., RateLimiter]) -> None:
    assert passed(make(), "a", 100, cost=0.25) == 40


def test_counts_are_kept_over_restarts_and_shared(make: Callable[..., RateLimiter], tmp_path: Path) -> None:
    first, second = make(), make()
    passed(first, "a", 7)
    assert passed(second, "a", 20) == 3
    assert passed(make(), "a", 20) == 0
    assert stat.S_IMODE((tmp_path / "rates.bin").stat().st_mode) == 0o600


def _worker(path: Path, count: int) -> int:
    return passed(RateLimiter(path, Rate(count, 3600), KEY), "a", 400)


def test_workers_together_let_pass_no_more_than_one_would(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        shares = pool.starmap(_worker, [(tmp_path / "rates.bin", 500)] * 2)
    assert 500 <= sum(shares) <= 502  # a few seconds go by meanwhile


def test_a_clock_set_back_locks_nobody_out(make: Callable[..., RateLimiter], clock: Clock) -> None:
    rates = make()
    passed(rates, "a", 20)
    clock.now -= 86_400
    assert rates.wait("a") == 0


@pytest.mark.parametrize("content", [b"\xff" * (SLOTS * 16), b"court", b"\x00" * (SLOTS * 16 + 5)])
def test_a_damaged_file_is_no_harm(tmp_path: Path, make: Callable[..., RateLimiter], content: bytes) -> None:
    (tmp_path / "rates.bin").write_bytes(content)
    rates = make()
    assert passed(rates, "a", 20) == 10


def test_many_readers_do_not_fill_it(make: Callable[..., RateLimiter], tmp_path: Path) -> None:
    rates = make()
    passed(rates, "a", 20)
    for number in range(3000):
        assert rates.wait(f"autre {number}") == 0
    assert rates.wait("a") > 0
    assert (tmp_path / "rates.bin").stat().st_size == SLOTS * 16


def test_where_slots_are_taken_the_one_who_asked_least_is_forgotten(
    make: Callable[..., RateLimiter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search_app.web.rate_limit.SLOTS", 8)
    rates = make()
    passed(rates, "gourmand", 20)
    for number in range(10 * PROBED):
        assert rates.wait(f"autre {number}") == 0
    assert rates.wait("gourmand") > 0


def test_a_file_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "rates.bin").mkdir()
    with pytest.raises(SettingsError, match=r"rates\.bin"):
        RateLimiter(tmp_path / "rates.bin", Rate(1, 1), KEY)


# On the site


@pytest.fixture
def limited(settings: SiteSettings, engine: FakeEngine) -> FlaskClient:
    return make_app(replace(settings, rate=Rate(20, 3600)), engine).test_client()


def test_off_by_default(client: FlaskClient, settings: SiteSettings) -> None:
    assert all(client.get("/api/v1/suggest?q=a").status_code == 200 for _ in range(200))
    assert not (settings.data / RATES_FILE).exists()


def test_a_person_is_not_stopped_and_a_scraper_is(limited: FlaskClient) -> None:
    statuses = [limited.get(f"/?q=coop&page={page}").status_code for page in range(1, 41)]
    assert statuses == [200] * 20 + [429] * 20


def test_what_is_said(limited: FlaskClient) -> None:
    for _ in range(20):
        limited.get("/")
    page, answer = limited.get("/?q=secret"), limited.get("/api/v1/search?q=secret")
    for response in (page, answer):
        assert response.status_code == 429
        assert 1 <= int(response.headers["Retry-After"]) <= math.ceil(3600 / 20)
        assert "secret" not in response.text
        assert response.headers["Cache-Control"] == "no-cache"
    assert "rien n’est perdu" in page.text
    assert re.search(r"<h1>Beaucoup de demandes", page.text)
    assert answer.json["error"]["field"] is None
    assert "rien n’est perdu" in answer.json["error"]["message"]


def test_every_route_counts_but_files_and_the_health_check(limited: FlaskClient) -> None:
    for _ in range(20):
        limited.get("/")
    for path in ("/", "/themes", "/aide", "/ressources/r-00", "/rien", "/api/v1/suggest?q=a", "/api/v1/openapi.json"):
        assert limited.get(path).status_code == 429, path
    for path in ("/static/style.css", "/healthz"):
        assert all(limited.get(path).status_code == 200 for _ in range(50))


def test_typing_costs_less(limited: FlaskClient) -> None:
    statuses = [limited.get("/api/v1/suggest?q=mon").status_code for _ in range(81)]
    assert statuses == [200] * 80 + [429]


def test_members_are_counted_by_account_and_less_strictly(limited: FlaskClient) -> None:
    assert Auth(limited).login(MEMBER).status_code == 303
    statuses = [limited.get("/").status_code for _ in range(101)]
    assert statuses == [200] * 100 + [429]
    # The address that the member shares with visitors is as it was: two requests, to sign in.
    visitor = limited.application.test_client()
    assert [visitor.get("/").status_code for _ in range(19)] == [200] * 18 + [429]


def test_tokens_are_counted_by_account_too(limited: FlaskClient) -> None:
    with limited.application.app_context():
        token = site().stores.tokens.make(MEMBER, "essai")
    headers = {"Authorization": f"Bearer {token}"}
    statuses = [limited.get("/api/v1/search", headers=headers).status_code for _ in range(101)]
    assert statuses == [200] * 100 + [429]
    assert limited.get("/").status_code == 200


def test_addresses_are_counted_apart(limited: FlaskClient) -> None:
    for address in ("192.0.2.1", "192.0.2.2", "2001:db8::1"):
        statuses = [limited.get("/", environ_base={"REMOTE_ADDR": address}).status_code for _ in range(21)]
        assert statuses == [200] * 20 + [429]
    neighbour = limited.get("/", environ_base={"REMOTE_ADDR": "2001:db8::ffff:1"})
    assert neighbour.status_code == 429


def test_a_client_cannot_pass_for_another(limited: FlaskClient) -> None:
    statuses = [limited.get("/", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code for n in range(40)]
    assert statuses.count(200) == 20


def test_no_address_stands_in_the_file(limited: FlaskClient, settings: SiteSettings) -> None:
    limited.get("/", environ_base={"REMOTE_ADDR": "192.0.2.77"})
    raw = (settings.data / RATES_FILE).read_bytes()
    assert b"192.0.2" not in raw
    assert bytes([192, 0, 2, 77]) not in raw
