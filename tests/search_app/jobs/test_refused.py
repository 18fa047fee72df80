"""A job that the operating system keeps from starting or ending says why, without showing paths of the server."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
from pathlib import Path
from typing import NoReturn

import pytest

from indexer.engine.embedded import EmbeddedEngine
from search_app.errors import JobError
from search_app.jobs import JobKind, JobState, worker
from search_app.jobs.launcher import start
from search_app.jobs.store import Jobs
from search_app.settings import SiteSettings
from tests.support.archive import analyzer
from tests.support.refusals import sqlite_error
from tests.support.spaces import plain

pytestmark = pytest.mark.slow

REFUSALS = [
    (OSError(errno.ENOSPC, "No space left on device"), "il n’y a plus de place sur le disque", "libérez de l’espace"),
    (OSError(errno.EMFILE, "Too many open files"), "autant de fichiers que permis", "ulimit -n"),
    (OSError(errno.EROFS, "Read-only file system"), "le disque est en lecture seule", "remontez-le"),
    (MemoryError(), "la mémoire manque", "libérez de la mémoire"),
    (sqlite_error("SQLITE_FULL"), "il n’y a plus de place sur le disque", "libérez de l’espace"),
]


@pytest.fixture
def settings(tmp_path: Path) -> SiteSettings:
    return SiteSettings(corpus=tmp_path / "corpus", index=tmp_path / "index", data=tmp_path / "data")


@pytest.mark.parametrize(("error", "why", "remedy"), REFUSALS, ids=lambda value: type(value).__name__)
def test_an_interrupted_job_says_why(
    settings: SiteSettings,
    monkeypatch: pytest.MonkeyPatch,
    error: OSError | sqlite3.Error | MemoryError,
    why: str,
    remedy: str,
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise error

    monkeypatch.setattr(worker, "index_corpus", refuse)
    number = Jobs(settings.data).add(JobKind.INDEX, "equipe@exemple.fr")
    lock = Jobs(settings.data).hold(number)
    try:
        assert worker.carry_out(settings, lambda: EmbeddedEngine(settings.index, analyzer()), number) == 1
        job = Jobs(settings.data).get(number)
    finally:
        os.close(lock)
    assert job is not None
    assert job.state is JobState.FAILED
    message = plain(job.message or "")
    assert why in message
    assert remedy in message
    assert str(settings.data) not in message


@pytest.mark.parametrize("code", [errno.EMFILE, errno.EAGAIN, errno.ENOMEM])
def test_a_job_that_cannot_be_started_says_why(
    settings: SiteSettings, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise OSError(code, "?")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(JobError, match="n’a pas pu être lancé") as raised:
        start(settings, JobKind.INDEX, "equipe@exemple.fr")
    (job,) = Jobs(settings.data).latest(1)
    assert job.state is JobState.FAILED
    assert job.message == str(raised.value)
