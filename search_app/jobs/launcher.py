"""Starting the process of a job."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from indexer.settings import ROOT
from search_app.errors import JobError
from search_app.jobs.store import Job, JobKind, Jobs, JobState
from search_app.messages import typeset
from search_app.settings import SiteSettings

_NOT_STARTED = typeset("Le travail n’a pas pu être lancé : réessayez, et prévenez qui administre la machine.")


def start(
    settings: SiteSettings,
    kind: JobKind,
    actor: str,
    *,
    upload: str | None = None,
    theme: str | None = None,
    note: str = "",
) -> Job:
    """Note a job, start its process, which outlives ours, and return the job.

    Args:
        settings: where things are; the process reads the others from the same environment and settings file.
        kind: what to do.
        actor: address of the account that asks.
        upload: folder of sent files.
        theme: theme of what is imported.
        note: what to say of it (French).

    Raises:
        JobError: the job cannot be noted, or no process can be started.
    """
    jobs = Jobs(settings.data)
    number = jobs.add(kind, actor, upload=upload, theme=theme, note=note)
    lock = jobs.hold(number)
    command = [sys.executable, str(ROOT / "run.py")]
    for name in ("corpus", "index", "data"):
        command += [f"--{name}", str(getattr(settings, name))]
    # Without a file, an empty one: it works in another folder, whose own file is not ours.
    command += ["--settings", str(settings.file or os.devnull)]
    try:
        log = os.open(jobs.log_path(number), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            process = subprocess.Popen(  # noqa: S603 - our own command line
                [*command, "job", str(number)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock,),  # the lock passes to it before we let go of it
                start_new_session=True,
                cwd=ROOT,
            )
        finally:
            os.close(log)
    except OSError as error:
        jobs.end(number, JobState.FAILED, message=_NOT_STARTED)
        raise JobError(_NOT_STARTED) from error
    finally:
        os.close(lock)
    jobs.begin(number, process.pid)
    # Nothing waits for its end but the system's table of processes, which keeps it until someone asks how it ended.
    threading.Thread(target=process.wait, name=f"job {number}", daemon=True).start()
    job = jobs.get(number)
    if job is None:
        raise JobError(_NOT_STARTED)
    return job


def start_index(settings: SiteSettings, actor: str) -> Job:
    """Bring the index up to date, and return the job: one that waits to do so has read nothing yet, and serves all who
    asked.

    Raises:
        JobError: no job can be started.
    """
    for job in Jobs(settings.data).unfinished():
        if job.kind in {JobKind.INDEX, JobKind.FULL} and job.state is JobState.WAITING:
            return job
    return start(settings, JobKind.INDEX, actor)
