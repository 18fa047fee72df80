"""A gathering that is killed anywhere, twenty times, gives the same corpus as one that is not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.gathering import RunState
from tests.indexer.gathering.conftest import Gathering
from tests.support.archive import Killed
from tests.support.live_site import LiveSite, Reply, Request
from tests.support.places import CHECKOUT
from tests.support.trap_site import build
from tests.support.waiting import PATIENCE

_PROGRAM = """
import sys
from pathlib import Path
from indexer.gathering import Registry, State, SystemClock, gather
from indexer.progress import Silent
state = State(Path(sys.argv[1]))
gather(state, Registry(state).get("essai"), profile=None, clock=SystemClock(), contact="", progress=Silent())
"""


def pages_of(gathering: Gathering) -> dict[str, bytes]:
    """Return the bytes of the pages of the corpus, by path."""
    return gathering.archive.corpus_files()


@pytest.mark.slow
def test_twenty_kills_while_fetching(make: type[Gathering], site: LiveSite, tmp_path: Path) -> None:
    paths = build(site, resources=40, sitemap=False)
    whole = make(delay=0.0)
    whole.sync(index=False)
    wanted = len(site.requests)
    killed = make(delay=0.0)
    step = max(wanted // 20, 1)
    running: list[subprocess.Popen[bytes]] = []
    served = 0

    def before(request: Request) -> Reply | None:
        nonlocal served
        served += 1
        if served == step + 3:  # robots.txt, the random address and the sitemap come first, each time
            os.kill(running[-1].pid, signal.SIGKILL)
        return None

    site.before = before
    kills = 0
    while True:
        served = 0
        command = [sys.executable, "-c", _PROGRAM, str(killed.archive.settings.corpus)]
        running.append(subprocess.Popen(command, cwd=CHECKOUT))
        status = running[-1].wait(PATIENCE)
        if status == 0:
            break
        assert status == -signal.SIGKILL
        kills += 1
        assert kills < 60
    assert kills >= 20 - 4
    site.before = lambda _: None
    report = killed.sync(index=False)
    assert report.runs[0].state is RunState.DONE
    assert pages_of(killed) == pages_of(whole)
    assert len(pages_of(killed)) == len(paths)


@pytest.mark.parametrize("place", ["taken", "keep", "withdraw", "settle"])
def test_a_kill_while_importing(
    gathering: Gathering, site: LiveSite, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    from indexer.gathering import spool
    from indexer.pipeline import gathered
    from indexer.pipeline.importing import ImportRun

    paths = build(site, resources=3)

    def dies(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        target = {"taken": spool, "settle": gathered._Import}.get(place, ImportRun)
        patch.setattr(target, place, dies)
        with pytest.raises(Killed):
            gathering.sync(index=False)
    site.forget()
    gathering.sync()
    assert site.asked("/ressources/") == paths, "asked whether they changed"
    assert 200 not in {status for status, one in zip(site.statuses, site.asked(), strict=True) if "fiche" in one}
    assert len(gathering.archive.hits()) == 3
    assert gathering.registry.counts("essai").waiting == 0
