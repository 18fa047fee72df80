"""Job processes that are forked from a process which has imported everything.

They are processes like those that the site starts: with a session, a log and a lock of their own, and killed by their
number. Only Python and its modules are not loaded again for each, which takes longer than the job of a test.

The process from which they are forked imports this module.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any

import pytest

from indexer.analysis import default_analyzer
from indexer.settings import ROOT
from indexer.territories import recogniser
from search_app import cli
from search_app.cli import archive, serve
from search_app.jobs import worker
from tests.support.quick_disk import skip_flushes

__all__ = ["ForkedJob", "archive", "serve", "worker"]  # importing these modules imports all that jobs need

# Children inherit both.
default_analyzer()
recogniser()

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([__name__])


class _Descriptor:
    """A file descriptor of this process, of which the child gets a copy."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, (DupFd(self._number),)


def _received(sent: Any) -> int:
    return int(sent.detach())


class ForkedJob:
    """Takes the place of `subprocess.Popen` where jobs are started."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        stdin: int,
        stdout: int,
        stderr: int,
        pass_fds: Sequence[int],
        start_new_session: bool,
        cwd: Path,
    ) -> None:
        assert list(command[:2]) == [sys.executable, str(ROOT / "run.py")]
        assert (stdout, start_new_session) == (stderr, True)
        kept = [_Descriptor(number) for number in pass_fds]
        self._process = _forks.Process(
            target=_run, args=(command[2:], cwd, dict(os.environ), _Descriptor(stdout), kept)
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """The id of the process of the job."""
        assert self._process.pid is not None
        return self._process.pid

    def wait(self) -> None:
        """Wait until the process ends."""
        self._process.join()


def _run(arguments: Sequence[str], folder: Path, environment: Mapping[str, str], log: int, kept: Sequence[int]) -> None:
    """Run a job in the forked child, which does what `subprocess.Popen` and run.py do for a real one; never return.

    Args:
        arguments: the command line, without the program.
        folder: working folder.
        environment: environment variables, in place of those of the parent.
        log: file descriptor for standard output and standard error.
        kept: descriptors that this argument keeps open until the process ends.
    """
    skip_flushes(pytest.MonkeyPatch())
    os.setsid()
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.exit(cli.main(arguments))
