"""Take file locks, and wait for them. The system releases a lock when its process ends, even if it is killed."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from indexer.errors import IndexBusyError

Result = TypeVar("Result")
PATIENCE = 600.0
"""Largest number of seconds that `wait_until_free` waits, by default."""

_PAUSE = 0.3


@contextmanager
def holding(path: Path, *, busy: str) -> Iterator[None]:
    """Hold a file's lock.

    Args:
        path: the file; made if it does not exist, its folder must.
        busy: French sentence of the error that is raised if another process holds it.

    Raises:
        IndexBusyError: another process holds it.
        OSError: the file cannot be opened.
    """
    handle = acquire(path)
    if handle is None:
        raise IndexBusyError(busy)
    try:
        yield
    finally:
        os.close(handle)


def acquire(path: Path) -> int | None:
    """Take a file's lock if it is free, without waiting.

    Args:
        path: the file; made if it does not exist, its folder must.

    Returns:
        The descriptor of the open file, or None if another process holds the lock. Closing the descriptor releases the
        lock, once no child process has it open either.

    Raises:
        OSError: the file cannot be opened.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    except BaseException:
        os.close(handle)
        raise
    return handle


def wait_until_free(work: Callable[[], Result], waiting: Callable[[], None], *, patience: float = PATIENCE) -> Result:
    """Do work that locks the corpus or the index, after waiting for the run that holds them, if any.

    Args:
        work: the function to call; it raises `IndexBusyError` if another run holds the lock.
        waiting: called once if it has to wait.
        patience: largest number of seconds to wait.

    Raises:
        IndexBusyError: the other run still holds the lock after that time.
    """
    until, said = time.monotonic() + patience, False
    while True:
        try:
            return work()
        except IndexBusyError:
            if not said:
                waiting()
                said = True
            if time.monotonic() >= until:
                raise
        time.sleep(_PAUSE)
