"""Shard: analyses resources once and writes them as segments and document stores, in one process.

A shard depends neither on what the index held before nor on other shards: several are filled at once, each in its own
folder, and the writer combines their output.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from indexer.analysis import Analyzer
from indexer.engine.embedded.storage.document_store import DocumentStoreWriter
from indexer.engine.embedded.write.inverter import Inverter
from indexer.engine.protocol import DocumentPages
from indexer.query.fields import AnalysedResource, analyse
from indexer.resource import Resource

FLUSH_TOKENS = 3_000_000
"""Number of tokens inverted at once: some 3,500 pages, and 300 MB of memory."""

FULL_STORE = 8_192
"""Largest number of resources of a document store; Whoosh's memory and time to commit a store grow with it."""


@dataclass(frozen=True, slots=True)
class ShardOutput:
    """The files that a shard wrote for its public or for its private resources, in the order in which these were added.

    Attributes:
        private: whether the resources are private.
        segments: folders of segments, those of the first resources first.
        stores: folders of the document stores that keep the resources, by number.
    """

    private: bool
    segments: tuple[Path, ...]
    stores: dict[int, Path]


@dataclass(slots=True, eq=False)
class _Half:
    """The public or the private resources of a shard."""

    folder: Path
    numbers: Iterator[int]
    inverter: Inverter = field(default_factory=Inverter)
    segments: list[Path] = field(default_factory=list)
    stores: dict[int, Path] = field(default_factory=dict)
    number: int = 0
    store: DocumentStoreWriter | None = None

    def add(self, analysed: AnalysedResource) -> None:
        if self.store is None:
            self.number = next(self.numbers)
            self.stores[self.number] = self.folder / f"store-{self.number}"
            self.store = DocumentStoreWriter(self.stores[self.number])
        self.inverter.add(analysed, self.number, self.store.add(analysed))
        if self.inverter.tokens >= FLUSH_TOKENS:
            self.flush()
        if self.store.size >= FULL_STORE:
            self.commit()

    def commit(self) -> None:
        if self.store is not None:
            self.store.commit()
            self.store = None

    def flush(self) -> None:
        if self.inverter.tokens or self.inverter.size:
            folder = self.folder / f"segment-{len(self.segments)}"
            self.inverter.invert().save(folder)
            self.segments.append(folder)
            self.inverter = Inverter()


class Shard:
    """Writes resources into one folder.

    Args:
        folder: folder to write to; created if it does not exist.
        store: number of its first document store of public resources; that of private resources has the next number.
        step: difference between the numbers of two successive stores of public (or of private) resources.
        analyzer: the French analysis.
    """

    def __init__(self, folder: Path, store: int, step: int, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._halves = [
            _Half(folder / name, count(store + private, step)) for private, name in enumerate(("public", "private"))
        ]

    def add(self, resource: Resource, texts: Sequence[DocumentPages] = ()) -> None:
        """Write a resource, with the pages of its publications.

        Raises:
            OSError: a file cannot be written.
        """
        publications = [(text.document, text.pages) for text in texts]
        self._halves[resource.private].add(analyse(resource, self._analyzer, publications))

    def finish(self) -> tuple[ShardOutput, ...]:
        """Write the resources still in memory, and return everything that was written.

        Raises:
            OSError: a file cannot be written.
        """
        filled = []
        for half, private in zip(self._halves, (False, True), strict=True):
            if half.stores:
                half.flush()
                half.commit()
                filled.append(ShardOutput(private, tuple(half.segments), half.stores))
        return tuple(filled)

    def cancel(self) -> None:
        """Discard the resources added; the writer deletes the files."""
        for half in self._halves:
            if half.store is not None:
                half.store.cancel()
