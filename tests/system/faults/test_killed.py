"""`kill -9` at calls that change the disk: results are old or new, nothing is lost, the next run completes the work."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support import depth
from tests.support.fault_scenarios import SCENARIOS
from tests.support.faults import Scenario, Stage, answers, engine_before, holdings, seen


def test_there_are_more_than_a_hundred_and_fifty_kills() -> None:
    assert sum(depth.faults(scenario.kills) for scenario in SCENARIOS) > 150


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_killed_anywhere(scenario: Scenario, stage: Callable[[Scenario], Stage]) -> None:
    played = stage(scenario)
    for instant in played.instants(depth.faults(scenario.kills)):
        played.trial.set(played.start)
        with engine_before(played.trial) as reader:
            outcome = played.play(kill_at=instant)
            assert outcome.status is None or len(outcome.calls) <= instant  # it may have ended before that call
            assert answers(reader) in (played.old, played.new)
        assert seen(played.trial) in (played.old, played.new)
        if outcome.out:  # it had reported that the work was done
            assert seen(played.trial) == played.new
            assert played.told(holdings(played.trial)) == played.told(played.done)
        played.assert_nothing_lost()
        played.assert_mended()
