"""EmbeddedWriter: writes the next generation from the previous one and the resources that are put and removed."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.analysis import Analyzer
from indexer.engine.embedded.generations import Manifest, SegmentEntry, StoreEntry, link_tree, write_ids
from indexer.engine.embedded.kernels.layout import BoolArray
from indexer.engine.embedded.storage.arrays import open_array, save_array
from indexer.engine.embedded.storage.composite import CompositeSegment
from indexer.engine.embedded.storage.document_store import keep_rows
from indexer.engine.embedded.storage.segment import Segment, open_segment
from indexer.engine.embedded.write.merge_policy import PendingSegment, compact, segments_to_merge
from indexer.engine.embedded.write.precompute import precompute
from indexer.engine.embedded.write.shard import Shard
from indexer.engine.embedded.write.worker_pool import InProcessPool, ProcessPool, Put, WorkerPool, worker_count
from indexer.engine.placeholder import placeholder
from indexer.engine.protocol import DocumentPages
from indexer.resource import Resource

VISITORS, VISITORS_WITH_PLACEHOLDERS, MEMBERS = "visitors", "visitors-with-stubs", "members"
"""Names of the folders, under worlds/, of the precomputed arrays of each audience; those of visitors are computed with
placeholders too, which stand for private resources."""

BATCH = 32
"""Largest number of resources handed over to the worker pool at once."""
BATCH_CHARACTERS = 1_000_000
"""Number of characters, publications included, at which a batch of fewer resources is handed over, which bounds
memory.
"""

MANY = 400
"""Number of resources from which several processes are worth the second that they take to start."""
MANY_CHARACTERS = 4_000_000
"""Number of characters of texts from which several processes are worth starting, even below `MANY` resources."""


@dataclass(frozen=True, slots=True)
class _ShardSlot:
    """Where a resource that was put is found: its shard, and its rank among the public or private resources of that
    shard.
    """

    shard: int
    private: bool
    rank: int


def _batches(puts: Iterable[Put]) -> Iterator[list[Put]]:
    """Yield resources in order, in batches that are neither too many nor too long."""
    batch: list[Put] = []
    characters = 0
    for put in puts:
        batch.append(put)
        characters += put.characters
        if len(batch) >= BATCH or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


class EmbeddedWriter:
    """Writes the next generation into a folder; implements `indexer.engine.protocol.Writer`.

    Args:
        building: empty folder of the new generation.
        base: folder of the generation to start from, with its manifest, or None for a fresh one.
        analyzer: the French analysis.
        placeholders: whether visitors find private resources by their title, type and year.
    """

    def __init__(
        self, building: Path, base: tuple[Path, Manifest] | None, analyzer: Analyzer, *, placeholders: bool = False
    ) -> None:
        self.folder = building
        self._with_placeholders = placeholders
        self._analyzer = analyzer
        self._fresh = base is None
        self._segments, self._stores = building / "segments", building / "records"
        for folder in (self._segments, self._stores):
            if base is not None:
                link_tree(base[0] / folder.name, folder)
            folder.mkdir(exist_ok=True)
        segments, records = ((), ()) if base is None else (base[1].segments, base[1].records)
        self._next_segment = 1 + max((int(entry.name) for entry in segments), default=0)
        self._next_store = 1 + max((entry.number for entry in records), default=0)
        self._parts = [self._open_part(entry) for entry in segments if not entry.stub]
        self._placeholders = [self._open_part(entry) for entry in segments if entry.stub]
        self._places = [{text: i for i, text in enumerate(part.segment.ids)} for part in self._parts]
        self._pool: WorkerPool | None = None
        self._batch: dict[str, Put] = {}
        self._characters = 0
        self._slots: dict[str, _ShardSlot] = {}
        self._hidden: set[str] = set()
        self._dropped: set[_ShardSlot] = set()
        self._ranks: dict[tuple[int, bool], int] = {}

    def _open_part(self, entry: SegmentEntry) -> PendingSegment:
        segment = open_segment(self._segments / entry.name)
        alive = np.ones(segment.size, dtype=bool)
        if entry.live is not None:
            alive = np.array(open_array(self._segments, entry.live))
            (self._segments / f"{entry.live}.npy").unlink()
        return PendingSegment(entry.name, entry.private, segment, alive, entry.stub)

    def put(self, resource: Resource, texts: Sequence[DocumentPages] = (), /) -> None:
        """Add a resource, or replace the one with the same id.

        Args:
            resource: the resource.
            texts: pages of those of its publications that are searched.

        Raises:
            EngineError: a worker process has died.
            OSError: a file cannot be written.
        """
        self.remove(resource.id)
        put = self._batch[resource.id] = Put(resource, tuple(texts))
        self._characters += put.characters
        if self._pool is None and (len(self._batch) >= MANY or self._characters >= MANY_CHARACTERS):
            pool = ProcessPool if worker_count() > 1 else InProcessPool
            self._pool = pool(self.folder / "shards", self._next_store, self._analyzer)
        if self._pool is not None and (len(self._batch) >= BATCH or self._characters >= BATCH_CHARACTERS):
            self._hand_over()

    def remove(self, resource_id: str, /, *, hidden: bool = False) -> None:
        """Remove a resource if it exists.

        Args:
            resource_id: id of the resource.
            hidden: whether visitors must not see it any more, not even in an older generation.
        """
        if hidden:
            self._hidden.add(resource_id)
        put = self._batch.pop(resource_id, None)
        if put is not None:
            self._characters -= put.characters
        place = self._slots.pop(resource_id, None)
        if place is not None:
            self._dropped.add(place)
        for part, places in zip(self._parts, self._places, strict=True):
            doc = places.get(resource_id)
            if doc is not None:
                part.alive[doc] = False

    def _hand_over(self) -> None:
        """Hand the collected resources to the worker pool, and record their slots."""
        if self._pool is None:
            self._pool = InProcessPool(self.folder / "shards", self._next_store, self._analyzer)
        for batch in _batches(self._batch.values()):
            shard = self._pool.add(batch)
            for resource, _ in batch:
                rank = self._ranks.get((shard, resource.private), 0)
                self._ranks[shard, resource.private] = rank + 1
                self._slots[resource.id] = _ShardSlot(shard, resource.private, rank)
        self._batch.clear()
        self._characters = 0

    def _collect(self) -> None:
        """Move what the shards wrote into the generation."""
        if self._pool is None:
            return
        dropped: dict[tuple[int, bool], list[int]] = {}
        for place in self._dropped:
            dropped.setdefault((place.shard, place.private), []).append(place.rank)
        for shard, halves in enumerate(self._pool.finish()):
            for filled in halves:
                self._adopt(filled.stores)
                alive = np.ones(self._ranks[shard, filled.private], dtype=bool)
                alive[dropped.get((shard, filled.private), [])] = False
                for folder in filled.segments:
                    name = self._new_segment()
                    folder.rename(self._segments / name)
                    segment = open_segment(self._segments / name)
                    self._parts.append(PendingSegment(name, filled.private, segment, alive[: segment.size]))
                    alive = alive[segment.size :]
        shutil.rmtree(self.folder / "shards", ignore_errors=True)

    def _adopt(self, stores: Mapping[int, Path]) -> None:
        for number, folder in stores.items():
            folder.rename(self._stores / f"{number:06}")
            self._next_store = max(self._next_store, number + 1)

    def _new_segment(self) -> str:
        self._next_segment += 1
        return f"{self._next_segment - 1:06}"

    def _new_store(self) -> int:
        self._next_store += 1
        return self._next_store - 1

    def _merge_half(self, private: bool) -> None:
        """Merge segments of the public or the private half, so that segments and deleted documents stay few."""
        half = [part for part in self._parts if part.private is private]
        chosen = segments_to_merge(half, fresh=self._fresh)
        if not chosen:
            return
        others = [part for part in self._parts if part not in chosen]
        if any(part.alive_count for part in chosen):
            name = self._new_segment()
            compact(chosen, others, self._segments / name, self._stores, self._new_store, self._analyzer)
            others.append(self._open_part(SegmentEntry(name, private, live=None)))
        for part in chosen:
            shutil.rmtree(self._segments / part.name)
        self._parts = others

    def _update_placeholders(self) -> None:
        """Rewrite the placeholders, which visitors find in place of private resources, if they changed."""
        wanted: dict[str, Resource] = {}
        for part in self._parts if self._with_placeholders else ():
            for doc in np.flatnonzero(part.alive).tolist() if part.private else ():
                row = part.segment.hit(doc)
                if row.titled:
                    made = placeholder(row.title, row.type, row.year)
                    wanted[made.id] = made
        if wanted.keys() == {text for part in self._placeholders for text in part.ids()}:
            return
        for part in self._placeholders:
            shutil.rmtree(self._segments / part.name)
        self._placeholders = []
        shard = Shard(self.folder / "placeholders", self._next_store, 2, self._analyzer)
        for _, made in sorted(wanted.items()):
            shard.add(made)
        for filled in shard.finish():
            self._adopt(filled.stores)
            for folder in filled.segments:
                name = self._new_segment()
                folder.rename(self._segments / name)
                self._placeholders.append(self._open_part(SegmentEntry(name, private=True, live=None, stub=True)))
        shutil.rmtree(self.folder / "placeholders", ignore_errors=True)

    def finish(self, generation: str, fingerprint: str) -> Manifest:
        """Write everything, and return the manifest without its list of files.

        Args:
            generation: name of the new generation.
            fingerprint: version of schema and analysis.

        Raises:
            EngineError: a worker process has died.
            IndexDamagedError: a document store to merge cannot be read.
            OSError: a file cannot be written.
        """
        if self._batch:
            self._hand_over()
        self._collect()
        for private in (False, True):
            self._merge_half(private)
        self._update_placeholders()
        segments = []
        for part in (*self._parts, *self._placeholders):
            alive_file = None
            if part.alive_count < part.segment.size:
                alive_file = f"{part.name}.live"
                save_array(self._segments, alive_file, part.alive)
            segments.append(SegmentEntry(part.name, part.private, alive_file, part.placeholder))
        halves = [
            [(p.segment, None if p.alive.all() else p.alive) for p in self._parts if p.private is private]
            for private in (False, True)
        ]
        placeholders: list[tuple[Segment, BoolArray | None]] = [(part.segment, None) for part in self._placeholders]
        precompute(CompositeSegment(halves[False], public=len(halves[False])), self.folder / "worlds" / VISITORS)
        if self._with_placeholders:
            precompute(
                CompositeSegment(halves[False] + placeholders, public=len(halves[False])),
                self.folder / "worlds" / VISITORS_WITH_PLACEHOLDERS,
            )
        precompute(
            CompositeSegment(halves[False] + halves[True], public=len(halves[False])), self.folder / "worlds" / MEMBERS
        )
        ids = {
            name: [text for part in self._parts if part.private is private for text in part.ids()]
            for name, private in (("public", False), ("private", True))
        }
        told = ids["private"] if self._with_placeholders else ()
        write_ids(self.folder, public=ids["public"], private=ids["private"], told=told, hidden=self._hidden)
        alive = [sum(part.alive_count for part in self._parts if part.private is private) for private in (False, True)]
        return Manifest(
            generation,
            fingerprint,
            public=alive[0],
            total=sum(alive),
            segments=tuple(segments),
            records=self._finish_stores(),
            stubs=sum(part.alive_count for part in self._placeholders),
        )

    def _finish_stores(self) -> tuple[StoreEntry, ...]:
        """Delete the document stores without an alive resource, and the deleted documents of the others.

        Returns:
            The entries of the stores that are left, for the manifest.
        """
        stores: dict[StoreEntry, list[int]] = {}
        for part in (*self._parts, *self._placeholders):
            for number, kept in part.rows_by_record().items():
                stores.setdefault(StoreEntry(number, part.private, part.placeholder), []).extend(kept.tolist())
        names = {store.name for store in stores}
        for folder in self._stores.iterdir():
            if folder.name not in names:
                shutil.rmtree(folder)
        for store, rows in stores.items():
            keep_rows(self._stores / store.name, rows)
        return tuple(sorted(stores, key=lambda store: store.number))

    def cancel(self) -> None:
        """Stop, and delete the unfinished generation."""
        if self._pool is not None:
            self._pool.cancel()
        shutil.rmtree(self.folder, ignore_errors=True)
