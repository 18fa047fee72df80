"""A full disk or missing permissions: a clear message, nothing half written, and the old generation stays in use."""

from __future__ import annotations

import errno
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.archive import page, permissions_hold
from tests.support.fault_scenarios import ADD, TO_A_FAILING_DISK, imported, indexed, to_index
from tests.support.faults import (
    PASSWORD,
    Laboratory,
    Outcome,
    Scenario,
    Stage,
    Trial,
    answers,
    engine_before,
    forbidden,
    full_disk,
    seen,
)

pytestmark = pytest.mark.slow

INSTANTS = 4
ENGLISH = re.compile(r"\b(error|traceback|no space|denied|errno|file|disk|database|unable|requested|failed)\b", re.I)
BY_NAME = {scenario.name: scenario for scenario in TO_A_FAILING_DISK}


def assert_said(outcome: Outcome) -> None:
    """Assert exit status 1 and one French message that says what is wrong and what to do."""
    assert outcome.status == 1, outcome.err
    assert not ENGLISH.search(outcome.err), outcome.err
    assert re.search(r"vérifiez|supprimez|libérez", outcome.err), outcome.err


@pytest.mark.slow
@pytest.mark.parametrize("scenario", TO_A_FAILING_DISK, ids=lambda scenario: scenario.name)
def test_a_disk_that_fills_up(scenario: Scenario, stage: Callable[[Scenario], Stage]) -> None:
    played = stage(scenario)
    refused = 0
    for instant in (0, *played.instants(INSTANTS)):
        played.trial.set(played.start)
        with engine_before(played.trial) as reader:
            outcome = played.play(refuse=full_disk(since=instant))
            if outcome.status != 0:
                assert_said(outcome)
                refused += 1
                assert answers(reader) in (played.old, played.new)
                assert all(name.isdigit() for name in played.trial.generations())
                assert not [path for path in played.trial.state.rglob("*") if path.name.endswith(".new")]
            else:  # what was still to be written was not essential
                assert answers(reader) == played.new
        assert seen(played.trial) in (played.old, played.new)
        played.assert_nothing_lost()
        played.assert_mended()
    assert refused > 1


@pytest.mark.slow
@pytest.mark.parametrize("error", [errno.EACCES, errno.EIO], ids=errno.errorcode.get)
@pytest.mark.parametrize("name", ["import of changes", "incremental index", "full index", "another account"])
def test_a_place_that_may_not_be_written(name: str, error: int, stage: Callable[[Scenario], Stage]) -> None:
    played = stage(BY_NAME[name])
    for under in ("corpus", "index", "data"):
        if not any(path.startswith(under) for _, paths in played.calls for path in paths):
            continue
        played.trial.set(played.start)
        outcome = played.play(refuse=forbidden(under, error))
        assert_said(outcome)
        assert seen(played.trial) in (played.old, played.new)
        played.assert_nothing_lost()
        played.assert_mended()


# The same with real disks and permissions


def closed(folder: Path) -> Iterator[None]:
    """Yield once, while everything below a folder is read-only, for root too."""
    paths = [folder, *folder.rglob("*")]
    modes = [(path, path.stat().st_mode) for path in paths]
    for path, mode in modes:
        path.chmod(mode & ~0o222)
    try:
        with permissions_hold():
            yield
    finally:
        for path, mode in modes:
            path.chmod(mode)


@pytest.mark.parametrize(
    ("place", "argv"),
    [
        ("corpus", ["import", "PAGES"]),
        ("corpus", ["index"]),
        ("index", ["import", "PAGES"]),
        ("index", ["index"]),
        ("index", ["index", "--full"]),
        ("data", list(ADD)),
    ],
)
def test_a_folder_without_the_right_to_write(trial: Trial, place: str, argv: list[str]) -> None:
    to_index(trial)
    trial.write("cafe-2.html", page("Un autre café"))
    before = seen(trial)
    argv = [str(trial.pages) if word == "PAGES" else word for word in argv]
    for _ in closed(trial.state / place):
        assert_said(trial.command(*argv, input=PASSWORD + "\n"))
        assert seen(trial) == before
    assert trial.command(*argv, input=PASSWORD + "\n").status == 0


@pytest.fixture
def small_disk(trial: Trial) -> Iterator[Path]:
    """Yield the folder of the archive's corpus, index and data, mounted on an empty disk of eight megabytes."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "essai", str(trial.state)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("seul root peut monter un petit disque")
    yield trial.state
    subprocess.run(["umount", "--lazy", str(trial.state)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="seul root peut monter un petit disque")
@pytest.mark.parametrize("argv", [["import", "PAGES"], ["index"], ["index", "--full"], list(ADD)], ids=" ".join)
def test_a_disk_that_is_really_full(trial: Trial, small_disk: Path, argv: list[str]) -> None:
    imported(trial)
    indexed(trial)
    trial.write("grosse.html", page("Une longue page", body=["mot " * 9000] * 3))
    if argv == ["index"]:
        trial.put("pages/nouvelle.html", page("Une page mise à la main"))
    before = seen(trial)
    ballast = small_disk / "ballast"
    free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    ballast.write_bytes(b"\1" * free)
    argv = [str(trial.pages) if word == "PAGES" else word for word in argv]
    assert_said(trial.command(*argv, input=PASSWORD + "\n"))
    assert seen(trial) == before
    ballast.unlink()
    assert trial.command(*argv, input=PASSWORD + "\n").status == 0
    trial.index()
    assert trial.command("check").status == 0


def test_every_error_has_words(laboratory: Laboratory) -> None:
    from indexer.storage.os_errors import because

    assert because(OSError(errno.ENOSPC, "No space left on device")) == "il n’y a plus de place sur le disque"
    assert because(OSError(9999, "?")) == "erreur 9999 du système"
    assert because(OSError("12 requested and 0 written")) == "écriture incomplète"
