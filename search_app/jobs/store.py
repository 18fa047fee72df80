"""The jobs, in one SQLite file: what was requested, their progress, and their results.

The process of a job holds a file lock as long as it lives, and the system releases it when the process ends. Whether a
job is running is found out from the lock rather than from the process id, which another process may get later.
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
from indexer.storage.os_errors import Reason, reason_of
from search_app.data_files import written_by_newer
from search_app.errors import JobError
from search_app.jobs.reports import Report, read_report
from search_app.messages import typeset

JOBS = "jobs.sqlite"
KEPT = 200
"""Number of jobs that are kept; older ones are deleted."""

CANCELLED = typeset("Le travail a été annulé : l’index est resté tel qu’il était.")
_CRASHED = typeset(
    "Le travail s’est interrompu sans prévenir (machine redémarrée, mémoire épuisée ou processus arrêté). "
    "L’index est resté tel qu’il était : relancez le travail."
)
_STEPS = (
    (
        # Earlier versions created this table without a schema version.
        """
        CREATE TABLE IF NOT EXISTS jobs (
            number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, state TEXT NOT NULL, actor TEXT NOT NULL,
            created TEXT NOT NULL, began TEXT, ended TEXT, spool TEXT, theme TEXT, note TEXT,
            pid INTEGER, stage TEXT, done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0,
            message TEXT, report TEXT, stopped INTEGER NOT NULL DEFAULT 0
        )
        """,
    ),
    ("ALTER TABLE jobs ADD COLUMN source TEXT",),
    ("ALTER TABLE jobs ADD COLUMN generation TEXT",),
)
_COLUMNS = (
    "number, kind, state, actor, created, began, ended, spool, theme, note, pid, stage, done, total, message, report, "
    "source, generation"
)


class JobKind(StrEnum):
    """The kinds of jobs.

    They are: indexing what changed, or everything (FULL); returning to the previous generation of the index; previewing
    or making an import; finding likely duplicates and dead links in the archive (SURVEY); recognising the text of
    scanned pages; fetching from a source (SYNC), even if many of its pages have disappeared (SYNC_ACCEPTING).
    """

    INDEX = "index"
    FULL = "full"
    PREVIOUS = "previous"
    PREVIEW = "preview"
    IMPORT = "import"
    SURVEY = "survey"
    RECOGNISE = "recognise"
    SYNC = "sync"
    SYNC_ACCEPTING = "sync-accepting"


class JobState(StrEnum):
    """The states of a job. A waiting job has read nothing yet; a crashed job was ended from outside."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CRASHED = "crashed"

    @property
    def is_over(self) -> bool:
        """Return whether the job has ended."""
        return self not in {JobState.WAITING, JobState.RUNNING}


@dataclass(frozen=True, slots=True)
class Job:
    """A background job that staff requested.

    Attributes:
        number: its id.
        kind: its kind.
        state: its state.
        actor: address of the account that requested it.
        created, began, ended: times in UTC, ISO 8601, or None.
        upload: for previews and imports, name of the upload.
        theme: theme of all imported resources, or None.
        note: remark on the job's page (French), or None.
        pid: id of its process.
        stage: current stage (French); done, total: steps of that stage, total 0 if unknown.
        message: why it failed, or a remark on its result (French), or None.
        report: its report, once it has ended.
        source: name of the source to fetch from, or None.
        generation: name of the generation of the index to go back to, or None.
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
    source: str | None = None
    generation: str | None = None


@dataclass(frozen=True, slots=True)
class JobOutcomes:
    """The jobs of one kind that ended in one state.

    Attributes:
        kind: their kind.
        state: their state.
        count: how many of them the store still holds.
        ended: when the last of them ended, UTC, ISO 8601.
        began: when the last of them began, or None.
    """

    kind: JobKind
    state: JobState
    count: int
    ended: str
    began: str | None


class Jobs:
    """The store of the background jobs of a site.

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
            durability=Durability.OFF,  # a power cut ends the jobs anyway
        )

    @property
    def database(self) -> Database:
        """The database of the jobs."""
        return self._database

    def add(
        self,
        kind: JobKind,
        actor: str,
        *,
        upload: str | None = None,
        theme: str | None = None,
        note: str = "",
        source: str | None = None,
        generation: str | None = None,
    ) -> int:
        """Add a job, and return its number; the caller then starts its process.

        Raises:
            JobError: the jobs cannot be written.
        """
        with self._database.changing() as db:
            values = (kind, JobState.WAITING, actor, _now(), upload, theme, note or None, source, generation)
            added = db.execute(
                "INSERT INTO jobs (kind, state, actor, created, spool, theme, note, source, generation) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            number = int(added.lastrowid or 0)
            db.execute("DELETE FROM jobs WHERE number <= ?", (number - KEPT,))
        for kept in (self.lock_path(number - KEPT), self.log_path(number - KEPT)):
            with suppress(OSError):
                kept.unlink(missing_ok=True)
        return number

    def get(self, number: int) -> Job | None:
        """Return a job, or None. If its process has ended without recording a result, it becomes a crashed job.

        Raises:
            JobError: the jobs cannot be read or written.
        """
        found = self._select("WHERE number = ?", number)
        return found[0] if found else None

    def latest(self, limit: int = 20) -> tuple[Job, ...]:
        """Return up to `limit` jobs, the latest first.

        Raises:
            JobError: the jobs cannot be read or written.
        """
        return self._select("ORDER BY number DESC LIMIT ?", limit)

    def unfinished(self) -> tuple[Job, ...]:
        """Return the jobs that have not ended, the oldest first.

        Raises:
            JobError: the jobs cannot be read or written.
        """
        found = self._select("WHERE state IN (?, ?) ORDER BY number", JobState.WAITING, JobState.RUNNING)
        return tuple(job for job in found if not job.state.is_over)

    def outcomes(self) -> tuple[JobOutcomes, ...]:
        """Return how the jobs that the store still holds have ended, by kind and state.

        Raises:
            JobError: the jobs cannot be read.
        """
        with self._database.reading() as db:
            if db is None:
                return ()
            rows = db.execute(
                "SELECT kind, state, count(*), max(ended), began FROM jobs WHERE ended IS NOT NULL "
                "GROUP BY kind, state ORDER BY kind, state"
            ).fetchall()  # with max(), SQLite takes the other columns from the row that has it
        return tuple(JobOutcomes(JobKind(row[0]), JobState(row[1]), *row[2:]) for row in rows)

    def begin(self, number: int, pid: int) -> None:
        """Record the process of a job.

        Raises:
            JobError: the jobs cannot be written.
        """
        self._change(number, "pid = ?, began = COALESCE(began, ?)", pid, _now())

    def advance(self, number: int, stage: str, done: int, total: int) -> None:
        """Record the progress of a job, which is then running.

        Raises:
            JobError: the jobs cannot be written.
        """
        self._change(number, "state = ?, stage = ?, done = ?, total = ?", JobState.RUNNING, stage, done, total)

    def wait(self, number: int, stage: str) -> None:
        """Record what a job is waiting for, in French, as its stage.

        Raises:
            JobError: the jobs cannot be written.
        """
        self._change(number, "stage = ?", stage)

    def end(self, number: int, state: JobState, *, message: str | None = None, report: Report | None = None) -> None:
        """Record the end of a job and its result.

        Raises:
            JobError: the jobs cannot be written.
        """
        held = None if report is None else report.as_json()
        self._change(number, "state = ?, ended = ?, message = ?, report = ?", state, _now(), message, held)

    def cancel(self, number: int) -> bool:
        """Ask the process of a job to stop, and return whether it was running.

        Raises:
            JobError: the jobs cannot be read or written.
        """
        job = self.get(number)
        if job is None or job.state.is_over or job.pid is None:
            return False
        # The lock was held when the job was read, so the pid is that of its process, unless it has just ended.
        self._change(number, "stopped = 1")
        with suppress(ProcessLookupError, PermissionError):
            os.kill(job.pid, signal.SIGTERM)
            return True
        return False

    def forget_actor(self, actor: str) -> int:
        """Remove a person's name from the jobs, and return the number of jobs that held it.

        Raises:
            JobError: the jobs cannot be written.
        """
        if not self._database.path.exists():
            return 0
        with self._database.changing() as db:
            return db.execute("UPDATE jobs SET actor = ? WHERE actor = ?", (NOBODY, actor)).rowcount

    def hold(self, number: int) -> int:
        """Take the lock of a job, and return the file descriptor, to be inherited by its process and then closed.

        Raises:
            JobError: the lock cannot be taken.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = acquire(self.lock_path(number))
        except OSError as error:
            raise _unusable(self.folder, reason_of(error)) from error
        if handle is None:
            raise _unusable(self.folder, Reason("un autre processus tient ce travail", "réessayez quand il aura fini"))
        return handle

    def lock_path(self, number: int) -> Path:
        """Return the path of the lock file that the process of a job holds."""
        return self.folder / f"{number}.lock"

    def log_path(self, number: int) -> Path:
        """Return the path of the file with the output of a job's process."""
        return self.folder / f"{number}.log"

    def _select(self, rest: str, *values: object) -> tuple[Job, ...]:
        jobs = self._rows(rest, *values)
        gone = [job for job in jobs if not job.state.is_over and not self._is_alive(job.number)]
        if not gone:
            return jobs
        for job in gone:
            # It may have ended normally since the job was read; only if it is still unfinished has it crashed.
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
            # `rest` is a constant of this module, never user input.
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


def _unusable(path: Path, reason: Reason) -> JobError:
    return JobError(
        typeset(f"Les travaux {path} ne peuvent être lus ou écrits {reason.then('restaurez-les d’une sauvegarde')}.")
    )


def _job(row: tuple[Any, ...]) -> Job:
    held: dict[str, Any] = dict(zip(_COLUMNS.split(", "), row, strict=True))
    held["upload"] = held.pop("spool")
    report = None if held["report"] is None else read_report(held["report"])
    return Job(**{**held, "kind": JobKind(held["kind"]), "state": JobState(held["state"]), "report": report})


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
