"""Tokens by which programs read the API in an account's name. Shown once; only their SHA-256 is kept.

A token is 256 bits of chance, so a plain hash is enough: there is nothing to guess at.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from indexer.errors import AccountError
from search_app.access import MAX_TOKEN_DAYS, TOKEN_DAYS
from search_app.access.email_address import key_of
from search_app.accounts import accounts_store, kept_email
from search_app.messages import access as messages

PREFIX = "rtes_"
"""Lets people and scanners of leaked secrets tell what it is."""

MAX_TOKENS = 20
MAX_LABEL = 80
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Token:
    """A token, without its secret.

    Attributes:
        number: by which it is revoked; never given twice.
        label: what its holder calls it.
        created: day it was made, ISO 8601.
        used: day of its last use, or None.
        expires: last day on which it is good (UTC).
    """

    number: int
    label: str
    created: str
    used: str | None
    expires: str

    @property
    def expired(self) -> bool:
        """Whether it is good no more."""
        return self.expires < _today()


class Tokens:
    """The tokens of all accounts, in the file of accounts: an account removed takes its tokens with it.

    Args:
        path: the SQLite file of accounts.
    """

    def __init__(self, path: Path) -> None:
        self._store = accounts_store(path)

    def make(self, email: str, label: str, *, days: int = TOKEN_DAYS) -> str:
        """Make a token and return it, this once. Those of the account that have expired are dropped.

        Args:
            email: address of the account.
            label: what to call it; cut at `MAX_LABEL` characters.
            days: for which it is good, after today; at least 1, at most `MAX_TOKEN_DAYS`.

        Raises:
            AccountError: there is no such account, it is disabled, or has `MAX_TOKENS` tokens.
        """
        today = _today()
        expires = date.fromisoformat(today) + timedelta(days=min(max(days, 1), MAX_TOKEN_DAYS))
        secret = PREFIX + secrets.token_urlsafe(32)
        with self._store.changing() as database:
            kept = kept_email(database, email)
            account = database.execute("SELECT key, disabled FROM accounts WHERE email = ?", (kept,)).fetchone()
            if account is None:
                raise AccountError(messages.no_account(key_of(email)))
            if account[1]:
                raise AccountError(messages.account_disabled(key_of(email)))
            database.execute("DELETE FROM tokens WHERE account = ? AND expires < ?", (account[0], today))
            count = database.execute("SELECT COUNT(*) FROM tokens WHERE account = ?", (account[0],)).fetchone()[0]
            if count >= MAX_TOKENS:
                raise AccountError(messages.too_many_tokens(MAX_TOKENS))
            database.execute(
                "INSERT INTO tokens (account, hash, label, created, expires) VALUES (?, ?, ?, ?, ?)",
                (account[0], _hash(secret), _CONTROLS.sub(" ", label).strip()[:MAX_LABEL], today, expires.isoformat()),
            )
        return secret

    def of(self, email: str) -> tuple[Token, ...]:
        """Tokens of an account, oldest first.

        Raises:
            AccountError: the file cannot be read.
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
        return tuple(Token(*row) for row in rows)

    def revoke(self, email: str, number: int) -> None:
        """End a token of this account.

        Raises:
            AccountError: the account has no such token.
        """
        with self._store.changing() as database:
            gone = database.execute(
                "DELETE FROM tokens WHERE id = ? AND account = (SELECT key FROM accounts WHERE email = ?)",
                (number, kept_email(database, email)),
            ).rowcount
        if not gone:
            raise AccountError(messages.no_token(number))

    def owner(self, secret: str) -> str | None:
        """Key of the account that a token speaks for, or None if there is no such token, or it has expired.

        Raises:
            AccountError: the file cannot be read.
        """
        hashed, today = _hash(secret), _today()
        with self._store.reading() as database:
            if database is None:
                return None
            found = "SELECT account, used FROM tokens WHERE hash = ? AND expires >= ?"
            row = database.execute(found, (hashed, today)).fetchone()
            if row is not None and row[1] != today:
                _note_use(database, hashed, today)
        return None if row is None else str(row[0])


def _note_use(database: sqlite3.Connection, hashed: str, today: str) -> None:
    """Note the day, once a day; that must not keep anyone from reading where the disk is full."""
    try:
        database.execute("UPDATE tokens SET used = ? WHERE hash = ?", (today, hashed))
    except sqlite3.OperationalError:
        return


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
