"""A subprocess of the benchmark: searches until its standard input closes, then prints the time and duration of each
search.

`python -m bench.speed.reader INDEX QUERIES` prints a line when it is warm; at the end, JSON: [[when, ms], …], `when` on
the machine's monotonic clock.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from itertools import cycle
from pathlib import Path

from bench.speed import queries
from bench.speed.ours import Ours

PAUSE_S = 0.005
"""Seconds between two searches, which gives some 180 searches a second."""


def read(index: Path, path: Path) -> list[tuple[float, float]]:
    """Search until standard input closes.

    Args:
        index: the index folder.
        path: the queries' file.

    Returns:
        When each search began, and how many milliseconds it took.
    """
    ours, asked = Ours(index), queries.load(path)
    for query in asked * 2:
        ours.search(query)
    stopped = threading.Event()

    def wait() -> None:
        sys.stdin.readline()
        stopped.set()

    threading.Thread(target=wait, daemon=True).start()
    print("warm", flush=True)
    calls: list[tuple[float, float]] = []
    for query in cycle(asked):
        if stopped.is_set():
            return calls
        began, at = time.perf_counter(), time.monotonic()
        ours.search(query)
        calls.append((at, (time.perf_counter() - began) * 1000))
        time.sleep(PAUSE_S)
    return calls


if __name__ == "__main__":
    print(json.dumps(read(Path(sys.argv[1]), Path(sys.argv[2]))))
