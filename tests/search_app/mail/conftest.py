"""Fixtures of tests of mails: a mail server, a queue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from search_app.mail import MailQueue
from tests.support.clock import Clock
from tests.support.mail_server import Mailbox, mail_server


@pytest.fixture(scope="module")
def running_server() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def box(running_server: Mailbox) -> Mailbox:
    """A mail server that has accepted nothing yet, and accepts all."""
    fresh = Mailbox(running_server.settings)
    for name in ("accepted", "recipients", "rcpt", "data", "after_acceptance"):
        setattr(running_server, name, getattr(fresh, name))
    return running_server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(tmp_path: Path, clock: Clock) -> MailQueue:
    return MailQueue(tmp_path / "data" / "mail.sqlite", lambda: b"cle", clock=clock)
