"""Files that other users may have written are refused, and code in them never runs."""

from __future__ import annotations

import gc
import json
import os
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
import whoosh.columns as columns
import whoosh.legacy

from indexer.engine.embedded.checksums import seal
from indexer.errors import ArchiveError, IndexDamagedError
from tests.support.archive import write
from tests.support.fault_scenarios import indexed
from tests.support.faults import Trial, answers, seen
from tests.support.places import CHECKOUT
from tests.system.faults.test_damaged import ARRAY, TOC, current, empty, one

# Files that are refused


class Trap:
    """An object that creates a folder when it is unpickled, to show that foreign code ran."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> object:
        return (os.mkdir, (str(self.path),))


def test_an_array_is_never_unpickled(two: Trial) -> None:
    path = one(two, ARRAY)
    np.save(path, np.array([Trap(two.folder / "piège")], dtype=object), allow_pickle=True)
    entrust(two)
    with two.engine() as engine:
        answers(engine)
        assert engine.status().generation == "000001"
    assert not (two.folder / "piège").exists()


def test_a_table_of_contents_that_is_not_ours_is_never_unpickled(two: Trial) -> None:
    path = one(two, TOC)
    path.write_bytes(pickle.dumps(Trap(two.folder / "piège")))
    os.chmod(path, 0o644)
    with two.engine() as engine:
        answers(engine)
        assert engine.status().generation == "000001"
    assert not (two.folder / "piège").exists()


LEFT_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""Mark that ignores the warning about a file that Whoosh could not read and left open."""


def set_a_trap(trial: Trial, path: Path, place: int) -> Path:
    """Write a `Trap` over the pickle at the offset `place` of a Whoosh file; return the folder that it would create."""
    trap, raw = pickle.dumps(Trap(trial.folder / "piège"), 2), bytearray(path.read_bytes())
    assert raw[place : place + 2] == b"\x80\x02" or raw[place : place + 1] == b"\x80"
    assert place + len(trap) <= len(raw)
    raw[place : place + len(trap)] = trap
    pickle.loads(bytes(raw[place:]))
    (trial.folder / "piège").rmdir()  # the trap works
    path.write_bytes(raw)
    return trial.folder / "piège"


def directory_of(path: Path) -> int:
    """Return the offset of the directory of a Whoosh file, a pickle that is read when the file is opened."""
    return int.from_bytes(path.read_bytes()[:8], "big")


@LEFT_OPEN
@pytest.mark.parametrize("manifest", ["as it was", "forged too"])
def test_code_in_a_file_of_whooshs_of_the_same_size_is_not_run(two: Trial, manifest: str) -> None:
    segment = one(two, "records/*/*.seg")
    size, head = segment.stat().st_size, segment.read_bytes()[:128]
    trap = set_a_trap(two, segment, directory_of(segment))
    assert (segment.stat().st_size, segment.read_bytes()[:128]) == (size, head)
    if manifest != "as it was":
        entrust(two)
    with two.engine() as engine:
        answers(engine)
        assert engine.status().generation == "000001"
        assert "La génération 000002 est abîmée" in str(engine.status().degraded)
    assert not trap.exists()
    gc.collect()


@LEFT_OPEN
def test_code_in_a_table_of_contents_is_not_run_even_if_the_manifest_agrees(two: Trial) -> None:
    path = one(two, TOC)
    trap = set_a_trap(two, path, path.read_bytes().index(b"\x80\x02"))
    entrust(two)
    with two.engine() as engine:
        answers(engine)
        assert engine.status().generation == "000001"
    assert not trap.exists()
    gc.collect()


def test_code_in_a_stored_resource_is_not_run(two: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    from whoosh.columns import PickleColumn

    folder = two.folder / "piège"
    monkeypatch.setattr(PickleColumn.Reader, "__getitem__", lambda *_: columns.loads(pickle.dumps(Trap(folder), 2)))
    with two.engine() as engine:
        with pytest.raises(IndexDamagedError):
            answers(engine)
        assert not folder.exists()


def test_whoosh_unpickles_nothing_but_data() -> None:
    """The loaders of `pickle` are replaced in all loaded modules of Whoosh, except those that do not call them, that
    read files of old versions (which are refused), or that read temporary files of the same run.
    """
    own = {pickle.load, pickle.loads}
    harmless = {"whoosh.compat", "whoosh.multiproc", "whoosh.util.loading", "whoosh.externalsort"}
    assert whoosh.legacy.toc_loaders == {}
    armed = [
        f"{name}.{attribute}"
        for name, module in sys.modules.items()
        if name.partition(".")[0] == "whoosh" and name not in harmless
        for attribute, value in vars(module).items()
        if value is pickle or (callable(value) and any(value is each for each in own))
    ]
    assert armed == []


def entrust(trial: Trial) -> None:
    """Write a manifest with the checksums that the files of the current generation have now."""
    from dataclasses import asdict

    from indexer.engine.embedded.checksums import list_files

    path = current(trial) / "manifest.json"
    held = json.loads(path.read_text())
    held.pop("checksum")
    path.unlink()
    held["files"] = [asdict(entry) for entry in list_files(current(trial), {})]
    path.write_text(seal(held))


@pytest.mark.parametrize("mode", [0o664, 0o646])
@pytest.mark.parametrize("name", [TOC, "records/*/*.seg", "records/*", "records", ""])
def test_records_that_others_could_write_are_not_opened(two: Trial, name: str, mode: int) -> None:
    path = one(two, name) if name else current(two)
    path.chmod(mode | (0o111 if path.is_dir() else 0))
    with two.engine() as engine:
        answers(engine)
        assert "écrit par un autre utilisateur" in str(engine.status().degraded)


@pytest.mark.skipif(os.geteuid() != 0, reason="seul root peut donner un fichier à un autre")
def test_records_of_another_user_are_not_opened(two: Trial) -> None:
    os.chown(one(two, TOC), 65534, 65534)
    with two.engine() as engine:
        answers(engine)
        assert "écrit par un autre utilisateur" in str(engine.status().degraded)


def test_a_generous_umask_gives_no_one_the_right_to_write(trial: Trial) -> None:
    before = os.umask(0)
    try:
        indexed(trial)
    finally:
        os.umask(before)
    seen(trial)
    for path in (trial.settings.index / "generations" / "000001").rglob("*"):
        assert not path.stat().st_mode & 0o022


def test_nothing_of_ours_is_pickled() -> None:
    readers = {CHECKOUT / "indexer/engine/embedded/storage" / name for name in ("unpickling.py", "document_store.py")}
    for folder in ("indexer", "search_app"):
        for path in (CHECKOUT / folder).rglob("*.py"):
            source = path.read_text("utf-8")
            assert ("import pickle" in source) == (path in readers), path
            assert "pickle.load" not in source.replace("`pickle.load`", "").replace("`pickle.loads`", ""), path
            assert "marshal" not in source, path
            assert "allow_pickle=True" not in source, path


def test_a_cache_of_somebody_elses_is_data_alone(trial: Trial) -> None:
    write(trial.settings.index / "pages.sqlite", pickle.dumps(Trap(trial.folder / "piège")))
    indexed(trial)
    assert not (trial.folder / "piège").exists()


def test_nothing_is_left_to_answer(two: Trial) -> None:
    newest = seen(two)
    for manifest in (two.settings.index / "generations").glob("*/manifest.json"):
        empty(manifest)
    with two.engine() as engine, pytest.raises(ArchiveError, match="relancez"):
        answers(engine)
    assert two.command("index").status == 0
    assert seen(two) == newest
