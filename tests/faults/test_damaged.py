"""A generation is damaged: the one before answers, /healthz and the log say so, and the next run mends it."""

from __future__ import annotations

import gc
import json
import os
import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import whoosh.columns as columns
import whoosh.legacy
from archive_support import page, write
from faults_scenarios import indexed
from faults_support import Trial, answers, seen

from indexer.engine.embedded import generations
from indexer.engine.embedded.files import seal
from indexer.errors import ArchiveError, IndexDamagedError
from indexer.settings import ROOT
from search_app import create_app


@pytest.fixture
def two(trial: Trial) -> Trial:
    """Two generations that share no file."""
    indexed(trial)
    trial.write("cafe.html", page("Un café associatif"))
    trial.import_()
    trial.index(full=True)
    return trial


def current(trial: Trial) -> Path:
    return trial.settings.index / "generations" / "000002"


def one(trial: Trial, pattern: str) -> Path:
    return sorted(current(trial).glob(pattern))[0]


def change_in_place(path: Path, place: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[place] ^= 1
    path.write_bytes(raw)


def flip_header(path: Path) -> None:
    change_in_place(path, 20)


def flip_middle(path: Path) -> None:
    change_in_place(path, path.stat().st_size // 2)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def extra(path: Path) -> None:
    write(path.with_name("intrus" + path.suffix), path.read_bytes())


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_link(path: Path) -> None:
    path.rename(path.parents[4] / "ailleurs")
    path.symlink_to(path.parents[4] / "ailleurs")


ARRAY, TABLE, TOC = "segments/*/positions.npy", "segments/*/hits.text.npy", "records/*/*.toc"
SEEN_AT_OPENING = [
    *((name, harm) for name in (ARRAY, TABLE, TOC) for harm in (flip_header, cut, empty, Path.unlink, extra, a_folder)),
    ("manifest.json", flip_header),
    ("manifest.json", flip_middle),
    ("manifest.json", cut),
    ("manifest.json", empty),
    ("manifest.json", Path.unlink),
    (TOC, flip_middle),
    (TOC, a_link),
    ("records/*/*.seg", cut),
    ("worlds/*/*", Path.unlink),
]


@pytest.mark.parametrize(("name", "harm"), SEEN_AT_OPENING, ids=lambda value: getattr(value, "__name__", value))
def test_damage_is_seen_at_opening(two: Trial, name: str, harm: Callable[[Path], None]) -> None:
    with two.engine() as engine:
        newest = answers(engine)
    harm(one(two, name))
    with two.engine() as engine:
        assert answers(engine) != newest
        status = engine.status()
        assert status.generation == "000001"
        assert status.degraded is not None
        assert "La génération 000002 est abîmée ; la génération 000001 répond." in status.degraded
    assert two.command("check").status == 1
    assert two.command("index").status == 0  # nobody has to think of --full
    assert seen(two) == newest


@pytest.mark.parametrize("content", ["", "{", "[]", '{"generation": 2}', '{"generation": "../../ailleurs"}', "\0\0"])
def test_a_pointer_that_makes_no_sense(two: Trial, content: str) -> None:
    newest = seen(two)
    write(two.settings.index / "current.json", content)
    with two.engine() as engine:
        assert answers(engine) == newest
        assert "current.json" in str(engine.status().degraded)
    assert two.command("index").status == 0
    assert seen(two) == newest


def test_no_bit_of_the_pointer_is_trusted_alone(two: Trial) -> None:
    """Whatever flips in it, the newest generation answers: as the one that it names, or as degraded."""
    pointer = two.settings.index / "current.json"
    whole = pointer.read_bytes()
    with two.engine() as engine:
        newest = answers(engine)
    silent = 0
    for place in range(len(whole)):
        raw = bytearray(whole)
        raw[place] ^= 1 << place % 8
        pointer.write_bytes(raw)
        with two.engine() as engine:
            assert answers(engine) == newest
            assert engine.status().generation == "000002"
            silent += engine.status().degraded is None
    assert silent == 0


def test_a_pointer_to_the_generation_before_needs_its_checksum(two: Trial) -> None:
    pointer = two.settings.index / "current.json"
    pointer.write_text(pointer.read_text("utf-8").replace("000002", "000001"), "utf-8")
    with two.engine() as engine:
        answers(engine)
        assert engine.status().generation == "000002"
        assert "current.json" in str(engine.status().degraded)
    assert two.command("check").status == 1
    assert two.command("index").status == 0
    assert two.command("check").status == 0


def test_a_pointer_to_nowhere(two: Trial) -> None:
    newest = seen(two)
    write(two.settings.index / "current.json", seal({"generation": "000009"}))
    with two.engine() as engine:
        assert answers(engine) == newest
        assert "000009" in str(engine.status().degraded)
    assert two.command("index").status == 0
    assert seen(two) == newest


def test_a_byte_in_the_middle_is_seen_by_check(two: Trial) -> None:
    flip_middle(one(two, ARRAY))
    outcome = two.command("check")
    assert outcome.status == 1
    assert "positions.npy de la génération 000002 est abîmé." in outcome.err
    assert "lancez « python run.py index --full »" in outcome.err


def test_health_and_the_log_say_so(two: Trial, caplog: pytest.LogCaptureFixture) -> None:
    cut(one(two, ARRAY))
    with two.engine() as engine:
        client = create_app(two.settings, engine).test_client()
        for _ in range(3):
            assert client.get("/api/v1/search").status_code == 200
            answer = client.get("/healthz")
            assert (answer.status_code, answer.json) == (200, {"status": "degraded"})
    said = [record.getMessage() for record in caplog.records if "000002" in record.getMessage()]
    assert len(said) == 1  # once, not at every request
    assert "la génération 000001 répond" in said[0]


# The switch


def test_a_switch_verifies_what_was_written(two: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that gives back other bytes than it was given, though it reported success."""
    before = seen(two)
    real = generations.write_durably

    def write_and_spoil(path: Path, text: str) -> None:
        real(path, text)
        if path.name == "manifest.json":
            flip_middle(sorted(path.parent.glob(ARRAY))[-1])

    monkeypatch.setattr(generations, "write_durably", write_and_spoil)
    with pytest.raises(IndexDamagedError, match=r"positions\.npy"):
        two.index(full=True)
    assert seen(two) == before
    assert two.generations() == ["000001", "000002"]


def test_unchanged_files_pass_with_their_checksum(two: Trial) -> None:
    two.write("jardin.html", page("Jardins partagés"))
    two.import_()
    two.index()
    old, new = (
        {
            entry["path"]: entry
            for entry in json.loads((current(two).parent / name / "manifest.json").read_text())["files"]
        }
        for name in ("000002", "000003")
    )
    shared = [
        path
        for path in old.keys() & new.keys()
        if (current(two) / path).samefile(current(two).parent / "000003" / path)
    ]
    assert len(shared) > 20
    assert all(old[path] == new[path] for path in shared)


def test_rot_is_never_given_a_new_checksum(two: Trial) -> None:
    """Whether a run shares a rotten file or writes it again merged with others, the rot is found."""
    before = seen(two)
    flip_middle(one(two, ARRAY))
    runs = []
    for number in range(6):
        two.write(f"jardin-{number}.html", page(f"Jardins partagés {number}"))
        two.import_()
        runs.append(two.command("index").status)
        assert "positions.npy" in two.command("check").err
    assert 1 in runs  # a merge came by
    assert two.command("index", "--full").status == 0
    assert two.command("check").status == 0
    assert seen(two) != before


# What may not be trusted


class Trap:
    """Unpickled, it makes a file: code of somebody else's that ran."""

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
"""Whoosh leaves to the garbage collector a file that it could not read."""


def set_a_trap(trial: Trial, path: Path, place: int) -> Path:
    """Write into a file of Whoosh's, over a pickle that stands there, one that makes a folder; its size stays."""
    trap, raw = pickle.dumps(Trap(trial.folder / "piège"), 2), bytearray(path.read_bytes())
    assert raw[place : place + 2] == b"\x80\x02" or raw[place : place + 1] == b"\x80"
    assert place + len(trap) <= len(raw)
    raw[place : place + len(trap)] = trap
    pickle.loads(bytes(raw[place:]))
    (trial.folder / "piège").rmdir()  # it works
    path.write_bytes(raw)
    return trial.folder / "piège"


def directory_of(path: Path) -> int:
    """Where a file of Whoosh's keeps the list of what it is made of: a pickle that is read at opening."""
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
    """Every module of it that is loaded has its loaders replaced, but those that only name them, that serve files of
    old versions (refused), or that read again what the same run has just put aside.
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
    """Give the current generation a manifest that agrees with what its files hold now."""
    from dataclasses import asdict

    from indexer.engine.embedded.files import list_files

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
    readers = {ROOT / "indexer" / "engine" / "embedded" / name for name in ("unpickling.py", "record.py")}
    for folder in ("indexer", "search_app"):
        for path in (ROOT / folder).rglob("*.py"):
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
