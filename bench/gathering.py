"""`python -m bench.gathering`: crawl a site of resources with traps (such as a calendar without end), and print
the numbers of requests and of responses with a body, and the memory used.

The site runs in this process, the gatherer (the crawler) in another one, whose memory is measured. Resources are
pages of a given folder, such as those of `make_pages.py` (the generator of practical sheets), else short pages. There
is no delay between requests.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from bench.speed.pages import ROOT
from indexer.gathering import State
from tests.support.live_site import LiveSite, serving
from tests.support.trap_site import PER_PAGE, TRAPS, build

COOKIE = "SESS=bench"
PROGRAM = """
import json, re, sys
from pathlib import Path
from indexer.gathering import Registry, Source, State, SystemClock, checked, gather
from indexer.progress import Silent
corpus, address, cookies = sys.argv[1:]
state = State(Path(corpus))
registry = Registry(state)
file = Path(cookies) if cookies else None
source = checked(Source("bench", f"{address}/", delay=0.0, local=True, cookie_file=file))
if not registry.all():
    registry.add(source, None)
run = gather(state, source, profile=None, clock=SystemClock(), contact="bench", progress=Silent())
# Not `ru_maxrss`, which begins with what the parent process used.
used = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text("ascii"))[1]) / 1024
print(json.dumps({"came": run.came, "unchanged": run.unchanged, "mb": used}))
"""
"""Program of the child process: it gathers the site, and imports only what that needs, since its memory is measured."""


def main() -> int:
    """Run the bench, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.gathering", description=__doc__)
    parser.add_argument("--resources", type=int, default=1000, help="number of resources (1000)")
    parser.add_argument("--pages", type=Path, help="folder of pages to serve instead of short ones")
    given = parser.parse_args()
    site = LiveSite()
    with serving(site), tempfile.TemporaryDirectory() as folder:
        cookies = Path(folder) / "cookies"
        cookies.write_text(COOKIE)
        cookies.chmod(0o600)
        paths = build(site, resources=given.resources)
        pages = sorted(given.pages.rglob("*.html")) if given.pages else []
        for path, file in zip(paths, pages, strict=False):
            # Without its address, and with no link to pages that this site does not have.
            text = re.sub(r'<link rel="canonical"[^>]*>', "", file.read_text("utf-8"))
            site.put(path, re.sub(r'<a href="/[^"]*">', "<a>", text))
        listings = -(-len(paths) // PER_PAGE)
        total = len(paths) + listings + 1
        kind = f"pages of {given.pages}" if pages else "short pages"
        print(f"{len(paths)} resources ({kind}), {listings} pages of listings, a home page, and {len(TRAPS)} traps")
        for name, cookie in (("anonymous", ""), ("with credentials", str(cookies))):
            corpus = Path(folder) / name
            for run in ("first run", "second run"):
                site.forget()
                began = time.monotonic()
                told = json.loads(_child(corpus, site.address, cookie))
                seconds = time.monotonic() - began
                statuses = Counter(site.statuses)
                spent = Counter(next(trap for trap in TRAPS if one.startswith(trap)) for one in site.asked(*TRAPS))
                print(
                    f"{name}, {run}: {told['came']} new, {told['unchanged']} unchanged; "
                    f"{len(site.requests)} requests, {len(site.requests) / total:.2f} a page; "
                    f"answers with a body: {statuses[200]}; dearest trap: {max(spent.values(), default=0)}; "
                    f"{told['mb']:.0f} MB; {seconds:.1f} s"
                )
                # Pages count as imported, so that the second run asks whether they changed.
                state = State(corpus)
                with state.changing() as db:
                    db.execute("UPDATE addresses SET place = 'x' WHERE resource")
                state.close()
    return 0


def _child(corpus: Path, address: str, cookies: str) -> str:
    corpus.mkdir(exist_ok=True)
    command = [sys.executable, "-c", PROGRAM, str(corpus), address, cookies]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


if __name__ == "__main__":
    sys.exit(main())
