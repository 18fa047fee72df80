"""What counting requests costs: `python -m bench.rates` prints microseconds a request, for one worker and for four."""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

from indexer.settings import Rate
from search_app.web.rate_limit import RateLimiter

REQUESTS = 20_000
WORKERS = (1, 4)


def counted(path: Path) -> float:
    """Seconds that one worker takes to count `REQUESTS` requests of 256 readers."""
    rates = RateLimiter(path, Rate(10**6, 60), b"k" * 32)
    began = time.perf_counter()
    for number in range(REQUESTS):
        rates.wait(f"address 192.0.2.{number % 256}")
    return time.perf_counter() - began


def main() -> int:
    """Print a table."""
    print("| workers at once | microseconds a request |\n|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for workers in WORKERS:
            with multiprocessing.get_context("spawn").Pool(workers) as pool:
                took = pool.map(counted, [Path(folder) / "rates.bin"] * workers, chunksize=1)
            print(f"| {workers} | {max(took) / REQUESTS * 1e6:.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
