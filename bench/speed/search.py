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
    "Search times: members’ world (everything), ten best with titles, total and four facets, no snippets, corrections "
    "off, no answer or set of hits kept from one query to the next. Ours reads the query as typed; peers are given its "
    "index terms. Every query is put to each engine in turn, in an order drawn anew each time, {rounds} times after "
    "two rounds that warm up; a query’s time is the median of its calls, and percentiles are over queries. « First "
    "touch » is the first call of each query after opening. « Caches emptied », beside the peers once more: ours "
    "forgets before each call the queries that it read, the words that it analysed, postings, places and rows. Garbage "
    "collection is off while timing."
)
CHOSEN = (
    "How the queries were chosen: words of pairs, triples and filtered queries come from the 200 most frequent. That "
    "mix, and percentiles over each query’s median rather than over single calls (which the last row gives), were "
    "settled when first results had been seen; so was the drawn order, when it was seen that whoever always came after "
    "SQLite lost a third. Queries that find much favour arrays read as a whole. Of several set-ups of tantivy the "
    "fastest was kept. SQLite counts facets in SQL; counted from its row numbers by numpy they "
    "would cost it less."
)


def contestants(archive: Archive, *, forgetful: bool) -> list[Contestant]:
    """All engines, open on the same archive."""
    tantivy = [TantivyPeer(archive.tantivy)] if tantivy_available() else []
    return [Ours(archive.settings.index, forgetful=forgetful), SqlitePeer(archive.sqlite), *tantivy]


def measure(archive: Archive, report: Report, rounds: int) -> None:
    """Measure all engines on one archive, and report."""
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
    """Return a line for each query that the engines answer differently."""
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
            report.aim(f"p95 of all queries, {state}, over tantivy’s", size, mine / theirs, limit, "×")
    for kind in kinds[:-1]:
        mine, theirs = (percentile(warm.typical(name, kind), 0.95) for name in (Ours.warm, SqlitePeer.name))
        report.aim(f"p95, {kind}, against SQLite’s + {GRACE_MS} ms", size, mine, theirs + GRACE_MS, "ms")
