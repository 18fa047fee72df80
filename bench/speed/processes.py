"""Processes and their memory, as Linux counts it (/proc)."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.speed.pages import say

_PROC = Path("/proc")
_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of a process, in megabytes (10⁶ bytes).

    Attributes:
        resident: all pages in memory, including mapped files (RSS).
        proportional: the same, with shared pages divided among the processes that share them (PSS).
        private: pages that no other process shares (USS).
    """

    resident: float
    proportional: float
    private: float


def memory(pid: int) -> Memory:
    """Return the memory that a process uses now.

    Raises:
        OSError: the process has ended, or may not be inspected.
    """
    kilobytes: dict[str, int] = {}
    for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split()[:2]
        kilobytes[name.rstrip(":")] = int(value)
    private = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return Memory(kilobytes["Rss"] * 1.024e-3, kilobytes["Pss"] * 1.024e-3, private * 1.024e-3)


def memories(pids: Iterable[int]) -> list[Memory]:
    """Return the memory of each of some processes, except those that have ended."""
    found = []
    for pid in pids:
        try:
            found.append(memory(pid))
        except OSError:
            continue  # ended meanwhile
    return found


def children(pid: int) -> list[int]:
    """Return the ids of the running children of a process."""
    found: list[int] = []
    for task in (_PROC / str(pid) / "task").glob("*"):
        found += map(int, (task / "children").read_text().split())
    return found


def _family(pid: int) -> list[int]:
    members = [pid]
    for member in members:
        try:
            members += children(member)
        except OSError:
            continue  # ended meanwhile
    return members


@dataclass(frozen=True, slots=True)
class Ran:
    """The measurements of a finished command.

    Attributes:
        seconds: duration, including the start of the interpreter.
        peak: peak memory of the command and its children in megabytes (sum of PSS, sampled ten times a second).
        output: what it printed.
    """

    seconds: float
    peak: float
    output: str


def watched(command: Sequence[str], cwd: Path) -> Ran:
    """Run a command and watch its memory, children included.

    Args:
        command: program and arguments.
        cwd: folder to run it in.

    Raises:
        subprocess.CalledProcessError: it failed; what it said is on standard error.
    """
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = 0.0
    ended = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not ended.wait(_EVERY_S):
            peak = max(peak, sum(used.proportional for used in memories(_family(process.pid))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        output, said = process.communicate()
        seconds = time.perf_counter() - began
    finally:
        ended.set()
        watcher.join()
    if process.returncode:
        say(said)
        raise subprocess.CalledProcessError(process.returncode, list(command), output, said)
    return Ran(seconds, peak, output)
