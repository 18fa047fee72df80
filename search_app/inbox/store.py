"""The store of the inbox: messages of readers, until some time after staff have dealt with them.

A message holds what its author wrote, and an address to answer to if one was given. The network address of the author
is stored as a keyed hash for a day, so that one network cannot fill the inbox.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from indexer.storage.database import Database
from search_app.accounts.network import client_network
from search_app.data_files import open_data_file
from search_app.errors import StoreError
from search_app.messages import typeset

MAX_TEXT = 4_000
"""Largest number of characters of a message."""
MOST_AN_HOUR = 5
"""Number of messages that one network may send in an hour."""
MOST_A_DAY = 200
"""Number of messages that the inbox takes in a day, from all networks together."""

_HOUR, _DAY = 3600, 24 * 3600
_SCHEMA = (
    (
        """
        CREATE TABLE messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, resource TEXT NOT NULL, text TEXT NOT NULL,
            email TEXT NOT NULL, origin TEXT NOT NULL, closed REAL, closed_by TEXT NOT NULL DEFAULT ''
        )
        """,
        "CREATE INDEX messages_at ON messages (at)",
    ),
)


class TooManyMessagesError(StoreError):
    """One network, or all networks together, have sent as many messages as the inbox takes.

    Attributes:
        wait: number of seconds until the inbox takes the next message.
    """

    def __init__(self, wait: int) -> None:
        super().__init__(
            typeset(
                "L’équipe a déjà reçu beaucoup de messages : le vôtre n’est pas parti. Gardez-le, et renvoyez-le plus "
                "tard."
            )
        )
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a reader.

    Attributes:
        number: number of the message.
        at: time at which it was sent, UTC, ISO 8601.
        resource: id of the resource that it is about, or None.
        text: what was written.
        email: address to answer to, or None.
        closed: time at which staff dealt with it, UTC, ISO 8601; None while it is open.
        closed_by: address of the account that dealt with it; empty while it is open, or if the account was erased.
    """

    number: int
    at: str
    resource: str | None
    text: str
    email: str | None
    closed: str | None
    closed_by: str


class Inbox:
    """The messages of readers, in one file.

    Args:
        path: the SQLite file.
        days: number of days for which a message is kept after staff have dealt with it; 0 keeps it for ever.
        secret: returns the key of the hashes of network addresses; called once, when it is first needed.
        clock: returns seconds since 1970; replaces the system clock in tests.
    """

    def __init__(
        self, path: Path, days: int, secret: Callable[[], bytes], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = open_data_file(path, _SCHEMA)
        self._days, self._secret, self._clock = days, cache(secret), clock

    @property
    def database(self) -> Database:
        """The database of the messages."""
        return self._store

    def add(self, text: str, *, resource: str | None, email: str | None, address: str) -> None:
        """Store a message. A message sent again within an hour, as by a double click, is stored only once.

        Args:
            text: what was written, of at most `MAX_TEXT` characters.
            resource: id of the resource that it is about, or None.
            email: address to answer to, or None.
            address: network address of its author.

        Raises:
            TooManyMessagesError: the inbox takes no more for now.
            StoreError: the file cannot be written.
        """
        now, origin = self._clock(), self._origin(address)
        with self._store.changing() as database:
            # Messages older than a day, or in the future since the clock was set back, do not count towards limits.
            database.execute(
                "UPDATE messages SET origin = '' WHERE origin <> '' AND (at <= ? OR at > ?)", (now - _DAY, now)
            )
            same = "SELECT 1 FROM messages WHERE origin = ? AND at > ? AND resource = ? AND text = ?"
            if database.execute(same, (origin, now - _HOUR, resource or "", text)).fetchone():
                return
            wait = max(
                _wait(database, "origin = ?", (origin,), now, _HOUR, MOST_AN_HOUR),
                _wait(database, "origin <> ''", (), now, _DAY, MOST_A_DAY),
            )
            if wait > 0:
                raise TooManyMessagesError(wait)
            database.execute(
                "INSERT INTO messages (at, resource, text, email, origin) VALUES (?, ?, ?, ?, ?)",
                (now, resource or "", text, email or "", origin),
            )

    def open_count(self) -> int:
        """Return the number of open messages.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._store.reading() as database:
            if database is None:
                return 0
            (count,) = database.execute("SELECT COUNT(*) FROM messages WHERE closed IS NULL").fetchone()
            return int(count)

    def messages(self, *, closed: bool, limit: int) -> tuple[Message, ...]:
        """Return up to `limit` messages: open ones, the oldest first, or (`closed`) closed ones, the last closed first.

        Raises:
            StoreError: the file cannot be read.
        """
        which = "closed IS NOT NULL ORDER BY closed DESC, id DESC" if closed else "closed IS NULL ORDER BY at, id"
        with self._store.reading() as database:
            if database is None:
                return ()
            rows = database.execute(
                f"SELECT id, at, resource, text, email, closed, closed_by FROM messages WHERE {which} LIMIT ?",  # noqa: S608
                (limit,),
            ).fetchall()
        return tuple(map(_message, rows))

    def close(self, number: int, actor: str) -> bool:
        """Record that staff have dealt with a message; return whether there was an open one of this number.

        Raises:
            StoreError: the file cannot be written.
        """
        closed = "UPDATE messages SET closed = ?, closed_by = ? WHERE id = ? AND closed IS NULL"
        return self._store.change_existing(closed, (self._clock(), actor, number)) > 0

    def reopen(self, number: int) -> bool:
        """Open a message again; return whether there was a closed one of this number.

        Raises:
            StoreError: the file cannot be written.
        """
        opened = "UPDATE messages SET closed = NULL, closed_by = '' WHERE id = ? AND closed IS NOT NULL"
        return self._store.change_existing(opened, (number,)) > 0

    def delete(self, number: int) -> bool:
        """Delete a message that staff have dealt with; return whether there was one of this number.

        Raises:
            StoreError: the file cannot be written.
        """
        return self._store.change_existing("DELETE FROM messages WHERE id = ? AND closed IS NOT NULL", (number,)) > 0

    def purge(self) -> None:
        """Delete messages that staff dealt with more than `days` days ago; none if `days` is 0.

        Raises:
            StoreError: the file cannot be written.
        """
        if self._days:
            last = self._clock() - self._days * _DAY
            self._store.change_existing("DELETE FROM messages WHERE closed <= ?", (last,))

    def forget_author(self, email: str) -> int:
        """Delete all messages that give this e-mail address to answer to; return how many there were.

        Raises:
            StoreError: the file cannot be written.
        """
        return self._store.change_existing("DELETE FROM messages WHERE email = ?", (email,))

    def forget_actor(self, actor: str) -> int:
        """Remove a person's name from the messages that the person dealt with; return the number of these messages.

        Raises:
            StoreError: the file cannot be written.
        """
        return self._store.change_existing("UPDATE messages SET closed_by = '' WHERE closed_by = ?", (actor,))

    def _origin(self, address: str) -> str:
        network = client_network(address).encode("utf-8", "replace")
        return hashlib.blake2b(network, key=self._secret(), person=b"inbox", digest_size=16).hexdigest()


def _wait(database: sqlite3.Connection, which: str, values: tuple[str, ...], now: float, window: int, most: int) -> int:
    """Return the number of seconds until fewer than `most` messages were sent in the last `window` seconds; only those
    are counted that fulfil `which`, an SQL condition on `values`.
    """
    found = database.execute(
        f"SELECT at FROM messages WHERE {which} AND at > ? ORDER BY at DESC LIMIT 1 OFFSET ?",  # noqa: S608 - our own
        (*values, now - window, most - 1),
    ).fetchone()
    return 0 if found is None else max(1, int(found[0] + window - now) + 1)


def _message(row: tuple[int, float, str, str, str, float | None, str]) -> Message:
    number, at, resource, text, email, closed, closed_by = row
    return Message(
        number, _iso(at), resource or None, text, email or None, None if closed is None else _iso(closed), closed_by
    )


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
