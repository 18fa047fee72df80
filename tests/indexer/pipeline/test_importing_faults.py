"""Imports that are killed, run at the same time as others, or lack permissions."""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from indexer.corpus import page_cache
from indexer.corpus.store import Corpus
from indexer.errors import CorpusError, IndexBusyError
from indexer.storage import files
from tests.indexer.pipeline.test_importing import EPICERIE, RESSOURCERIE, themes_of
from tests.support.archive import Archive, Killed, dies_at, page, permissions_hold
from tests.support.places import CHECKOUT
from tests.support.waiting import PATIENCE

# Killed, concurrent, forbidden


@pytest.mark.parametrize("call", [1, 2, 3])
@pytest.mark.parametrize("step", ["store", "record"])
def test_an_import_that_dies_loses_nothing_and_the_next_finishes(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, step: str, call: int
) -> None:
    archive.write("a.html", page("Déjà là", address="https://reseau.example/deja"))
    archive.import_(theme="Premier")
    (archive.pages / "a.html").write_text(page("Déjà là, et revu", address="https://reseau.example/deja"))
    archive.write("b.html", EPICERIE)
    archive.write("c.html", RESSOURCERIE)
    with monkeypatch.context() as patch:
        patch.setattr(Corpus, step, dies_at(1 if step == "record" else call, getattr(Corpus, step)))
        with pytest.raises(Killed):
            archive.import_()
    report = archive.import_()
    assert report.imported + report.unchanged == 3
    assert set(archive.corpus_files()) == {"pages/a.html", "pages/b.html", "pages/c.html"}
    assert themes_of(archive)["a.html"] == ("Premier",)
    archive.index()
    assert set(archive.ids()) == {"Déjà là, et revu", "Monter une épicerie solidaire", "Ouvrir une ressourcerie"}


def test_pages_of_an_import_that_died_are_found_even_without_another(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.write("a.html", EPICERIE)
    monkeypatch.setattr(Corpus, "record", dies_at(1, Corpus.record))
    with pytest.raises(Killed):
        archive.import_()
    archive.index()
    assert set(archive.ids()) == {"Monter une épicerie solidaire"}


@pytest.mark.slow
def test_an_import_killed_outright_is_finished_by_the_next(archive: Archive) -> None:
    """After runs that get SIGKILL at two moments, the next import completes the corpus."""
    for n in range(120):
        archive.write(f"{n}.html", page(f"Compte rendu {n}", address=f"https://reseau.example/cr-{n}"))
    command = [sys.executable, str(CHECKOUT / "run.py"), "--corpus", str(archive.settings.corpus)]
    command += ["--index", str(archive.settings.index), "import", str(archive.pages)]
    for least in (1, 60):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE
        while len(archive.corpus_files()) < least and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
    report = archive.import_()  # the lock was released when the process ended
    assert report.imported + report.unchanged == 120
    assert len(archive.corpus_files()) == 120
    assert archive.index().resources == 120


def test_two_runs_at_once_one_says_so_and_stops(archive: Archive) -> None:
    archive.write("a.html", EPICERIE)
    archive.import_()
    with (archive.settings.corpus / ".lock").open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(IndexBusyError, match="en cours : attendez sa fin"):
            archive.import_()
        with pytest.raises(IndexBusyError, match="en cours : attendez sa fin"):
            archive.index()
    assert archive.import_().unchanged == 1


@pytest.mark.parametrize("known", [True, False])
def test_a_corpus_that_cannot_be_written_says_what_to_do(archive: Archive, known: bool) -> None:
    archive.write("a.html", EPICERIE)
    if known:
        archive.import_()
    archive.write("b.html", RESSOURCERIE)
    closed = [archive.folder, archive.settings.corpus, archive.settings.corpus / "pages"]
    closed = [path for path in closed if path.is_dir()]
    for path in closed:
        path.chmod(0o500)
    try:
        with permissions_hold(), pytest.raises(CorpusError, match=r"droits insuffisants.* vérifiez les droits"):
            archive.import_()
    finally:
        for path in closed:
            path.chmod(0o700)


def test_a_full_disk_leaves_no_half_page(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.write("a.html", EPICERIE)

    def full(path: Path, mode: str, **options: Any) -> None:
        with open(path, mode, **options) as file:
            file.write(b"<html>")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files, "open", full, raising=False)
        with pytest.raises(CorpusError, match=r"plus de place sur le disque.* libérez de l’espace disque"):
            archive.import_()
    assert [p.name for p in (archive.settings.corpus / "pages").iterdir()] == []
    assert archive.import_().imported == 1


@pytest.mark.parametrize("damage", ["head", "middle"])
def test_a_damaged_cache_is_made_anew(archive: Archive, damage: str) -> None:
    for n in range(30):
        archive.write(f"{n}.html", page(f"Fiche {n}"))
    archive.import_()
    cache = archive.settings.index / page_cache.PAGE_CACHE
    raw = bytearray(cache.read_bytes())
    start = 0 if damage == "head" else 4096
    raw[start:] = b"\xa5" * (len(raw) - start)
    cache.write_bytes(raw)
    assert archive.import_().unchanged == 30
    cache.write_bytes(raw)
    assert archive.index().resources == 30
