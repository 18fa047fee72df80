"""Recognising the text of scanned pages from the desk: what is listed, the job, its end, and jobs that wait for it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NoReturn

import pytest
from flask.testing import FlaskClient

from indexer.errors import RecognitionError
from indexer.pipeline import publications, recognising
from indexer.publications import PDF, Page, Publication, Status, reasons
from indexer.resource import Audience
from search_app import cli
from search_app.jobs import worker
from search_app.jobs.store import Job, JobKind, Jobs, JobState
from tests.support.archive import Archive, page
from tests.support.desk import post, said, text
from tests.support.publications import FakeRecogniser
from tests.support.site import STAFF

SITE = "https://reseau.example"
WORDS = ("Une pastèque", None, "Un potiron")
SCAN = Publication(PDF, Status.NO_TEXT, reasons.NO_TEXT, tuple(Page(number, None, "") for number in (1, 2, 3)))


@pytest.fixture
def scanned(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Archive:
    """An archive with a scan, which is read and recognised without separate processes."""
    monkeypatch.setattr(publications, "read_open_file", lambda _, **__: SCAN)
    monkeypatch.setattr(recognising, "recognise_page", lambda file, number, *_: WORDS[number - 1])
    monkeypatch.setattr(worker, "find_tesseract", lambda: FakeRecogniser(lambda _: ""))
    archive.write("guide.html", page("Un guide", address=f"{SITE}/guide", body='<a href="guide.pdf">Le guide</a>'))
    archive.write("guide.pdf", "%PDF-1.7")
    archive.import_()
    archive.index()
    return archive


@pytest.fixture
def carried_out(scanned: Archive, jobs: Jobs) -> Callable[[], Job]:
    """A function that carries out a job of recognition in the process of the test, and returns the job."""

    def carry_out() -> Job:
        number = jobs.add(JobKind.RECOGNISE, STAFF)
        lock = jobs.hold(number)
        worker.carry_out(scanned.settings, lambda: cli.open_engine(scanned.settings), number)
        os.close(lock)
        job = jobs.get(number)
        assert job is not None
        return job

    return carry_out


def found(archive: Archive, words: str) -> list[str]:
    return [hit.title for hit in archive.search(words, Audience.VISITOR).hits]


def test_scans_are_listed_until_they_are_recognised(
    scanned: Archive, staff: FlaskClient, carried_out: Callable[[], Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = text(staff.get("/gestion/publications")).replace("\xa0", " ")
    assert "Publications sans texte (1)" in shown
    assert "guide.pdf 3 pages sans texte" in shown
    job = carried_out()
    assert (job.state, job.report is not None and job.report.index is not None) == (JobState.DONE, True)
    shown = text(staff.get(f"/gestion/travaux/{job.number}")).replace("\xa0", " ")
    assert "Pages examinées : 2 ; texte reconnu sur 2." in shown.replace("\u202f", " ")
    assert "Pages que la machine n’a pas pu finir : 1" in shown
    assert "sans texte" in shown  # the file is still listed as one that is not searched
    assert found(scanned, "potiron") == []
    monkeypatch.setattr(recognising, "recognise_page", lambda *_: "Un navet")
    job = carried_out()
    assert job.report is not None
    assert job.report.index is not None
    assert (job.report.index.updated, job.report.index.recognised, job.report.index.set_aside) == (1, 1, ())
    assert found(scanned, "navet") == found(scanned, "potiron") == ["Un guide"]
    assert "Publications sans texte (0)" in text(staff.get("/gestion/publications"))
    assert str(carried_out().message) == "Aucune page ne restait à reconnaître."


def test_without_tesseract_the_job_says_what_to_install(
    carried_out: Callable[[], Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> NoReturn:
        raise RecognitionError("installez les paquets Debian tesseract-ocr et tesseract-ocr-fra, puis relancez.")

    monkeypatch.setattr(worker, "find_tesseract", absent)
    job = carried_out()
    assert (job.state, "tesseract-ocr-fra" in str(job.message)) == (JobState.FAILED, True)


def test_a_cancelled_job_keeps_the_pages_that_are_done(
    scanned: Archive, carried_out: Callable[[], Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognising, "AT_ONCE", 1)
    seen: list[int] = []

    def until_cancelled(file: object, number: int, *_: object) -> str:
        seen.append(number)
        if len(seen) == 2:
            raise worker.Cancelled
        return "Un navet"

    monkeypatch.setattr(recognising, "recognise_page", until_cancelled)
    job = carried_out()
    assert (job.state, "Les pages déjà faites sont gardées" in str(job.message)) == (JobState.CANCELLED, True)
    assert carried_out().state is JobState.DONE
    assert seen == [1, 2, 2, 3]
    assert found(scanned, "navet") == ["Un guide"]


def test_only_another_recognition_waits_for_one(scanned: Archive, staff: FlaskClient, jobs: Jobs) -> None:
    number = jobs.add(JobKind.RECOGNISE, STAFF)
    lock = jobs.hold(number)
    jobs.begin(number, os.getpid())
    refused = said(staff, post(staff, "/gestion/travaux", kind="recognise"))
    assert "Un travail est déjà en cours" in refused
    started = post(staff, "/gestion/travaux", kind="survey")
    assert started.location.rpartition("/")[2].isdecimal()
    jobs.end(number, JobState.DONE)
    os.close(lock)
