"""Search latency of the three engines, side by side."""

from __future__ import annotations

from collections.abc import Sequence

from bench.speed.base import Contestant, Kind, Query
from bench.speed.measuring import Timings, interleaved, percentile
from bench.speed.ours import Ours
from bench.speed.pages import Archive
from bench.speed.report import Report, shown
from bench.speed.sqlite import SqlitePeer
from bench.speed.tantivy_peer import TantivyPeer
from bench.speed.tantivy_peer import available as tantivy_available

ROUNDS = 9
AIMED_FROM = 10_000
"""Number of pages from which our p95 is compared with tantivy's; in smaller archives, the overhead of Python calls
dominates.
"""
GRACE_MS = 0.3
"""Milliseconds by which our p95 of one kind may exceed SQLite's."""
WARM = "warm"
EMPTIED = "caches emptied"
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
HOW = (
    "Search times: all resources (as for members), the ten best hits with titles, total and four facets, without "
    "snippets and spelling corrections; no engine caches results or sets of hits. Our engine gets the query as typed, "
    "the others its index terms. Every query is sent to each engine in turn, in random order, {rounds} times after two "
    "rounds of warm-up. The time of a query is the median of its calls, and percentiles are over queries. « First "
    "touch » is the first call of each query after opening. For « caches emptied », all engines are measured again, "
    "and ours drops before each call its caches of parsed queries, analysed words, postings, positions and stored "
    "rows. Garbage collection is off during timing."
)
CHOSEN = (
    "Choice of queries, and what may bias the comparison: the words of pairs, triples and filtered queries are among "
    "the 200 most frequent. We decided on this mix, and on percentiles over the median of each query rather than over "
    "single calls (which the last row shows), after seeing first results; the same is true of the random order, since "
    "the engine that always came after SQLite was slower by a third. Queries with many hits favour arrays that are "
    "read as a whole. Of several configurations of tantivy, the fastest was kept. SQLite counts facets in SQL; "
    "counting them with numpy from its row numbers would be faster."
)


def contestants(archive: Archive, *, forgetful: bool) -> list[Contestant]:
    """Return all engines, opened on the same archive; if `forgetful`, ours empties its caches before each query."""
    tantivy = [TantivyPeer(archive.tantivy)] if tantivy_available() else []
    return [Ours(archive.settings.index, forgetful=forgetful), SqlitePeer(archive.sqlite), *tantivy]


def measure(archive: Archive, report: Report, rounds: int) -> None:
    """Measure the search latency of all engines on one archive, and add the results to the report."""
    queries, engines = archive.queries(), contestants(archive, forgetful=False)
    try:
        first = interleaved(engines, queries, 1)
        disagreements = disagreeing(engines, queries)
        warm = interleaved(engines, queries, rounds)
    finally:
        for engine in engines:
            engine.close()
    forgetting = contestants(archive, forgetful=True)
    try:
        interleaved(forgetting, queries, 2)
        emptied = interleaved(forgetting, queries, rounds)
    finally:
        for engine in forgetting:
            engine.close()
    names = [engine.name for engine in engines]
    kinds: list[Kind | None] = [*dict.fromkeys(query.kind for query in queries), None]
    report.note(HOW.format(rounds=rounds))
    report.note(CHOSEN)
    report.note(
        f"{archive.size:,} pages: total and every facet count are the same in all engines for "
        f"{len(queries) - len(disagreements)} queries of {len(queries)}"
        + (":\n\n" + "\n".join(disagreements) if disagreements else ".")
    )
    for state, timings in (("first touch", first), (WARM, warm)):
        _tell(archive.size, report, names, kinds, state, timings)
    _tell(archive.size, report, [engine.name for engine in forgetting], kinds, EMPTIED, emptied)
    _aim(archive.size, report, kinds, warm, emptied)


def disagreeing(engines: Sequence[Contestant], queries: Sequence[Query]) -> list[str]:
    """Return a line of Markdown for each query to which the engines give different totals or facets."""
    lines = []
    for query in queries:
        answers = {engine.name: engine.answer(engine.search(query)) for engine in engines}
        counts = [
            (answer.total, {name: dict(facet) for name, facet in answer.facets.items()}) for answer in answers.values()
        ]
        if any(count != counts[0] for count in counts):
            totals = ", ".join(f"{name} {answer.total}" for name, answer in answers.items())
            filtered = "" if query.type is None else f", {query.type}, {query.year}"
            lines.append(f"- {query.kind} `{query.text}`{filtered}: {totals}")
    return lines


def _tell(
    size: int, report: Report, names: Sequence[str], kinds: Sequence[Kind | None], state: str, timings: Timings
) -> None:
    rows = []
    for kind in kinds:
        called = "all" if kind is None else kind.value
        row = [called]
        for name in names:
            values = [percentile(timings.typical(name, kind), share) for share in SHARES.values()]
            for measure, value in zip(SHARES, values, strict=True):
                report.add("search", size, name, f"{state}, {called}, {measure}", value, "ms")
            row.append(" / ".join(map(shown, values)))
        rows.append(row)
    if state in {WARM, EMPTIED}:
        row = ["all, single calls"]
        for name in names:
            values = [percentile(timings.calls(name), share) for share in SHARES.values()]
            for measure, value in zip(SHARES, values, strict=True):
                report.add("search", size, name, f"{state}, single calls, {measure}", value, "ms")
            row.append(" / ".join(map(shown, values)))
        rows.append(row)
    report.table(f"Search, {size:,} pages, {state}: p50 / p95 / p99 in ms", ("", *names), rows)


def _aim(size: int, report: Report, kinds: Sequence[Kind | None], warm: Timings, emptied: Timings) -> None:
    if tantivy_available() and size >= AIMED_FROM:
        for state, timings, name, limit in (
            (WARM, warm, Ours.warm, 0.5),
            (EMPTIED, emptied, Ours.emptied, 1.0 if size <= AIMED_FROM else 1.2),
        ):
            mine, theirs = (percentile(timings.typical(one), 0.95) for one in (name, TantivyPeer.name))
            report.aim(f"p95 of all queries, {state}, relative to tantivy’s", size, mine / theirs, limit, "×")
    for kind in kinds[:-1]:
        mine, theirs = (percentile(warm.typical(name, kind), 0.95) for name in (Ours.warm, SqlitePeer.name))
        report.aim(f"p95, {kind}, limit: SQLite’s + {GRACE_MS} ms", size, mine, theirs + GRACE_MS, "ms")
