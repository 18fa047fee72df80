"""Search latency of the three engines, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from bench.speed.base import Contestant, Kind, Query
from bench.speed.measuring import Timings, interleaved, median, percentile
from bench.speed.ours import Ours
from bench.speed.pages import Archive
from bench.speed.report import Report, shown
from bench.speed.sqlite import SqlitePeer
from bench.speed.tantivy_peer import TantivyPeer
from bench.speed.tantivy_peer import available as tantivy_available

ROUNDS = 7
AIMED_FROM = 10_000
"""Pages from which our p95 is compared with tantivy's; below, what Python costs a call is most of it."""
GRACE_MS = 0.3
"""What our p95 of one kind may exceed SQLite's by."""


def contestants(archive: Archive) -> list[Contestant]:
    """All engines, open on the same archive."""
    index = archive.settings.index
    tantivy = [TantivyPeer(archive.tantivy)] if tantivy_available() else []
    # Ours not twice in a row: the second would find the processor's caches filled by the first.
    return [Ours(index), SqlitePeer(archive.sqlite), Ours(index, forgetful=True), *tantivy]


def measure(archive: Archive, report: Report, rounds: int = ROUNDS) -> Timings:
    """Measure and report; gives the warm timings."""
    queries, engines = archive.queries(), contestants(archive)
    try:
        first = interleaved(engines, queries, 1)
        disagreements = disagreeing(engines, queries)
        interleaved(engines, queries, 1)
        warm = interleaved(engines, queries, rounds)
    finally:
        for engine in engines:
            engine.close()
    _tell(archive, report, engines, queries, first, warm)
    report.notes.append(
        f"{archive.size:,} pages: totals and all facet counts of {len(queries) - len(disagreements)} of {len(queries)} "
        "queries are the same in all engines" + ("." if not disagreements else ":\n\n" + "\n".join(disagreements))
    )
    return warm


def disagreeing(engines: Sequence[Contestant], queries: Sequence[Query]) -> list[str]:
    """A line for each query that the engines do not answer alike."""
    lines = []
    for query in queries:
        answers = {engine.name: engine.answer(engine.search(query)) for engine in engines}
        seen = {
            (a.total, tuple(tuple(sorted(a.facets[f].items())) for f in sorted(a.facets))) for a in answers.values()
        }
        if len(seen) > 1:
            totals = ", ".join(f"{name} {answer.total}" for name, answer in answers.items())
            lines.append(f"- {query.kind} `{query.text}` ({query.type}, {query.year}): {totals}")
    return lines


def _tell(
    archive: Archive,
    report: Report,
    engines: Sequence[Contestant],
    queries: Sequence[Query],
    first: Timings,
    warm: Timings,
) -> None:
    size = archive.size
    names = [engine.name for engine in engines]
    kinds: list[Kind | None] = [*dict.fromkeys(query.kind for query in queries), None]
    for state, timings in (("first touch", first), ("warm", warm)):
        rows = []
        for kind in kinds:
            called = "all" if kind is None else kind.value
            row = [called]
            for name in names:
                taken = timings.of(name, kind)
                for measure, value in (
                    ("p50", median(taken)),
                    ("p95", percentile(taken, 0.95)),
                    ("p99", percentile(taken, 0.99)),
                ):
                    report.add("search", size, name, f"{state}, {called}, {measure}", value, "ms")
                row.append(" / ".join(shown(p) for p in (median(taken), *(percentile(taken, s) for s in (0.95, 0.99)))))
            rows.append(row)
        report.table(f"Search, {size:,} pages, {state}: p50 / p95 / p99, ms", ("", *names), rows)
    ours, _, emptied = names[:3]
    p95 = {name: percentile(warm.of(name), 0.95) for name in names}
    if TantivyPeer.name in names and size >= AIMED_FROM:
        reference = p95[TantivyPeer.name]
        report.aim("p95 of all queries, warm, over tantivy’s", size, p95[ours] / reference, 0.5, "×")
        limit = 1.0 if size <= 10_000 else 1.2
        report.aim("p95 of all queries, caches emptied, over tantivy’s", size, p95[emptied] / reference, limit, "×")
    for kind in kinds[:-1]:
        mine, theirs = (percentile(warm.of(name, kind), 0.95) for name in (ours, SqlitePeer.name))
        report.aim(f"p95, {kind}, against SQLite’s + {GRACE_MS} ms", size, mine, theirs + GRACE_MS, "ms")
