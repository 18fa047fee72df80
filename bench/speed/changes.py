"""Ten pages change in a large archive: the time until they are found, and the effect on searches meanwhile."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from bench.speed import reader
from bench.speed.indexing import scratch
from bench.speed.measuring import percentile
from bench.speed.pages import ROOT, Archive, run
from bench.speed.report import Report, shown
from indexer.analysis import default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from indexer.query import SearchRequest
from indexer.resource import Audience
from indexer.settings import Settings

PAGES = 10
MOST_S = 3.0
TIMES_AT_REST = 3.0
AT_REST_S = 10.0
AFTER_S = 2.0
_WORD = "zyxobulaire"
HOW = (
    f"Changes: {PAGES} pages get a new paragraph with a word that no other page contains and are imported, then "
    "`run.py index` runs while another process, the reader, searches again 5 ms after each answer. « Searchable » is "
    "the time from the start of `run.py index` until a search in an engine that was already open finds all of them. "
    f"The reader’s p99 during the run includes the {AFTER_S:.0f} s after it, in which the reader opens the new "
    "generation."
)


def measure(archive: Archive, report: Report) -> None:
    """Measure how soon ten changed pages are found, and how long searches take meanwhile; add both to the report."""
    size = archive.size
    queries = archive.folder / "peers" / "queries.json"
    with scratch(archive, index=True) as settings:
        engine = EmbeddedEngine(settings.index, default_analyzer())
        assert _found(engine) == 0, "the word that marks changed pages is in the archive already"
        changed = _change(archive, settings.corpus.parent / archive.pages.name)
        reading = subprocess.Popen(
            [sys.executable, "-m", reader.__name__, str(settings.index), str(queries)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert reading.stdout is not None
        reading.stdout.readline()  # waits until it has warmed up
        begun = time.monotonic()
        time.sleep(AT_REST_S)
        imported = run(settings, "import", str(changed))
        indexing = time.monotonic()
        searchable = _index(settings, engine)
        time.sleep(AFTER_S)
        ended = time.monotonic()
        output, _ = reading.communicate("stop\n")
        engine.close()
    calls: list[tuple[float, float]] = json.loads(output)
    at_rest = percentile([taken for at, taken in calls if begun <= at < begun + AT_REST_S], 0.99)
    meanwhile = [taken for at, taken in calls if indexing <= at < ended]
    p99 = percentile(meanwhile, 0.99)
    report.note(HOW)
    for measure, value, unit in (
        ("import of ten changed pages", imported, "s"),
        ("ten changed pages searchable", searchable, "s"),
        ("reader p99 at rest", at_rest, "ms"),
        ("reader p99 during a reindex", p99, "ms"),
        ("reader slowest during a reindex", max(meanwhile), "ms"),
    ):
        report.add("changes", size, "ours", measure, value, unit)
    report.table(
        f"Ten changed pages of {size:,}",
        ("", "measured"),
        [
            ("import of these pages", f"{shown(imported)} s"),
            ("from `run.py index` to searchable", f"{shown(searchable)} s"),
            ("reader’s p99 at rest", f"{shown(at_rest)} ms"),
            (
                "reader’s p99 during the run",
                f"{shown(p99)} ms (slowest {shown(max(meanwhile))} ms of {len(meanwhile):,} searches)",
            ),
        ],
    )
    report.aim("ten changed pages searchable", size, searchable, MOST_S, "s")
    report.aim("reader’s p99 during a reindex, relative to that at rest", size, p99 / at_rest, TIMES_AT_REST, "×")


def _change(archive: Archive, folder: Path) -> Path:
    """Write changed copies of ten pages, spread over the archive, to `folder` under the same paths; return `folder`."""
    pages = sorted(archive.pages.rglob("*.html"))
    for page in pages[:: max(1, len(pages) // PAGES)][:PAGES]:
        target = folder / page.relative_to(archive.pages)
        target.parent.mkdir(parents=True, exist_ok=True)
        html = page.read_text(encoding="utf-8")
        assert "<p>" in html, f"{page} has no paragraph to change"
        target.write_text(html.replace("<p>", f"<p>{_WORD} ", 2), encoding="utf-8")
    return folder


def _found(engine: EmbeddedEngine) -> int:
    return engine.search(SearchRequest(Audience.MEMBER, _WORD, snippets=False)).total


def _index(settings: Settings, engine: EmbeddedEngine) -> float:
    """Index the changes; return the seconds until all of them are found."""
    began = time.perf_counter()
    run(settings, "index")
    found = _found(engine)
    assert found == PAGES, f"{found} of {PAGES} changed pages are found"
    return time.perf_counter() - began
