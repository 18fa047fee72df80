"""The jobs, in one SQLite file: what was asked, how far it is, what came of it.

A process holds the lock of its job as long as it lives, and the system frees it when it dies: whether a job is at
work is asked of the lock, never of a number that another process may bear tomorrow.
"""

from __future__ import annotations

import datetime
import fcntl
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from indexer.corpus.corrections import NOBODY
from indexer.errors import JobError
from indexer.storage.os_errors import because
from search_app.jobs.reports import Report, read_report
from search_app.messages import staff as texts

JOBS = "jobs.sqlite"
KEPT = 200
"""Jobs that are remembered."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, state TEXT NOT NULL, actor TEXT NOT NULL,
    created TEXT NOT NULL, began TEXT, ended TEXT, spool TEXT, theme TEXT, note TEXT,
    pid INTEGER, stage TEXT, done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0,
    message TEXT, report TEXT, stopped INTEGER NOT NULL DEFAULT 0
);
"""
_COLUMNS = (
    "number, kind, state, actor, created, began, ended, spool, theme, note, pid, stage, done, total, message, report"
)


class Kind(StrEnum):
    """What a job does."""

    INDEX = "index"
    FULL = "full"
    PREVIOUS = "previous"
    PREVIEW = "preview"
    IMPORT = "import"
    SURVEY = "survey"


class State(StrEnum):
    """Where a job is. One that waits has read nothing yet; one that crashed was ended by something else."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CRASHED = "crashed"

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self not in {State.WAITING, State.RUNNING}


@dataclass(frozen=True, slots=True)
class Job:
    """A job.

    Attributes:
        number: its name.
        kind: what it does.
        state: where it is.
        actor: who asked for it.
        created, began, ended: UTC, ISO 8601.
        spool: name of the folder of sent files that it works on.
        theme: theme of what is imported.
        note: what was said when it was asked for (French).
        pid: its process.
        stage: what it is doing (French); done, total: steps of it, total 0 where unknown.
        message: what came of it (French), where it did not go well.
        report: what it did.
    """

    number: int
    kind: Kind
    state: State
    actor: str
    created: str
    began: str | None
    ended: str | None
    spool: str | None
    theme: str | None
    note: str | None
    pid: int | None
    stage: str | None
    done: int
    total: int
    message: str | None
    report: Report | None


class Jobs:
    """Reads and writes the jobs of a site.

    Args:
        data: the data folder.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._path = data / JOBS
        self.folder = data / "jobs"

    def add(self, kind: Kind, actor: str, *, spool: str | None = None, theme: str | None = None, note: str = "") -> int:
        """Note what is asked for; the number of the job, whose process is to be started.

        Raises:
            JobError: the jobs cannot be written.
        """
        with self._open() as db:
            values = (kind, State.WAITING, actor, _now(), spool, theme, note or None)
            added = db.execute(
                "INSERT INTO jobs (kind, state, actor, created, spool, theme, note) VALUES (?, ?, ?, ?, ?, ?, ?)",
                values,
            )
            number = int(added.lastrowid or 0)
            db.execute("DELETE FROM jobs WHERE number <= ?", (number - KEPT,))
        for kept in (self.lock_path(number - KEPT), self.log_path(number - KEPT)):
            kept.unlink(missing_ok=True)
        return number

    def get(self, number: int) -> Job | None:
        """A job; one whose process is gone without a word is noted as crashed."""
        found = self._select("WHERE number = ?", number)
        return found[0] if found else None

    def latest(self, limit: int = 20) -> tuple[Job, ...]:
        """Jobs, the last asked for first."""
        return self._select("ORDER BY number DESC LIMIT ?", limit)

    def at_work(self) -> tuple[Job, ...]:
        """Jobs that are not over, the first asked for first."""
        found = self._select("WHERE state IN (?, ?) ORDER BY number", State.WAITING, State.RUNNING)
        return tuple(job for job in found if not job.state.is_over)

    def begin(self, number: int, pid: int) -> None:
        """Note the process of a job."""
        self._change(number, "pid = ?, began = COALESCE(began, ?)", pid, _now())

    def advance(self, number: int, stage: str, done: int, total: int) -> None:
        """Note how far a job is; it waits no more."""
        self._change(number, "state = ?, stage = ?, done = ?, total = ?", State.RUNNING, stage, done, total)

    def wait(self, number: int, stage: str) -> None:
        """Note what a job waits for."""
        self._change(number, "stage = ?", stage)

    def end(self, number: int, state: State, *, message: str | None = None, report: Report | None = None) -> None:
        """Note what came of a job."""
        held = None if report is None else report.as_json()
        self._change(number, "state = ?, ended = ?, message = ?, report = ?", state, _now(), message, held)

    def cancel(self, number: int) -> bool:
        """Ask the process of a job to stop; whether there was one to ask."""
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
        """Take the name of someone out of the jobs; how many held it."""
        if not self._path.exists():
            return 0
        with self._open() as db:
            return db.execute("UPDATE jobs SET actor = ? WHERE actor = ?", (NOBODY, actor)).rowcount

    def hold(self, number: int) -> int:
        """Take the lock of a job; the open file, to be passed to its process and closed.

        Raises:
            JobError: the lock cannot be made.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self.lock_path(number), os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise JobError(texts.jobs_unusable(str(self.folder), because(error))) from error
        return handle

    def lock_path(self, number: int) -> Path:
        """The file whose lock the process of a job holds."""
        return self.folder / f"{number}.lock"

    def log_path(self, number: int) -> Path:
        """What the process of a job wrote."""
        return self.folder / f"{number}.log"

    def _select(self, rest: str, *values: object) -> tuple[Job, ...]:
        if not self._path.exists():
            return ()
        jobs = self._rows(rest, *values)
        gone = [job for job in jobs if not job.state.is_over and not self._is_alive(job.number)]
        if not gone:
            return jobs
        for job in gone:
            # It may have ended well between the two looks: only one that still seems at work has crashed.
            at_work = f" AND state IN ('{State.WAITING}', '{State.RUNNING}')"
            for state, message, stopped in (
                (State.CANCELLED, texts.JOB_CANCELLED, 1),
                (State.CRASHED, texts.JOB_CRASHED, 0),
            ):
                where = f"{at_work} AND stopped = {stopped}"
                self._change(job.number, "state = ?, ended = ?, message = ?", state, _now(), message, where=where)
        again = {job.number: job for job in self._rows(f"WHERE number IN ({','.join(str(j.number) for j in gone)})")}
        return tuple(again.get(job.number, job) for job in jobs)

    def _rows(self, rest: str, *values: object) -> tuple[Job, ...]:
        with self._open() as db:
            # `rest` is written in this module, never by a person.
            rows = db.execute(f"SELECT {_COLUMNS} FROM jobs {rest}", values).fetchall()  # noqa: S608
        return tuple(_job(row) for row in rows)

    def _change(self, number: int, what: str, *values: object, where: str = "") -> None:
        with self._open() as db:
            db.execute(f"UPDATE jobs SET {what} WHERE number = ?{where}", (*values, number))  # noqa: S608

    def _is_alive(self, number: int) -> bool:
        try:
            handle = os.open(self.lock_path(number), os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            db = sqlite3.connect(self._path, timeout=10)
            try:
                with db:
                    db.execute("PRAGMA synchronous=OFF")  # a job that a power cut ends is over anyway
                    db.execute("PRAGMA secure_delete=ON")  # a name that was erased is in no free page
                    db.execute(_SCHEMA)
                    yield db
            finally:
                db.close()
        except (sqlite3.Error, OSError) as error:
            raise JobError(texts.jobs_unusable(str(self._path), because(error))) from error


def _job(row: tuple[Any, ...]) -> Job:
    held: dict[str, Any] = dict(zip(_COLUMNS.split(", "), row, strict=True))
    report = None if held["report"] is None else read_report(held["report"])
    return Job(**{**held, "kind": Kind(held["kind"]), "state": State(held["state"]), "report": report})


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
