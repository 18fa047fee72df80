"""The audit log: one entry for every sign-in, every change of an account, and every change by staff. Entries are never
rewritten.

Triggers in the database refuse any change of an entry, with two exceptions: the erasure of personal data, which
replaces an address by a pseudonym and changes nothing else; and the deletion of entries older than the retention
period, oldest first.

Entries hold actions, addresses of accounts and ids, but never text of the archive, of a search or of a form.
"""

from __future__ import annotations

import logging
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from indexer.storage.database import Database
from search_app.control_characters import without_controls
from search_app.data_files import open_data_file
from search_app.errors import StoreError

COMMAND_LINE = "command line"
"""Actor of actions on the command line (`run.py`)."""

UNKNOWN = "unknown"
"""Actor of actions without a known account. Text that was typed as an address is not recorded: it may be a password."""

MAX_TEXT = 200

_log = logging.getLogger(__name__)
_GUARDS = {
    "entries_never_change": "BEFORE UPDATE ON entries",
    "entries_never_go": "BEFORE DELETE ON entries",
    # INSERT OR REPLACE deletes without firing the trigger above.
    "entries_replace_none": "BEFORE INSERT ON entries WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.id)",
}


def _guard(name: str) -> str:
    return f"CREATE TRIGGER {name} {_GUARDS[name]} BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"


_SCHEMA = (
    (
        """
        CREATE TABLE entries (
            id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, action TEXT NOT NULL, actor TEXT NOT NULL,
            subject TEXT NOT NULL, detail TEXT NOT NULL
        )
        """,
        *map(_guard, _GUARDS),
    ),
)


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry of the log.

    Attributes:
        number: sequence number of the entry.
        at: time in UTC, ISO 8601, to the second.
        action: what was done, such as ``sign-in`` or ``account-role``.
        actor: address of the account that acted, `COMMAND_LINE` or `UNKNOWN`.
        subject: address of the account that was affected; empty if none, or if it is the actor's.
        detail: further data, such as a role or an id.
    """

    number: int
    at: datetime
    action: str
    actor: str
    subject: str
    detail: str


class Audit:
    """An audit log in one file.

    Args:
        path: the SQLite file, created by the first entry.
        keep: number of days for which entries are kept; 0 keeps all.
        clock: returns the time in UTC.
    """

    def __init__(self, path: Path, keep: int = 0, *, clock: Callable[[], datetime] | None = None) -> None:
        self._store = open_data_file(path, _SCHEMA)
        self._keep = keep
        self._clock = clock or _utc_now
        self._purged: str | None = None

    @property
    def database(self) -> Database:
        """The database that holds the entries."""
        return self._store

    def record(self, action: str, actor: str, detail: str = "", *, subject: str = "") -> None:
        """Add an entry to the log.

        Args:
            action: what was done, as a fixed name of a few words joined by hyphens.
            actor: address of the account that acted, or `COMMAND_LINE`.
            detail: ids, roles or counts; never text of the archive or text that a person typed.
            subject: address of the account that was affected, if it is not the actor's.

        Raises:
            StoreError: the log cannot be written.
        """
        with self.recording(action, actor, detail, subject=subject):
            pass

    @contextmanager
    def recording(self, action: str, actor: str, detail: str = "", *, subject: str = "") -> Iterator[None]:
        """Return a context manager that adds an entry and runs its body: if one of them fails, neither takes effect.

        See `record` for the arguments.

        Raises:
            StoreError: the log cannot be written.
        """
        values = tuple(_one_line(text) for text in (self._now(), action, actor, subject, detail))
        with self._store.changing() as database:
            database.execute("INSERT INTO entries (at, action, actor, subject, detail) VALUES (?, ?, ?, ?, ?)", values)
            yield
        if self._purged != values[0][:10]:
            self.purge()

    def purge(self) -> None:
        """Delete entries older than the retention period. Never raises. Called once a day, and when the site starts."""
        first = self._first_kept()
        if not first or not self._store.path.exists():
            return
        try:
            with self._store.changing() as database:
                # Entries are in order of time, so looking at the oldest is usually enough.
                oldest = database.execute("SELECT at FROM entries ORDER BY id LIMIT 1").fetchone()
                if oldest is not None and oldest[0] < first:
                    database.execute("DROP TRIGGER entries_never_go")
                    database.execute("DELETE FROM entries WHERE at < ?", (first,))
                    database.execute(_guard("entries_never_go"))
        except StoreError as error:
            _log.warning("journal des actions non purgé : %s", error)
        else:
            self._purged = self._now()[:10]

    def _first_kept(self) -> str:
        """Return the first day whose entries are kept, ISO 8601; empty if all are kept."""
        return (self._clock().date() - timedelta(days=self._keep)).isoformat() if self._keep else ""

    def _now(self) -> str:
        return self._clock().isoformat(timespec="seconds")

    def entries(self, *, since: date | None = None, limit: int | None = None) -> tuple[AuditEntry, ...]:
        """Return entries, oldest first.

        Args:
            since: leave out entries of earlier days (UTC).
            limit: return only the last `limit` entries.

        Raises:
            StoreError: the log cannot be read.
        """
        with self._store.reading() as database:
            if database is None:
                return ()
            rows = database.execute(
                "SELECT id, at, action, actor, subject, detail FROM entries WHERE at >= ? ORDER BY id DESC LIMIT ?",
                # Expired entries are not shown, even if they are not deleted yet.
                (max(self._first_kept(), "" if since is None else since.isoformat()), -1 if limit is None else limit),
            ).fetchall()
        return tuple(_entry(row) for row in reversed(rows))

    def erase(self, email: str) -> int:
        """Replace an address by a pseudonym in all entries.

        Returns:
            Number of entries that held the address.

        Raises:
            StoreError: the log cannot be written.
        """
        pseudonym = f"erased-{secrets.token_hex(4)}"
        with self._store.changing() as database:
            database.execute("DROP TRIGGER entries_never_change")
            gone = database.execute(
                """
                UPDATE entries SET actor = IIF(actor = :email, :pseudonym, actor),
                    subject = IIF(subject = :email, :pseudonym, subject)
                WHERE actor = :email OR subject = :email
                """,
                {"email": email, "pseudonym": pseudonym},
            ).rowcount
            database.execute(_guard("entries_never_change"))
        return gone


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _one_line(text: str) -> str:
    return without_controls(text)[:MAX_TEXT]


def _entry(row: sqlite3.Row | tuple[int, str, str, str, str, str]) -> AuditEntry:
    number, at, action, actor, subject, detail = row
    return AuditEntry(number, datetime.fromisoformat(at), action, actor, subject, detail)
