"""A visitor's request reads no part of the index that is about private resources (the private half), so visitors notice
neither the time to read it nor its faults.
"""

from __future__ import annotations

import itertools
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bench.timing import mann_whitney
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.engine.embedded.generations import Generations
from tests.support.privacy_archive import STATES, Places
from tests.support.privacy_compare import Site
from tests.support.privacy_routes import Asked, Known, every_route

_opened: list[str] | None = None


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if _opened is not None and event in {"open", "os.listdir", "os.scandir"}:
        _opened.append(str(arguments[0]))


sys.addaudithook(_watch)  # audit hooks cannot be removed; this one records only while a test wants it to


@pytest.fixture
def site(living: dict[str, Places], tmp_path: Path) -> Iterator[Site]:
    """A site over a copy of the archive with private resources."""
    shutil.copytree(living[next(iter(STATES))].folder, tmp_path / "archive")
    site = Site(Places(tmp_path / "archive"))
    yield site
    site.close()


def private_files(site: Site) -> list[Path]:
    """Return the files of the current generation that contain anything of a private resource."""
    generations = Generations(Path(site.app.extensions["archive"].settings.index))
    name = generations.current()
    assert name is not None
    folder, manifest = generations.path(name), generations.manifest(name)
    private = {f"segments/{s.name}" for s in manifest.segments if s.private} | {"worlds/members"}
    private |= {f"records/{r.name}" for r in manifest.records if r.private}
    return [folder / f.path for f in manifest.files if any(f.path.startswith(f"{one}/") for one in private)]


def questions(site: Site) -> list[Asked]:
    known = Known(site.ids(private=False)[:4], site.ids(private=True)[:4])
    return [
        asked
        for asked in every_route(site.app, known, thorough=False)
        if asked.method == "GET" and "static" not in asked.path
    ]


def test_the_visitors_side_has_no_private_part(site: Site) -> None:
    engine = site.engine
    assert isinstance(engine, EmbeddedEngine)
    opened = engine.current_generation()
    private = {s.name for s in opened.manifest.segments if s.private}
    assert private
    assert len(opened.visitors.searcher.mounted) == len(opened.manifest.segments) - len(private)
    assert opened.visitors.stores.keys() == {r.number for r in opened.manifest.records if not r.private}
    assert opened.visitors.searcher.private_from == opened.visitors.searcher.size


@pytest.mark.slow
def test_answers_to_visitors_do_not_read_the_private_half(site: Site) -> None:
    """Index files about private resources are overwritten while the engine has them open: visitors notice nothing."""
    asked = questions(site)
    before = [site.ask(one) for one in asked]
    files = private_files(site)
    assert len(files) > 20
    for path in files:
        with path.open("r+b") as file:
            file.write(b"\xff" * path.stat().st_size)
    site.client = site.app.test_client()
    assert [site.ask(one) for one in asked] == before


def test_a_visitor_makes_the_site_open_no_file_of_the_index(site: Site) -> None:
    global _opened  # noqa: PLW0603
    site.client.get("/", buffered=True)
    index = str(site.app.extensions["archive"].settings.index)
    _opened = []
    try:
        for asked in questions(site):
            site.client.get(asked.path, buffered=True)
        seen = [path for path in _opened if path.startswith(index)]
    finally:
        _opened = None
    assert seen == []


# The statistics of bench.timing


def exact(a: list[float], b: list[float]) -> float:
    return sum((x > y) + (x == y) / 2 for x, y in itertools.product(a, b)) / (len(a) * len(b))


@pytest.mark.parametrize(("a", "b"), [([1, 2, 3], [2, 3, 4, 4]), ([5, 5], [5, 5]), ([9, 8], [1, 2]), ([1], [1, 2, 0])])
def test_how_often_one_is_slower(a: list[float], b: list[float]) -> None:
    above, p = mann_whitney(np.array(a, dtype=float), np.array(b, dtype=float))
    assert above == pytest.approx(exact(a, b))
    assert 0 < p <= 1


def test_a_difference_is_told_and_chance_is_not() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.exponential(1.0, 3000), rng.exponential(1.0, 3000)
    assert mann_whitney(one, other)[1] > 0.01
    assert mann_whitney(one + 0.05, other)[1] < 0.01
