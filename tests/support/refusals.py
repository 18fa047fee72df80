"""Makes the system refuse to open files, in this process: by a faked error, or by a limit that is really reached."""

from __future__ import annotations

import builtins
import gc
import io
import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_OPENERS = ((io, "open"), (builtins, "open"), (os, "open"), (os, "listdir"), (os, "scandir"), (os, "mkdir"))


@contextmanager
def refusing(folder: Path, error: int) -> Iterator[None]:
    """Make every call that opens, lists or creates something below a folder fail; `error` is the errno."""

    def wrap(call: Callable[..., Any]) -> Callable[..., Any]:
        def refused(path: Any = ".", *args: Any, **options: Any) -> Any:
            if isinstance(path, str | os.PathLike) and Path(path).is_relative_to(folder):
                raise OSError(error, os.strerror(error), str(path))
            return call(path, *args, **options)

        return refused

    with pytest.MonkeyPatch.context() as patch:
        for module, name in _OPENERS:
            patch.setattr(module, name, wrap(getattr(module, name)))
        yield


@contextmanager
def descriptors(free: int) -> Iterator[None]:
    """Limit this process to a number of further file descriptors."""
    gc.collect()  # closes the arrays of engines that no test holds any more
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = max(int(name) for name in os.listdir("/proc/self/fd")) + 1
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(taken - len(os.listdir("/proc/self/fd")) + 1)]
    limit = max(int(name) for name in os.listdir("/proc/self/fd")) + free
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for handle in held:
            os.close(handle)


def sqlite_error(name: str) -> sqlite3.Error:
    """Return an error of SQLite whose extended result code has a name, such as SQLITE_CANTOPEN_ISDIR."""
    error = sqlite3.OperationalError("unable to do it")
    error.sqlite_errorname = name
    return error
