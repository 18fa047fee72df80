"""A connection to the mail server, over which mails are handed over in two steps.

`smtplib.SMTP.sendmail` transmits a mail and waits for the answer in one call. Here the line that ends a mail is
transmitted by a call of its own, so that the queue can record what is about to happen: before that line no server can
have accepted the mail.
"""

from __future__ import annotations

import re
import smtplib
import ssl

from indexer.storage.os_errors import reason_of
from search_app.control_characters import without_controls
from search_app.errors import MailError
from search_app.messages import typeset
from search_app.settings import MailSecurity, MailServer

TIMEOUT = 30.0
"""Number of seconds to wait for each answer of the server."""

_MOST_OF_ANSWER = 200
_LEADING_DOT = re.compile(rb"(?m)^\.")


class MailRefusedError(MailError):
    """The server refuses this mail for good. The message is its answer."""


class MailDelayedError(MailError):
    """The server does not take this mail now, but may later. The message is its answer."""


class MailServerError(MailError):
    """The server cannot be reached, or refuses every mail. The message tells the administrator what to check."""


class Connection:
    """An open connection to the mail server.

    Args:
        server: the server.

    Raises:
        MailServerError: it cannot be reached, its certificate is not valid, or it refuses the password.
    """

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._within_mail = False
        try:
            self._smtp = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise MailServerError(self._unusable(error)) from error

    def _open(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        if self._server.security is MailSecurity.TLS:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
        else:
            smtp = smtplib.SMTP(host, port, timeout=TIMEOUT)
        try:
            if self._server.security is MailSecurity.STARTTLS:
                smtp.starttls(context=ssl.create_default_context())
            if self._server.user:
                smtp.login(self._server.user, self._server.password)
            smtp.ehlo_or_helo_if_needed()
        except BaseException:
            smtp.close()
            raise
        return smtp

    def offer(self, recipient: str, message: bytes) -> None:
        """Transmit a mail, all but the line that ends it. The server has not accepted it yet.

        Raises:
            MailRefusedError: the server refuses this mail for good.
            MailDelayedError: it does not take it now.
            MailServerError: the connection broke, or the server refuses the sender.
        """
        try:
            code, answer = self._smtp.mail(self._server.sender)
            if code != 250:
                raise MailServerError(self._refuses_sender(_said(code, answer)))
            code, answer = self._smtp.rcpt(recipient)
            if code not in {250, 251}:
                self._smtp.rset()
                raise _not_taken(code, answer)
            code, answer = self._smtp.docmd("DATA")
            if code != 354:
                self._smtp.rset()
                raise _not_taken(code, answer)
            self._within_mail = True
            self._smtp.send(_LEADING_DOT.sub(b"..", message))
            if not message.endswith(b"\r\n"):
                self._smtp.send(b"\r\n")
        except (OSError, smtplib.SMTPException) as error:
            raise MailServerError(self._unusable(error)) from error

    def hand_over(self) -> None:
        """End the mail that was offered, and wait for the server to accept it.

        Raises:
            MailRefusedError: the server refuses this mail for good.
            MailDelayedError: it does not take it now.
            MailServerError: the connection broke; nobody knows whether the server accepted the mail.
        """
        try:
            self._smtp.send(b".\r\n")
            code, answer = self._smtp.getreply()
            self._within_mail = False
        except (OSError, smtplib.SMTPException) as error:
            raise MailServerError(self._unusable(error)) from error
        if code != 250:
            raise _not_taken(code, answer)

    def close(self) -> None:
        """Close the connection. A mail that was offered but not handed over is not sent."""
        if self._within_mail:
            # Whatever is transmitted now would be part of the mail.
            self._smtp.close()
            return
        try:
            self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            self._smtp.close()

    def _unusable(self, error: OSError | smtplib.SMTPException) -> str:
        place = f"{self._server.host}:{self._server.port}"
        match error:
            case smtplib.SMTPAuthenticationError():
                why = (
                    f"refuse le nom d’utilisateur ou le mot de passe ({_said(error.smtp_code, error.smtp_error)}) : "
                    "vérifiez RTES_SMTP_USER et le fichier du mot de passe"
                )
            case smtplib.SMTPNotSupportedError():
                why = "ne propose pas ce qui lui est demandé : vérifiez RTES_SMTP_SECURITY et RTES_SMTP_USER"
            case ssl.SSLCertVerificationError():
                why = f"n’a pas de certificat valable ({error.verify_message}) : vérifiez RTES_SMTP_HOST"
            case ssl.SSLError():
                why = (
                    "ne répond pas comme prévu à une connexion chiffrée : vérifiez RTES_SMTP_PORT et RTES_SMTP_SECURITY"
                )
            case smtplib.SMTPResponseException():
                why = f"refuse la connexion ({_said(error.smtp_code, error.smtp_error)}) : réessayez plus tard"
            case smtplib.SMTPException():
                why = "a rompu la connexion : réessayez plus tard, ou vérifiez RTES_SMTP_PORT et RTES_SMTP_SECURITY"
            case _:
                mend = "vérifiez RTES_SMTP_HOST et RTES_SMTP_PORT, et que le réseau est permis"
                why = f"ne peut être joint {reason_of(error).then(mend)}"
        return typeset(f"Le serveur de courriel {place} {why}.")

    def _refuses_sender(self, answer: str) -> str:
        return typeset(
            f"Le serveur de courriel {self._server.host}:{self._server.port} refuse l’expéditeur "
            f"{self._server.sender} ({answer}) : vérifiez RTES_SMTP_SENDER."
        )


def _not_taken(code: int, answer: bytes) -> MailRefusedError | MailDelayedError:
    said = _said(code, answer)
    return MailRefusedError(said) if 500 <= code < 600 else MailDelayedError(said)


def _said(code: int, answer: bytes | str) -> str:
    """Return an answer of a server on one line, without anything that could forge a line of a log."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return " ".join(without_controls(f"{code} {text}".replace("\n", " ")).split())[:_MOST_OF_ANSWER]
