"""The site under load: no request fails during reindexing, restart and stop (short run of `bench.tools.load`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.tools import load
from bench.tools.load import prepare, under_load, with_python
from tests.support.waiting import PATIENCE, free_port


@pytest.mark.slow
def test_nobody_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "_TIMEOUT_S", PATIENCE)  # slow responses of a busy machine are not faults here
    settings = prepare(tmp_path, pages=30)
    alone, reindexed, after, stopped = under_load(
        settings, with_python, workers=2, spells=(0.3, 3.0, 0.3), reindexes=1, port=free_port()
    )
    for spell in (alone, reindexed, after, stopped):
        assert spell.faults == {}, spell
        assert spell.answers > 0
    assert reindexed.reindexes == 1
    assert "Traceback" not in (tmp_path / "serveur.log").read_text("utf-8")
