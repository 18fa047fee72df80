"""Fixtures: a site on 127.0.0.1, and an archive that gathers it without waiting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from indexer.gathering import Registry, Source, State, checked
from indexer.pipeline import SyncReport, synchronise
from indexer.progress import Silent
from tests.support.archive import Archive
from tests.support.live_site import LiveSite, StandingClock, serving


@pytest.fixture
def site() -> Iterator[LiveSite]:
    with serving(LiveSite()) as site:
        yield site


class Gathering:
    """An archive with one source, and a clock that only moves when someone waits."""

    def __init__(self, folder: Path, address: str, **settings: Any) -> None:
        self.archive = Archive(folder)
        self.archive.settings.corpus.mkdir(parents=True, exist_ok=True)
        self.clock = StandingClock()
        self.source = checked(Source("essai", address, **{"local": True, **settings}))
        self.state = State(self.archive.settings.corpus)
        self.registry = Registry(self.state)
        self.registry.add(self.source, None)

    def close(self) -> None:
        self.state.close()

    def sync(self, *, index: bool = True, **given: Any) -> SyncReport:
        """Gather the source and import its pages; return the report, which has one run and one import.

        Args:
            index: whether to index the archive afterwards.
            given: further options of `synchronise`.
        """
        with self.archive.engine() as engine:
            report = synchronise(
                self.archive.settings, self.state, [self.source], engine, progress=Silent(), clock=self.clock, **given
            )
        if index:
            self.archive.index()
        return report


@pytest.fixture
def make(tmp_path: Path, site: LiveSite) -> Iterator[Any]:
    """Return a function that makes a `Gathering` of the site, with settings of its source."""
    made: list[Gathering] = []

    def new(**settings: Any) -> Gathering:
        made.append(Gathering(tmp_path / f"{len(made)}", f"{site.address}/", **settings))
        return made[-1]

    yield new
    for one in made:
        with closing(one):
            pass


@pytest.fixture
def gathering(make: Any) -> Gathering:
    """An archive that gathers the site."""
    found: Gathering = make()
    return found
