"""Carries out a job, in the job's own process."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TypeVar

from indexer.engine import SupportsRollback
from indexer.errors import ArchiveError, GatheringError
from indexer.gathering import Registry, opened
from indexer.pipeline import (
    ImportReport,
    Preview,
    RecognitionReport,
    assess_quality,
    import_paths,
    index_corpus,
    preview_import,
    recognise_scans,
    reports_together,
    roll_back,
    synchronise,
)
from indexer.publications import find_tesseract
from indexer.storage.locks import PATIENCE, wait_until_free
from indexer.storage.os_errors import Reason, reason_of
from search_app.accounts.rights import may_work
from search_app.errors import JobError, StoreError
from search_app.jobs.previewed import keeping
from search_app.jobs.reports import Report
from search_app.jobs.store import CANCELLED, Job, JobKind, Jobs, JobState
from search_app.jobs.uploads import ORIGIN, Uploads
from search_app.messages import said, typeset, without_paths
from search_app.settings import SiteSettings
from search_app.stores import open_stores
from search_app.web.logging import describe_exception

_EVERY = 0.25
"""Number of seconds between two updates of the progress."""

_CANCELLED_LATE = typeset(
    "L’annulation est arrivée trop tard : le nouvel index répond déjà. Pour en revenir, choisissez "
    "« Revenir à la génération d’avant »."
)
_PAGES_KEPT = typeset(
    "La reconnaissance est arrêtée. Les pages déjà faites sont gardées : la prochaine continuera où celle-ci s’arrête."
)
_BROKE = typeset(
    "Un incident a interrompu le travail ; l’index est resté tel qu’il était. Le détail est dans le journal du travail."
)


def _refused(reason: Reason) -> str:
    return typeset(
        f"Le système a interrompu le travail {reason.then('voyez le journal du travail')}, puis relancez-le. "
        "L’index est resté tel qu’il était."
    )


_NOT_ALLOWED = typeset(
    "La personne qui a demandé ce travail ne fait plus partie de l’équipe, ou son compte est désactivé : rien n’a été "
    "fait. Un autre membre de l’équipe peut le demander de nouveau."
)

Result = TypeVar("Result")


class Cancelled(BaseException):
    """The job was asked to stop. A BaseException, so that no error handler catches it."""


class JobProgress:
    """Stores the progress of a run in the job, so that pages can show it."""

    def __init__(self, jobs: Jobs, number: int) -> None:
        self._jobs, self._number = jobs, number
        self._stage, self._done, self._total, self._said = "", 0, 0, 0.0

    def begin(self, stage: str, total: int, /) -> None:
        """Record the beginning of a stage that has `total` steps; 0 if their number is unknown."""
        self._stage, self._done, self._total = stage, 0, total
        self._note()

    def advance(self, steps: int, /) -> None:
        """Count further steps as done; store the progress at most every `_EVERY` seconds."""
        self._done += steps
        if time.monotonic() - self._said >= _EVERY:
            self._note()

    def _note(self) -> None:
        self._said = time.monotonic()
        self._jobs.advance(self._number, self._stage, self._done, self._total)


def carry_out(settings: SiteSettings, open_engine: Callable[[], SupportsRollback], number: int) -> int:
    """Carry out a job, record its result, and return the exit status of the process.

    Args:
        settings: settings of the site.
        open_engine: opens the engine.
        number: number of the job.

    Raises:
        JobError: the jobs cannot be read or written.
    """
    jobs = Jobs(settings.data)
    job = jobs.get(number)
    if job is None or job.state.is_over:
        return 2
    before = signal.signal(signal.SIGTERM, _cancel)
    jobs.begin(number, os.getpid())
    engine: SupportsRollback | None = None
    generation: str | None = None
    try:
        engine = open_engine()
        generation = engine.status().generation
        report = _Work(settings, engine, jobs, job).do()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        jobs.end(number, JobState.DONE, message=report.note or None, report=report)
        return 0
    except Cancelled:
        # The signal may have come after the new generation was published: the result must say what visitors find.
        late = engine is not None and engine.status().generation != generation
        message = _CANCELLED_LATE if late else CANCELLED
        jobs.end(number, JobState.CANCELLED, message=_PAGES_KEPT if job.kind is JobKind.RECOGNISE else message)
    except ArchiveError as error:
        print(describe_exception(error), file=sys.stderr)
        jobs.end(number, JobState.FAILED, message=said(error))
    except (OSError, sqlite3.Error, MemoryError) as error:
        print(describe_exception(error), file=sys.stderr)
        jobs.end(number, JobState.FAILED, message=_refused(reason_of(error)))
    except Exception as error:
        print(describe_exception(error), file=sys.stderr)
        jobs.end(number, JobState.FAILED, message=_BROKE)
    finally:
        signal.signal(signal.SIGTERM, before)
        if engine is not None:
            engine.close()
    return 1


def _cancel(signum: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # one signal is enough; further ones must not interrupt the cleanup
    raise Cancelled


def _as_sent(report: ImportReport) -> ImportReport:
    """Return the report with every path of the server, in its messages, cut to the name of the file."""
    return replace(
        report,
        set_aside=tuple(replace(one, reason=without_paths(one.reason)) for one in report.set_aside),
        warnings=tuple(replace(one, message=without_paths(one.message)) for one in report.warnings),
        failures=tuple(map(without_paths, report.failures)),
    )


def _recognised(done: RecognitionReport) -> str:
    """Return a French sentence on what a run of text recognition did."""
    if not done.pages and not done.interrupted:
        return typeset("Aucune page ne restait à reconnaître.")
    said = f"Pages examinées : {done.pages} ; texte reconnu sur {done.recognised}."
    if done.interrupted:
        said += f" Pages que la machine n’a pas pu finir : {done.interrupted} ; relancez pour les reprendre."
    return typeset(said)


class _Work:
    def __init__(self, settings: SiteSettings, engine: SupportsRollback, jobs: Jobs, job: Job) -> None:
        self._settings, self._engine, self._jobs, self._job = settings, engine, jobs, job
        self._progress = JobProgress(jobs, job.number)

    def do(self) -> Report:
        match self._job.kind:
            case JobKind.INDEX | JobKind.FULL:
                return self._index()
            case JobKind.PREVIOUS:
                expected = self._job.generation
                return Report(
                    rolled_back=self._when_free(lambda: roll_back(self._settings, self._engine, expected=expected))
                )
            case JobKind.PREVIEW:
                return self._preview()
            case JobKind.IMPORT:
                return self._import()
            case JobKind.RECOGNISE:
                return self._recognise()
            case JobKind.SURVEY:
                self._ask()
                self._survey()
                return Report()
            case JobKind.SYNC | JobKind.SYNC_ACCEPTING:
                return self._gather()

    def _ask(self) -> None:
        """Check that the person who requested the job may still do so.

        Indexing needs no check: it only publishes changes that were accepted before, and one job may serve several
        people.
        """
        if self._job.kind is JobKind.INDEX:
            return
        try:
            allowed = may_work(open_stores(self._settings), self._job.actor)
        except StoreError as error:
            # The message names a file of the server, so it goes to the log, not to a page.
            print(describe_exception(error), file=sys.stderr)
            raise JobError(_BROKE) from error
        if not allowed:
            raise JobError(_NOT_ALLOWED)

    def _index(self) -> Report:
        full = self._job.kind is JobKind.FULL
        report = self._when_free(lambda: index_corpus(self._settings, self._engine, full=full, progress=self._progress))
        self._survey()
        return Report(index=report)

    def _recognise(self) -> Report:
        self._ask()
        recogniser = find_tesseract()
        index = self._when_free(
            lambda: index_corpus(self._settings, self._engine, full=False, progress=self._progress), ask=False
        )
        done = recognise_scans(self._settings, recogniser, progress=self._progress)
        again = None
        if done.files:
            again = self._when_free(
                lambda: index_corpus(self._settings, self._engine, full=False, progress=self._progress), ask=False
            )
        return Report(index=reports_together(index, again, done), note=_recognised(done))

    def _preview(self) -> Report:
        paths, names = self._sent()

        def preview() -> Preview:
            with keeping(Uploads(self._settings.data).folder(self._job.upload or "")) as keep:
                return preview_import(
                    self._settings,
                    paths,
                    theme=self._job.theme,
                    origin=ORIGIN,
                    names=names,
                    progress=self._progress,
                    keep=keep,
                )

        seen = self._when_free(preview)
        return Report(preview=replace(seen, pages=_as_sent(seen.pages)))

    def _import(self) -> Report:
        paths, names = self._sent()
        imported = self._when_free(
            lambda: import_paths(
                self._settings,
                paths,
                theme=self._job.theme,
                progress=self._progress,
                engine=self._engine,
                origin=ORIGIN,
                names=names,
            )
        )
        # Imported pages are indexed, even if the account has lost its rights meanwhile.
        index = self._when_free(
            lambda: index_corpus(self._settings, self._engine, full=False, progress=self._progress), ask=False
        )
        if self._job.upload is not None:
            Uploads(self._settings.data).drop(self._job.upload)
        self._survey()
        return Report(imported=_as_sent(imported), index=index)

    def _gather(self) -> Report:
        self._ask()
        with opened(self._settings.corpus) as state:
            source = Registry(state).get(self._job.source or "")
            done = synchronise(
                self._settings,
                state,
                [source],
                self._engine,
                progress=self._progress,
                accept=self._job.kind is JobKind.SYNC_ACCEPTING,
                patience=PATIENCE,
                waiting=self._say_waiting,
            )
        if done.failures:
            raise GatheringError(" ".join(done.failures))
        index = self._when_free(
            lambda: index_corpus(self._settings, self._engine, full=False, progress=self._progress), ask=False
        )
        self._survey()
        return Report(imported=_as_sent(done.imports[0].pages), index=index, note=typeset(done.runs[0].reason))

    def _survey(self) -> None:
        self._progress.begin("Relevé de ce qui est à vérifier", 0)
        assess_quality(self._settings)

    def _sent(self) -> tuple[list[Path], Mapping[str, str]]:
        uploads, name = Uploads(self._settings.data), self._job.upload or ""
        return [uploads.pages(name)], uploads.names(name)

    def _when_free(self, work: Callable[[], Result], *, ask: bool = True) -> Result:
        """Do work once the archive is not locked. With `ask`, first check the rights of the person who requested the
        job, since the wait may have been long.
        """

        def allowed() -> Result:
            if ask:
                self._ask()
            return work()

        return wait_until_free(allowed, self._say_waiting)

    def _say_waiting(self) -> None:
        self._jobs.wait(self._job.number, "Un autre travail est en cours : celui-ci le suivra")
