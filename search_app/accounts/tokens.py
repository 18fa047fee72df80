"""API tokens, by which programs use the API on behalf of an account. They are shown once; only their SHA-256 is stored.

A token has 256 random bits and cannot be guessed, so a plain hash is enough.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from search_app.accounts import MAX_TOKEN_DAYS, TOKEN_DAYS
from search_app.accounts.email_address import key_of
from search_app.accounts.store import WAIT, accounts_store, kept_email, no_account
from search_app.control_characters import without_controls
from search_app.errors import AccountError, StoreError
from search_app.messages import typeset

PREFIX = "rtes_"
"""Prefix by which people, and scanners for leaked secrets, recognise a token."""

MAX_TOKENS = 20
MAX_LABEL = 80


@dataclass(frozen=True, slots=True)
class ApiToken:
    """The description of a token, without its secret.

    Attributes:
        number: number by which it is revoked; never reused.
        label: name that its owner gave it.
        created: day of creation, ISO 8601.
        used: day of its last use, or None.
        expires: last day on which it is valid (UTC).
        expired: whether that day has passed.
    """

    number: int
    label: str
    created: str
    used: str | None
    expires: str
    expired: bool


@dataclass(frozen=True, slots=True)
class FoundToken:
    """A token and the key of the account that it belongs to."""

    token: ApiToken
    account: str


class Tokens:
    """The tokens of all accounts, in the file of accounts; deleting an account deletes its tokens.

    Args:
        path: the SQLite file of accounts.
        clock: returns the current day in UTC.
        wait: seconds to wait for another process that is writing.
    """

    def __init__(self, path: Path, *, clock: Callable[[], date] | None = None, wait: float = WAIT) -> None:
        self._store = accounts_store(path, wait=wait)
        self._clock = clock or _today

    def make(self, email: str, label: str, *, days: int = TOKEN_DAYS) -> str:
        """Create a token and return it; it cannot be read again later. Delete expired tokens of the account.

        Args:
            email: address of the account.
            label: name of the token; cut at `MAX_LABEL` characters.
            days: number of days after today for which it is valid, from 1 to `MAX_TOKEN_DAYS`.

        Raises:
            AccountError: there is no such account, it is disabled or its role was revoked, or it has `MAX_TOKENS`
                tokens.
            StoreError: the file cannot be written.
        """
        now = self._clock()
        today, expires = now.isoformat(), now + timedelta(days=min(max(days, 1), MAX_TOKEN_DAYS))
        secret = PREFIX + secrets.token_urlsafe(32)
        with self._store.changing() as database:
            kept = kept_email(database, email)
            account = database.execute("SELECT key, disabled, lapsed FROM accounts WHERE email = ?", (kept,)).fetchone()
            if account is None:
                raise AccountError(no_account(key_of(email)))
            if account[1]:
                raise AccountError(_account_disabled(key_of(email)))
            if account[2]:
                raise AccountError(_account_lapsed(key_of(email)))
            database.execute("DELETE FROM tokens WHERE account = ? AND expires < ?", (account[0], today))
            count = database.execute("SELECT COUNT(*) FROM tokens WHERE account = ?", (account[0],)).fetchone()[0]
            if count >= MAX_TOKENS:
                raise AccountError(_too_many_tokens(MAX_TOKENS))
            database.execute(
                "INSERT INTO tokens (account, hash, label, created, expires) VALUES (?, ?, ?, ?, ?)",
                (account[0], _hash(secret), without_controls(label).strip()[:MAX_LABEL], today, expires.isoformat()),
            )
        return secret

    def of(self, email: str) -> tuple[ApiToken, ...]:
        """Return the tokens of an account, oldest first.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._store.reading() as database:
            if database is None:
                return ()
            rows = database.execute(
                """
                SELECT tokens.id, label, tokens.created, used, expires FROM tokens JOIN accounts ON key = account
                WHERE email = ? ORDER BY tokens.id
                """,
                (kept_email(database, email),),
            ).fetchall()
        return tuple(self._token(row) for row in rows)

    def revoke(self, email: str, number: int) -> None:
        """Revoke the token of an account that has this number.

        Raises:
            AccountError: the account has no such token.
            StoreError: the file cannot be written.
        """
        with self._store.changing() as database:
            gone = database.execute(
                "DELETE FROM tokens WHERE id = ? AND account = (SELECT key FROM accounts WHERE email = ?)",
                (number, kept_email(database, email)),
            ).rowcount
        if not gone:
            raise AccountError(_no_token(number))

    def find(self, secret: str) -> FoundToken | None:
        """Return the token with this secret, expired or not, or None. `rights` decides whether it gives access.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._store.reading() as database:
            if database is None:
                return None
            row = database.execute(
                "SELECT id, label, created, used, expires, account FROM tokens WHERE hash = ?", (_hash(secret),)
            ).fetchone()
        return None if row is None else FoundToken(self._token(row[:5]), str(row[5]))

    def note_use(self, token: ApiToken) -> None:
        """Record the current day as the day of last use, at most once a day. Does nothing if the file cannot be
        written.
        """
        today = self._clock().isoformat()
        if token.used == today:
            return
        with suppress(StoreError), self._store.reading() as database:
            # A single statement is atomic, so it needs no transaction, for whose lock it might have to wait.
            if database is not None:
                database.execute("UPDATE tokens SET used = ? WHERE id = ?", (today, token.number))

    def _token(self, row: Sequence[Any]) -> ApiToken:
        number, label, created, used, expires = row
        return ApiToken(number, label, created, used, expires, expires < self._clock().isoformat())


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _today() -> date:
    return datetime.now(UTC).date()


def _account_disabled(email: str) -> str:
    """Return the French error message for a disabled account."""
    return typeset("Le compte") + f" {email} " + typeset("est désactivé : « python run.py user enable » le rouvre.")


def _account_lapsed(email: str) -> str:
    """Return the French error message for an account whose role the provider revoked."""
    return (
        typeset("Le compte")
        + f" {email} "
        + typeset("n’a plus de rôle chez le fournisseur d’identité : « python run.py user role » lui en donne un ici.")
    )


def _no_token(number: int) -> str:
    """Return the French error message for a number that no token of the account has."""
    return typeset(f"Ce compte n’a pas de jeton n° {number} : voyez la liste de ses jetons.")


def _too_many_tokens(most: int) -> str:
    """Return the French error message for an account with the largest number of tokens."""
    return typeset(f"Ce compte a déjà {most} jetons, le plus possible : révoquez ceux qui ne servent plus.")
