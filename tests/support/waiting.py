"""Waiting in tests, and free ports. Timeouts only end tests that hang; nothing is measured."""

from __future__ import annotations

import random
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 300.0
"""Number of seconds after which a wait is given up, even on a busy machine."""

PATIENCE_MS = 300_000


def wait_until(condition: Callable[[], object], what: str = "it never happens") -> None:
    """Wait until a condition is true; after `PATIENCE`, fail with the message `what`."""
    limit = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < limit, what
        time.sleep(0.01)


def free_port() -> int:
    """Return a port of 127.0.0.1 for a server that is about to start; no other test gets it.

    A port picked by the system may be used a moment later for any outgoing connection of the machine; this one is
    outside the range that the system picks from.
    """
    last = _first_of_the_system()
    first = 20_000 if last > 21_000 else last  # lower ports have well-known uses, and browsers refuse some of them
    last = max(last, first + 10_000)
    while True:
        port = random.SystemRandom().randrange(first, last)
        if reserve(port):
            return port


def reserve(port: int) -> bool:
    """Reserve a port against test processes that run at the same time, until this process ends; return False if it is
    taken.
    """
    lock = socket.socket(socket.AF_UNIX)
    try:
        if sys.platform == "linux":  # an abstract socket name, which is freed when its process ends
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
