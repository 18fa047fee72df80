"""Throttling of sign-ins: whom it slows and blocks, for how long, and that it ends."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from search_app.accounts import throttle as throttle_module
from search_app.accounts.throttle import BY_ACCOUNT, BY_ADDRESS, REMEMBERED, WINDOW, Limit, Throttle
from tests.support.clock import Clock

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
ANNE, BOB = "anne@exemple.fr", "bob@exemple.fr"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "throttle.sqlite"


@pytest.fixture
def throttle(path: Path, clock: Clock) -> Throttle:
    return make(path, clock)


def make(path: Path, clock: Clock) -> Throttle:
    return Throttle(path, lambda: b"secret", clock=clock)


def fail(throttle: Throttle, clock: Clock, times: int, *, email: str = ANNE, address: str = HOME) -> None:
    """Fail to sign in a number of times, waiting before each attempt as long as the throttle requires."""
    for _ in range(times):
        attempt = throttle.begin(email, address)
        if attempt.wait:
            clock.now += attempt.wait
            attempt = throttle.begin(email, address)
        assert attempt.wait == 0


@pytest.mark.parametrize(
    ("failures", "wait"), [(0, 0), (2, 0), (3, 5), (4, 10), (5, 20), (9, 320), (10, 900), (11, 900), (5000, 900)]
)
def test_waits_double_then_block(failures: int, wait: int) -> None:
    assert BY_ACCOUNT.wait(failures) == wait


def test_a_wait_is_never_longer_than_a_block() -> None:
    assert max(Limit(free=0, first=50, most=10, block=60).wait(n) for n in range(20)) == 60


def test_slowed_then_blocked_then_free_again(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, clock, BY_ACCOUNT.free)
    assert throttle.begin(ANNE, HOME).wait == 5
    clock.now += 4
    assert throttle.begin(ANNE, HOME).wait == 1
    clock.now += 1
    fail(throttle, clock, BY_ACCOUNT.most - BY_ACCOUNT.free)
    assert throttle.begin(ANNE, HOME).wait == BY_ACCOUNT.block
    clock.now += BY_ACCOUNT.block
    assert throttle.begin(ANNE, HOME).wait == 0
    clock.now += WINDOW
    fail(throttle, clock, BY_ACCOUNT.free)
    assert throttle.begin(ANNE, HOME).wait == 5


def test_insisting_makes_no_block_longer(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, clock, BY_ACCOUNT.most)
    for left in range(BY_ACCOUNT.block, 0, -100):
        assert throttle.begin(ANNE, HOME).wait == left
        clock.now += 100
    assert throttle.begin(ANNE, HOME).wait == 0


def test_the_first_refusal_after_a_failure_is_told_apart(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, clock, BY_ACCOUNT.free)
    assert [throttle.begin(ANNE, HOME).first for _ in range(3)] == [True, False, False]
    clock.now += 5
    assert not throttle.begin(ANNE, HOME).first
    assert throttle.begin(ANNE, HOME).first


def test_counts_are_shared_and_outlive_restarts(path: Path, clock: Clock) -> None:
    for _ in range(BY_ACCOUNT.free):
        assert make(path, clock).begin(ANNE, HOME).wait == 0
    assert make(path, clock).begin(ANNE, ELSEWHERE).wait == 5


def test_tries_sent_at_once_count_like_tries_in_turn(path: Path, clock: Clock) -> None:
    gate, waits = threading.Barrier(12), []

    def work() -> None:
        gate.wait()
        waits.append(make(path, clock).begin(ANNE, HOME).wait)

    workers = [threading.Thread(target=work) for _ in range(12)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(waits) == [0] * BY_ACCOUNT.free + [5] * (12 - BY_ACCOUNT.free)


def test_one_account_is_no_other(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, clock, BY_ACCOUNT.free)
    assert throttle.begin(BOB, HOME).wait == 0


def test_an_address_that_tries_many_accounts_is_blocked_from_all(throttle: Throttle, clock: Clock) -> None:
    for number in range(BY_ADDRESS.most):
        fail(throttle, clock, 1, email=f"{number}@exemple.fr")
    assert throttle.begin(BOB, HOME).wait == BY_ADDRESS.block
    assert throttle.begin(BOB, ELSEWHERE).wait == 0


def test_a_right_password_forgets_the_failures_of_the_account(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, clock, BY_ACCOUNT.free - 1)
    throttle.succeeded(throttle.begin(ANNE, HOME))
    fail(throttle, clock, BY_ACCOUNT.free)
    assert throttle.begin(ANNE, HOME).wait == 5


def test_an_account_of_ones_own_does_not_free_an_address(throttle: Throttle, clock: Clock) -> None:
    for number in range(BY_ADDRESS.free - 1):
        fail(throttle, clock, 1, email=f"{number}@exemple.fr")
    # A success changes nothing for the network address: it neither counts as a failure nor resets the count.
    throttle.succeeded(throttle.begin(BOB, HOME))
    fail(throttle, clock, 1, email="encore@exemple.fr")
    assert throttle.begin(BOB, HOME).wait == BY_ADDRESS.first


def test_strangers_do_not_block_someone_where_they_sign_in(throttle: Throttle, clock: Clock) -> None:
    throttle.succeeded(throttle.begin(ANNE, HOME))
    fail(throttle, clock, BY_ACCOUNT.most, address=ELSEWHERE)
    assert throttle.begin(ANNE, ELSEWHERE).wait == BY_ACCOUNT.block
    assert throttle.begin(ANNE, HOME).wait == 0
    # At a known network address, the account has a separate count.
    fail(throttle, clock, BY_ACCOUNT.most - 1)
    assert throttle.begin(ANNE, HOME).wait == BY_ACCOUNT.block


def test_a_place_is_forgotten_in_time(throttle: Throttle, clock: Clock) -> None:
    throttle.succeeded(throttle.begin(ANNE, HOME))
    clock.now += REMEMBERED
    fail(throttle, clock, BY_ACCOUNT.most, address=ELSEWHERE)
    assert throttle.begin(ANNE, HOME).wait == BY_ACCOUNT.block


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("", "unix:", False),
    ],
)
def test_what_is_one_caller(throttle: Throttle, one: str, other: str, same: bool) -> None:
    assert (throttle.origin(one) == throttle.origin(other)) is same


def test_neither_account_nor_address_is_kept(throttle: Throttle, path: Path) -> None:
    throttle.succeeded(throttle.begin(ANNE, HOME))
    throttle.begin(BOB, HOME)
    raw = path.read_bytes()
    for word in (ANNE, BOB, HOME, "exemple"):
        assert word.encode() not in raw


def test_a_clock_set_back_blocks_nobody_for_long(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, clock, BY_ACCOUNT.most)
    clock.now -= 10 * WINDOW
    assert throttle.begin(ANNE, HOME).wait <= BY_ACCOUNT.block


@pytest.mark.parametrize(
    "steps",
    [
        (2 * WINDOW, -2 * WINDOW),
        (-2 * WINDOW, 2 * WINDOW),
        (365 * 86400, -365 * 86400),
        (-365 * 86400, 365 * 86400),
        (3 * WINDOW, -9 * WINDOW, 6 * WINDOW),
        (-9 * WINDOW, 12 * WINDOW, -3 * WINDOW),
    ],
)
def test_a_clock_set_back_and_forth_clears_no_failure(throttle: Throttle, clock: Clock, steps: tuple[int, ...]) -> None:
    fail(throttle, clock, BY_ACCOUNT.most)
    for step in steps:
        clock.now += step
        # Somebody signs in meanwhile, which is when old failures are dropped.
        throttle.succeeded(throttle.begin("autre@exemple.fr", ELSEWHERE))
    assert throttle.begin(ANNE, HOME).wait > 0


def test_while_the_clock_is_set_back_a_block_lasts_and_ends(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, clock, BY_ACCOUNT.most)
    clock.now -= 365 * 86400
    assert throttle.begin(ANNE, HOME).wait == BY_ACCOUNT.block
    clock.now += BY_ACCOUNT.block - 1
    assert throttle.begin(ANNE, HOME).wait == 1
    clock.now += WINDOW
    fail(throttle, clock, BY_ACCOUNT.free)
    assert throttle.begin(ANNE, HOME).wait == 5


def test_failures_that_count_no_more_do_not_fill_the_file(
    throttle: Throttle, clock: Clock, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle_module, "KEPT", 6)
    for number in range(12):
        fail(throttle, clock, 1, email=f"{number}@exemple.fr", address=f"192.0.2.{number}")
        clock.now += WINDOW
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT COUNT(*) FROM failures").fetchone()[0] <= 6 + 2


def test_forget(throttle: Throttle, clock: Clock) -> None:
    throttle.succeeded(throttle.begin(ANNE, HOME))
    fail(throttle, clock, 2)
    fail(throttle, clock, 3, address=ELSEWHERE)
    fail(throttle, clock, 1, email=BOB)
    assert throttle.forget(ANNE) == 6
    assert throttle.forget(ANNE) == 0
    assert throttle.begin(ANNE, ELSEWHERE).wait == 0
