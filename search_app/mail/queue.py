"""The queue of mails: orders, until they are sent, and for a while after that so that nothing is sent twice.

An order says what is to be written to whom. It passes through these states:

    waiting → handed → sent
                     → refused (the server refused it for good)
    waiting → dropped (nothing to send any more, such as to an account that was closed)
    waiting → expired (the server could not be reached for as long as the mail was of use)

`handed` is set after the whole mail was transmitted except for the line that ends it, and replaced once the server has
answered. A mail that is `waiting` was therefore certainly not accepted by the server, and one that is `sent` certainly
was. Only an order that is found `handed`, because the process was killed or the connection broke just then, may have
been accepted or not: it is sent again with the same Message-ID.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from indexer.storage.database import Database
from search_app.accounts.network import client_network
from search_app.data_files import open_data_file
from search_app.errors import StoreError
from search_app.messages import typeset

MOST_AN_HOUR = 5
"""Number of mails that visitors of one network may ask for in an hour, whoever they are for."""
MOST_A_DAY = 300
"""Number of mails that visitors of all networks together may ask for in a day."""
KEPT_DAYS = 35
"""Number of days for which an order is kept once it has ended."""

_MINUTE, _HOUR, _DAY = 60, 3600, 24 * 3600
_LONGEST_PAUSE = 6 * _HOUR
_SCHEMA = (
    (
        """
        CREATE TABLE orders (
            id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
            recipient TEXT NOT NULL, payload TEXT NOT NULL, message TEXT NOT NULL, origin TEXT NOT NULL,
            at REAL NOT NULL, due REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL,
            outcome TEXT NOT NULL DEFAULT '', ended REAL
        )
        """,
        "CREATE INDEX orders_state ON orders (state, due)",
        "CREATE INDEX orders_at ON orders (at)",
    ),
)


class OrderKind(StrEnum):
    """The purpose of a mail: to set a new password, to invite to an account, to confirm that a visitor follows a
    search, to tell new results of a saved search, or to report that a system service failed.
    """

    RESET = "reset"
    INVITATION = "invitation"
    CONFIRMATION = "confirmation"
    NEWS = "news"
    FAILURE = "failure"


LIFE: Mapping[OrderKind, int] = {
    OrderKind.RESET: _HOUR,
    OrderKind.CONFIRMATION: _DAY,
    OrderKind.INVITATION: 3 * _DAY,
    OrderKind.NEWS: 3 * _DAY,
    OrderKind.FAILURE: _DAY,
}
"""Number of seconds for which a mail that cannot be delivered is tried again."""


class OrderState(StrEnum):
    """The state of an order: it waits, its mail is being handed over (`HANDED`), or it has ended (all others)."""

    WAITING = "waiting"
    HANDED = "handed"
    SENT = "sent"
    REFUSED = "refused"
    DROPPED = "dropped"
    EXPIRED = "expired"


class TooManyRequestsError(StoreError):
    """Visitors of one network, or all visitors together, have asked for as many mails as the site allows.

    Attributes:
        wait: number of seconds until another request is accepted.
    """

    def __init__(self, wait: int) -> None:
        super().__init__(
            typeset("Beaucoup de courriels ont déjà été demandés d’ici : celui-ci ne l’est pas. Réessayez plus tard.")
        )
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Order:
    """A mail to be sent.

    Attributes:
        number: number of the order; never reused.
        kind: purpose of the mail.
        recipient: address to send it to; empty if `letters` finds the address from the payload at the time of sending.
        payload: what `letters` needs to compose it.
        message: random part of its Message-ID, the same at each attempt.
        at: when it was ordered, in seconds since 1970.
        attempts: number of attempts that failed.
        state: whether it waits, was sent, refused, and so on.
        outcome: answer of the server to the last attempt; empty if there was none.
    """

    number: int
    kind: OrderKind
    recipient: str
    payload: Mapping[str, str | float]
    message: str
    at: float
    attempts: int
    state: OrderState
    outcome: str


class MailQueue:
    """The queue, in one file.

    Args:
        path: the SQLite file, created by the first order.
        secret: returns the key of the hashes of network addresses; called once, when it is first needed.
        clock: returns seconds since 1970; replaces the system clock in tests.
    """

    def __init__(self, path: Path, secret: Callable[[], bytes], *, clock: Callable[[], float] = time.time) -> None:
        self._store = open_data_file(path, _SCHEMA)
        self._secret, self._clock = cache(secret), clock

    @property
    def database(self) -> Database:
        """The SQLite database that holds the queue."""
        return self._store

    # Ordering

    def add(
        self, kind: OrderKind, recipient: str, payload: Mapping[str, str | float] | None = None, *, key: str = ""
    ) -> bool:
        """Order a mail.

        Args:
            kind: purpose of the mail.
            recipient: address to send it to; empty if `letters` finds it from the payload at the time of sending.
            payload: what `letters` needs to compose it.
            key: name of the order: an order with the name of an earlier one is ignored. Orders without a name are not.

        Returns:
            Whether it was ordered; False if there was an order with that name.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._store.changing() as database:
            return self._insert(database, kind, recipient, payload or {}, key, "")

    def request(
        self, kind: OrderKind, recipient: str, payload: Mapping[str, str | float] | None = None, *, address: str
    ) -> None:
        """Order a mail that somebody asks for without signing in. The limits are the same for every recipient.

        Args:
            kind: purpose of the mail.
            recipient: address to send it to.
            payload: what `letters` needs to compose it.
            address: IP address of the person who asks.

        Raises:
            TooManyRequestsError: too many mails were asked for.
            StoreError: the file cannot be written.
        """
        now, origin = self._clock(), self._origin(address)
        with self._store.changing() as database:
            database.execute(
                "UPDATE orders SET origin = '' WHERE origin <> '' AND (at <= ? OR at > ?)", (now - _DAY, now)
            )
            wait = max(
                _wait(database, "origin = ?", (origin,), now, _HOUR, MOST_AN_HOUR),
                _wait(database, "origin <> ''", (), now, _DAY, MOST_A_DAY),
            )
            if wait > 0:
                raise TooManyRequestsError(wait)
            self._insert(database, kind, recipient, payload or {}, "", origin)

    def _insert(
        self,
        database: sqlite3.Connection,
        kind: OrderKind,
        recipient: str,
        payload: Mapping[str, str | float],
        key: str,
        origin: str,
    ) -> bool:
        now, message = self._clock(), secrets.token_hex(16)
        return (
            database.execute(
                "INSERT OR IGNORE INTO orders (key, kind, recipient, payload, message, origin, at, due, state) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (key or message, kind, recipient, json.dumps(payload), message, origin, now, now, OrderState.WAITING),
            ).rowcount
            > 0
        )

    # Sending

    def recover(self) -> int:
        """Put back in the queue the orders that were being handed over when their process ended; return their number.

        Only the process that holds the lock of the queue may call it.

        Raises:
            StoreError: the file cannot be written.
        """
        return self._store.change_existing(
            "UPDATE orders SET state = ? WHERE state = ?", (OrderState.WAITING, OrderState.HANDED)
        )

    def due(self) -> tuple[Order, ...]:
        """Return the orders that may be sent now, the oldest first.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._orders("state = ? AND due <= ? ORDER BY id", (OrderState.WAITING, self._clock()))

    def handing(self, order: Order) -> None:
        """Record that the server has all of a mail but the line that ends it.

        Raises:
            StoreError: the file cannot be written.
        """
        self._set(order, OrderState.HANDED, order.outcome, ended=False)

    def sent(self, order: Order) -> None:
        """Record that the server has accepted a mail, and erase its recipient and payload.

        Raises:
            StoreError: the file cannot be written.
        """
        self._set(order, OrderState.SENT, "", ended=True)

    def refused(self, order: Order, outcome: str) -> None:
        """Record that the server refuses a mail for good, and its answer.

        Raises:
            StoreError: the file cannot be written.
        """
        self._set(order, OrderState.REFUSED, outcome, ended=True)

    def drop(self, order: Order) -> None:
        """Record that there is nothing to send any more for an order, and erase its recipient and payload.

        Raises:
            StoreError: the file cannot be written.
        """
        self._set(order, OrderState.DROPPED, "", ended=True)

    def postpone(self, order: Order, outcome: str) -> bool:
        """Have a mail tried again later: after one minute, then two, four, and so on up to six hours.

        Returns:
            Whether it is tried again; False if it would be of no more use then.

        Raises:
            StoreError: the file cannot be written.
        """
        now = self._clock()
        due = now + min(_LONGEST_PAUSE, _MINUTE * 2 ** min(order.attempts, 20))
        if due > order.at + LIFE[order.kind]:
            self._set(order, OrderState.EXPIRED, outcome, ended=True)
            return False
        self._store.change_existing(
            "UPDATE orders SET state = ?, attempts = attempts + 1, due = ?, outcome = ? WHERE id = ?",
            (OrderState.WAITING, due, outcome, order.number),
        )
        return True

    def _set(self, order: Order, state: OrderState, outcome: str, *, ended: bool) -> None:
        # Only where a delivery failed does the address stay, so that staff can see which one; but not that of a person
        # who never confirmed it, nor the server's answer, which often repeats it.
        unconfirmed = ended and order.kind is OrderKind.CONFIRMATION
        forgets = unconfirmed or state in {OrderState.SENT, OrderState.DROPPED}
        self._store.change_existing(
            "UPDATE orders SET state = ?, outcome = ?, ended = ?, recipient = IIF(?, '', recipient), "
            "payload = IIF(?, '{}', payload) WHERE id = ?",
            (
                state,
                "" if unconfirmed else outcome,
                self._clock() if ended else None,
                forgets,
                forgets,
                order.number,
            ),
        )

    # Maintenance

    def counts(self) -> Mapping[OrderState, int]:
        """Return the number of orders in each state.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._store.reading() as database:
            rows = [] if database is None else database.execute("SELECT state, COUNT(*) FROM orders GROUP BY state")
            return {OrderState(state): int(count) for state, count in rows}

    def failed(self) -> tuple[Order, ...]:
        """Return the orders that could not be delivered, and those that wait after a failed attempt, oldest first.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._orders(
            "state IN (?, ?) OR (state = ? AND attempts > 0) ORDER BY id",
            (OrderState.REFUSED, OrderState.EXPIRED, OrderState.WAITING),
        )

    def purge(self) -> None:
        """Delete the orders that ended more than `KEPT_DAYS` ago. Expire those that somebody asked for without signing
        in and that are too old to be of use, and erase their addresses: no run may have sent mails for days.

        Raises:
            StoreError: the file cannot be written.
        """
        now = self._clock()
        self._store.change_existing("DELETE FROM orders WHERE ended <= ?", (now - KEPT_DAYS * _DAY,))
        for kind in (OrderKind.CONFIRMATION, OrderKind.RESET):
            # Not deleted, since they still count against the limits.
            self._store.change_existing(
                "UPDATE orders SET state = ?, outcome = '', ended = ?, recipient = '', payload = '{}' "
                "WHERE kind = ? AND state IN (?, ?) AND at <= ?",
                (OrderState.EXPIRED, now, kind, OrderState.WAITING, OrderState.HANDED, now - LIFE[kind]),
            )

    def forget(self, recipient: str) -> int:
        """Delete all orders for an address; return their number.

        Raises:
            StoreError: the file cannot be written.
        """
        return self._store.change_existing("DELETE FROM orders WHERE recipient = ?", (recipient,))

    def _orders(self, condition: str, values: tuple[str | float, ...]) -> tuple[Order, ...]:
        with self._store.reading() as database:
            if database is None:
                return ()
            rows = database.execute(
                "SELECT id, kind, recipient, payload, message, at, attempts, state, outcome FROM orders "  # noqa: S608
                f"WHERE {condition}",
                values,
            ).fetchall()
        return tuple(map(_order, rows))

    def _origin(self, address: str) -> str:
        network = client_network(address).encode("utf-8", "replace")
        return hashlib.blake2b(network, key=self._secret(), person=b"mail", digest_size=16).hexdigest()


def _wait(database: sqlite3.Connection, which: str, values: tuple[str, ...], now: float, window: int, most: int) -> int:
    """Return the number of seconds until fewer than `most` of the orders that a condition selects are of the last
    `window` seconds; 0 if that is so now.

    Args:
        database: the open database.
        which: the condition, in SQL.
        values: values of the condition's parameters.
        now: time in seconds since 1970.
        window: length of the window in seconds.
        most: largest number of orders in a window.
    """
    found = database.execute(
        f"SELECT at FROM orders WHERE {which} AND at > ? ORDER BY at DESC LIMIT 1 OFFSET ?",  # noqa: S608 - our own
        (*values, now - window, most - 1),
    ).fetchone()
    return 0 if found is None else max(1, int(found[0] + window - now) + 1)


def _order(row: tuple[int, str, str, str, str, float, int, str, str]) -> Order:
    number, kind, recipient, payload, message, at, attempts, state, outcome = row
    return Order(
        number, OrderKind(kind), recipient, json.loads(payload), message, at, attempts, OrderState(state), outcome
    )
