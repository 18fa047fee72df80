"""Sends the mails that are due, one process at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import ArchiveError
from indexer.storage.files import make_folder
from indexer.storage.locks import holding
from search_app.errors import MailError
from search_app.mail.message import Mail, message_of
from search_app.mail.queue import MailQueue, Order
from search_app.mail.smtp import Connection, MailDelayedError, MailRefusedError, MailServerError
from search_app.messages import typeset
from search_app.settings import MailServer

LOCK = "mail.lock"
"""Name of the lock file in the data folder; the process that sends mails holds its lock."""

_BUSY = typeset("Un envoi de courriels est déjà en cours : rien à faire.")


@dataclass(frozen=True, slots=True)
class Sent:
    """The result of one run that sends the mails that are due.

    Attributes:
        sent: number of mails that the server accepted.
        refused: number of mails that it refused for good.
        postponed: number of mails that will be tried again.
        dropped: number of orders for which there was nothing to send any more.
        expired: number of mails that were given up, since they could not be delivered in time.
        fault: why the server could not be used, or None.
    """

    sent: int = 0
    refused: int = 0
    postponed: int = 0
    dropped: int = 0
    expired: int = 0
    fault: str | None = None


def deliver(
    queue: MailQueue,
    server: MailServer,
    compose: Callable[[Order], Mail | None],
    *,
    name: str,
    folder: Path,
    refused: Callable[[Order], None] = lambda _: None,
    clock: Callable[[], float] = time.time,
) -> Sent:
    """Send all mails that are due.

    Args:
        queue: the queue.
        server: the mail server.
        compose: returns the mail of an order, or None if there is nothing to send any more.
        name: name of the sender.
        folder: the data folder, which holds the lock.
        refused: called with each order that the server refuses for good.
        clock: returns seconds since 1970.

    Raises:
        IndexBusyError: another process sends mails.
        StoreError: the queue cannot be used.
        OSError: the lock cannot be taken.
    """
    make_folder(folder, 0o700)
    with holding(folder / LOCK, busy=_BUSY):
        queue.recover()
        queue.purge()
        run = _Run(queue, server, compose, name, refused, clock)
        try:
            return run.all_due()
        finally:
            run.close()


class _Run:
    """One run over the queue; the connection is opened for the first mail."""

    def __init__(
        self,
        queue: MailQueue,
        server: MailServer,
        compose: Callable[[Order], Mail | None],
        name: str,
        refused: Callable[[Order], None],
        clock: Callable[[], float],
    ) -> None:
        self._queue, self._server, self._compose = queue, server, compose
        self._name, self._refused, self._clock = name, refused, clock
        self._connection: Connection | None = None

    def all_due(self) -> Sent:
        counts = dict.fromkeys(("sent", "refused", "postponed", "dropped", "expired"), 0)
        fault = None
        for order in self._queue.due():
            try:
                counts[self._one(order)] += 1
            except MailServerError as error:
                # The other orders wait unchanged: the server is at fault, not the mails.
                fault = str(error)
                counts["postponed" if self._queue.postpone(order, fault) else "expired"] += 1
                break
        return Sent(**counts, fault=fault)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _one(self, order: Order) -> str:
        """Send the mail of an order, and return the name of the count in `Sent` that the mail belongs to."""
        try:
            mail = self._compose(order)
        except MailError:
            raise
        except ArchiveError as error:
            return "postponed" if self._queue.postpone(order, str(error)) else "expired"
        if mail is None:
            self._queue.drop(order)
            return "dropped"
        message = message_of(
            mail, sender=self._server.sender, name=self._name, identifier=order.message, now=self._clock()
        )
        try:
            if self._connection is None:
                self._connection = Connection(self._server)
            self._connection.offer(mail.recipient, message)
            self._queue.handing(order)
            self._connection.hand_over()
        except MailRefusedError as error:
            self._queue.refused(order, str(error))
            self._refused(order)
            return "refused"
        except MailDelayedError as error:
            return "postponed" if self._queue.postpone(order, str(error)) else "expired"
        self._queue.sent(order)
        return "sent"
