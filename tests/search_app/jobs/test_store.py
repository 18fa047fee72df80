"""The store of jobs: files of earlier versions are migrated, and an unusable file gives a French error message."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from search_app.errors import JobError
from search_app.jobs.store import JOBS, Job, JobKind, Jobs, JobState

ACTOR = "equipe@exemple.fr"
EARLIER = """
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, state TEXT NOT NULL, actor TEXT NOT NULL,
    created TEXT NOT NULL, began TEXT, ended TEXT, spool TEXT, theme TEXT, note TEXT,
    pid INTEGER, stage TEXT, done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0,
    message TEXT, report TEXT, stopped INTEGER NOT NULL DEFAULT 0
);
INSERT INTO jobs (number, kind, state, actor, created, ended, spool, report) VALUES (
    7, 'previous', 'done', 'equipe@exemple.fr', '2024-02-16T10:00:00+00:00', '2024-02-16T10:00:05+00:00', 'abc',
    '{"preview": null, "imported": null, "index": null,
      "back": {"generation": "000005", "like": "000003", "resources": 97, "public": 60, "kept_back": ["r-1"]}}'
);
"""


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(tmp_path)


def earlier(tmp_path: Path) -> None:
    """Create a file as earlier versions wrote it: its tables, without a schema version."""
    with sqlite3.connect(tmp_path / JOBS) as database:
        database.executescript(EARLIER)
    database.close()


def test_nothing_is_made_before_a_job_is_asked_for(jobs: Jobs, tmp_path: Path) -> None:
    assert (jobs.latest(), jobs.get(1), jobs.unfinished(), jobs.forget_actor(ACTOR)) == ((), None, (), 0)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_an_earlier_version_is_adopted_by_reading_it(jobs: Jobs, tmp_path: Path) -> None:
    earlier(tmp_path)
    (job,) = jobs.latest()
    assert (job.number, job.kind, job.state, job.upload) == (7, JobKind.PREVIOUS, JobState.DONE, "abc")
    assert job.report is not None
    assert job.report.rolled_back is not None
    assert job.report.rolled_back.kept_back == ("r-1",)


def test_a_file_of_an_earlier_version_is_adopted_by_writing_to_it(jobs: Jobs, tmp_path: Path) -> None:
    earlier(tmp_path)
    assert jobs.add(JobKind.INDEX, ACTOR) == 8
    assert jobs.forget_actor(ACTOR) == 2
    assert [job.number for job in Jobs(tmp_path).latest()] == [8, 7]


def test_a_newer_file_is_refused(jobs: Jobs, tmp_path: Path) -> None:
    jobs.add(JobKind.INDEX, ACTOR)
    with sqlite3.connect(tmp_path / JOBS) as database:
        database.execute("PRAGMA user_version=99")
    database.close()
    with pytest.raises(JobError, match=r"version plus récente .* mettez le programme à jour"):
        jobs.latest()


def test_a_damaged_file_is_said_in_french(jobs: Jobs, tmp_path: Path) -> None:
    (tmp_path / JOBS).write_bytes(b"abime" * 1000)
    for use in (jobs.latest, lambda: jobs.add(JobKind.INDEX, ACTOR)):
        with pytest.raises(JobError, match=r"jobs\.sqlite ne peuvent être lus ou écrits"):
            use()


def test_a_lock_that_is_held_is_not_given_twice(jobs: Jobs) -> None:
    number = jobs.add(JobKind.INDEX, ACTOR)
    held = jobs.hold(number)
    with pytest.raises(JobError, match="un autre processus"):
        jobs.hold(number)
    job = jobs.get(number)
    assert isinstance(job, Job)
    assert job.state is JobState.WAITING

    os.close(held)
    assert jobs.unfinished() == ()
