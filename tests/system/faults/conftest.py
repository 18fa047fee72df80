"""Fixtures of fault tests: one laboratory for all, and archives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.archive import Models, page
from tests.support.fault_scenarios import indexed
from tests.support.faults import SIGN_ON, Laboratory, Scenario, Stage, Trial


@pytest.fixture(autouse=True)
def sign_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the settings of a sign-on provider in the environment."""
    for name, value in SIGN_ON.items():
        monkeypatch.setenv(name, value)


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
def trial(tmp_path: Path) -> Trial:
    """An empty archive."""
    return Trial(tmp_path)


@pytest.fixture
def stage(tmp_path: Path, tracing: Laboratory) -> Callable[[Scenario], Stage]:
    """Return a function that prepares a scenario and runs it once without faults."""
    return lambda scenario: Stage(scenario, tmp_path, tracing)


def _two(trial: Trial) -> None:
    indexed(trial)
    trial.write("cafe.html", page("Un café associatif"))
    trial.import_()
    trial.index(full=True)


@pytest.fixture
def two(trial: Trial, models: Models) -> Trial:
    """An archive of two generations that share no file."""
    return models.copy(_two, trial)
