"""A process that is killed while it makes or undoes a batch of corrections leaves the whole batch or none of it."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from indexer.corpus import BatchLine, Correction, Corrections
from tests.support.places import CHECKOUT

NONE = Correction()
LINES = [BatchLine(f"r{n}", f"Ressource {n}", Correction(year=1990 + n, type="Guide"), NONE) for n in range(6)]
WAYS = ("make", "undo")
KILLING = """
import pathlib, sys
from tests.indexer.corpus.test_batches_killed import kill_at_every_statement
kill_at_every_statement(pathlib.Path(sys.argv[1]), sys.argv[2])
"""


def act(path: Path, way: str) -> None:
    """Make a batch of corrections in the file at `path` (`way` "make"), or undo its first batch ("undo")."""
    corrections = Corrections(path)
    if way == "make":
        corrections.change_batch(LINES, what="Un lot", actor="zoe")
    else:
        corrections.undo_batch(1, actor="zoe")


def killed_at(path: Path, way: str, statement: int) -> bool:
    """Run `act` in a process that is killed before its n-th SQL statement (`statement`, from 0); return whether the
    process was killed, and not finished before, because it has fewer statements.
    """
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == -signal.SIGKILL
    connect, left = sqlite3.connect, [statement]

    def count(_: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def traced(*arguments: object, **options: object) -> sqlite3.Connection:
        database = connect(*arguments, **options)  # type: ignore[call-overload]
        database.set_trace_callback(count)
        return database  # type: ignore[no-any-return]

    with mock.patch.object(sqlite3, "connect", traced):
        act(path, way)
    os._exit(0)


def kill_at_every_statement(folder: Path, way: str) -> None:
    """Run `act` on copies of a file, killing each process one SQL statement later than the one before. It runs in a
    separate process without other threads, since it forks.
    """
    statement = 0
    while True:
        copy = folder / f"{statement}.sqlite"
        shutil.copy(folder / "before.sqlite", copy)
        if not killed_at(copy, way, statement):
            break
        statement += 1


@pytest.mark.parametrize("way", WAYS)
def test_all_of_a_batch_or_none(tmp_path: Path, way: str) -> None:
    before = tmp_path / "before.sqlite"
    Corrections(before).change("other", Correction(year=1980), actor="zoe", title="Une autre")
    if way == "undo":
        act(before, "make")
    old = Corrections(before).all()
    command = [sys.executable, "-c", KILLING, str(tmp_path), way]
    subprocess.run(command, check=True, cwd=CHECKOUT)

    copies = sorted(tmp_path.glob("[0-9]*.sqlite"), key=lambda path: int(path.stem))
    assert len(copies) > 3 * len(LINES)
    act(before, way)
    new = Corrections(before).all()
    assert old != new
    found = []
    for copy in copies:
        corrections = Corrections(copy)
        found.append(corrections.all() == new)
        assert corrections.all() in (old, new)
        batch = next(iter(corrections.batches()), None)
        done = batch is not None and (way == "make" or batch.undone_at is not None)
        assert done == found[-1]
        if not done:  # the batch can still be made or undone
            act(copy, way)
            assert Corrections(copy).all() == new
    assert found == sorted(found)
    assert (found[0], found[-1]) == (False, True)
