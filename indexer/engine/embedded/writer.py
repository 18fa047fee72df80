"""EmbeddedWriter: fills the next generation, arrays and record together, each resource analysed once."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from indexer.engine.embedded.analysed import analyse
from indexer.engine.embedded.arrays import BoolArray, open_array, save_array
from indexer.engine.embedded.generations import Manifest, SegmentEntry, link_tree
from indexer.engine.embedded.inverter import Inverter
from indexer.engine.embedded.merge import merge
from indexer.engine.embedded.record import RecordWriter
from indexer.engine.embedded.segment import Segment, SegmentData, open_segment
from indexer.french.analyzer import Analyzer
from indexer.resource import Resource

FLUSH_TOKENS = 4_000_000
"""Tokens inverted at once: some 5,000 pages and 200 MB of memory."""

MAX_SEGMENTS = 5
"""More segments than this are merged; few enough that a search hardly sees them."""


@dataclass(slots=True, eq=False)
class _Part:
    """A segment of the generation being built."""

    name: str
    segment: Segment
    live: BoolArray
    places: dict[str, int]

    @property
    def alive(self) -> int:
        return int(self.live.sum())


@dataclass(slots=True, eq=False)
class _Half:
    """The public or the private half of a generation."""

    private: bool
    record: RecordWriter
    parts: list[_Part]
    inverter: Inverter = field(default_factory=Inverter)
    pending: set[str] = field(default_factory=set)


class EmbeddedWriter:
    """See `indexer.engine.base.Writer`.

    Args:
        building: empty folder of the generation to be.
        base: folder of the generation to start from, with its manifest, or None for a fresh one.
        analyzer: the French analysis.
    """

    def __init__(self, building: Path, base: tuple[Path, Manifest] | None, analyzer: Analyzer) -> None:
        self.folder = building
        self._analyzer = analyzer
        self._fresh = base is None
        self._number = 0
        if base is not None:
            for kept in ("record", "segments"):
                link_tree(base[0] / kept, building / kept)
            self._number = max((int(s.name) for s in base[1].segments), default=0)
        self._segments = building / "segments"
        self._segments.mkdir(exist_ok=True)
        entries = base[1].segments if base is not None else ()
        # Segments first: a damaged one is found before a record is open for writing.
        parts = [[self._open_part(entry) for entry in entries if entry.private is private] for private in (False, True)]
        self._halves = tuple(
            _Half(private, RecordWriter(building / "record" / ("private" if private else "public")), parts[private])
            for private in (False, True)
        )

    def _open_part(self, entry: SegmentEntry) -> _Part:
        segment = open_segment(self._segments / entry.name)
        live = np.ones(segment.size, dtype=bool)
        if entry.live is not None:
            live = np.array(open_array(self._segments, entry.live))
            (self._segments / f"{entry.live}.npy").unlink()
        return _Part(entry.name, segment, live, {text: i for i, text in enumerate(segment.ids)})

    def put(self, resource: Resource, /) -> None:
        """Add a resource, or replace the one with the same id."""
        self.remove(resource.id)
        half = self._halves[resource.private]
        analysed = analyse(resource, self._analyzer)
        half.inverter.add(analysed)
        half.record.add(analysed)
        half.pending.add(resource.id)
        if half.inverter.tokens >= FLUSH_TOKENS:
            self._flush(half)

    def remove(self, resource_id: str, /) -> None:
        """Remove a resource; one that is not there is no error."""
        for half in self._halves:
            if resource_id in half.pending:
                self._flush(half)
            for part in half.parts:
                place = part.places.get(resource_id)
                if place is not None and part.live[place]:
                    part.live[place] = False
                    half.record.remove(resource_id)

    def _flush(self, half: _Half) -> None:
        """Write what was collected as a segment."""
        if half.pending:
            half.parts.append(self._save(half.inverter.invert()))
            half.inverter, half.pending = Inverter(), set()

    def _save(self, data: SegmentData) -> _Part:
        self._number += 1
        name = f"{self._number:06}"
        data.save(self._segments / name)
        return self._open_part(SegmentEntry(name, private=False, live=None))

    def _merge(self, half: _Half, chosen: list[_Part]) -> None:
        """Put one segment in the place of several; an empty one in the place of none that lives."""
        alive = [part for part in chosen if part.alive]
        merged = [self._save(merge([(part.segment, part.live) for part in alive]))] if alive else []
        for part in chosen:
            shutil.rmtree(self._segments / part.name)
        half.parts = [*(part for part in half.parts if part not in chosen), *merged]

    def _settle(self, half: _Half) -> None:
        """Keep the number of segments, and of deleted documents in them, small."""
        self._flush(half)
        if not half.parts:
            return
        largest = max(half.parts, key=lambda part: part.alive)
        others = [part for part in half.parts if part is not largest]
        alive = sum(part.alive for part in half.parts)
        size = sum(part.segment.size for part in half.parts)
        if self._fresh or sum(part.alive for part in others) > alive // 4 or size - alive > size // 4:
            if len(half.parts) > 1 or size > alive:
                self._merge(half, half.parts)
        elif len(half.parts) > MAX_SEGMENTS:
            self._merge(half, others)

    def finish(self, generation: str, fingerprint: str) -> Manifest:
        """Write everything out; the generation is complete but for its list of files.

        Args:
            generation: its name.
            fingerprint: version of schema and analysis.
        """
        entries, counts = [], []
        for half in self._halves:
            self._settle(half)
            half.record.commit()
            counts.append(sum(part.alive for part in half.parts))
            for part in half.parts:
                live = None
                if part.alive < part.segment.size:
                    live = f"{part.name}.live"
                    save_array(self._segments, live, part.live)
                entries.append(SegmentEntry(part.name, half.private, live))
        return Manifest(generation, fingerprint, counts[0], sum(counts), tuple(entries))

    def cancel(self) -> None:
        """Give up and remove what was built."""
        for half in self._halves:
            half.record.cancel()
        shutil.rmtree(self.folder, ignore_errors=True)
