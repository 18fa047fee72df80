"""Speed of the French analysis in one process: `python -m bench.analysis`.

Reads the practical sheets (a public data set, see `bench.fiches`) if they are beside the checkout, else the
demonstration archive.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from pathlib import Path

from indexer.analysis import Analyzer

ROOT = Path(__file__).resolve().parents[1]
SHEETS = ROOT.parent / "shared" / "fiches" / "docs.jsonl.gz"
EXAMPLE = ROOT / "corpus" / "exemple"


def texts() -> list[str]:
    """Return the practical sheets, else the pages of the demonstration archive; empty if both are absent."""
    if SHEETS.exists():
        with gzip.open(SHEETS, "rt", encoding="utf-8") as lines:
            return [json.loads(line)["body"] for line in lines]
    return [path.read_text(encoding="utf-8", errors="replace") for path in sorted(EXAMPLE.rglob("*.html"))]


def main() -> int:
    """Print megabytes per second with an empty and with a filled cache of words, and return the exit status."""
    found = texts()
    if not found:
        print(f"Nothing to analyse: neither {SHEETS} nor {EXAMPLE} is there.", file=sys.stderr)
        return 1
    size = sum(len(text.encode()) for text in found) / 1e6
    analyzer = Analyzer()
    print(f"{len(found)} texts, {size:.1f} MB of UTF-8")
    for name in ("first pass", "second pass"):
        begun = time.perf_counter()
        count = sum(len(analyzer.tokens(text)) for text in found)
        spent = time.perf_counter() - begun
        print(f"{name}: {size / spent:.2f} MB/s, {count / spent / 1000:.0f} thousand tokens/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
