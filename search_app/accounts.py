"""Accounts of members and staff, in one SQLite file. Knows nothing of Flask: the command line uses it too."""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from werkzeug.security import check_password_hash, generate_password_hash

from indexer.errors import AccountError
from indexer.resource import Audience
from search_app import messages

MIN_PASSWORD = 10
MAX_EMAIL = 254
_METHOD = "scrypt"
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+\.[^@\s\x00-\x1f\x7f]+")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('member', 'staff')),
    password TEXT NOT NULL,
    epoch INTEGER NOT NULL DEFAULT 1,
    created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
)
"""


@dataclass(frozen=True, slots=True)
class Account:
    """One account.

    Attributes:
        key: random name that sessions carry; never reused, even if the file is made anew.
        email: folded address.
        role: `Audience.MEMBER` or `Audience.STAFF`.
        epoch: sessions opened under another epoch are over.
    """

    key: str
    email: str
    role: Audience
    epoch: int


class Accounts:
    """The accounts in one file, which is made (0600) by the first account.

    Args:
        path: the SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, email: str, role: str, password: str) -> Account:
        """Make an account.

        Args:
            email: address, folded before it is kept.
            role: ``member`` or ``staff``.
            password: at least `MIN_PASSWORD` characters.

        Raises:
            AccountError: the address, role or password cannot be used, or the account exists.
        """
        folded = fold_email(email)
        if len(folded) > MAX_EMAIL or not _EMAIL.fullmatch(folded):
            raise AccountError(messages.email_malformed(email))
        if role not in {Audience.MEMBER, Audience.STAFF}:
            raise AccountError(messages.role_unknown(role))
        if len(password) < MIN_PASSWORD:
            raise AccountError(messages.password_short(MIN_PASSWORD))
        key, hashed = secrets.token_hex(16), _hash(password)
        with self._open(make=True) as database:
            try:
                database.execute(
                    "INSERT INTO accounts (key, email, role, password) VALUES (?, ?, ?, ?)",
                    (key, folded, str(role), hashed),
                )
            except sqlite3.IntegrityError as error:
                raise AccountError(messages.email_taken(folded)) from error
        return Account(key, folded, Audience(role), 1)

    def verify(self, email: str, password: str) -> Account | None:
        """The account if the password is right, else None, in the same time whether it exists or not.

        Raises:
            AccountError: the file cannot be read.
        """
        row = self._row("email", fold_email(email))
        right = check_password_hash(row[4] if row else _nobody(), _plain(password))
        return _account(row) if row and right else None

    def get(self, email: str) -> Account | None:
        """The account with this address.

        Raises:
            AccountError: the file cannot be read.
        """
        row = self._row("email", fold_email(email))
        return _account(row) if row else None

    def by_key(self, key: str) -> Account | None:
        """The account that a session names.

        Raises:
            AccountError: the file cannot be read.
        """
        row = self._row("key", key)
        return _account(row) if row else None

    def _row(self, column: str, value: str) -> tuple[str, str, str, int, str] | None:
        if not self._path.exists():
            return None
        with self._open(make=False) as database:
            # `column` is one of two words written above, never what a person sent.
            found = database.execute(
                f"SELECT key, email, role, epoch, password FROM accounts WHERE {column} = ?",  # noqa: S608
                (value,),
            ).fetchone()
        return None if found is None else (found[0], found[1], found[2], found[3], found[4])

    @contextmanager
    def _open(self, *, make: bool) -> Iterator[sqlite3.Connection]:
        try:
            if make:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                # Made before SQLite opens it, so that it is never readable by others; its journal inherits the mode.
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            database = sqlite3.connect(self._path, timeout=10)
            try:
                with database:
                    if make:
                        database.execute(_SCHEMA)
                    yield database
            finally:
                database.close()
        except (sqlite3.Error, OSError) as error:
            raise AccountError(messages.accounts_unusable(str(self._path), str(error))) from error


def fold_email(email: str) -> str:
    """The address as accounts are compared: NFC, no outer spaces, no case."""
    return unicodedata.normalize("NFC", _plain(email)).strip().casefold()


def _plain(text: str) -> str:
    """The text without lone surrogates, which neither a hash nor SQLite can take."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _hash(password: str) -> str:
    return generate_password_hash(_plain(password), method=_METHOD)


@cache
def _nobody() -> str:
    """A hash that no password opens, checked when the account is unknown so that time tells nothing."""
    return _hash(secrets.token_urlsafe(32))


def _account(row: tuple[str, str, str, int, str]) -> Account:
    key, email, role, epoch, _ = row
    return Account(key, email, Audience(role), epoch)
