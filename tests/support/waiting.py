"""How tests wait for what takes its time, and for ports: nothing here measures, it only ends what hangs."""

from __future__ import annotations

import random
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 300.0
"""Seconds after which something that has not happened never will, on the busiest machine."""

PATIENCE_MS = 300_000


def wait_until(condition: Callable[[], object], what: str = "it never happens") -> None:
    """Wait until something is true."""
    limit = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limit, what
        time.sleep(0.01)


def free_port() -> int:
    """Return a port of 127.0.0.1 for a server that is about to start; no other test is given it.

    A port that the system picks may be somebody's a moment later, as the near end of any connection on the machine:
    this one is outside the range that it picks from.
    """
    last = _first_of_the_system()
    first = 20_000 if last > 21_000 else last  # lower ones have known uses, which browsers refuse to ask
    last = max(last, first + 10_000)
    while True:
        port = random.SystemRandom().randrange(first, last)
        if reserve(port):
            return port


def reserve(port: int) -> bool:
    """Keep a port from the tests of other processes until this one ends; False if it is not to be had."""
    lock = socket.socket(socket.AF_UNIX)
    try:
        if sys.platform == "linux":  # a name without a file: it goes with the process that has it
            lock.bind(f"\0rtes-test-port-{port}")
        with socket.create_server(("127.0.0.1", port)):
            pass
    except OSError:
        lock.close()
        return False
    lock.detach()  # until the process ends
    return True


def _first_of_the_system() -> int:
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        return 32_768
