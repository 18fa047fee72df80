"""Recognising the text of scanned pages: what searches then find, what is kept, and what an interrupted run leaves."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import BinaryIO

import pytest

from indexer.backup import back_up, restore
from indexer.check import check_corpus, describe_publications
from indexer.corpus import RECOGNISED, RecognisedTexts
from indexer.document.pages import Page
from indexer.errors import CorpusError, IndexBusyError
from indexer.pipeline import publications, recognise_scans, recognising, reports_together, scanned_files
from indexer.pipeline.attaching import add_file, attach
from indexer.progress import Silent
from indexer.publications import PDF, Processes, Publication, Scan, Status, processes, reasons
from indexer.resource import Audience, PublishedDocument
from tests.support.archive import SITE, Archive, page
from tests.support.publications import FakeRecogniser
from tests.support.waiting import wait_until

WORDS = ("Une pastèque", "Un potiron", "Une courgette")
"""What the pages of a scan say."""


def scan_of(pages: int) -> Publication:
    blank = tuple(Page(number, None, "") for number in range(1, pages + 1))
    return Publication(PDF, Status.NO_TEXT, reasons.NO_TEXT, blank)


def read(file: BinaryIO, **_: object) -> Publication:
    """Return the publication for a file of these tests: after "%PDF-1.7 " comes "scan N", for a scan of N pages, or a
    text.
    """
    text = file.read().removeprefix(b"%PDF-1.7 ").decode()
    if text.startswith("scan"):
        return scan_of(int(text.split()[1]))
    return Publication(PDF, Status.READ, "", (Page(1, None, text), Page(2, None, "")))


class Recogniser(FakeRecogniser):
    """Recognises `WORDS`; notes which pages it is asked for."""

    def __init__(self, version: str = "1 faux", text: Callable[[int], str | None] = lambda n: WORDS[n - 1]) -> None:
        super().__init__(lambda scan: text(scan.dpi), version)
        self.asked: list[int] = []

    def page(self, file: BinaryIO, number: int, recogniser: object, processes: Processes) -> str | None:
        self.asked.append(number)
        return self.recognise(Scan(1, 1, number, b"\0"), processes)


@pytest.fixture(autouse=True)
def without_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have files read, and pages recognised, in the process of the test instead of separate ones."""
    monkeypatch.setattr(publications, "read_open_file", read)
    monkeypatch.setattr(
        recognising,
        "recognise_page",
        lambda file, number, recogniser, running: recogniser.page(file, number, recogniser, running),
    )
    monkeypatch.setattr(recognising, "AT_ONCE", 1)


@pytest.fixture
def scanned(archive: Archive) -> Archive:
    """An archive with a scan of three pages, of a public resource."""
    archive.write("guide.html", guide("Non"))
    archive.write("guide.pdf", "%PDF-1.7 scan 3")
    archive.import_()
    archive.index()
    return archive


def guide(private: str) -> str:
    return page("Guide", address=f"{SITE}/guide", body='<a href="guide.pdf">La publication</a>', private=private)


def recognise(archive: Archive, recogniser: Recogniser | None = None) -> recognising.RecognitionReport:
    return recognise_scans(archive.settings, recogniser or Recogniser(), progress=Silent())


def found(archive: Archive, words: str, audience: Audience = Audience.VISITOR) -> list[str]:
    return [hit.title for hit in archive.search(words, audience).hits]


def document(archive: Archive) -> PublishedDocument:
    (one,) = (one for resource in archive.resources().values() for one in resource.documents)
    return one


def test_a_scan_is_found_once_it_is_recognised(scanned: Archive) -> None:
    assert found(scanned, "potiron") == []
    (file,) = scanned_files(scanned.settings)
    assert (file.pages, file.recognised) == ((1, 2, 3), "")
    assert recognise(scanned) == recognising.RecognitionReport(files=1, pages=3, recognised=3, interrupted=0)
    report = scanned.index()
    assert (report.updated, report.set_aside) == (1, ())
    (hit,) = scanned.search("potiron", Audience.VISITOR).hits
    assert [(one.page, "".join(piece.text for piece in one.snippet)) for one in hit.pages] == [(2, WORDS[1])]
    held = document(scanned)
    assert (held.status, held.recognised_pages, held.empty_pages, held.reason) == (Status.READ, (1, 2, 3), (), "")


def test_what_is_done_is_not_done_again(scanned: Archive) -> None:
    recognise(scanned)
    scanned.index()
    again = Recogniser()
    assert recognise(scanned, again) == recognising.RecognitionReport(0, 0, 0, 0)
    assert again.asked == []
    assert not scanned.index().switched
    scanned.index(full=True)
    assert recognise(scanned, again).pages == 0


def test_only_pages_without_text_are_recognised(archive: Archive) -> None:
    archive.write("guide.html", guide("Non"))
    archive.write("guide.pdf", "%PDF-1.7 Un texte")
    archive.import_()
    archive.index()
    asked = Recogniser()
    recognise(archive, asked)
    archive.index()
    assert asked.asked == [2]
    held = document(archive)
    assert (held.recognised_pages, held.empty_pages) == ((2,), ())
    assert found(archive, "potiron texte") == ["Guide"]


def test_where_nothing_is_recognised_the_scan_is_still_listed(scanned: Archive) -> None:
    report = recognise(scanned, Recogniser(text=lambda _: ""))
    assert (report.files, report.recognised) == (1, 0)
    (aside,) = scanned.index().set_aside
    assert aside.reason == reasons.NOTHING_RECOGNISED
    assert recognise(scanned, Recogniser()).pages == 0


def test_a_page_that_the_machine_interrupts_is_taken_again(scanned: Archive) -> None:
    stalled = Recogniser(text=lambda number: None if number == 2 else WORDS[number - 1])
    assert recognise(scanned, stalled) == recognising.RecognitionReport(files=0, pages=2, recognised=2, interrupted=1)
    assert not scanned.index().switched
    assert found(scanned, "pastèque") == []
    then = Recogniser()
    assert recognise(scanned, then).files == 1
    assert then.asked == [2]
    scanned.index()
    assert found(scanned, "pastèque") == found(scanned, "potiron") == ["Guide"]


class Killed(BaseException):
    """Raised by a test at the point where it wants the run to be killed."""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", range(1, 5))
def test_a_run_killed_at_any_step_loses_nothing(
    scanned: Archive, monkeypatch: pytest.MonkeyPatch, step: int, moment: str
) -> None:
    """The run is killed before or after one of its four writes: the texts of three pages, and that the file is done.
    The next run recognises only the pages whose text was not kept.
    """
    left = [step]
    with monkeypatch.context() as patch:
        for name in ("put", "finish"):
            write = getattr(RecognisedTexts, name)

            def killed(*arguments: object, write: Callable[..., None] = write) -> None:
                left[0] -= 1
                if moment == "after" or left[0]:
                    write(*arguments)
                if not left[0]:
                    raise Killed

            patch.setattr(RecognisedTexts, name, killed)
        first = Recogniser()
        with pytest.raises(Killed):
            recognise(scanned, first)
    kept = RecognisedTexts(scanned.settings.corpus).settled(document(scanned).digest, first.version)
    assert len(kept) == min(3, step - (moment == "before"))
    scanned.index()
    then = Recogniser()
    recognise(scanned, then)
    assert set(then.asked) == {1, 2, 3} - kept
    scanned.index()
    assert all(found(scanned, words) == ["Guide"] for words in WORDS)


def test_another_version_of_the_program_recognises_again(scanned: Archive) -> None:
    recognise(scanned)
    scanned.index()
    newer = Recogniser("2 faux", text=lambda number: None if number == 3 else "Un navet")
    recognise(scanned, newer)
    scanned.index()
    assert (newer.asked, found(scanned, "navet"), found(scanned, "potiron")) == ([1, 2, 3], [], ["Guide"])
    recognise(scanned, Recogniser("2 faux", text=lambda _: "Un navet"))
    scanned.index()
    assert (found(scanned, "navet"), found(scanned, "potiron")) == (["Guide"], [])
    with closing(sqlite3.connect(scanned.settings.corpus / RECOGNISED)) as held:
        assert held.execute("SELECT DISTINCT version FROM pages").fetchall() == [("2 faux",)]


def test_nothing_waits_for_a_recognition_but_another_one(scanned: Archive) -> None:
    busy: list[str] = []

    def meanwhile(number: int) -> str:
        if number == 1:
            scanned.write("autre.html", page("Une ferme", address=f"{SITE}/ferme"))
            scanned.import_()
            busy.append(scanned.index().generation)
            with pytest.raises(IndexBusyError, match="reconnaissance"):
                recognise(scanned)
        return WORDS[number - 1]

    assert recognise(scanned, Recogniser(text=meanwhile)).files == 1
    assert len(busy) == 1
    scanned.index()
    assert found(scanned, "potiron") == ["Guide"]


def test_a_private_scan_is_found_by_members_alone(scanned: Archive) -> None:
    recognise(scanned)
    scanned.index()
    scanned.write("guide.html", guide("Oui"))
    scanned.import_()
    assert found(scanned, "potiron") == []
    scanned.index()
    assert (found(scanned, "potiron"), found(scanned, "potiron", Audience.MEMBER)) == ([], ["Guide"])


def test_a_file_that_staff_attached_is_published_too(archive: Archive) -> None:
    archive.write("page.html", page("Une ferme", address=f"{SITE}/ferme"))
    archive.import_()
    archive.index()
    digest = add_file(archive.settings, "scan.pdf", [b"%PDF-1.7 scan 2"], resource_id=archive.ids()["Une ferme"])
    with archive.engine() as engine:
        attach(archive.settings, engine, archive.ids()["Une ferme"], digest, actor="equipe@exemple.fr")
    archive.index()
    recognise(archive)
    assert archive.index().updated == 1
    assert found(archive, "potiron") == ["Une ferme"]


def test_recognised_texts_go_with_their_file(scanned: Archive) -> None:
    recognise(scanned)
    scanned.index()
    scanned.correct("Guide", withdrawn=True)
    scanned.index()
    assert found(scanned, "potiron", Audience.STAFF) == []
    scanned.index(publication_grace_days=0)
    with closing(sqlite3.connect(scanned.settings.corpus / RECOGNISED)) as held:
        assert [held.execute(f"SELECT * FROM {table}").fetchall() for table in ("pages", "files")] == [[], []]
    assert "potiron" not in (scanned.settings.corpus / RECOGNISED).read_bytes().decode("utf-8", "replace")


def test_an_index_made_again_needs_no_recogniser(scanned: Archive, tmp_path: Path) -> None:
    recognise(scanned)
    back_up(scanned.settings, tmp_path / "sauvegarde.tar.gz", with_index=False)
    other = Archive(tmp_path / "autre")
    restore(other.settings, tmp_path / "sauvegarde.tar.gz", force=False)
    other.index()
    assert found(other, "potiron") == ["Guide"]
    assert document(other).recognised_pages == (1, 2, 3)


def test_lost_texts_are_recognised_again(scanned: Archive) -> None:
    recognise(scanned)
    scanned.index()
    (scanned.settings.corpus / RECOGNISED).unlink()
    (aside,) = scanned.index().set_aside
    assert aside.reason == reasons.NO_TEXT
    assert found(scanned, "potiron") == []
    assert recognise(scanned).recognised == 3
    scanned.index()
    assert found(scanned, "potiron") == ["Guide"]


def test_a_check_tells_what_may_be_recognised_and_what_is_damaged(scanned: Archive) -> None:
    said = (
        "Pages sans texte : 3, dans 1 publication ; « python run.py index --ocr » reconnaît celles qui en montrent un."
    )
    assert said in describe_publications(scanned.settings, lambda _: None)
    recognise(scanned)
    scanned.index()
    assert (
        describe_publications(scanned.settings, lambda _: None)[-1]
        == "Pages dont le texte a été reconnu : 3, dans 1 publication."
    )
    assert check_corpus(scanned.settings) == []
    (scanned.settings.corpus / RECOGNISED).write_bytes(b"abime" * 1000)
    (fault,) = check_corpus(scanned.settings)
    assert fault.startswith("Les textes reconnus")
    with pytest.raises(CorpusError, match="restaurez-les d’une sauvegarde"):
        recognise(scanned)


def test_reports_of_both_runs_are_one(scanned: Archive) -> None:
    scanned.write("ferme.html", page("Une ferme", address=f"{SITE}/ferme", private=None))
    scanned.import_()
    first = scanned.index(full=True)
    done = recognise(scanned)
    second = scanned.index()
    whole = reports_together(first, second, done)
    assert {one.path for one in first.warnings} == {"pages/ferme.html", "pages/guide.html"}
    assert {one.path for one in whole.warnings} == {"pages/ferme.html"}
    assert (whole.switched, whole.updated, whole.recognised, whole.generation) == (True, 1, 3, second.generation)
    alone = reports_together(first, None, done)
    assert (alone.generation, alone.recognised) == (first.generation, 3)


# Cancelling


class Cancelled(BaseException):
    """Raised by the signal handler of these tests, as when a job is cancelled."""


@pytest.fixture
def cancelled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Replace processes that read files by ones that sleep for ten minutes, each of which first sends the signal that
    raises `Cancelled`; return the file with their process ids.
    """
    pids = tmp_path / "processus"
    child = tmp_path / "child.py"
    child.write_text(
        f"import os, signal, time\nopen({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
        f"os.kill({os.getpid()}, signal.SIGUSR1)\ntime.sleep(600)\n"
    )

    def cancel(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        raise Cancelled

    before = signal.signal(signal.SIGUSR1, cancel)
    monkeypatch.setattr(processes, "_CHILD", child)
    yield pids
    signal.signal(signal.SIGUSR1, before)


def wait_for_the_end(pids: Path) -> None:
    """Wait until all processes whose ids are in a file are gone, which may take a moment; fail if one stays."""
    for pid in pids.read_text().split():
        wait_until(lambda pid=pid: not Path("/proc", pid).exists(), "a process was left running")


def test_a_cancelled_run_ends_the_reading_of_files(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, cancelled: Path
) -> None:
    from indexer.publications import read_open_file

    monkeypatch.setattr(publications, "read_open_file", read_open_file)
    archive.write("guide.html", guide("Non"))
    archive.write("guide.pdf", "%PDF-1.7 scan 3")
    archive.import_()
    with pytest.raises(Cancelled):
        archive.index()
    wait_for_the_end(cancelled)


def test_a_cancelled_run_ends_the_recognition_of_pages(
    scanned: Archive, monkeypatch: pytest.MonkeyPatch, cancelled: Path
) -> None:
    from indexer.publications import recognise_page

    monkeypatch.setattr(recognising, "recognise_page", recognise_page)
    with pytest.raises(Cancelled):
        recognise(scanned)
    wait_for_the_end(cancelled)
