"""Starts the process of a job."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

from indexer.settings import ROOT
from indexer.storage.os_errors import Reason, reason_of
from search_app.errors import JobError
from search_app.jobs.store import Job, JobKind, Jobs, JobState
from search_app.messages import typeset
from search_app.settings import SiteSettings

_LOST = typeset("Le travail n’a pas pu être lancé : réessayez, et prévenez qui administre la machine.")


def not_started(reason: Reason) -> str:
    """Return the French error message for a job that the system refused to start."""
    return typeset(
        f"Le travail n’a pas pu être lancé {reason.then('réessayez')}. Prévenez qui administre la machine si cela dure."
    )


def start(
    settings: SiteSettings,
    kind: JobKind,
    actor: str,
    *,
    upload: str | None = None,
    theme: str | None = None,
    note: str = "",
    source: str | None = None,
    generation: str | None = None,
) -> Job:
    """Add a job to the store, start its process, which outlives this one, and return the job.

    Args:
        settings: settings of the site, whose folders are passed on; the process reads other settings from the same
            environment and settings file.
        kind: kind of the job.
        actor: address of the account that requests it.
        upload: for previews and imports, name of the upload.
        theme: theme of all imported resources, or None.
        note: remark on the job's page (French).
        source: name of the source to fetch from, or None.
        generation: name of the generation of the index to go back to, or None for whichever is the previous one.

    Raises:
        JobError: the job cannot be stored, or its process cannot be started.
    """
    jobs = Jobs(settings.data)
    number = jobs.add(kind, actor, upload=upload, theme=theme, note=note, source=source, generation=generation)
    lock = jobs.hold(number)
    command = [sys.executable, str(ROOT / "run.py")]
    for name in ("corpus", "index", "data"):
        command += [f"--{name}", str(getattr(settings, name))]
    # If no settings file was read, pass an empty one: the process would find another in its own working folder.
    command += ["--settings", str(settings.file or os.devnull)]
    try:
        log = os.open(jobs.log_path(number), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            process = subprocess.Popen(  # noqa: S603 - our own command line
                [*command, "job", str(number)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(lock,),  # the process inherits the lock before this one closes it
                start_new_session=True,
                cwd=ROOT,
            )
        finally:
            os.close(log)
    except OSError as error:
        message = not_started(reason_of(error))
        jobs.end(number, JobState.FAILED, message=message)
        raise JobError(message) from error
    finally:
        os.close(lock)
    jobs.begin(number, process.pid)
    # Reap the process when it ends; otherwise it would stay in the process table as a zombie.
    threading.Thread(target=process.wait, name=f"job {number}", daemon=True).start()
    job = jobs.get(number)
    if job is None:
        raise JobError(_LOST)
    return job


def start_index(settings: SiteSettings, actor: str) -> Job:
    """Start an indexing job, or return one that is still waiting: such a job has read nothing yet, so it will also
    index the latest changes.

    Raises:
        JobError: no job can be started.
    """
    for job in Jobs(settings.data).unfinished():
        if job.kind in {JobKind.INDEX, JobKind.FULL} and job.state is JobState.WAITING:
            return job
    return start(settings, JobKind.INDEX, actor)
