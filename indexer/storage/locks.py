"""Waiting for the run that is at work."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from indexer.errors import IndexBusyError

Result = TypeVar("Result")
PATIENCE = 600.0
"""Seconds to wait at most."""

_PAUSE = 0.3


def when_free(work: Callable[[], Result], waiting: Callable[[], None], *, patience: float = PATIENCE) -> Result:
    """Do what takes the corpus or the index, once the run that holds them is done.

    Args:
        work: what to do.
        waiting: told once, if there is something to wait for.
        patience: seconds to wait at most.

    Raises:
        IndexBusyError: the other run is at work still.
    """
    until, told = time.monotonic() + patience, False
    while True:
        try:
            return work()
        except IndexBusyError:
            if not told:
                waiting()
                told = True
            if time.monotonic() >= until:
                raise
        time.sleep(_PAUSE)
