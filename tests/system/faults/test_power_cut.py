"""Power cuts: unflushed data is lost, but one generation, all pages and all accounts are complete."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import depth, power
from tests.support.archive import write
from tests.support.fault_scenarios import TO_A_FAILING_DISK
from tests.support.faults import Scenario, Stage, holdings, seen

CUTS = 4
"""Number of calls of each scenario at which the power is cut, each in up to three ways."""


@pytest.mark.slow
@pytest.mark.parametrize("scenario", TO_A_FAILING_DISK, ids=lambda scenario: scenario.name)
def test_the_power_goes_at_any_call(scenario: Scenario, stage: Callable[[Scenario], Stage]) -> None:
    played = stage(scenario)
    played.trial.set(played.start)
    outcome = played.play(cuts=played.instants(depth.faults(CUTS)))
    assert outcome.status == 0
    done = holdings(played.trial), seen(played.trial)
    at_the_end = 0
    for place, _, left in outcome.cuts:
        played.trial.set(left)
        shutil.rmtree(left)
        assert seen(played.trial) in (played.old, played.new)
        if place == len(outcome.calls):  # success was reported, so everything must be there
            assert (holdings(played.trial), seen(played.trial)) == done
            at_the_end += 1
        played.assert_nothing_lost()
        played.assert_mended(spare=1)  # the deletion of an old generation may have been lost
    assert at_the_end


def test_the_disk_keeps_what_was_flushed_and_nothing_else(tmp_path: Path) -> None:
    """The simulated disk itself: names and contents are lost separately."""
    root = tmp_path / "disque"
    write(root / "ancien", "avant")
    write(root / "parti", "avant")
    disk = power.Disk(root)
    write(root / "ancien", "après")
    write(root / "nouveau", "neuf")
    write(root / "sûr", "neuf")
    (root / "parti").unlink()
    disk.flush(root / "sûr")

    def left(policy: str, name: str) -> dict[str, str]:
        disk.cut(tmp_path / name, power.policies(0)[policy])
        return {path.name: path.read_text() for path in sorted((tmp_path / name).iterdir())}

    assert left("lost", "1") == {"ancien": "avant", "parti": "avant"}
    assert left("names", "2") == {"ancien": "avant", "nouveau": "", "sûr": "neuf"}
    disk.flush(root)
    assert left("lost", "3") == {"ancien": "avant", "nouveau": "", "sûr": "neuf"}
    disk.flush_all()
    assert left("lost", "4") == {"ancien": "après", "nouveau": "neuf", "sûr": "neuf"}
    disk.close()
