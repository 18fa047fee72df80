"""The command line of the speed bench."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import platform
import shlex
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.speed import changes, growth, indexing, opening, search, site
from bench.speed.pages import Archive, prepared, say, source
from bench.speed.report import Report
from bench.speed.tantivy_peer import available as tantivy_available

PARTS = ("search", "opening", "site", "index", "changes")
SIZES = (1_000, 10_000, 100_000)
LARGE = 10_000


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line `python -m bench`."""
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
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw how costs grow (two sizes or more)")
    parser.add_argument("--scaling", type=Path, metavar="FILE", help="write what larger archives would take")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark, and return the exit status, which is 0 even if a target was missed."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    args = make_parser().parse_args(arguments)
    report = Report(shlex.join(["python", "-m", "bench", *arguments]))
    report.note(f"Pages: {source()}. {environment()}")
    if not tantivy_available():
        report.note("tantivy is not installed (pip install -r bench/requirements.txt): left out.")
    for size in args.pages:
        with prepared(args.work.resolve(), size) as archive:
            for part in args.only:
                say(f"{size} pages: {part}")
                measure(part, archive, report, args)
                if args.json is not None:  # written after each part, so that an interrupted run of an hour is not lost
                    args.json.write_text(report.json(), encoding="utf-8")
    growth.tell(report)
    if args.svg is not None:
        args.svg.write_text(growth.plot(report), encoding="utf-8")
    print(report.markdown(None), end="")
    if args.markdown is not None:
        picture = None if args.svg is None else growth.link(args.svg, args.markdown)
        args.markdown.write_text(report.markdown(picture), encoding="utf-8")
    if args.scaling is not None:
        args.scaling.write_text(growth.scaling(report, args.svg, args.scaling), encoding="utf-8")
    return 0


def measure(part: str, archive: Archive, report: Report, args: argparse.Namespace) -> None:
    """Measure one part of the bench, one of `PARTS`, on one archive, and add the results to the report."""
    if part == "search":
        search.measure(archive, report, args.rounds)
    elif part == "opening":
        opening.measure(archive, report)
    elif part == "site":
        site.measure(archive, report, args.rounds)
    elif part == "index":
        indexing.measure(archive, report, args.index_runs if archive.size <= LARGE else 1)
    else:
        changes.measure(archive, report)


def environment() -> str:
    """Return a sentence on the machine and the versions that the figures depend on."""
    tantivy = importlib.metadata.version("tantivy") if tantivy_available() else "not installed"
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{os.cpu_count()} cores, {gigabytes:.0f} GB of memory; Python {platform.python_version()}, "
        f"numpy {importlib.metadata.version('numpy')}, SQLite {sqlite3.sqlite_version}, tantivy {tantivy}."
    )
