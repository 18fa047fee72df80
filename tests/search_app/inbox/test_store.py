"""The messages of readers: kept until some time after they were dealt with, and limited for each network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from search_app.inbox import Inbox, TooManyMessagesError
from search_app.inbox.store import MOST_A_DAY, MOST_AN_HOUR
from tests.support.clock import Clock

HOUR, DAY = 3600, 24 * 3600


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(tmp_path: Path, clock: Clock) -> Inbox:
    return Inbox(tmp_path / "inbox.sqlite", 10, lambda: b"secret", clock=clock)


Send = Callable[..., None]


@pytest.fixture
def send(inbox: Inbox) -> Send:
    def sent(
        text: str = "Un lien mort.", resource: str | None = "ferme", email: str | None = None, at: str = "192.0.2.1"
    ) -> None:
        inbox.add(text, resource=resource, email=email, address=at)

    return sent


def texts(inbox: Inbox, *, closed: bool = False) -> list[str]:
    return [message.text for message in inbox.messages(closed=closed, limit=100)]


def test_an_inbox_that_nobody_wrote_to_has_no_file(inbox: Inbox, tmp_path: Path) -> None:
    assert (inbox.open_count(), texts(inbox), inbox.forget_author("a@exemple.fr")) == (0, [], 0)
    inbox.purge()
    assert list(tmp_path.iterdir()) == []


def test_open_messages_come_oldest_first_and_closed_ones_latest_first(inbox: Inbox, clock: Clock, send: Send) -> None:
    for text in ("un", "deux", "trois"):
        clock.now += 1
        send(text)
    numbers = [message.number for message in inbox.messages(closed=False, limit=100)]
    assert texts(inbox) == ["un", "deux", "trois"]
    for number in numbers[:2]:
        clock.now += 1
        assert inbox.close(number, "equipe@exemple.fr")
    assert (texts(inbox), texts(inbox, closed=True), inbox.open_count()) == (["trois"], ["deux", "un"], 1)
    assert not inbox.close(numbers[0], "autre@exemple.fr")
    assert inbox.messages(closed=True, limit=1)[0].closed_by == "equipe@exemple.fr"
    assert inbox.reopen(numbers[0])
    assert not inbox.reopen(numbers[0])
    assert texts(inbox) == ["un", "trois"]
    assert not inbox.delete(numbers[0])
    assert inbox.delete(numbers[1])
    assert not inbox.delete(numbers[1])


def test_the_same_message_twice_is_one(inbox: Inbox, clock: Clock, send: Send) -> None:
    send()
    send()
    send(resource="autre")
    assert len(texts(inbox)) == 2
    clock.now += HOUR + 1
    send()
    assert len(texts(inbox)) == 3


def test_one_network_does_not_fill_the_inbox(inbox: Inbox, clock: Clock, send: Send) -> None:
    for number in range(MOST_AN_HOUR):
        clock.now += 60
        send(str(number))
    with pytest.raises(TooManyMessagesError) as refused:
        send("de trop")
    assert 0 < refused.value.wait <= HOUR + 1
    send("d’ailleurs", at="198.51.100.7")
    clock.now += refused.value.wait
    send("plus tard")
    assert texts(inbox)[-2:] == ["d’ailleurs", "plus tard"]


def test_all_networks_together_neither(inbox: Inbox, clock: Clock, send: Send) -> None:
    for number in range(MOST_A_DAY):
        send(str(number), at=f"10.0.{number // 4}.1")
    with pytest.raises(TooManyMessagesError):
        send("de trop", at="203.0.113.9")
    clock.now += DAY + 1
    send("le lendemain", at="203.0.113.9")


def test_networks_are_hashed_and_forgotten_after_a_day(inbox: Inbox, clock: Clock, send: Send, tmp_path: Path) -> None:
    send()
    with inbox.database.reading() as database:
        assert database is not None
        (origin,) = database.execute("SELECT origin FROM messages").fetchone()
    assert origin
    assert "192.0.2.1" not in origin
    assert b"192.0.2.1" not in (tmp_path / "inbox.sqlite").read_bytes()
    clock.now += DAY + 1
    send("un autre")
    with inbox.database.reading() as database:
        assert database is not None
        assert database.execute("SELECT origin FROM messages WHERE text = 'Un lien mort.'").fetchone() == ("",)


def test_a_clock_that_is_set_back_blocks_nobody(inbox: Inbox, clock: Clock, send: Send) -> None:
    for number in range(MOST_AN_HOUR):
        send(str(number))
    clock.now -= 30 * DAY
    send("revenu")
    assert "revenu" in texts(inbox)


def test_what_was_dealt_with_goes_after_its_days_and_what_was_not_stays(inbox: Inbox, clock: Clock, send: Send) -> None:
    send("traité")
    send("ouvert")
    inbox.close(inbox.messages(closed=False, limit=1)[0].number, "equipe@exemple.fr")
    clock.now += 10 * DAY - 1
    inbox.purge()
    assert texts(inbox, closed=True) == ["traité"]
    clock.now += 1
    inbox.purge()
    assert (texts(inbox, closed=True), texts(inbox)) == ([], ["ouvert"])


def test_zero_days_keep_messages(tmp_path: Path, clock: Clock) -> None:
    inbox = Inbox(tmp_path / "inbox.sqlite", 0, lambda: b"secret", clock=clock)
    inbox.add("gardé", resource=None, email=None, address="192.0.2.1")
    inbox.close(1, "equipe@exemple.fr")
    clock.now += 9999 * DAY
    inbox.purge()
    assert texts(inbox, closed=True) == ["gardé"]


def test_a_person_is_erased(inbox: Inbox, send: Send) -> None:
    send("de Zoé", email="zoe@exemple.fr")
    send("d’un autre", email="autre@exemple.fr")
    inbox.close(2, "zoe@exemple.fr")
    assert (inbox.forget_author("zoe@exemple.fr"), inbox.forget_actor("zoe@exemple.fr")) == (1, 1)
    (left,) = inbox.messages(closed=True, limit=10)
    assert (left.text, left.closed_by) == ("d’un autre", "")
