"""The audit log: every sign-in and every change of an account or by staff, one line each, never rewritten.

Triggers of the file itself refuse any change of a line. There are two exceptions: the erasure of a person's traces,
which replaces an address by a pseudonym and leaves everything else; and the purge of lines older than the
retention period, oldest first.

No text of the archive, of a search or of a form goes into it: actions, addresses of accounts, ids.
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

from search_app.control_characters import without_controls
from search_app.data_files import open_data_file
from search_app.errors import StoreError

COMMAND_LINE = "command line"
"""The actor of what is done by `run.py`."""

UNKNOWN = "unknown"
"""The actor where no account is concerned. What was typed in its place may be anything, a password even."""

MAX_TEXT = 200

_log = logging.getLogger(__name__)
_GUARDS = {
    "entries_never_change": "BEFORE UPDATE ON entries",
    "entries_never_go": "BEFORE DELETE ON entries",
    # INSERT OR REPLACE deletes without asking the trigger above.
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
    """One line of the log.

    Attributes:
        number: grows by one a line.
        at: when, UTC, to the second.
        action: what was done, such as ``sign-in`` or ``account-role``.
        actor: address of the account that did it, `COMMAND_LINE` or `UNKNOWN`.
        subject: address of the account it was done to, empty if none or the actor's own.
        detail: what else there is to know, such as a role or an id.
    """

    number: int
    at: datetime
    action: str
    actor: str
    subject: str
    detail: str


class Audit:
    """The log in one file.

    Args:
        path: the SQLite file, made by the first line.
        keep: days for which lines are kept; 0 keeps all.
        clock: the time in UTC.
    """

    def __init__(self, path: Path, keep: int = 0, *, clock: Callable[[], datetime] | None = None) -> None:
        self._store = open_data_file(path, _SCHEMA)
        self._keep = keep
        self._clock = clock or _utc_now
        self._purged: str | None = None

    def record(self, action: str, actor: str, detail: str = "", *, subject: str = "") -> None:
        """Add a line.

        Args:
            action: what was done: a few words with hyphens, the same for the same thing.
            actor: address of the account that did it, or `COMMAND_LINE`.
            detail: ids, roles, counts; never a text of the archive or one that a person wrote.
            subject: address of the account it was done to, if another one.

        Raises:
            StoreError: the log cannot be written.
        """
        with self.recording(action, actor, detail, subject=subject):
            pass

    @contextmanager
    def recording(self, action: str, actor: str, detail: str = "", *, subject: str = "") -> Iterator[None]:
        """Add a line with what is done inside: neither happens if the other cannot.

        Raises:
            StoreError: the log cannot be written; nothing inside was done.
        """
        values = tuple(_one_line(text) for text in (self._now(), action, actor, subject, detail))
        with self._store.changing() as database:
            database.execute("INSERT INTO entries (at, action, actor, subject, detail) VALUES (?, ?, ?, ?, ?)", values)
            yield
        if self._purged != values[0][:10]:
            self.purge()

    def purge(self) -> None:
        """Delete lines older than the retention period. Never raises. Called once a day, and when the site starts."""
        first = self._first_kept()
        if not first or not self._store.path.exists():
            return
        try:
            with self._store.changing() as database:
                # Lines are in the order of time: a look at the oldest is enough, on most days.
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
        """Return the first day that is kept, ISO 8601; empty if all are."""
        return (self._clock().date() - timedelta(days=self._keep)).isoformat() if self._keep else ""

    def _now(self) -> str:
        return self._clock().isoformat(timespec="seconds")

    def entries(self, *, since: date | None = None, limit: int | None = None) -> tuple[AuditEntry, ...]:
        """Return lines, oldest first.

        Args:
            since: leave out those of earlier days (UTC).
            limit: the last so many only.

        Raises:
            StoreError: the log cannot be read.
        """
        with self._store.reading() as database:
            if database is None:
                return ()
            rows = database.execute(
                "SELECT id, at, action, actor, subject, detail FROM entries WHERE at >= ? ORDER BY id DESC LIMIT ?",
                # What should have been purged is not shown, whether or not it has been.
                (max(self._first_kept(), "" if since is None else since.isoformat()), -1 if limit is None else limit),
            ).fetchall()
        return tuple(_entry(row) for row in reversed(rows))

    def erase(self, email: str) -> int:
        """Replace an address by a pseudonym, everywhere.

        Returns:
            How many lines held it.

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
