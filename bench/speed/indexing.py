"""Full indexing from HTML: our command compared with SQLite FTS5 with the same parser and analysis; time and peak
memory.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.speed import plain_index
from bench.speed.measuring import median
from bench.speed.pages import ROOT, Archive, command, settings_in
from bench.speed.processes import watched
from bench.speed.report import Report, shown
from indexer.settings import Settings

PEAK_MB = 2_500
TIMES_FTS5 = 1.5
HOW = (
    "Indexing: `run.py index --full` on both cores, on an imported corpus whose pages were never parsed, so the time "
    "includes parsing, the segments of both audiences, stored resources and flushing to disk. It is compared with one "
    "process that uses the same parser and the same analysis, and inserts into FTS5 what the search part queries. Both "
    "are whole processes, timed from their start; the median if there are several runs. Peak memory: PSS of the "
    "process and its children, sampled ten times a second."
)


@contextmanager
def scratch(archive: Archive, *, index: bool) -> Iterator[Settings]:
    """Return a context manager around a temporary copy of an archive: pages are hard-linked, everything else is copied.

    Args:
        archive: the archive to copy.
        index: whether the index and the parsed pages are copied too.
    """
    folder = archive.folder / "scratch"
    shutil.rmtree(folder, ignore_errors=True)
    source = archive.settings

    def copy(old: str, new: str) -> None:
        if old.endswith(".html"):  # pages are replaced and never written in place, so a hard link is enough
            os.link(old, new)
        else:
            shutil.copy2(old, new)

    shutil.copytree(source.corpus, folder / "corpus", copy_function=copy)
    if index:
        shutil.copytree(source.index, folder / "index")
    try:
        yield settings_in(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Runs:
    ours: list[float]
    peak: float
    theirs: list[float]
    steps: dict[str, float]


def measure(archive: Archive, report: Report, runs: int) -> None:
    """Index an archive `runs` times, each time with our command and with SQLite; add the results to the report."""
    size = archive.size
    imported = _import(archive)
    done = _run(archive, runs)
    ours, theirs, forms = median(done.ours), median(done.theirs), done.steps["writing forms"]
    report.note(HOW)
    report.add("index", size, "ours", "import", imported, "s")
    report.add("index", size, "ours", "full index from HTML", ours, "s")
    report.add("index", size, "ours", "peak memory", done.peak, "MB")
    report.add("index", size, "SQLite FTS5", "full index from HTML", theirs, "s")
    for step, seconds in done.steps.items():
        report.add("index", size, "SQLite FTS5", step, seconds, "s")
    sizes = {"ours": _size(archive.settings.index), "SQLite FTS5": _size(archive.sqlite)}
    if archive.tantivy.exists():
        sizes["tantivy"] = _size(archive.tantivy)
    for name, megabytes in sizes.items():
        report.add("index", size, name, "index on disk", megabytes, "MB")
    steps = ", ".join(f"{step} {shown(seconds)}" for step, seconds in done.steps.items())
    report.table(
        f"Indexing, {size:,} pages",
        ("", "measured"),
        [
            ("import of saved pages (read, parse, store)", f"{shown(imported)} s"),
            ("our full index, parsing included", f"{shown(ours)} s ({', '.join(map(shown, done.ours))})"),
            ("SQLite FTS5, one process", f"{shown(theirs)} s ({', '.join(map(shown, done.theirs))})"),
            ("of which", steps),
            ("our time / time of FTS5", f"{shown(ours / theirs)} ×"),
            ("the same, without written forms in FTS5", f"{shown(ours / (theirs - forms))} ×"),
            ("our peak memory, with children", f"{shown(done.peak)} MB"),
            ("on disk", ", ".join(f"{name} {shown(megabytes)} MB" for name, megabytes in sizes.items())),
        ],
    )
    if size >= 10_000:
        report.aim("full index, relative to FTS5’s", size, ours / theirs, TIMES_FTS5, "×")
    report.aim("peak memory of a full index", size, done.peak, PEAK_MB, "MB")


def _import(archive: Archive) -> float:
    folder = archive.folder / "scratch"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        return watched(command(settings_in(folder), "import", str(archive.pages)), ROOT).seconds
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(archive: Archive, runs: int) -> _Runs:
    ours, theirs, peak = [], [], 0.0
    steps: dict[str, list[float]] = {step: [] for step in plain_index.STEPS}
    with scratch(archive, index=False) as settings:
        file = settings.corpus.parent / "plain.sqlite"
        plain = [sys.executable, "-m", plain_index.__name__, str(settings.corpus), str(file), settings.site_url]
        for _ in range(runs):
            shutil.rmtree(settings.index, ignore_errors=True)
            ran = watched(command(settings, "index", "--full"), ROOT)
            ours.append(ran.seconds)
            peak = max(peak, ran.peak)
            ran = watched(plain, ROOT)
            theirs.append(ran.seconds)
            for step, seconds in json.loads(ran.output).items():
                steps[step].append(seconds)
    return _Runs(ours, peak, theirs, {step: median(taken) for step, taken in steps.items()})


def _size(path: Path) -> float:
    """Return the megabytes of a file, or of a folder without its ``.sqlite`` caches; hard links are counted once."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    files = [file for file in files if file == path or file.suffix != ".sqlite"]
    return sum({file.stat().st_ino: file.stat().st_size for file in files}.values()) / 1e6
