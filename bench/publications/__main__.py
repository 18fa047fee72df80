"""`python -m bench.publications`: searches and indexing of publications, beside SQLite FTS5 and tantivy."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from bench.publications import indexes, making
from bench.publications.peers import SqlitePages, TantivyPages
from bench.speed import queries
from bench.speed.base import Contestant, Query
from bench.speed.measuring import interleaved, percentile
from bench.speed.pages import say
from bench.speed.report import shown
from bench.speed.tantivy_peer import available as tantivy_available
from indexer.analysis import default_analyzer
from indexer.document.pages import Page
from indexer.engine import DocumentPages
from indexer.engine.embedded import EmbeddedEngine
from indexer.query import SearchRequest, SearchResponse
from indexer.resource import Audience


class Ours:
    """A contestant of the bench: our own engine, searched as a member.

    Args:
        folder: folder of the bench.
        index: name of the index in the folder.
        passages: whether hits carry snippets, of the resource and of its pages.
    """

    def __init__(self, folder: Path, index: str, *, passages: bool) -> None:
        self.name = "ours" if index == "ours" else "ours, resources only"
        self._texts = making.RealTexts(folder / "texts.sqlite")
        self.engine = EmbeddedEngine(folder / index, default_analyzer(), texts=self._texts)
        self.engine._respell = lambda side, text: None  # type: ignore[method-assign]  # the others correct nothing
        self._passages = passages

    def search(self, query: Query, /) -> SearchResponse:
        """Answer a query with the call that the site makes."""
        types = () if query.type is None else (query.type,)
        years = () if query.year is None else (query.year,)
        return self.engine.search(
            SearchRequest(Audience.MEMBER, query.text, types=types, years=years, snippets=self._passages)
        )

    def forget(self) -> None:
        """Do nothing: the engine caches no sets of hits."""

    def close(self) -> None:
        """Release files."""
        self.engine.close()
        self._texts.close()


def measure_searches(folder: Path, rounds: int) -> None:
    """Print the times of searches of every kind of query, with hits that give page numbers only, or snippets too."""
    asked = queries.load(folder / "queries.json")
    for passages in (False, True):
        contestants: list[Contestant] = [
            Ours(folder, "ours", passages=passages),
            SqlitePages(folder / "sqlite.db", passages=passages),
        ]
        if tantivy_available():
            contestants.append(TantivyPages(folder / "tantivy", passages=passages))
        contestants.append(Ours(folder, "plain", passages=passages))
        try:
            interleaved(contestants, asked, 1)
            timings = interleaved(contestants, asked, rounds)
        finally:
            for one in contestants:
                one.close()
        print(
            f"\n| {'with passages' if passages else 'page numbers'}, p50 / p95 in ms | "
            + " | ".join(c.name for c in contestants)
            + " |"
        )
        print("|---|" + "---:|" * len(contestants))
        for kind in (*dict.fromkeys(query.kind for query in asked), None):
            cells = [
                " / ".join(shown(percentile(timings.typical(one.name, kind), share)) for share in (0.5, 0.95))
                for one in contestants
            ]
            print(f"| {kind or 'all'} | " + " | ".join(cells) + " |", flush=True)


def measure_indexing(folder: Path, count: int) -> None:
    """Write the index of each engine over `count` publications; print the time, memory and disk space that it took."""
    pages = count * making.PAGES
    print("\n| index | CPU a page (ms) | seconds | peak memory (MB) | bytes a page |\n|---|---:|---:|---:|---:|")
    for name in ("ours", "plain", *(["tantivy"] if tantivy_available() else []), "sqlite", "queries"):
        say(f"writing {name}")
        took = indexes.run(folder, count, name)
        size = _size(folder, name)
        if name != "queries":
            cells = f"{1000 * took['cpu'] / pages:.2f}", *(f"{took[one]:.0f}" for one in ("seconds", "peak"))
            print(f"| {name} | {' | '.join(cells)} | {size / pages:.0f} |", flush=True)


def _size(folder: Path, name: str) -> int:
    place = folder / f"{name}.db" if name == "sqlite" else folder / name
    files = [place] if place.is_file() else [file for file in place.rglob("*") if file.is_file()]
    # Stored resources are kept apart, and so is the text of pages.
    held = {file.stat().st_ino: file.stat().st_size for file in files if "records" not in file.parts}
    return sum(held.values())


def measure_one_more(folder: Path, count: int) -> None:
    """Print the seconds until a new publication is found; `count` is the number of publications of the archive."""
    engine = EmbeddedEngine(folder / "ours", default_analyzer())
    resource, texts = next(making.resources(folder, count))
    pages = tuple(Page(page.number, None, page.text + " pamplemoussier") for page in texts[0].pages)
    began = time.perf_counter()
    with engine.writer(fresh=False) as writer:
        writer.put(resource, (DocumentPages(1, pages),))
    found = engine.search(SearchRequest(Audience.STAFF, "pamplemoussier"))
    seconds = time.perf_counter() - began
    engine.close()
    print(f"\nOne more publication of {len(pages)} pages, searchable ({found.total} hit): {seconds:.1f} s.")


def main() -> int:
    """Run the bench, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.publications", description=__doc__)
    parser.add_argument("--publications", type=int, default=3_000, metavar="N", help="how many, of sixty pages each")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="timed calls of each query")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "bench-publications", metavar="DIR")
    parser.add_argument("--keep", action="store_true", help="measure searches on the indexes of the last run")
    args = parser.parse_args()
    if not making.available():
        print(f"{making.SHARED} is not there: nothing to measure.")
        return 1
    folder = args.work / str(args.publications)
    folder.mkdir(parents=True, exist_ok=True)
    making.make(folder, args.publications)
    print(f"{args.publications} publications, {args.publications * making.PAGES} pages.")
    if not args.keep:
        measure_indexing(folder, args.publications)
    measure_searches(folder, args.rounds)
    if not args.keep:
        measure_one_more(folder, args.publications)
    return 0


if __name__ == "__main__":
    sys.exit(main())
