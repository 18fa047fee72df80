"""Jobs: separate processes, their reports, how they end, and what remains if they fail."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from io import BytesIO

import pytest

from indexer.corpus.store import Corpus
from indexer.pipeline.importing import ImportReport, Notice
from indexer.pipeline.indexing import IndexReport
from indexer.pipeline.preview import PlannedChange, Preview
from indexer.pipeline.quality import Named, last_quality_report
from indexer.pipeline.rollback import RollbackReport
from indexer.sources import SetAside
from search_app.jobs import worker
from search_app.jobs.launcher import start, start_index
from search_app.jobs.reports import Report, read_report
from search_app.jobs.store import KEPT, Job, JobKind, Jobs, JobState
from search_app.jobs.uploads import SentFile, Uploads
from search_app.stores import open_stores
from tests.support.archive import Archive, page
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow

ACTOR = "equipe@exemple.fr"
Over = Callable[..., Job]


@pytest.fixture(autouse=True)
def forked_jobs() -> None:
    """Start jobs as separate programs, as the site does, instead of forking them."""


def test_a_job_indexes_surveys_and_reports(archive: Archive, over: Over) -> None:
    archive.put("s/cantine.html", page("Une cantine"))
    archive.put("s/notes.html", "rien")
    job = over(start(archive.settings, JobKind.INDEX, ACTOR).number)
    assert (job.kind, job.state, job.actor, job.message) == (JobKind.INDEX, JobState.DONE, ACTOR, None)
    assert job.report is not None
    assert job.report.index is not None
    assert (job.report.index.added, [one.path for one in job.report.index.set_aside]) == (1, ["s/notes.html"])
    assert "Une cantine" in archive.ids()
    seen = last_quality_report(archive.settings)
    assert seen is not None
    assert [len(group.resources) for group in seen.alike] == [2]
    assert [link.address for link in seen.dead_links] == ["https://reseau.example/perdue"]


def test_the_other_kinds(archive: Archive, over: Over) -> None:
    before = archive.ids()
    archive.put("s/cantine.html", page("Une cantine"))
    assert over(start(archive.settings, JobKind.FULL, ACTOR).number).state is JobState.DONE
    back = over(start(archive.settings, JobKind.PREVIOUS, ACTOR).number)
    assert back.report is not None
    assert isinstance(back.report.rolled_back, RollbackReport)
    assert archive.ids() == before
    assert over(start(archive.settings, JobKind.SURVEY, ACTOR).number).state is JobState.DONE


def test_a_preview_then_the_import(archive: Archive, over: Over) -> None:
    uploads = Uploads(archive.settings.data)
    kept = uploads.keep([SentFile("cantine.html", BytesIO(page("Une cantine").encode()))])
    seen = over(start(archive.settings, JobKind.PREVIEW, ACTOR, upload=kept.name, theme="Alimentation").number).report
    assert seen is not None
    assert seen.preview is not None
    assert [(one.title, one.new) for one in seen.preview.resources] == [("Une cantine", True)]
    assert "Une cantine" not in archive.ids()
    done = over(start(archive.settings, JobKind.IMPORT, ACTOR, upload=kept.name, theme="Alimentation").number).report
    assert done is not None
    assert done.imported is not None
    assert done.index is not None
    assert (done.imported.imported, done.index.added) == (1, 1)
    assert archive.hits()["Une cantine"].themes == ("Alimentation",)
    assert not uploads.holds(kept.name)


def test_what_fails_is_said(archive: Archive, over: Over) -> None:
    job = over(start(archive.settings, JobKind.PREVIOUS, ACTOR).number)
    assert job.state is JobState.FAILED
    assert "antérieure" in str(job.message)
    gone = over(start(archive.settings, JobKind.IMPORT, ACTOR, upload="0" * 32).number)
    assert (gone.state, "plus là" in str(gone.message)) == (JobState.FAILED, True)


@pytest.mark.parametrize("change", ["disable", "member", "lapse", "remove"])
def test_a_job_of_someone_who_is_no_longer_staff_does_nothing(
    archive: Archive, jobs: Jobs, over: Over, change: str
) -> None:
    """The actor loses the right to the job while it waits for another run."""
    before = archive.ids()
    uploads = Uploads(archive.settings.data)
    kept = uploads.keep([SentFile("cantine.html", BytesIO(page("Une cantine").encode()))])
    corpus = Corpus(archive.settings.corpus, create=False)
    with corpus.lock():
        waiting = start(archive.settings, JobKind.IMPORT, ACTOR, upload=kept.name).number
        wait_until(lambda: (job := jobs.get(waiting)) is not None and job.stage is not None)
        accounts = open_stores(archive.settings).accounts
        match change:
            case "disable":
                accounts.set_disabled(ACTOR, True)
            case "member":
                accounts.set_role(ACTOR, "member")
            case "lapse":
                accounts.lapse(ACTOR)
            case _:
                accounts.remove(ACTOR)
    corpus.close()
    assert_refused(over(waiting))
    assert archive.ids() == before


def assert_refused(job: Job) -> None:
    assert job.state is JobState.FAILED
    assert "ne fait plus partie de l’équipe" in str(job.message)


def test_of_someone_who_is_no_longer_staff_only_indexing_is_done(archive: Archive, over: Over) -> None:
    before = archive.ids()
    kept = Uploads(archive.settings.data).keep([SentFile("cantine.html", BytesIO(page("Une cantine").encode()))])
    open_stores(archive.settings).accounts.set_disabled(ACTOR, True)
    for kind in (JobKind.FULL, JobKind.PREVIOUS, JobKind.SURVEY):
        assert_refused(over(start(archive.settings, kind, ACTOR).number))
    assert_refused(over(start(archive.settings, JobKind.PREVIEW, ACTOR, upload=kept.name).number))
    assert archive.ids() == before
    # Changes that were accepted before are published, and resources that were hidden stay hidden, whoever started the
    # job.
    archive.correct("Reprendre une ferme", type="Fiche")
    assert over(start(archive.settings, JobKind.INDEX, ACTOR).number).state is JobState.DONE
    assert archive.hits()["Reprendre une ferme"].type == "Fiche"


def test_a_job_is_not_done_where_nobody_can_say_whose_it_is(archive: Archive, over: Over) -> None:
    (archive.settings.data / "accounts.sqlite").write_bytes(b"abime" * 1000)
    job = over(start(archive.settings, JobKind.FULL, ACTOR).number)
    assert job.state is JobState.FAILED
    assert "accounts.sqlite" not in str(job.message)


def test_a_cancelled_job_leaves_the_old_generation(archive: Archive, jobs: Jobs, over: Over) -> None:
    before = archive.ids()
    archive.put("s/cantine.html", page("Une cantine"))
    corpus = Corpus(archive.settings.corpus, create=False)
    with corpus.lock():  # so that the job is running (and waits) when it is cancelled
        number = start(archive.settings, JobKind.INDEX, ACTOR).number
        wait_until(lambda: (job := jobs.get(number)) is not None and job.stage is not None)
        assert jobs.cancel(number)
        job = over(number)
    corpus.close()
    assert job.state is JobState.CANCELLED
    assert archive.ids() == before
    assert not jobs.cancel(number)


def test_a_killed_job_is_said_to_be_interrupted(archive: Archive, jobs: Jobs, over: Over) -> None:
    corpus = Corpus(archive.settings.corpus, create=False)
    with corpus.lock():
        number = start(archive.settings, JobKind.INDEX, ACTOR).number
        wait_until(lambda: (job := jobs.get(number)) is not None and job.stage is not None)
        pid = jobs.unfinished()[0].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        job = over(number)
    corpus.close()
    assert (job.state, job.report) == (JobState.CRASHED, None)
    assert "interrompu" in str(job.message)
    assert jobs.unfinished() == ()


def test_a_job_is_in_a_session_of_its_own(archive: Archive, jobs: Jobs, over: Over) -> None:
    corpus = Corpus(archive.settings.corpus, create=False)
    with corpus.lock():
        job = start(archive.settings, JobKind.INDEX, ACTOR)
        assert job.pid is not None
        assert os.getsid(job.pid) == job.pid
    corpus.close()
    assert over(job.number).state is JobState.DONE


def test_a_job_that_waits_serves_all_who_ask(archive: Archive, jobs: Jobs, over: Over) -> None:
    corpus = Corpus(archive.settings.corpus, create=False)
    with corpus.lock():
        first = start_index(archive.settings, ACTOR)
        archive.correct("Reprendre une ferme", type="Fiche")
        assert start_index(archive.settings, ACTOR).number == first.number
    corpus.close()
    over(first.number)
    assert archive.hits()["Reprendre une ferme"].type == "Fiche"
    assert start_index(archive.settings, ACTOR).number != first.number


def test_an_incident_is_in_the_log_and_not_on_the_page(
    archive: Archive, jobs: Jobs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*args: object, **options: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(worker, "index_corpus", broken)
    number = jobs.add(JobKind.INDEX, ACTOR)
    lock = jobs.hold(number)
    assert worker.carry_out(archive.settings, lambda: archive.engine().__enter__(), number) == 1
    os.close(lock)
    job = jobs.get(number)
    assert job is not None
    assert job.state is JobState.FAILED
    assert "secret" not in str(job.message)
    noted = capsys.readouterr().err
    assert "ZeroDivisionError" in noted, "the log tells what broke, and where"
    assert "test_jobs.py" in noted
    assert "secret" not in noted, "but not on what: it may be the text of a resource"


def test_a_job_is_done_once(archive: Archive, jobs: Jobs, over: Over) -> None:
    number = over(start(archive.settings, JobKind.SURVEY, ACTOR).number).number
    assert worker.carry_out(archive.settings, lambda: archive.engine().__enter__(), number) == 2
    assert worker.carry_out(archive.settings, lambda: archive.engine().__enter__(), 999) == 2


def test_old_jobs_are_forgotten(archive: Archive, jobs: Jobs) -> None:
    for _ in range(KEPT + 1):
        jobs.add(JobKind.INDEX, ACTOR)
    with sqlite3.connect(archive.settings.data / "jobs.sqlite") as db:
        assert db.execute("SELECT count(*) FROM jobs").fetchone() == (KEPT,)
    db.close()
    assert jobs.get(1) is None


def test_files_are_private(archive: Archive, over: Over) -> None:
    over(start(archive.settings, JobKind.SURVEY, ACTOR).number)
    held = [archive.settings.data / "jobs.sqlite", *(archive.settings.data / "jobs").iterdir()]
    assert {path.stat().st_mode & 0o077 for path in held} == {0}


def test_reports_come_back_as_they_were() -> None:
    lists = {"set_aside": (SetAside("a", "b"), SetAside("c", "d", no_resource=True)), "warnings": (Notice("c", "d"),)}
    pages = ImportReport(1, 2, **lists, failures=("e",), resources=3, passed_over=4)
    report = Report(
        preview=Preview(pages, (PlannedChange("i", "Titre", new=False, private=True, was_private=None),)),
        imported=pages,
        index=IndexReport("000001", True, 1, 2, 3, 4, 5, 6, **lists, seconds=0.5),
        rolled_back=RollbackReport("000002", "000001", 3, 2, ("i",), (Named("i", "Titre"),)),
    )
    assert read_report(report.as_json()) == report
    assert read_report(Report().as_json()) == Report()


def test_files_keep_the_names_that_they_were_sent_by(archive: Archive, over: Over) -> None:
    """A page that is sent again under its name takes its former place, even if the name is unusual, and reports show
    the names that files were sent by, not those on disk.
    """
    name, uploads = "資" * 120 + ".html", Uploads(archive.settings.data)
    reports = []
    for text in ("Un premier texte.", "Un second texte."):
        sent = [
            SentFile(name, BytesIO(page("Une cantine", address="https://reseau.example/c", body=text).encode())),
            SentFile("agenda\u202e.html", BytesIO(b"<html><body><h1>Agenda</h1></body></html>")),
        ]
        kept = uploads.keep(sent)
        report = over(start(archive.settings, JobKind.IMPORT, ACTOR, upload=kept.name).number).report
        assert report is not None
        assert report.imported is not None
        reports.append(report.imported)
    assert [(one.imported, one.unchanged) for one in reports] == [(1, 0), (1, 0)]
    assert [one.path for report in reports for one in report.set_aside] == ["agenda.html"] * 2
    assert [title for title in archive.hits() if title == "Une cantine"] == ["Une cantine"]
    assert not [report for report in reports if str(archive.settings.data) in repr(report)]
