"""Opening a generation (a complete version of our index): the time until the engine answers a search."""

from __future__ import annotations

import time
from collections.abc import Sequence

from bench.speed.base import Query
from bench.speed.measuring import median
from bench.speed.ours import Ours
from bench.speed.pages import Archive
from bench.speed.report import Report, shown

TIMES = 5
HOW = (
    "Opening: an engine is opened on a complete generation whose files are in the system’s page cache, as after a "
    f"switch to it, and answers one query of each kind, for members and with empty caches; median of {TIMES}."
)


def measure(archive: Archive, report: Report) -> None:
    """Measure how long an engine takes to open the index of an archive; add the results to the report."""
    size = archive.size
    firsts = list({query.kind: query for query in reversed(archive.queries())}.values())
    runs = [_open(archive, firsts) for _ in range(TIMES)]
    opened, answered, all_kinds = (median(column) for column in zip(*runs, strict=True))
    report.note(HOW)
    rows = []
    for what, seconds in (
        ("opened", opened),
        ("and the first query answered", answered),
        ("and one query of each kind answered", all_kinds),
    ):
        report.add("opening", size, "ours", what, seconds, "s")
        rows.append((what, f"{shown(seconds)} s"))
    report.table(f"Opening a generation of {size:,} pages", ("", "measured"), rows)
    report.aim("generation opened, one query of each kind answered", size, all_kinds, limit(size), "s")


def limit(size: int) -> float:
    """Return the number of seconds that opening the index of an archive with `size` pages may take."""
    return 0.5 if size <= 10_000 else 2.5


def _open(archive: Archive, queries: Sequence[Query]) -> tuple[float, float, float]:
    began = time.perf_counter()
    ours = Ours(archive.settings.index)
    ours.engine.status()
    opened = time.perf_counter() - began
    marks = []
    for query in queries:
        ours.search(query)
        marks.append(time.perf_counter() - began)
    ours.close()
    return opened, marks[0], marks[-1]
