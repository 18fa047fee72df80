"""Accounts of members and staff, in one SQLite file. Independent of Flask, because the command line uses it too."""

from __future__ import annotations

import secrets
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from werkzeug.security import check_password_hash, generate_password_hash

from indexer.analysis import collation_key
from indexer.resource import Audience
from indexer.storage.database import Database
from search_app.accounts.email_address import canonical, fits, key_of, spellings
from search_app.accounts.password_policy import check_new_password, typed_forms
from search_app.data_files import open_data_file
from search_app.errors import AccountError, StoreError
from search_app.messages import quoted, typeset

HASH_METHOD = "scrypt"

WAIT = 10.0
"""Number of seconds to wait for another process that is writing."""

_COLUMNS = "key, email, role, epoch, disabled, password, subject, lapsed, feed_epoch"
_STEPS = (
    (
        """
        CREATE TABLE IF NOT EXISTS accounts (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL UNIQUE,
            email TEXT NOT NULL UNIQUE,
            role TEXT NOT NULL CHECK (role IN ('member', 'staff')),
            password TEXT NOT NULL,
            epoch INTEGER NOT NULL DEFAULT 1,
            created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
        )
        """,
    ),
    (
        # Accounts may be disabled, and those of single sign-on have no password.
        """
        CREATE TABLE renewed (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL UNIQUE,
            email TEXT NOT NULL UNIQUE,
            role TEXT NOT NULL CHECK (role IN ('member', 'staff')),
            password TEXT,
            subject TEXT UNIQUE,
            disabled INTEGER NOT NULL DEFAULT 0,
            epoch INTEGER NOT NULL DEFAULT 1,
            created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
        )
        """,
        """
        INSERT INTO renewed (id, key, email, role, password, epoch, created)
        SELECT id, key, email, role, password, epoch, created FROM accounts
        """,
        "DROP TABLE accounts",
        "ALTER TABLE renewed RENAME TO accounts",
        """
        CREATE TABLE tokens (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            account TEXT NOT NULL REFERENCES accounts (key) ON DELETE CASCADE,
            hash TEXT NOT NULL UNIQUE,
            label TEXT NOT NULL,
            created TEXT NOT NULL,
            used TEXT
        )
        """,
        "CREATE INDEX tokens_account ON tokens (account)",
    ),
    (
        # Tokens expire; existing tokens without an expiry date get one.
        "ALTER TABLE tokens ADD COLUMN expires TEXT NOT NULL DEFAULT ''",
        "UPDATE tokens SET expires = date('now', '+365 days')",
    ),
    (
        # The provider can revoke roles, sessions are stored, and all private feeds of an account can be ended at once.
        "ALTER TABLE accounts ADD COLUMN lapsed INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE accounts ADD COLUMN feed_epoch INTEGER NOT NULL DEFAULT 0",
        """
        CREATE TABLE sessions (
            hash TEXT PRIMARY KEY,
            account TEXT NOT NULL REFERENCES accounts (key) ON DELETE CASCADE,
            epoch INTEGER NOT NULL,
            began REAL NOT NULL
        ) WITHOUT ROWID
        """,
        "CREATE INDEX sessions_account ON sessions (account)",
    ),
    (
        # Links with which a person sets a password, at most one for each account.
        """
        CREATE TABLE links (
            hash TEXT PRIMARY KEY,
            account TEXT NOT NULL UNIQUE REFERENCES accounts (key) ON DELETE CASCADE,
            purpose TEXT NOT NULL CHECK (purpose IN ('reset', 'invitation')),
            made REAL NOT NULL,
            expires REAL NOT NULL,
            mail INTEGER NOT NULL
        ) WITHOUT ROWID
        """,
    ),
)


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a member or of staff.

    Attributes:
        key: random identifier that sessions refer to; never reused, even if the file is created again.
        email: address in its canonical spelling (see `email_address`); older addresses as they were stored.
        role: `Audience.MEMBER` or `Audience.STAFF`.
        epoch: number that is incremented to end all sessions: those begun under another epoch are over.
        disabled: whether staff disabled it.
        has_password: whether it has a password.
        single_sign_on: whether it is bound to an identity of the sign-on provider.
        lapsed: whether the provider revoked its role.
        feed_epoch: number that is incremented to end all private feeds: those opened under another one are over.
    """

    key: str
    email: str
    role: Audience
    epoch: int
    disabled: bool = False
    has_password: bool = True
    single_sign_on: bool = False
    lapsed: bool = False
    feed_epoch: int = 0

    @property
    def active(self) -> bool:
        """Return whether the account gives any access now; see `search_app.accounts.rights`."""
        return not self.disabled and not self.lapsed


class Accounts:
    """The accounts in one file, which the first account creates (mode 0600).

    Args:
        path: the SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self._store = accounts_store(path)

    @property
    def database(self) -> Database:
        """The database that holds the accounts."""
        return self._store

    def add(self, email: str, role: str, password: str) -> Account:
        """Create an account with a password.

        Args:
            email: its address, stored in the canonical spelling.
            role: ``member`` or ``staff``.
            password: its password, of at least `MIN_PASSWORD` characters.

        Raises:
            AccountError: the address, role or password cannot be used, or the account exists.
            StoreError: the file cannot be written.
        """
        # Checked before hashing the password, which is slow on purpose.
        canonical(email)
        known_role(role)
        return self._insert(email, role, hash_password(password, email), None)

    def add_without_password(self, email: str, role: str, subject: str) -> Account:
        """Create an account without a password, to which only single sign-on gives access.

        Args:
            email: its address, stored in the canonical spelling.
            role: ``member`` or ``staff``.
            subject: issuer and subject of the identity at the provider, as `oidc.subject_of` returns them.

        Raises:
            AccountError: the address or role cannot be used, or the account exists.
            StoreError: the file cannot be written.
        """
        return self._insert(email, role, None, subject)

    def add_invited(self, email: str, role: str) -> Account:
        """Create an account without a password, whose owner will set one with a link (see `links`).

        Args:
            email: its address, stored in the canonical spelling.
            role: ``member`` or ``staff``.

        Raises:
            AccountError: the address or role cannot be used, or the account exists.
            StoreError: the file cannot be written.
        """
        return self._insert(email, role, None, None)

    def bind(self, email: str, subject: str) -> Account:
        """Bind an account to an identity of the sign-on provider, in place of any other.

        Args:
            email: address of the account.
            subject: issuer and subject of the identity, as `oidc.subject_of` returns them.

        Raises:
            AccountError: there is no such account, or another account is bound to that identity.
            StoreError: the file cannot be written.
        """
        return self._change(email, "subject = :value", subject)

    def verify(self, email: str, password: str) -> Account | None:
        """Return the account if the password is right, else None; it takes the same time whether or not the account
        exists.

        Accounts that are not active or have no password are handled like accounts that do not exist. A hash of another
        form of the password, made by an earlier version, is replaced by one of the current form.

        Raises:
            StoreError: the file cannot be read.
        """
        row = self._named(email)
        hashed = row["password"] if row else None
        forms = typed_forms(password)
        right = next((form for form in forms if check_password_hash(hashed or _nobody(), form)), None)
        account = _account(row) if row and hashed and right is not None else None
        if account is None or not account.active:
            return None
        if hashed is not None and right != forms[0]:
            self._hash_again(account, hashed, forms[0])
        return account

    def _hash_again(self, account: Account, hashed: str, form: str) -> None:
        again = generate_password_hash(form, method=HASH_METHOD)
        # Only if the password has not changed meanwhile. If the file cannot be written, the next sign-in tries again.
        with suppress(StoreError), self._store.changing() as database:
            database.execute(
                "UPDATE accounts SET password = ? WHERE key = ? AND password = ?", (again, account.key, hashed)
            )

    def get(self, email: str) -> Account | None:
        """Return the account with this address, or None.

        Raises:
            StoreError: the file cannot be read.
        """
        return _found(self._named(email))

    def by_key(self, key: str) -> Account | None:
        """Return the account with this key, or None.

        Raises:
            StoreError: the file cannot be read.
        """
        return _found(self._row("key", key))

    def by_subject(self, subject: str) -> Account | None:
        """Return the account bound to this identity of the provider, or None.

        Raises:
            StoreError: the file cannot be read.
        """
        return _found(self._row("subject", subject))

    def all(self) -> tuple[Account, ...]:
        """Return all accounts, ordered by address.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._store.reading() as database:
            if database is None:
                return ()
            database.row_factory = sqlite3.Row
            rows = database.execute(f"SELECT {_COLUMNS} FROM accounts ORDER BY id")  # noqa: S608
            return tuple(sorted(map(_account, rows), key=lambda account: collation_key(account.email)))

    def set_password(self, email: str, password: str) -> Account:
        """Set the password of an account; its sessions, private feeds and links end.

        Raises:
            AccountError: the password cannot be used, or there is no such account.
            StoreError: the file cannot be written.
        """
        return self._change(
            email,
            "password = :value, epoch = epoch + 1, feed_epoch = feed_epoch + 1",
            hash_password(password, email),
            ends_links=True,
        )

    def set_role(self, email: str, role: str) -> Account:
        """Set the role of an account; its sessions end if the role changes. It no longer counts as revoked by
        the provider.

        Raises:
            AccountError: there is no such role or account.
            StoreError: the file cannot be written.
        """
        known_role(role)
        return self._change(email, "epoch = epoch + (role <> :value), role = :value, lapsed = 0", str(role))

    def lapse(self, email: str) -> Account:
        """Revoke the role of an account until `set_role` sets one: its sessions end, and it gives no access.

        Raises:
            AccountError: there is no such account.
            StoreError: the file cannot be written.
        """
        return self._change(email, "epoch = epoch + (lapsed <> :value), lapsed = :value", 1)

    def set_disabled(self, email: str, disabled: bool) -> Account:
        """Disable or enable an account; its sessions end, unless nothing changes.

        Raises:
            AccountError: there is no such account.
            StoreError: the file cannot be written.
        """
        return self._change(email, "epoch = epoch + (disabled <> :value), disabled = :value", int(disabled))

    def end_sessions(self, email: str) -> Account:
        """End all sessions, private feeds and links of an account.

        Raises:
            AccountError: there is no such account.
            StoreError: the file cannot be written.
        """
        return self._change(email, "epoch = epoch + :value, feed_epoch = feed_epoch + :value", 1, ends_links=True)

    def remove(self, email: str) -> None:
        """Delete an account, its tokens and its sessions.

        Raises:
            AccountError: there is no such account.
            StoreError: the file cannot be written.
        """
        with self._store.changing() as database:
            if database.execute("DELETE FROM accounts WHERE email = ?", (kept_email(database, email),)).rowcount == 0:
                raise AccountError(no_account(key_of(email)))

    def _insert(self, email: str, role: str, hashed: str | None, subject: str | None) -> Account:
        address = canonical(email)
        known_role(role)
        key = secrets.token_hex(16)
        with self._store.changing() as database:
            if kept_email(database, address) is not None:
                raise AccountError(_email_taken(address))
            try:
                database.execute(
                    "INSERT INTO accounts (key, email, role, password, subject) VALUES (?, ?, ?, ?, ?)",
                    (key, address, str(role), hashed, subject),
                )
            except sqlite3.IntegrityError as error:
                raise AccountError(_identity_taken(address)) from error
        return Account(
            key, address, Audience(role), 1, has_password=hashed is not None, single_sign_on=subject is not None
        )

    def _change(self, email: str, assignments: str, value: str | int, *, ends_links: bool = False) -> Account:
        # `assignments` is a constant of this module, never user input.
        change = f"UPDATE accounts SET {assignments} WHERE email = :email RETURNING {_COLUMNS}"  # noqa: S608
        with self._store.changing() as database:
            kept = kept_email(database, email)
            database.row_factory = sqlite3.Row
            try:
                row = database.execute(change, {"value": value, "email": kept}).fetchone()
            except sqlite3.IntegrityError as error:
                raise AccountError(_identity_taken(key_of(email))) from error
            if row is not None:
                database.execute("DELETE FROM sessions WHERE account = ? AND epoch <> ?", (row["key"], row["epoch"]))
                if ends_links:
                    database.execute("DELETE FROM links WHERE account = ?", (row["key"],))
        if row is None:
            raise AccountError(no_account(key_of(email)))
        return _account(row)

    def _named(self, email: str) -> sqlite3.Row | None:
        with self._store.reading() as database:
            return None if database is None else _select(database, "email", kept_email(database, email) or "")

    def _row(self, column: str, value: str) -> sqlite3.Row | None:
        with self._store.reading() as database:
            return None if database is None else _select(database, column, value)


def accounts_store(path: Path, *, wait: float = WAIT) -> Database:
    """Return the database that holds accounts, their tokens and their sessions."""
    return open_data_file(path, _STEPS, wait=wait)


def addresses_that_no_longer_fit(accounts: Accounts) -> tuple[str, ...]:
    """Return the addresses of accounts that new accounts could not have; empty if the file cannot be read."""
    try:
        return tuple(account.email for account in accounts.all() if not fits(account.email))
    except StoreError:
        return ()


def is_active(database: sqlite3.Connection, key: str) -> bool:
    """Return whether there is an account with this key, and it is active (see `Account.active`)."""
    query = "SELECT 1 FROM accounts WHERE key = ? AND disabled = 0 AND lapsed = 0"
    return database.execute(query, (key,)).fetchone() is not None


def kept_email(database: sqlite3.Connection, email: str) -> str | None:
    """Return the address of an account as it is stored, or None if there is no such account."""
    for spelling in spellings(email):
        if database.execute("SELECT 1 FROM accounts WHERE email = ?", (spelling,)).fetchone():
            return spelling
    return None


def known_role(role: str) -> None:
    """Make sure that accounts can have a role.

    Raises:
        AccountError: the role is neither ``member`` nor ``staff``.
    """
    if role not in {Audience.MEMBER, Audience.STAFF}:
        raise AccountError(_role_unknown(role))


def hash_password(password: str, email: str = "") -> str:
    """Return the hash of a password, for storage.

    Args:
        password: as typed.
        email: address of the account; the password must not be derived from it.

    Raises:
        AccountError: the password cannot be used.
    """
    return generate_password_hash(check_new_password(password, email), method=HASH_METHOD)


def _nobody() -> str:
    """Return a hash that no password matches. It is checked if the account is unknown, so that the time taken is the
    same.

    It is random rather than computed, so that the first call takes no longer than the others.
    """
    return f"scrypt:32768:8:1${secrets.token_hex(8)}${secrets.token_hex(64)}"


def _select(database: sqlite3.Connection, column: str, value: str) -> sqlite3.Row | None:
    database.row_factory = sqlite3.Row
    # `column` is one of three constants of this module, never user input.
    found: sqlite3.Row | None = database.execute(
        f"SELECT {_COLUMNS} FROM accounts WHERE {column} = ?",  # noqa: S608
        (value,),
    ).fetchone()
    return found


def _found(row: sqlite3.Row | None) -> Account | None:
    return _account(row) if row else None


def _account(row: sqlite3.Row) -> Account:
    return Account(
        row["key"],
        row["email"],
        Audience(row["role"]),
        row["epoch"],
        disabled=bool(row["disabled"]),
        has_password=row["password"] is not None,
        single_sign_on=row["subject"] is not None,
        lapsed=bool(row["lapsed"]),
        feed_epoch=row["feed_epoch"],
    )


def no_account(email: str) -> str:
    """Return the French error message for an address without an account."""
    return typeset("Aucun compte ne porte l’adresse") + f" {email}" + typeset(" : voyez « python run.py user list ».")


def _identity_taken(email: str) -> str:
    """Return the French error message for an identity that another account is bound to."""
    return typeset("Cette identité ouvre déjà un autre compte que") + f" {email}."


def _email_taken(email: str) -> str:
    """Return the French error message for an address that already has an account."""
    return typeset("Un compte existe déjà pour") + f" {email}."


def _role_unknown(role: str) -> str:
    """Return the French error message for a role that is neither member nor staff."""
    return f"{quoted(role)} " + typeset("n’est pas un rôle : choisissez member ou staff.")
