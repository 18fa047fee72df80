"""`kill -9` at any call that changes the disk: old or new answers, nothing lost, and the next run finishes the work."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from faults_support import SCENARIOS, Scenario, Stage, answers, engine_before, seen

KILLS = 26
"""Instants for each of the scenarios: more than two hundred in all."""


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_killed_anywhere(scenario: Scenario, stage: Callable[[Scenario], Stage]) -> None:
    played = stage(scenario)
    for instant in played.instants(KILLS):
        played.trial.set(played.start)
        with engine_before(played.trial) as reader:
            assert played.play(kill_at=instant).status is None
            assert answers(reader) in (played.old, played.new)
        assert seen(played.trial) in (played.old, played.new)
        played.assert_nothing_lost()
        played.assert_mended()
