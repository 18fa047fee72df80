"""The jobs, in one SQLite file: what was asked, how far it is, what came of it.

A process holds the lock of its job as long as it lives, and the system frees it when it dies: whether a job is
running is asked of the lock, never of a number that another process may have tomorrow.
"""

from __future__ import annotations

import datetime
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from indexer.corpus import NOBODY
from indexer.storage.database import Database, Durability
from indexer.storage.locks import acquire
from indexer.storage.os_errors import because
from search_app.data_files import written_by_newer
from search_app.errors import JobError
from search_app.jobs.reports import Report, read_report
from search_app.messages import typeset

JOBS = "jobs.sqlite"
KEPT = 200
"""Jobs that are remembered."""

CANCELLED = typeset("Le travail a été annulé : l’index est resté tel qu’il était.")
_CRASHED = typeset(
    "Le travail s’est interrompu sans prévenir (machine redémarrée, mémoire épuisée ou processus arrêté). "
    "L’index est resté tel qu’il était : relancez le travail."
)
_STEPS = (
    (
        # Files of earlier versions hold this table, and no number of steps.
        """
        CREATE TABLE IF NOT EXISTS jobs (
            number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, state TEXT NOT NULL, actor TEXT NOT NULL,
            created TEXT NOT NULL, began TEXT, ended TEXT, spool TEXT, theme TEXT, note TEXT,
            pid INTEGER, stage TEXT, done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0,
            message TEXT, report TEXT, stopped INTEGER NOT NULL DEFAULT 0
        )
        """,
    ),
)
_COLUMNS = (
    "number, kind, state, actor, created, began, ended, spool, theme, note, pid, stage, done, total, message, report"
)


class JobKind(StrEnum):
    """What a job does."""

    INDEX = "index"
    FULL = "full"
    PREVIOUS = "previous"
    PREVIEW = "preview"
    IMPORT = "import"
    SURVEY = "survey"


class JobState(StrEnum):
    """Where a job is. One that waits has read nothing yet; one that crashed was ended by something else."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CRASHED = "crashed"

    @property
    def is_over(self) -> bool:
        """Return whether nothing more comes of it."""
        return self not in {JobState.WAITING, JobState.RUNNING}


@dataclass(frozen=True, slots=True)
class Job:
    """A job.

    Attributes:
        number: by which it is known.
        kind: what it does.
        state: where it is.
        actor: who asked for it.
        created, began, ended: UTC, ISO 8601.
        upload: name of the folder of sent files that it works on.
        theme: theme of what is imported.
        note: what was said when it was asked for (French).
        pid: its process.
        stage: what it is doing (French); done, total: steps of it, total 0 where unknown.
        message: what came of it (French), where it did not go well.
        report: what it did.
    """

    number: int
    kind: JobKind
    state: JobState
    actor: str
    created: str
    began: str | None
    ended: str | None
    upload: str | None
    theme: str | None
    note: str | None
    pid: int | None
    stage: str | None
    done: int
    total: int
    message: str | None
    report: Report | None


class Jobs:
    """The jobs of a site.

    Args:
        data: the data folder.
    """

    def __init__(self, data: Path) -> None:
        path = data / JOBS
        self.folder = data / "jobs"
        self._database = Database(
            path,
            _STEPS,
            unusable=lambda reason: _unusable(path, reason),
            newer=lambda: JobError(written_by_newer(path)),
            wait=10.0,
            durability=Durability.OFF,  # a job that a power cut ends is over anyway
        )

    def add(
        self, kind: JobKind, actor: str, *, upload: str | None = None, theme: str | None = None, note: str = ""
    ) -> int:
        """Note what is asked for; return the number of the job, whose process is to be started.

        Raises:
            JobError: the jobs cannot be written.
        """
        with self._database.changing() as db:
            values = (kind, JobState.WAITING, actor, _now(), upload, theme, note or None)
            added = db.execute(
                "INSERT INTO jobs (kind, state, actor, created, spool, theme, note) VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            number = int(added.lastrowid or 0)
            db.execute("DELETE FROM jobs WHERE number <= ?", (number - KEPT,))
        for kept in (self.lock_path(number - KEPT), self.log_path(number - KEPT)):
            with suppress(OSError):
                kept.unlink(missing_ok=True)
        return number

    def get(self, number: int) -> Job | None:
        """Return a job, or None; one whose process is gone without a word is noted as crashed.

        Raises:
            JobError: the jobs cannot be read or written.
        """
        found = self._select("WHERE number = ?", number)
        return found[0] if found else None

    def latest(self, limit: int = 20) -> tuple[Job, ...]:
        """Return jobs, the last asked for first.

        Raises:
            JobError: the jobs cannot be read or written.
        """
        return self._select("ORDER BY number DESC LIMIT ?", limit)

    def unfinished(self) -> tuple[Job, ...]:
        """Return the jobs that are not over, the first asked for first.

        Raises:
            JobError: the jobs cannot be read or written.
        """
        found = self._select("WHERE state IN (?, ?) ORDER BY number", JobState.WAITING, JobState.RUNNING)
        return tuple(job for job in found if not job.state.is_over)

    def begin(self, number: int, pid: int) -> None:
        """Note the process of a job.

        Raises:
            JobError: the jobs cannot be written.
        """
        self._change(number, "pid = ?, began = COALESCE(began, ?)", pid, _now())

    def advance(self, number: int, stage: str, done: int, total: int) -> None:
        """Note how far a job is; it no longer waits.

        Raises:
            JobError: the jobs cannot be written.
        """
        self._change(number, "state = ?, stage = ?, done = ?, total = ?", JobState.RUNNING, stage, done, total)

    def wait(self, number: int, stage: str) -> None:
        """Note what a job waits for.

        Raises:
            JobError: the jobs cannot be written.
        """
        self._change(number, "stage = ?", stage)

    def end(self, number: int, state: JobState, *, message: str | None = None, report: Report | None = None) -> None:
        """Note what came of a job.

        Raises:
            JobError: the jobs cannot be written.
        """
        held = None if report is None else report.as_json()
        self._change(number, "state = ?, ended = ?, message = ?, report = ?", state, _now(), message, held)

    def cancel(self, number: int) -> bool:
        """Ask the process of a job to stop; return whether there was one to ask.

        Raises:
            JobError: the jobs cannot be read or written.
        """
        job = self.get(number)
        if job is None or job.state.is_over or job.pid is None:
            return False
        # The lock was held when the job was read: the number is its own, unless it ended in this very instant.
        self._change(number, "stopped = 1")
        with suppress(ProcessLookupError, PermissionError):
            os.kill(job.pid, signal.SIGTERM)
            return True
        return False

    def forget_actor(self, actor: str) -> int:
        """Take a person's name out of the jobs; return how many held it.

        Raises:
            JobError: the jobs cannot be written.
        """
        if not self._database.path.exists():
            return 0
        with self._database.changing() as db:
            return db.execute("UPDATE jobs SET actor = ? WHERE actor = ?", (NOBODY, actor)).rowcount

    def hold(self, number: int) -> int:
        """Take the lock of a job; return the open file, to be passed to its process and closed.

        Raises:
            JobError: the lock cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = acquire(self.lock_path(number))
        except OSError as error:
            raise _unusable(self.folder, because(error)) from error
        if handle is None:
            raise _unusable(self.folder, "un autre processus tient ce travail")
        return handle

    def lock_path(self, number: int) -> Path:
        """Return the file whose lock the process of a job holds."""
        return self.folder / f"{number}.lock"

    def log_path(self, number: int) -> Path:
        """Return the file of what the process of a job wrote."""
        return self.folder / f"{number}.log"

    def _select(self, rest: str, *values: object) -> tuple[Job, ...]:
        jobs = self._rows(rest, *values)
        gone = [job for job in jobs if not job.state.is_over and not self._is_alive(job.number)]
        if not gone:
            return jobs
        for job in gone:
            # It may have ended well between the two looks: only one that still seems unfinished has crashed.
            unfinished = f" AND state IN ('{JobState.WAITING}', '{JobState.RUNNING}')"
            for state, message, stopped in (
                (JobState.CANCELLED, CANCELLED, 1),
                (JobState.CRASHED, _CRASHED, 0),
            ):
                where = f"{unfinished} AND stopped = {stopped}"
                self._change(job.number, "state = ?, ended = ?, message = ?", state, _now(), message, where=where)
        again = {job.number: job for job in self._rows(f"WHERE number IN ({','.join(str(j.number) for j in gone)})")}
        return tuple(again.get(job.number, job) for job in jobs)

    def _rows(self, rest: str, *values: object) -> tuple[Job, ...]:
        with self._database.reading() as db:
            if db is None:
                return ()
            # `rest` is written in this module, never by a person.
            rows = db.execute(f"SELECT {_COLUMNS} FROM jobs {rest}", values).fetchall()  # noqa: S608
        return tuple(_job(row) for row in rows)

    def _change(self, number: int, what: str, *values: object, where: str = "") -> None:
        with self._database.changing() as db:
            db.execute(f"UPDATE jobs SET {what} WHERE number = ?{where}", (*values, number))  # noqa: S608

    def _is_alive(self, number: int) -> bool:
        path = self.lock_path(number)
        try:
            handle = acquire(path) if path.exists() else -1
        except OSError:
            return False
        if handle is None:
            return True
        if handle >= 0:
            os.close(handle)
        return False


def _unusable(path: Path, reason: str) -> JobError:
    return JobError(
        typeset(f"Les travaux {path} ne peuvent être lus ou écrits ({reason}) : vérifiez les droits et l’espace.")
    )


def _job(row: tuple[Any, ...]) -> Job:
    held: dict[str, Any] = dict(zip(_COLUMNS.split(", "), row, strict=True))
    held["upload"] = held.pop("spool")
    report = None if held["report"] is None else read_report(held["report"])
    return Job(**{**held, "kind": JobKind(held["kind"]), "state": JobState(held["state"]), "report": report})


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
