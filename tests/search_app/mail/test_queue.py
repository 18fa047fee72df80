"""The queue of mails: what is ordered once, tried again or given up, and how long addresses are kept."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from search_app.mail import MailQueue, OrderKind, TooManyRequestsError
from search_app.mail import queue as module
from search_app.mail.queue import LIFE, MOST_A_DAY, MOST_AN_HOUR, OrderState
from tests.support.clock import Clock

ANNE = "anne@exemple.fr"


def raw(tmp_path: Path) -> bytes:
    return (tmp_path / "data" / "mail.sqlite").read_bytes()


def test_nothing_is_kept_before_something_is(queue: MailQueue, tmp_path: Path) -> None:
    assert (queue.due(), queue.failed(), queue.counts(), queue.recover(), queue.forget(ANNE)) == ((), (), {}, 0, 0)
    queue.purge()
    assert not (tmp_path / "data").exists()


def test_orders_are_due_in_their_order_and_in_a_file_of_the_owner(queue: MailQueue, tmp_path: Path) -> None:
    queue.add(OrderKind.INVITATION, ANNE)
    queue.add(OrderKind.NEWS, "", {"search": 3, "since": 1.5})
    first, second = queue.due()
    assert (first.kind, first.recipient, first.attempts) == (OrderKind.INVITATION, ANNE, 0)
    assert second.payload == {"search": 3, "since": 1.5}
    assert first.message != second.message
    assert stat.S_IMODE((tmp_path / "data" / "mail.sqlite").stat().st_mode) == 0o600


def test_of_two_orders_of_one_name_the_first_counts_even_once_it_was_sent(queue: MailQueue, clock: Clock) -> None:
    assert queue.add(OrderKind.NEWS, "", key="news-1")
    assert not queue.add(OrderKind.NEWS, "", key="news-1")
    queue.sent(queue.due()[0])
    queue.purge()
    assert not queue.add(OrderKind.NEWS, "", key="news-1")
    assert queue.due() == ()


def test_whom_a_mail_was_for_is_erased_once_it_is_sent_or_dropped(queue: MailQueue, tmp_path: Path) -> None:
    for end in (queue.sent, queue.drop):
        queue.add(OrderKind.RESET, ANNE, {"x": "zanzibar"})
        end(queue.due()[0])
    assert ANNE.encode() not in raw(tmp_path)
    assert b"zanzibar" not in raw(tmp_path)
    queue.add(OrderKind.RESET, ANNE)
    queue.refused(queue.due()[0], "550 inconnu")
    (failed,) = queue.failed()
    assert (failed.recipient, failed.state, failed.outcome) == (ANNE, OrderState.REFUSED, "550 inconnu")
    assert queue.forget(ANNE) == 1
    assert ANNE.encode() not in raw(tmp_path)


@pytest.mark.parametrize("state", ["refused", "expired"])
def test_an_address_that_was_never_confirmed_is_erased_even_if_the_mail_failed(
    queue: MailQueue, clock: Clock, tmp_path: Path, state: str
) -> None:
    queue.request(OrderKind.CONFIRMATION, "zoe@exemple.fr", {"follower": "visitor-1"}, address="192.0.2.1")
    (order,) = queue.due()
    answer = "550 <zoe@exemple.fr> n’existe pas"
    if state == "refused":
        queue.refused(order, answer)
    else:
        clock.now += LIFE[OrderKind.CONFIRMATION]
        assert not queue.postpone(order, answer)
    assert queue.counts() == {OrderState(state): 1}
    assert b"zoe@" not in raw(tmp_path)


@pytest.mark.parametrize("kind", [OrderKind.CONFIRMATION, OrderKind.RESET])
def test_what_strangers_asked_for_is_erased_even_if_no_mail_is_sent(
    queue: MailQueue, clock: Clock, tmp_path: Path, kind: OrderKind
) -> None:
    queue.request(kind, "zoe@exemple.fr", {"follower": "visitor-1"}, address="192.0.2.1")
    queue.purge()
    assert len(queue.due()) == 1
    clock.now += LIFE[kind]
    queue.purge()
    assert queue.due() == ()
    assert queue.counts() == {OrderState.EXPIRED: 1}
    assert b"zoe@" not in raw(tmp_path)


def test_pauses_between_attempts_double_until_the_mail_is_of_no_more_use(queue: MailQueue, clock: Clock) -> None:
    queue.add(OrderKind.INVITATION, ANNE)
    begun, pauses = clock.now, []
    while queue.due():
        (order,) = queue.due()
        if not queue.postpone(order, "451 plus tard"):
            break
        (again,) = queue.failed()
        assert again.message == order.message, "the same Message-ID at each attempt"
        pause = min(60 * 2**order.attempts, 6 * 3600)
        clock.now += pause - 1
        assert queue.due() == ()
        clock.now += 1
        pauses.append(pause)
    assert pauses[:9] == [60, 120, 240, 480, 960, 1920, 3840, 7680, 15360]
    assert set(pauses[9:]) == {6 * 3600}
    assert clock.now - begun <= LIFE[OrderKind.INVITATION] < clock.now - begun + 6 * 3600
    assert queue.counts() == {OrderState.EXPIRED: 1}


def test_a_mail_that_was_being_handed_over_is_due_again_after_recovery_alone(queue: MailQueue) -> None:
    queue.add(OrderKind.RESET, ANNE)
    (order,) = queue.due()
    queue.handing(order)
    assert queue.due() == ()
    assert queue.recover() == 1
    (again,) = queue.due()
    assert (again.number, again.message, again.recipient) == (order.number, order.message, ANNE)


def test_orders_that_ended_are_deleted_after_some_weeks(queue: MailQueue, clock: Clock) -> None:
    queue.add(OrderKind.INVITATION, ANNE)
    queue.add(OrderKind.INVITATION, ANNE)
    queue.refused(queue.due()[0], "550")
    clock.now += module.KEPT_DAYS * 24 * 3600
    queue.purge()
    assert queue.counts() == {OrderState.WAITING: 1}


def test_strangers_get_only_so_many_mails_whoever_they_name(queue: MailQueue, clock: Clock) -> None:
    for number in range(MOST_AN_HOUR):
        queue.request(OrderKind.RESET, f"a{number}@exemple.fr", address="192.0.2.7")
    with pytest.raises(TooManyRequestsError) as caught:
        queue.request(OrderKind.RESET, "encore@exemple.fr", address="192.0.2.7")
    assert 0 < caught.value.wait <= 3601
    queue.request(OrderKind.RESET, "encore@exemple.fr", address="192.0.2.8")
    clock.now += 3601
    queue.request(OrderKind.RESET, "encore@exemple.fr", address="192.0.2.7")


def test_all_together_get_only_so_many_mails_a_day(queue: MailQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_A_DAY", 3)
    assert MOST_A_DAY > 3
    for number in range(3):
        queue.request(OrderKind.RESET, ANNE, address=f"192.0.2.{number}")
    with pytest.raises(TooManyRequestsError):
        queue.request(OrderKind.RESET, ANNE, address="192.0.2.99")
    queue.add(OrderKind.INVITATION, ANNE)  # what staff and members ask for is not counted


def test_no_network_address_is_kept(queue: MailQueue, clock: Clock, tmp_path: Path) -> None:
    queue.request(OrderKind.RESET, ANNE, address="192.0.2.7")
    assert b"192.0.2" not in raw(tmp_path)
