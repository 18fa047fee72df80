"""A mail server on this machine that keeps what it accepts, and can be told to refuse, delay or break off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from search_app.settings import MailSecurity, MailServer
from tests.support.waiting import free_port

SENDER = "archives@exemple.fr"


@dataclass
class Mailbox:
    """What a server accepted, and how it answers.

    Attributes:
        settings: how the site reaches it.
        accepted: the messages that it accepted, in order.
        recipients: the addresses to which these messages were sent, in order.
        rcpt, data: return the answers to RCPT (from the address) and to the end of DATA (from the message); by default
            the server accepts both.
        after_acceptance: called once a message is accepted, before the answer to the end of DATA is sent.
    """

    settings: MailServer
    accepted: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    rcpt: Callable[[str], str] = lambda _: "250 OK"
    data: Callable[[bytes], str] = lambda _: "250 OK"
    after_acceptance: Callable[[], None] = lambda: None

    @property
    def messages(self) -> list[EmailMessage]:
        """The accepted messages, parsed."""
        parsed = [message_from_bytes(raw, policy=default) for raw in self.accepted]
        assert all(isinstance(one, EmailMessage) for one in parsed)
        return parsed  # type: ignore[return-value]

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:
        answer = self.rcpt(address)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        answer = self.data(envelope.content)
        if answer.startswith("250"):
            self.accepted.append(envelope.content)
            self.recipients += envelope.rcpt_tos
            self.after_acceptance()
        return answer


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Run a mail server on a free port of 127.0.0.1 as long as the context is open, and yield its mailbox."""
    box = Mailbox(MailServer("127.0.0.1", SENDER, free_port(), MailSecurity.NONE))
    controller = Controller(box, hostname=box.settings.host, port=box.settings.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def part(message: EmailMessage, kind: str) -> str:
    """Return the plain text or the HTML of a message (`plain`, `html`), with plain spaces for no-break ones."""
    found = message.get_body((kind,))
    assert found is not None
    content: str = found.get_content()
    return content.replace("\r\n", "\n").replace("\u00a0", " ").replace("\u202f", " ")
