"""The sources of an archive and their runs, as stored in the SQLite file of gathering."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from indexer.errors import GatheringError
from indexer.gathering.source import Source, read_source_settings
from indexer.gathering.state import GATHERING, State

MAX_NOTES = 50
"""Number of failures of a run that are kept with address and reason; all failures are counted."""
KEPT_RUNS = 100


class StoppedError(GatheringError):
    """A run stops before its end, and goes on the next time."""


class RunState(StrEnum):
    """The states of a run. One that was stopped goes on where it was when the source is gathered next."""

    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Failure:
    """An address that gave no usable page or file, and the reason (French)."""

    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Run:
    """One gathering of a source.

    Attributes:
        number: its number.
        source: name of the source.
        began, ended: times (UTC, ISO 8601); `ended` is empty while it runs.
        state: its state.
        reason: why it stopped or failed (French), or empty.
        requests: number of requests.
        came, changed, unchanged: numbers of pages that are new, that changed, and that did not.
        gone: number of pages withdrawn since they are no longer on the site.
        failed: number of addresses that gave no usable page or file.
        asked: number of pages that disappeared, if too many at once to be withdrawn before a person confirms it.
        notes: the first failures.
    """

    number: int
    source: str
    began: str
    ended: str
    state: RunState
    reason: str = ""
    requests: int = 0
    came: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    failed: int = 0
    asked: int = 0
    notes: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the archive holds of a source.

    Attributes:
        addresses: addresses that are known.
        resources: pages that show resources.
        waiting: pages that were fetched and not imported yet.
        removed: resources withdrawn since their pages are gone.
    """

    addresses: int
    resources: int
    waiting: int
    removed: int


_RUN = "number, source, began, ended, state, reason, requests, came, changed, unchanged, gone, failed, asked, notes"


class Registry:
    """The sources of an archive.

    Args:
        state: the open SQLite file of the sources, runs and addresses.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, source: Source, profile: bytes | None) -> None:
        """Add a source.

        Args:
            source: its settings.
            profile: import profile by which its pages are read, or None.

        Raises:
            GatheringError: a source has this name or address already, or the state cannot be written.
        """
        for other in self.all():
            if other.name == source.name:
                raise GatheringError(f"Une source s’appelle déjà « {source.name} » : donnez un autre nom, par --name.")
            if other.address == source.address and other.kind == source.kind:
                raise GatheringError(f"Cette adresse est déjà celle de la source « {other.name} ».")
        with self._state.changing() as db:
            db.execute(
                "INSERT INTO sources (name, settings, profile, added) VALUES (?, ?, ?, ?)",
                (source.name, source.as_json(), profile, utc_now()),
            )

    def all(self) -> tuple[Source, ...]:
        """Return all sources, ordered by name.

        Raises:
            GatheringError: they cannot be read.
        """
        with self._state.reading() as db:
            rows = db.execute("SELECT settings FROM sources ORDER BY name").fetchall()
        return tuple(self._read(text) for (text,) in rows)

    def get(self, name: str) -> Source:
        """Return a source by its name.

        Raises:
            GatheringError: no source has this name, or the state cannot be read.
        """
        found = [source for source in self.all() if source.name == name]
        if not found:
            raise GatheringError(
                f"Aucune source ne s’appelle « {name} » : « python run.py source list » montre celles qui existent."
            )
        return found[0]

    def profile(self, name: str) -> bytes | None:
        """Return the import profile of a source (the content of its TOML file), or None.

        Raises:
            GatheringError: it cannot be read.
        """
        with self._state.reading() as db:
            row = db.execute("SELECT profile FROM sources WHERE name = ?", (name,)).fetchone()
        return None if row is None or row[0] is None else bytes(row[0])

    def guessed(self, name: str) -> str:
        """Return what was guessed about a Drupal source (its bundle and fields, as JSON); empty if nothing was.

        Raises:
            GatheringError: it cannot be read.
        """
        with self._state.reading() as db:
            row = db.execute("SELECT guessed FROM sources WHERE name = ?", (name,)).fetchone()
        return str(row[0] or "") if row else ""

    def guess(self, name: str, guessed: str) -> None:
        """Store what was guessed about a Drupal source: its bundle and fields, as JSON.

        Raises:
            GatheringError: it cannot be written.
        """
        with self._state.changing() as db:
            db.execute("UPDATE sources SET guessed = ? WHERE name = ?", (guessed, name))

    def remove(self, name: str) -> None:
        """Forget a source and all that is known of it; its pages stay in the corpus.

        Raises:
            GatheringError: it cannot be written.
        """
        with self._state.changing() as db:
            of_it = "(SELECT id FROM addresses WHERE source = ?)"
            db.execute(f"DELETE FROM spool WHERE address IN {of_it}", (name,))  # noqa: S608 - a constant
            db.execute(f"DELETE FROM links WHERE origin IN {of_it}", (name,))  # noqa: S608
            db.execute(f"DELETE FROM nodes WHERE address IN {of_it}", (name,))  # noqa: S608
            for table in ("addresses", "closed", "files", "runs", "removals"):
                db.execute(f"DELETE FROM {table} WHERE source = ?", (name,))  # noqa: S608
            db.execute("DELETE FROM sources WHERE name = ?", (name,))

    def begin(self, name: str) -> Run:
        """Begin a run of a source, or go on with the one that was stopped.

        Raises:
            GatheringError: the state cannot be written.
        """
        last = self.last_run(name)
        with self._state.changing() as db:
            if last is not None and last.state in {RunState.RUNNING, RunState.STOPPED}:
                db.execute("UPDATE runs SET state = ?, reason = '' WHERE number = ?", (RunState.RUNNING, last.number))
                db.execute("UPDATE addresses SET tries = 0 WHERE source = ?", (name,))
                number = last.number
            else:
                added = db.execute(
                    "INSERT INTO runs (source, began, state) VALUES (?, ?, ?)", (name, utc_now(), RunState.RUNNING)
                )
                db.execute("UPDATE addresses SET tries = 0, done = 0 WHERE source = ?", (name,))
                number = int(added.lastrowid or 0)
                db.execute(
                    "DELETE FROM runs WHERE source = ? AND number <= (SELECT number FROM runs WHERE source = ? "
                    "ORDER BY number DESC LIMIT 1 OFFSET ?)",
                    (name, name, KEPT_RUNS),
                )
        return self.run(number)

    def run(self, number: int) -> Run:
        """Return a run by its number.

        Raises:
            GatheringError: it cannot be read.
        """
        return self._runs("WHERE number = ?", number)[0]

    def last_run(self, name: str) -> Run | None:
        """Return the last run of a source, or None.

        Raises:
            GatheringError: it cannot be read.
        """
        found = self._runs("WHERE source = ? ORDER BY number DESC LIMIT 1", name)
        return found[0] if found else None

    def runs(self, name: str, limit: int = 20) -> Sequence[Run]:
        """Return the last `limit` runs of a source; the one that began last comes first.

        Raises:
            GatheringError: they cannot be read.
        """
        return self._runs("WHERE source = ? ORDER BY number DESC LIMIT ?", name, limit)

    def end(self, number: int, state: RunState, reason: str = "") -> None:
        """Note how a run ended; `reason` says why it stopped or failed (French).

        Raises:
            GatheringError: it cannot be written.
        """
        with self._state.changing() as db:
            db.execute(
                "UPDATE runs SET state = ?, reason = ?, ended = ? WHERE number = ?", (state, reason, utc_now(), number)
            )

    def counts(self, name: str) -> Counts:
        """Return how much the archive holds of a source.

        Raises:
            GatheringError: it cannot be read.
        """
        with self._state.reading() as db:
            addresses, resources = db.execute(
                "SELECT count(*), coalesce(sum(resource), 0) FROM addresses WHERE source = ?", (name,)
            ).fetchone()
            waiting = db.execute(
                "SELECT count(*) FROM spool JOIN addresses ON addresses.id = spool.address WHERE source = ?", (name,)
            ).fetchone()[0]
            removed = db.execute("SELECT count(*) FROM removals WHERE source = ?", (name,)).fetchone()[0]
        return Counts(int(addresses), int(resources), int(waiting), int(removed))

    def _runs(self, rest: str, *values: object) -> list[Run]:
        with self._state.reading() as db:
            rows = db.execute(f"SELECT {_RUN} FROM runs {rest}", values).fetchall()  # noqa: S608 - constants
        return [_run(row) for row in rows]

    def _read(self, text: str) -> Source:
        try:
            return read_source_settings(text)
        except (ValueError, KeyError, TypeError) as error:
            raise GatheringError(
                f"Une source de « {self._state.path} » ne se lit pas : restaurez ce fichier d’une sauvegarde."
            ) from error


def _run(row: Sequence[Any]) -> Run:
    held = dict(zip(_RUN.split(", "), row, strict=True))
    failures = tuple(Failure(*one) for one in json.loads(held["notes"]))
    return Run(**{**held, "ended": held["ended"] or "", "state": RunState(held["state"]), "notes": failures})


def count(db: sqlite3.Connection, run: int, what: str, number: int = 1) -> None:
    """Add to a count of a run; the caller opens the transaction.

    Args:
        db: connection to the SQLite file of the sources.
        run: number of the run.
        what: name of the count, an attribute of `Run`.
        number: how much to add.
    """
    db.execute(f"UPDATE runs SET {what} = {what} + ? WHERE number = ?", (number, run))  # noqa: S608 - a name of ours


def note(db: sqlite3.Connection, run: int, address: str, reason: str) -> None:
    """Count a failure of a run, and keep address and reason if it is among the first `MAX_NOTES`; the caller opens the
    transaction.
    """
    count(db, run, "failed")
    notes = json.loads(db.execute("SELECT notes FROM runs WHERE number = ?", (run,)).fetchone()[0])
    if len(notes) < MAX_NOTES:
        notes.append([address, reason])
        db.execute("UPDATE runs SET notes = ? WHERE number = ?", (json.dumps(notes, ensure_ascii=False), run))


def has_sources(corpus: Path) -> bool:
    """Return whether a corpus ever had sources."""
    return (corpus / GATHERING).exists()


def utc_now() -> str:
    """Return the current time (UTC, ISO 8601, to the second)."""
    return datetime.now(UTC).isoformat(timespec="seconds")
