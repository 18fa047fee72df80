"""A mail, and how it is written as a message of the Internet (RFC 5322), in plain text and HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from search_app.web.text import one_line


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that is ready to be sent.

    Attributes:
        recipient: address to send it to.
        subject: its subject (French).
        text: its content as plain text.
        html: its content as HTML.
        unsubscribe: address that ends such mails with one click (RFC 8058), or None.
    """

    recipient: str
    subject: str
    text: str
    html: str
    unsubscribe: str | None = None


def message_of(mail: Mail, *, sender: str, name: str, identifier: str, now: float) -> bytes:
    """Return a mail as it is transmitted.

    Args:
        mail: the mail.
        sender: address of the sender.
        name: name of the sender.
        identifier: random part of the Message-ID.
        now: time in seconds since 1970.
    """
    message = EmailMessage(policy=SMTP)
    domain = sender.rpartition("@")[2]
    message["From"] = Address(one_line(name), addr_spec=sender)
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    message["Message-ID"] = f"<{identifier}@{domain}>"
    # So that vacation programs do not answer (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe is not None:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    return message.as_bytes()
