"""Sessions, in the file of accounts: signing out ends one on the server, wherever its cookie was copied to.

A session is named by 256 bits of chance, which the cookie alone holds; only their SHA-256 is kept here.
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
"""Seconds by which a session may begin in the future: clocks are set back a little now and then."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session that was opened and not ended.

    Attributes:
        account: key of its account.
        epoch: that of the account when it was opened.
        began: seconds since 1970.
        expired: whether it is older than sessions get.
    """

    account: str
    epoch: int
    began: float
    expired: bool


class Sessions:
    """The sessions of all accounts: an account removed takes its sessions with it.

    Args:
        path: the SQLite file of accounts.
        clock: gives seconds since 1970, instead of the machine's.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] | None = None) -> None:
        self._store = accounts_store(path)
        self._clock = clock or _now

    def begin(self, account: Account, *, instead_of: str | None = None) -> str:
        """Open a session and return its secret, this once. Delete the rows of expired sessions.

        Args:
            account: as it was when the person was let in; if its epoch has changed since, the session does not hold.
            instead_of: secret of the session that it takes the place of, which ends.

        Raises:
            StoreError: the file cannot be written.
        """
        now, secret = self._clock(), secrets.token_urlsafe(32)
        with self._store.changing() as database:
            database.execute(
                "DELETE FROM sessions WHERE began <= ? OR began > ? OR hash = ?",
                (now - SESSION_HOURS * 3600, now + _CLOCK_SLACK, _hash(instead_of or "")),
            )
            # An account that was removed a moment ago gets none.
            database.execute(
                "INSERT INTO sessions (hash, account, epoch, began) SELECT ?, key, ?, ? FROM accounts WHERE key = ?",
                (_hash(secret), account.epoch, now, account.key),
            )
        return secret

    def find(self, secret: str) -> Session | None:
        """Return the session of this secret. Whether it lets anyone in is for `rights` to say.

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
        """End a session; one that is over already is no error.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._store.changing() as database:
            database.execute("DELETE FROM sessions WHERE hash = ?", (_hash(secret),))


def _now() -> float:
    return time.time()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
