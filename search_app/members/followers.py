"""The store of visitors who follow a search by e-mail, without an account.

A visitor asks to follow a search and gives an address. A mail to that address brings a link, by which the visitor
confirms (double opt-in). Requests that nobody confirms are deleted after `UNCONFIRMED_HOURS`. A follower has one
search, which is stored under the follower's key, as a member's searches are stored under the key of the account.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from itsdangerous import BadSignature, Signer

from indexer.storage.database import WAIT
from search_app.members.schema import open_shelf
from search_app.members.store import Frequency

UNCONFIRMED_HOURS = 48
"""Number of hours after which a request that nobody confirmed is deleted."""
MOST_FOLLOWED = 10
"""Largest number of searches that one address follows without an account."""
MOST_UNCONFIRMED = 3
"""Largest number of mails to one address that ask for a confirmation, within `UNCONFIRMED_HOURS`."""

_MOST_OF_TOKEN = 200
_COLUMNS = "key, email, arguments, mail, confirmed IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Follower:
    """A visitor who follows a search, or asked to.

    Attributes:
        key: key under which the search is stored.
        email: e-mail address.
        arguments: query string of the search page.
        frequency: how often new hits are mailed.
        confirmed: whether the address was confirmed.
    """

    key: str
    email: str
    arguments: str
    frequency: Frequency
    confirmed: bool


class Followers:
    """The followers, in the file of the members' store.

    Args:
        path: the SQLite file, created by the first change.
        secret: returns the key of the signatures; called once, when it is first needed.
        clock: returns the time in seconds since 1970.
        wait: seconds to wait for another process that is writing.
    """

    def __init__(
        self,
        path: Path,
        secret: Callable[[], bytes],
        clock: Callable[[], float] = time.time,
        *,
        wait: float = WAIT,
    ) -> None:
        self._store = open_shelf(path, wait=wait)
        self._secret, self._clock = cache(secret), clock

    def ask(self, email: str, arguments: str, frequency: Frequency) -> str:
        """Store a request to follow a search, which is to be confirmed, and return its key.

        Args:
            email: address of the visitor.
            arguments: query string of the search page.
            frequency: how often new hits are to be mailed.

        Raises:
            StoreError: the file cannot be written.
        """
        key = f"visitor-{secrets.token_hex(16)}"
        self.purge()
        with self._store.changing() as database:
            database.execute(
                "INSERT INTO followers (key, email, arguments, mail, made) VALUES (?, ?, ?, ?, ?)",
                (key, email, arguments, frequency, self._clock()),
            )
        return key

    def get(self, key: str) -> Follower | None:
        """Return the follower with a key, or None.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._one("key = ?", key)

    def may_be_asked(self, follower: Follower) -> bool:
        """Return whether a mail may ask a follower's address for a confirmation: the address does not follow this
        search yet, follows fewer than `MOST_FOLLOWED` searches, and was not asked too often before.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._store.reading() as database:
            if database is None:
                return False
            same, confirmed, earlier = database.execute(
                "SELECT COALESCE(SUM(confirmed IS NOT NULL AND arguments = ?), 0), "
                "COALESCE(SUM(confirmed IS NOT NULL), 0), "
                "COALESCE(SUM(confirmed IS NULL AND hash IS NOT NULL AND key <> ?), 0) FROM followers WHERE email = ?",
                (follower.arguments, follower.key, follower.email),
            ).fetchone()
        return not same and confirmed < MOST_FOLLOWED and earlier < MOST_UNCONFIRMED

    def token(self, follower: Follower) -> str:
        """Return the token of a new link that confirms a request to follow a search. The new link replaces any former
        one; only a hash of its token is stored.

        Raises:
            StoreError: the file cannot be written.
        """
        secret = secrets.token_urlsafe(32)
        self._store.change_existing("UPDATE followers SET hash = ? WHERE key = ?", (_hash(secret), follower.key))
        return self._signer().sign(secret).decode("ascii")

    def by_token(self, token: str) -> Follower | None:
        """Return the follower whose link has a token; None if there is none, or if it is too late to confirm.

        Raises:
            StoreError: the file cannot be read.
        """
        if len(token) > _MOST_OF_TOKEN:
            return None
        try:
            secret = self._signer().unsign(token.encode("utf-8", "replace")).decode("ascii")
        except (BadSignature, UnicodeDecodeError):
            return None
        return self._one("hash = ? AND (confirmed IS NOT NULL OR made > ?)", _hash(secret), self._oldest())

    def confirm(self, follower: Follower) -> bool:
        """Record that a request was confirmed; return False if it already was, or if it is too old or deleted.

        Raises:
            StoreError: the file cannot be written.
        """
        return (
            self._store.change_existing(
                "UPDATE followers SET confirmed = ? WHERE key = ? AND confirmed IS NULL AND made > ?",
                (self._clock(), follower.key, self._oldest()),
            )
            > 0
        )

    def delete(self, key: str) -> int:
        """Delete the follower with a key, and the follower's search; return how many there were, 0 or 1.

        Raises:
            StoreError: the file cannot be written.
        """
        return self._delete("key = ?", key)

    def forget(self, email: str) -> int:
        """Delete all followers and requests of an address, with their searches; return their number.

        Raises:
            StoreError: the file cannot be written.
        """
        return self._delete("email = ?", email)

    def purge(self) -> int:
        """Delete requests that nobody confirmed in time; return their number.

        Raises:
            StoreError: the file cannot be written.
        """
        return self._delete("confirmed IS NULL AND made <= ?", self._oldest())

    def _delete(self, condition: str, value: str | float) -> int:
        if not self._store.path.exists():
            return 0
        with self._store.changing() as database:
            database.execute(
                f"DELETE FROM searches WHERE account IN (SELECT key FROM followers WHERE {condition})",  # noqa: S608
                (value,),
            )
            return database.execute(f"DELETE FROM followers WHERE {condition}", (value,)).rowcount  # noqa: S608

    def _one(self, condition: str, *values: str | float) -> Follower | None:
        with self._store.reading() as database:
            if database is None:
                return None
            row = database.execute(f"SELECT {_COLUMNS} FROM followers WHERE {condition}", values).fetchone()  # noqa: S608
        if row is None:
            return None
        key, email, arguments, frequency, confirmed = row
        return Follower(key, email, arguments, Frequency(frequency), bool(confirmed))

    def _oldest(self) -> float:
        return self._clock() - UNCONFIRMED_HOURS * 3600

    def _signer(self) -> Signer:
        return Signer(self._secret(), salt=b"rtes follower", key_derivation="hmac", digest_method=hashlib.sha256)


def _hash(token: str) -> str:
    # The token is long and random and cannot be guessed, so a fast hash is enough.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
