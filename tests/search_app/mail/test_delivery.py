"""Sending over SMTP: nothing is lost and nothing repeated, whatever the server answers and whenever a process ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.errors import EngineError, IndexBusyError
from indexer.storage.locks import holding
from search_app.mail import MailQueue, Order, OrderKind
from search_app.mail.delivery import LOCK, Sent, deliver
from search_app.mail.message import Mail
from search_app.mail.queue import OrderState
from search_app.mail.smtp import Connection
from search_app.settings import MailSecurity, MailServer
from tests.support.clock import Clock
from tests.support.mail_server import SENDER, Mailbox, part
from tests.support.places import CHECKOUT
from tests.support.waiting import PATIENCE, free_port

ANNE, BORIS = "anne@exemple.fr", "boris@exemple.fr"


def compose(order: Order) -> Mail:
    return Mail(order.recipient, f"Bonjour {order.recipient}", "Été à vélo.\n.\n..\nFin.\n", "<p>Été à vélo.</p>")


def send(
    queue: MailQueue,
    server: MailServer,
    folder: Path,
    compose: Callable[[Order], Mail | None] = compose,
    refused: Callable[[Order], None] = lambda _: None,
) -> Sent:
    return deliver(queue, server, compose, name="Archives d’essai", folder=folder, refused=refused)


def test_a_mail_arrives_as_it_was_written(queue: MailQueue, box: Mailbox, tmp_path: Path) -> None:
    queue.add(OrderKind.INVITATION, ANNE)
    (order,) = queue.due()
    assert send(queue, box.settings, tmp_path) == Sent(sent=1)
    (message,) = box.messages
    assert box.recipients == [ANNE]
    assert message["To"] == ANNE
    assert message["From"] == f"Archives d’essai <{SENDER}>"
    assert message["Subject"] == f"Bonjour {ANNE}"
    assert message["Message-ID"] == f"<{order.message}@exemple.fr>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] is None
    assert part(message, "plain") == "Été à vélo.\n.\n..\nFin.\n"
    assert part(message, "html").strip() == "<p>Été à vélo.</p>"
    assert send(queue, box.settings, tmp_path) == Sent()


def test_the_end_with_one_click_is_in_the_headers(queue: MailQueue, box: Mailbox, tmp_path: Path) -> None:
    queue.add(OrderKind.NEWS, ANNE)
    send(queue, box.settings, tmp_path, lambda order: replace(compose(order), unsubscribe="https://x.example/fin/1"))
    (message,) = box.messages
    assert message["List-Unsubscribe"] == "<https://x.example/fin/1>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_what_the_server_refuses_for_good_is_noted_and_not_tried_again(
    queue: MailQueue, box: Mailbox, tmp_path: Path, where: str
) -> None:
    queue.add(OrderKind.INVITATION, ANNE)
    queue.add(OrderKind.INVITATION, BORIS)
    if where == "rcpt":
        box.rcpt = lambda address: "550 5.1.1 inconnu ici\x07" if address == ANNE else "250 OK"
    else:
        box.data = lambda raw: "554 5.7.1 indesirable" if ANNE.encode() in raw else "250 OK"
    told: list[str] = []
    assert send(queue, box.settings, tmp_path, refused=lambda order: told.append(order.recipient)) == Sent(
        sent=1, refused=1
    )
    assert (box.recipients, told) == ([BORIS], [ANNE])
    (failed,) = queue.failed()
    assert failed.outcome.startswith("550 5.1.1 inconnu ici" if where == "rcpt" else "554 5.7.1")
    assert "\x07" not in failed.outcome
    assert send(queue, box.settings, tmp_path) == Sent()


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_what_the_server_takes_later_is_tried_again(
    queue: MailQueue, box: Mailbox, clock: Clock, tmp_path: Path, where: str
) -> None:
    queue.add(OrderKind.INVITATION, ANNE)
    queue.add(OrderKind.INVITATION, BORIS)
    setattr(box, where, lambda told: "451 plus tard" if ANNE in str(told) else "250 OK")
    assert send(queue, box.settings, tmp_path) == Sent(sent=1, postponed=1)
    setattr(box, where, lambda _: "250 OK")
    assert send(queue, box.settings, tmp_path) == Sent()
    clock.now += 60
    assert send(queue, box.settings, tmp_path) == Sent(sent=1)
    assert box.recipients == [BORIS, ANNE]


def test_an_order_without_a_mail_any_more_is_dropped(queue: MailQueue, box: Mailbox, tmp_path: Path) -> None:
    queue.add(OrderKind.RESET, ANNE)
    assert send(queue, box.settings, tmp_path, lambda _: None) == Sent(dropped=1)
    assert box.accepted == []


def test_a_mail_that_cannot_be_composed_waits_and_others_do_not(
    queue: MailQueue, box: Mailbox, clock: Clock, tmp_path: Path
) -> None:
    queue.add(OrderKind.NEWS, ANNE)
    queue.add(OrderKind.RESET, BORIS)

    def without_index(order: Order) -> Mail:
        if order.kind is OrderKind.NEWS:
            raise EngineError("L’index manque.")
        return compose(order)

    assert send(queue, box.settings, tmp_path, without_index) == Sent(sent=1, postponed=1)
    clock.now += 60
    assert send(queue, box.settings, tmp_path) == Sent(sent=1)


def test_a_server_that_is_away_costs_no_mail(queue: MailQueue, box: Mailbox, clock: Clock, tmp_path: Path) -> None:
    for address in (ANNE, BORIS):
        queue.add(OrderKind.INVITATION, address)
    away = replace(box.settings, port=free_port())
    done = send(queue, away, tmp_path)
    assert (done.postponed, done.sent) == (1, 0)
    assert done.fault is not None
    assert f"127.0.0.1:{away.port}" in done.fault
    assert "RTES_SMTP_HOST" in done.fault
    clock.now += 60
    assert send(queue, box.settings, tmp_path) == Sent(sent=2)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"security": MailSecurity.STARTTLS}, "RTES_SMTP_SECURITY"),
        ({"security": MailSecurity.TLS}, "RTES_SMTP_SECURITY"),
        ({"user": "archives", "password": "x"}, "RTES_SMTP_USER"),
        ({"host": "nulle.part.invalid"}, "RTES_SMTP_HOST"),
    ],
)
def test_wrong_settings_are_named(
    queue: MailQueue, box: Mailbox, tmp_path: Path, changed: dict[str, str], says: str
) -> None:
    queue.add(OrderKind.INVITATION, ANNE)
    done = send(queue, replace(box.settings, **changed), tmp_path)  # type: ignore[arg-type]
    assert done.fault is not None
    assert says in done.fault
    assert done.postponed == 1


def test_one_process_at_a_time_sends(queue: MailQueue, box: Mailbox, tmp_path: Path) -> None:
    queue.add(OrderKind.INVITATION, ANNE)
    with holding(tmp_path / LOCK, busy=""), pytest.raises(IndexBusyError, match="déjà en cours"):
        send(queue, box.settings, tmp_path)
    assert box.accepted == []


# Processes that end in between

STEPS = ("offer", "handing", "hand_over", "sent")


@pytest.mark.parametrize("step", STEPS)
def test_a_process_that_ends_before_a_step_neither_loses_nor_repeats_a_mail(
    queue: MailQueue, box: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The instant between the server's acceptance and our note of it (`sent`) is the only one in which a mail is sent
    twice, and then with one Message-ID.
    """
    owner = Connection if step in {"offer", "hand_over"} else MailQueue
    queue.add(OrderKind.INVITATION, ANNE)

    def end(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(owner, step, end)
        with pytest.raises(SystemExit):
            send(queue, box.settings, tmp_path)
    state = OrderState.HANDED if step in {"hand_over", "sent"} else OrderState.WAITING
    assert queue.counts() == {state: 1}
    assert send(queue, box.settings, tmp_path).sent == 1
    assert len(box.accepted) == (2 if step == "sent" else 1)
    assert len({message["Message-ID"] for message in box.messages}) == 1
    assert send(queue, box.settings, tmp_path) == Sent()


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from search_app.mail import MailQueue
from search_app.mail.delivery import deliver
from search_app.mail.message import Mail
from search_app.settings import MailSecurity, MailServer
folder = Path(sys.argv[2])
print("begun", flush=True)
deliver(
    MailQueue(folder / "mail.sqlite", lambda: b""),
    MailServer("127.0.0.1", "archives@exemple.fr", int(sys.argv[3]), MailSecurity.NONE),
    lambda order: Mail(order.recipient, "Bonjour", "Bonjour", "<p>Bonjour</p>"), name="Archives", folder=folder,
)
"""


@pytest.mark.parametrize("where", ["rcpt", "data", "after_acceptance"])
def test_kill_9_in_the_middle_of_a_mail(box: Mailbox, tmp_path: Path, where: str) -> None:
    queue = MailQueue(tmp_path / "mail.sqlite", lambda: b"")
    for address in (ANNE, BORIS):
        queue.add(OrderKind.INVITATION, address)
    killed: list[int] = []

    def kill(*_: object) -> str:
        # Once: when the mail is announced, when all of it has come, or once it is accepted and before that is said.
        if not killed:
            killed.append(1)
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE)
            if where != "after_acceptance":
                return "451 nobody hears this"
        return "250 OK"

    setattr(box, where, kill)
    command = [sys.executable, "-c", KILLED, str(CHECKOUT), str(tmp_path), str(box.settings.port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGKILL
    assert send(queue, box.settings, tmp_path) == Sent(sent=2)
    identifiers = [message["Message-ID"] for message in box.messages]
    assert len(set(identifiers)) == 2, "neither is lost"
    assert len(identifiers) == (3 if where == "after_acceptance" else 2)
