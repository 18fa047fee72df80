"""Sessions, in the file of accounts. Signing out ends a session on the server, so copies of its cookie become useless.

A session is identified by a random secret of 256 bits, which only the cookie holds; the file holds its SHA-256.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from search_app.accounts import SESSION_HOURS
from search_app.accounts.store import Account, accounts_store

_CLOCK_SLACK = 60
"""Number of seconds by which the beginning of a session may lie in the future, since clocks are sometimes set back."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session that nobody has ended; it may have expired, or be over because the account has changed.

    Attributes:
        account: key of its account.
        epoch: `Account.epoch` when the session began; the session is over once the account has another one.
        began: time at which it began, in seconds since 1970.
        expired: whether it is older than `SESSION_HOURS`.
    """

    account: str
    epoch: int
    began: float
    expired: bool


class Sessions:
    """The sessions of all accounts; deleting an account deletes its sessions.

    Args:
        path: the SQLite file of accounts.
        clock: returns seconds since 1970; replaces the system clock in tests.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] | None = None) -> None:
        self._store = accounts_store(path)
        self._clock = clock or _now

    def begin(self, account: Account, *, instead_of: str | None = None) -> str:
        """Begin a session and return its secret, which is not stored. Delete expired sessions.

        Args:
            account: the account at the time of sign-in; if its epoch has changed meanwhile, the session is not valid.
            instead_of: secret of the session that it replaces, which ends; None if there is none.

        Raises:
            StoreError: the file cannot be written.
        """
        now, secret = self._clock(), secrets.token_urlsafe(32)
        with self._store.changing() as database:
            database.execute(
                "DELETE FROM sessions WHERE began <= ? OR began > ? OR hash = ?",
                (now - SESSION_HOURS * 3600, now + _CLOCK_SLACK, _hash(instead_of or "")),
            )
            # Inserts nothing if the account was deleted meanwhile.
            database.execute(
                "INSERT INTO sessions (hash, account, epoch, began) SELECT ?, key, ?, ? FROM accounts WHERE key = ?",
                (_hash(secret), account.epoch, now, account.key),
            )
        return secret

    def find(self, secret: str) -> Session | None:
        """Return the session with this secret, or None. `rights` decides whether it gives access.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._store.reading() as database:
            if database is None:
                return None
            row = database.execute(
                "SELECT account, epoch, began FROM sessions WHERE hash = ?", (_hash(secret),)
            ).fetchone()
        if row is None:
            return None
        account, epoch, began = row
        expired = not -_CLOCK_SLACK <= self._clock() - began < SESSION_HOURS * 3600
        return Session(account, epoch, began, expired)

    def end(self, secret: str) -> None:
        """End a session; it is no error if it has ended already.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._store.changing() as database:
            database.execute("DELETE FROM sessions WHERE hash = ?", (_hash(secret),))


def _now() -> float:
    return time.time()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
