"""The command line of the speed bench."""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.speed import changes, indexing, opening, search, site
from bench.speed.pages import prepare, say, source
from bench.speed.report import Report
from bench.speed.tantivy_peer import available as tantivy_available

PARTS = ("search", "opening", "site", "index", "changes")
SIZES = (1_000, 10_000, 100_000)
LARGE = 10_000


def make_parser() -> argparse.ArgumentParser:
    """The parser of `python -m bench`."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--pages", nargs="+", type=int, default=list(SIZES), metavar="N", help="sizes of the corpora")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts of the bench")
    parser.add_argument(
        "--work",
        type=Path,
        default=Path(tempfile.gettempdir()) / "bench-work",
        metavar="DIR",
        help="folder where pages and indexes are kept between runs",
    )
    parser.add_argument("--rounds", type=int, default=search.ROUNDS, metavar="N", help="timed calls of each query")
    parser.add_argument(
        "--index-runs", type=int, default=3, metavar="N", help=f"full indexing runs; one past {LARGE:,} pages"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the tables")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench; returns the exit status: 0 also where a target was missed, which is a result like another."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    args = make_parser().parse_args(arguments)
    report = Report(shlex.join(["python", "-m", "bench", *arguments]))
    report.note(f"Pages: {source(0)}.")
    if not tantivy_available():
        report.note("tantivy is not installed (pip install -r bench/requirements.txt): left out.")
    for size in args.pages:
        archive = prepare(args.work.resolve(), size)
        if "search" in args.only:
            say(f"{size} pages: searching")
            search.measure(archive, report, args.rounds)
        if "opening" in args.only:
            say(f"{size} pages: opening")
            opening.measure(archive, report)
        if "site" in args.only:
            say(f"{size} pages: asking the site")
            site.measure(archive, report, args.rounds)
        if "index" in args.only:
            say(f"{size} pages: indexing")
            indexing.measure(archive, report, args.index_runs if size <= LARGE else 1)
        if "changes" in args.only:
            say(f"{size} pages: changing some")
            changes.measure(archive, report)
    print(report.markdown(), end="")
    if args.json is not None:
        args.json.write_text(report.json(), encoding="utf-8")
    if args.markdown is not None:
        args.markdown.write_text(report.markdown(), encoding="utf-8")
    return 0
