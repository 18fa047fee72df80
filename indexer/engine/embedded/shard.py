"""Shard: resources analysed once and written as segments and records, by one process on its own.

A shard knows nothing of what the index held before, nor of other shards: several fill at once, each in a folder of its
own, and the writer puts what they made together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from indexer.engine.embedded.analysed import analyse
from indexer.engine.embedded.inverter import Inverter
from indexer.engine.embedded.record import RecordWriter
from indexer.french.analyzer import Analyzer
from indexer.resource import Resource

FLUSH_TOKENS = 3_000_000
"""Tokens inverted at once: some 3,500 pages and 300 MB of memory."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a shard wrote of public or of private resources, in the order in which they were added.

    Attributes:
        private: which of the two.
        segments: folders of segments, first resources first.
        record_number: number of the record that keeps them all.
        record: its folder.
    """

    private: bool
    segments: tuple[Path, ...]
    record_number: int
    record: Path


@dataclass(slots=True, eq=False)
class _Half:
    number: int
    folder: Path
    record: RecordWriter
    inverter: Inverter = field(default_factory=Inverter)
    segments: list[Path] = field(default_factory=list)

    def flush(self) -> None:
        if self.inverter.tokens or self.inverter.size:
            folder = self.folder / f"segment-{len(self.segments)}"
            self.inverter.invert().save(folder)
            self.segments.append(folder)
            self.inverter = Inverter()


class Shard:
    """Writes into one folder.

    Args:
        folder: where; made if it does not exist.
        records: numbers for the record of public resources and for that of private ones.
        analyzer: the French analysis.
    """

    def __init__(self, folder: Path, records: tuple[int, int], analyzer: Analyzer) -> None:
        self._folder, self._numbers, self._analyzer = folder, records, analyzer
        self._halves: dict[bool, _Half] = {}

    def add(self, resource: Resource) -> None:
        """Write a resource."""
        half = self._halves.get(resource.private) or self._begin(resource.private)
        analysed = analyse(resource, self._analyzer)
        half.inverter.add(analysed, half.number, half.record.add(analysed))
        if half.inverter.tokens >= FLUSH_TOKENS:
            half.flush()

    def _begin(self, private: bool) -> _Half:
        folder = self._folder / ("private" if private else "public")
        half = _Half(self._numbers[private], folder, RecordWriter(folder / "record"))
        self._halves[private] = half
        return half

    def finish(self) -> tuple[Filled, ...]:
        """Write everything out."""
        filled = []
        for private, half in sorted(self._halves.items()):
            half.flush()
            half.record.commit()
            filled.append(Filled(private, tuple(half.segments), half.number, half.folder / "record"))
        return tuple(filled)

    def cancel(self) -> None:
        """Give up; what was written is for the writer to remove."""
        for half in self._halves.values():
            half.record.cancel()
