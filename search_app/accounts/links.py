"""Links with which a person sets a password: in place of a forgotten one, or as the first one of an invited account.

The token of a link is a random secret of 256 bits and its signature; only the SHA-256 of the secret is stored. A forged
token is refused by its signature, before anything is looked up. A link is used once, expires, and replaces the earlier
link of its account; a new password, whoever sets it, ends the link too.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from itsdangerous import BadSignature, Signer

from search_app.accounts.store import Account, accounts_store, hash_password, is_active
from search_app.errors import AccountError
from search_app.messages import typeset

RESET_HOURS = 1
"""Number of hours for which a link for a forgotten password is valid."""
INVITATION_DAYS = 7
"""Number of days for which an invitation is valid."""
BETWEEN_RESETS = 15 * 60
"""Number of seconds within which an account gets no second mail with a link for a forgotten password, so that strangers
can neither fill a mailbox nor end a link that a person is about to use.
"""

_MOST_OF_TOKEN = 200


class LinkPurpose(StrEnum):
    """Why a link to set a password was made: the password is forgotten (`RESET`), or the person is invited."""

    RESET = "reset"
    INVITATION = "invitation"


@dataclass(frozen=True, slots=True)
class PasswordLink:
    """A valid link with which a person sets a password.

    Attributes:
        account: key of its account.
        purpose: why it was made.
    """

    account: str
    purpose: LinkPurpose


class PasswordLinks:
    """The links of all accounts, in the file of accounts; deleting an account deletes its link.

    Args:
        path: the SQLite file of accounts.
        secret: returns the key of the signatures; called once, when it is first needed.
        clock: returns seconds since 1970; replaces the system clock in tests.
    """

    def __init__(self, path: Path, secret: Callable[[], bytes], *, clock: Callable[[], float] = time.time) -> None:
        self._store = accounts_store(path)
        self._secret, self._clock = cache(secret), clock

    def make(self, account: Account, purpose: LinkPurpose, *, order: int = 0) -> str:
        """Make a link, replacing the earlier one of the account, and return its token, which cannot be read again.

        Args:
            account: the account.
            purpose: why the link is made.
            order: number, in the queue of mails, of the mail that will carry the link; 0 if it is not mailed.

        Raises:
            StoreError: the file cannot be written.
        """
        secret, now = secrets.token_urlsafe(32), self._clock()
        life = RESET_HOURS * 3600 if purpose is LinkPurpose.RESET else INVITATION_DAYS * 24 * 3600
        with self._store.changing() as database:
            database.execute("DELETE FROM links WHERE account = ? OR expires <= ?", (account.key, now))
            database.execute(
                "INSERT INTO links (hash, account, purpose, made, expires, mail) VALUES (?, ?, ?, ?, ?, ?)",
                (_hash(secret), account.key, purpose, now, now + life, order),
            )
        return self._signer().sign(secret).decode("ascii")

    def made_lately(self, account: Account, *, order: int) -> bool:
        """Return whether a link for a forgotten password was made for this account within the last `BETWEEN_RESETS`
        seconds, for another mail.

        Args:
            account: the account.
            order: number, in the queue of mails, of the mail that now needs a link.

        Raises:
            StoreError: the file cannot be read.
        """
        now = self._clock()
        with self._store.reading() as database:
            return database is not None and (
                database.execute(
                    "SELECT 1 FROM links WHERE account = ? AND purpose = ? AND mail NOT IN (0, ?) AND made > ? "
                    "AND made <= ?",
                    (account.key, LinkPurpose.RESET, order, now - BETWEEN_RESETS, now),
                ).fetchone()
                is not None
            )

    def find(self, token: str) -> PasswordLink | None:
        """Return the link with this token if it has not expired, or None. `rights` decides whether it gives access.

        Raises:
            StoreError: the file cannot be read.
        """
        secret = self._verified(token)
        if secret is None:
            return None
        with self._store.reading() as database:
            if database is None:
                return None
            row = database.execute(
                "SELECT account, purpose FROM links WHERE hash = ? AND expires > ?", (_hash(secret), self._clock())
            ).fetchone()
        return None if row is None else PasswordLink(str(row[0]), LinkPurpose(row[1]))

    def redeem(self, token: str, password: str, email: str) -> None:
        """Set the password of the account of a link, and end the link, all sessions and all private feeds of the
        account: all of it happens, or nothing.

        Args:
            token: the token of the link.
            password: the new password.
            email: address of the account, which the password must not resemble.

        Raises:
            AccountError: the password cannot be used, or the link is no longer valid.
            StoreError: the file cannot be written.
        """
        secret = self._verified(token)
        hashed = hash_password(password, email)
        with self._store.changing() as database:
            row = database.execute(
                "DELETE FROM links WHERE hash = ? AND expires > ? RETURNING account",
                (_hash(secret or ""), self._clock()),
            ).fetchone()
            if row is None or not is_active(database, row[0]):
                raise AccountError(no_link())
            database.execute(
                "UPDATE accounts SET password = ?, epoch = epoch + 1, feed_epoch = feed_epoch + 1 WHERE key = ?",
                (hashed, row[0]),
            )
            database.execute("DELETE FROM sessions WHERE account = ?", (row[0],))

    def _verified(self, token: str) -> str | None:
        if len(token) > _MOST_OF_TOKEN:
            return None
        try:
            return self._signer().unsign(token.encode("utf-8", "replace")).decode("ascii")
        except (BadSignature, UnicodeDecodeError):
            return None

    def _signer(self) -> Signer:
        return Signer(self._secret(), salt=b"rtes password link", key_derivation="hmac", digest_method=hashlib.sha256)


def no_link() -> str:
    """Return the French message for a link that does not exist, was used, or has expired."""
    return typeset("Ce lien n’est plus valable : il a déjà servi, a expiré, ou un plus récent l’a remplacé.")


def _hash(secret: str) -> str:
    # The secret is long and random and cannot be guessed, so a fast hash is enough.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
