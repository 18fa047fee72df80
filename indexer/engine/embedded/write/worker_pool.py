"""Worker pools that fill shards: one shard in this process for few resources, one process per core for many."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import NamedTuple, Protocol

from indexer.analysis import Analyzer
from indexer.engine.embedded.write.shard import Shard, ShardOutput
from indexer.engine.protocol import DocumentPages
from indexer.errors import EngineError
from indexer.resource import Resource

_AHEAD = 4
"""Number of batches that may wait for a process: enough never to leave it idle, few enough for memory."""


_MAX_PROCESSES = 8
"""Largest number of worker processes; the parent process cannot feed more."""


class Put(NamedTuple):
    """A resource to write, and the pages of its publications."""

    resource: Resource
    texts: Sequence[DocumentPages] = ()

    @property
    def characters(self) -> int:
        """Number of characters of the resource's summary, its body and the pages of its publications."""
        own = len(self.resource.body or "") + len(self.resource.summary or "")
        return own + sum(len(page.text) for text in self.texts for page in text.pages)


class WorkerPool(Protocol):
    """The interface of `InProcessPool` and `ProcessPool`: accepts resources in batches, and returns what the
    shards wrote.
    """

    def add(self, batch: Sequence[Put]) -> int:
        """Hand over a batch, and return the number of the shard that writes it. Each shard writes its batches in order.

        Raises:
            EngineError: a worker process has died.
            OSError: a file cannot be written.
        """
        ...

    def finish(self) -> list[tuple[ShardOutput, ...]]:
        """Wait for all shards, and return what each wrote.

        Raises:
            EngineError: a worker process has died.
            OSError: a file cannot be written.
        """
        ...

    def cancel(self) -> None:
        """Stop the workers and discard their output; the writer deletes the files."""
        ...


class InProcessPool:
    """One shard, filled in this process.

    Args:
        folder: folder to write to.
        store: number of its first document store; later stores have the following numbers.
        analyzer: the French analysis.
    """

    def __init__(self, folder: Path, store: int, analyzer: Analyzer) -> None:
        self._shard = Shard(folder, store, 2, analyzer)

    def add(self, batch: Sequence[Put]) -> int:
        """Write a batch in this process, and return 0, the number of the only shard."""
        for put in batch:
            self._shard.add(*put)
        return 0

    def finish(self) -> list[tuple[ShardOutput, ...]]:
        """Write what the shard still holds in memory, and return all that it wrote."""
        return [self._shard.finish()]

    def cancel(self) -> None:
        """Discard the resources added; the writer deletes the files."""
        self._shard.cancel()


class ProcessPool:
    """One shard per core, each in its own process.

    Args:
        folder: folder to write to, in which each shard has its own.
        store: number of the first document store; later stores have higher numbers.
        analyzer: the French analysis.
    """

    def __init__(self, folder: Path, store: int, analyzer: Analyzer) -> None:
        # spawn, because this process may have threads, which would not survive a fork.
        context = multiprocessing.get_context("spawn")
        self._processes, self._connections = [], []
        shards = worker_count()
        for number in range(shards):
            here, there = context.Pipe()
            arguments = (there, folder / str(number), store + 2 * number, 2 * shards, analyzer)
            process = context.Process(target=_run_worker, args=arguments, daemon=True)
            process.start()
            there.close()
            self._processes.append(process)
            self._connections.append(here)
        self._waiting = [0] * len(self._connections)

    def add(self, batch: Sequence[Put]) -> int:
        """Send a batch to the process with the fewest batches waiting, and return the number of its shard.

        Waits while every process has `_AHEAD` batches waiting.
        """
        full = min(self._waiting) >= _AHEAD
        for ready in wait(self._connections, None if full else 0):
            self._hear(self._connections.index(ready))  # type: ignore[arg-type]
        chosen = min(range(len(self._waiting)), key=self._waiting.__getitem__)
        self._send(chosen, list(batch))
        self._waiting[chosen] += 1
        return chosen

    def finish(self) -> list[tuple[ShardOutput, ...]]:
        """Wait until every process has written its batches, and return what each shard wrote."""
        for number in range(len(self._connections)):
            self._send(number, None)
        filled = []
        for number in range(len(self._connections)):
            while self._waiting[number]:
                self._hear(number)
            filled.append(self._receive(number))
        self._stop()
        return filled

    def cancel(self) -> None:
        """Terminate the processes; the writer deletes the files."""
        for process in self._processes:
            process.terminate()
        self._stop()

    def _stop(self) -> None:
        for process, connection in zip(self._processes, self._connections, strict=True):
            process.join()
            connection.close()

    def _hear(self, number: int) -> None:
        self._receive(number)
        self._waiting[number] -= 1

    def _send(self, number: int, message: list[Put] | None) -> None:
        try:
            self._connections[number].send(message)
        except OSError:
            self._receive(number)  # it may have sent its error before it ended
            raise

    def _receive(self, number: int) -> tuple[ShardOutput, ...]:
        try:
            answer: tuple[ShardOutput, ...] | Exception = self._connections[number].recv()
        except (EOFError, OSError) as error:
            raise EngineError(
                "Un processus d’indexation s’est arrêté : vérifiez la mémoire libre, puis relancez la même commande."
            ) from error
        if isinstance(answer, Exception):
            raise answer
        return answer


def worker_count() -> int:
    """Return the number of shards to fill at once: one per core that this process may use, at most `_MAX_PROCESSES`."""
    return min(len(os.sched_getaffinity(0)), _MAX_PROCESSES)


def _run_worker(connection: Connection, folder: Path, store: int, step: int, analyzer: Analyzer) -> None:
    """Run in a worker process: write each batch received and acknowledge it with an empty tuple; when None is
    received, answer with the shard's output.

    Args:
        connection: to the parent process; an exception is sent through it too.
        folder: folder of the process's own shard.
        store: number of its first document store of public resources; that of private resources has the next number.
        step: difference between the numbers of two successive stores of public (or of private) resources.
        analyzer: the French analysis.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C the parent process ends this one
    shard = Shard(folder, store, step, analyzer)
    try:
        while (batch := connection.recv()) is not None:
            for put in batch:
                shard.add(*put)
            connection.send(())
        connection.send(shard.finish())
    except EOFError:
        return  # the parent process was killed
    except Exception as error:  # sent to the parent process, which raises it
        connection.send(error)
