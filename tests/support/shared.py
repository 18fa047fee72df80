"""What is built once for a whole run of the tests, by one of its workers, and read by all of them."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import pytest

T = TypeVar("T")


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Path], T]) -> tuple[Path, T]:
    """Return a folder that the tests of all workers read, and what `build` returned when it filled that folder.

    The first worker that comes here builds; others that come meanwhile wait. Tests must not change the folder.

    Args:
        factory: pytest's factory of temporary folders, in one of which the folder is made.
        name: name of the folder, which differs from those of all other calls.
        build: fills the folder, which is empty, and returns a value that can be pickled.
    """
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # that of the run; each worker has a folder in it
    folder, result = root / f"shared-{name}", root / f"shared-{name}.pickle"
    with (root / f"shared-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not result.exists():
            folder.mkdir()
            value = build(folder)
            result.write_bytes(pickle.dumps(value))
    return folder, cast("T", pickle.loads(result.read_bytes()))
