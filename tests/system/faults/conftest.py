"""Fixtures of fault tests: one laboratory for all, and folders on a disk in memory, if the machine has one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from indexer.analysis.synonyms import Synonyms
from tests.support.archive import page
from tests.support.fault_scenarios import indexed
from tests.support.faults import SIGN_ON, Laboratory, Scenario, Stage, Trial

MEMORY = Path("/dev/shm")


@pytest.fixture(autouse=True)
def sign_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the settings of a sign-on provider."""
    for name, value in SIGN_ON.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module", autouse=True)
def synonyms_read_once() -> Iterator[None]:
    """Read synonyms once, not for each engine that is opened in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Synonyms, "load", cache(Synonyms.load))
        yield


@pytest.fixture(scope="session")
def laboratory() -> Iterator[Laboratory]:
    laboratory = Laboratory()
    yield laboratory
    laboratory.close()


@pytest.fixture
def tracing(laboratory: Laboratory) -> Laboratory:
    """The laboratory, if processes can be traced here; otherwise tests are skipped."""
    if laboratory.refused is not None:
        pytest.skip(laboratory.refused)
    return laboratory


@pytest.fixture
def quick(tmp_path: Path) -> Iterator[Path]:
    """An empty folder where flushing costs nothing, if the machine has one."""
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < 1 << 28:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        yield Path(folder)


@pytest.fixture
def trial(quick: Path) -> Trial:
    """An empty archive."""
    return Trial(quick)


@pytest.fixture
def stage(quick: Path, tracing: Laboratory) -> Callable[[Scenario], Stage]:
    """A function that prepares a scenario."""
    return lambda scenario: Stage(scenario, quick, tracing)


@pytest.fixture
def two(trial: Trial) -> Trial:
    """An archive of two generations that share no file."""
    indexed(trial)
    trial.write("cafe.html", page("Un café associatif"))
    trial.import_()
    trial.index(full=True)
    return trial
