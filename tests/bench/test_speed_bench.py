"""The speed bench itself: it runs from end to end on a hundred generated pages, and detects engines that differ."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

pytest.importorskip("tantivy", reason="the bench's peers are not installed (bench/requirements.txt)")

from bench.speed import changes, command, growth, pages, processes, queries, site
from bench.speed.base import Answer, Kind, Query
from bench.speed.feed import encode
from bench.speed.measuring import Timings, percentile
from bench.speed.report import Report
from bench.speed.search import disagreeing

PAGES = 100


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a work folder that all tests share, so that pages are generated, imported and indexed only once."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have the bench make its own pages, even where an outside page generator exists, and measure for a short time."""
    monkeypatch.setattr(pages, "FICHES", tmp_path / "no sheets")
    monkeypatch.setattr(changes, "AT_REST_S", 0.2)
    monkeypatch.setattr(changes, "AFTER_S", 0.1)
    monkeypatch.setattr(queries, "EACH", 3)
    monkeypatch.setattr(site, "WRK_S", 1)


def run(work: Path, out: Path, *parts: str) -> dict[str, dict[str, float]]:
    """Run parts of the bench, and return the figures by name of the part, then by the key "engine: measure"."""
    options = ["--pages", str(PAGES), "--rounds", "1", "--index-runs", "1", "--work", str(work), "--only", *parts]
    assert command.main([*options, "--json", str(out), "--markdown", str(out.with_suffix(".md"))]) == 0
    found: dict[str, dict[str, float]] = {}
    for figure in json.loads(out.read_text("utf-8"))["figures"]:
        assert figure["size"] == PAGES
        found.setdefault(figure["part"], {})[f"{figure['engine']}: {figure['measure']}"] = figure["value"]
    return found


def test_search_and_opening(work: Path, tmp_path: Path) -> None:
    figures = run(work, tmp_path / "out.json", "search", "opening")
    engines = ("ours", "ours, caches emptied", "SQLite FTS5", "tantivy")
    rows = [f"{state}, {kind}, p95" for state in ("first touch", "warm") for kind in (*Kind, "all")]
    assert {f"{engine}: {row}" for engine in engines for row in rows} <= set(figures["search"])
    assert all(value > 0 for value in figures["search"].values())
    assert len(figures["opening"]) == 3

    asked = pages.Archive(work / str(PAGES), PAGES).queries()
    page = (tmp_path / "out.md").read_text("utf-8")
    assert f"the same in all engines for {len(asked)} queries of {len(asked)}." in page
    assert {query.kind for query in asked} == set(Kind)
    for row in (*Kind, "all", "all, single calls"):
        assert f"| {row} " in page


def test_indexing_and_changes(work: Path, tmp_path: Path) -> None:
    figures = run(work, tmp_path / "out.json", "index", "changes")
    assert {"ours: import", "ours: full index from HTML", "ours: peak memory", "SQLite FTS5: parsing"} <= set(
        figures["index"]
    )
    assert "ours: ten changed pages searchable" in figures["changes"]
    assert "ours: reader p99 during a reindex" in figures["changes"]
    assert not (work / str(PAGES) / "scratch").exists()


def test_the_site(work: Path, tmp_path: Path) -> None:
    figures = run(work, tmp_path / "out.json", "site")
    for way in ("ours", "API in process", "page in process", "API over HTTP", "page over HTTP"):
        assert figures["site"][f"{way}: p95"] > 0
    own, resident = (figures["site"][f"ours: memory of a worker, {which}"] for which in ("its own", "resident"))
    assert 0 < own < resident


class Fixed:
    """A contestant (engine under comparison) that gives the same answer to every query."""

    def __init__(self, name: str, answer: Answer) -> None:
        self.name, self._answer = name, answer

    def search(self, query: Query, /) -> object:
        return self._answer

    def answer(self, found: object, /) -> Answer:
        assert isinstance(found, Answer)
        return found

    def forget(self) -> None: ...

    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(("a",), 2, {"year": {"2024": 2}}), 0),
        (Answer(("a",), 3, {"year": {"2024": 2}}), 1),
        (Answer(("a",), 2, {"year": {"2024": 1, "none": 1}}), 1),
    ],
)
def test_engines_that_differ_are_told(answer: Answer, told: int) -> None:
    engines = [Fixed("one", Answer(("a",), 2, {"year": {"2024": 2}})), Fixed("other", answer)]
    lines = disagreeing(engines, [Query(Kind.RARE, "mot", ("mot",))])
    assert len(lines) == told


def test_a_query_takes_the_median_of_its_calls() -> None:
    timings = Timings([Query(Kind.RARE, "a", ("a",)), Query(Kind.TWO, "a b", ("a", "b"))])
    for place, taken in ((0, 1.0), (0, 9.0), (0, 2.0), (1, 5.0)):
        timings.add("ours", place, taken)
    assert timings.typical("ours") == [2.0, 5.0]
    assert timings.typical("ours", Kind.TWO) == [5.0]
    assert sorted(timings.calls("ours")) == [1.0, 2.0, 5.0, 9.0]


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(n) for n in range(100, 0, -1)]
    assert [percentile(values, share) for share in (0.5, 0.95, 1.0)] == [50.0, 95.0, 100.0]
    assert math.isnan(percentile([], 0.5))


@pytest.mark.parametrize("power", [0.0, 0.5, 2.0])
def test_exponents_are_found_again(power: float) -> None:
    points = [(n, 3.0 * n**power) for n in (1_000, 10_000, 100_000)]
    assert growth.exponent(points) == pytest.approx(power)


def test_growth_is_projected_and_drawn(tmp_path: Path) -> None:
    report = Report("python -m bench")
    for cost in growth.COSTS:
        for size in (1_000, 10_000, 100_000):
            report.add(cost.part, size, cost.engine, cost.measure, size / 1000, cost.unit)
    for found in growth.growths(report):
        assert found.at(growth.MILLION) == pytest.approx(1000.0)
    drawing = ET.fromstring(growth.plot(report))
    names = {text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")}
    assert {"tantivy", "full index", "memory of a worker"} <= names
    page = growth.scaling(report, tmp_path / "scaling.svg", tmp_path / "SCALING.md")
    assert "](scaling.svg)" in page
    assert all(f"| {cost.label} " in page for cost in growth.COSTS)
    kept = f"\n{growth.BY_HAND}\n\nWritten by hand.\n"
    (tmp_path / "SCALING.md").write_text(f"# Scaling\n\nEarlier figures.\n{kept}", encoding="utf-8")
    assert growth.scaling(report, tmp_path / "scaling.svg", tmp_path / "SCALING.md") == page + kept


def test_a_target_that_was_not_measured_is_missed() -> None:
    report = Report("python -m bench")
    report.aim("speed", PAGES, math.nan, 1.0, "ms")
    assert "**missed**" in report.markdown(None)


def test_terms_become_words_that_stay_apart() -> None:
    terms = ["ess", "ESS", "2014-856", "2014.856", "2014856", "rtes.fr", "œuf", "R&D"]
    encoded = [encode(term) for term in terms]
    assert len(set(encoded)) == len(terms)
    assert all(word.isalnum() and word.isascii() and word == word.lower() for word in encoded)


def test_memory_is_that_of_the_processes_that_still_run() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert len(processes.memories([ended.pid, os.getpid()])) == 1
