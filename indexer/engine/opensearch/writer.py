"""ClusterWriter: writes the next generation from the previous one and the resources that are put and removed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from indexer.analysis import Analyzer
from indexer.engine.opensearch.client import Client, Item
from indexer.engine.opensearch.documents import Line, Written, document_id, write_resource
from indexer.engine.opensearch.generations import (
    PLACEHOLDERS,
    PRIVATE,
    PUBLIC,
    WORDS,
    Generation,
    Generations,
    Lock,
    State,
)
from indexer.engine.opensearch.lexicon import Half, empty_half, read_half, read_rows
from indexer.engine.opensearch.mapping import index_body, words_body
from indexer.engine.opensearch.packing import unpack
from indexer.engine.placeholder import placeholder
from indexer.engine.protocol import DocumentPages
from indexer.errors import EngineError, IndexDamagedError
from indexer.resource import Resource

HALVES = (PUBLIC, PRIVATE)
BATCH = 200
"""Number of resources that are sent together."""
BATCH_CHARACTERS = 2_000_000
"""Number of characters of texts, publications included, from which fewer resources than `BATCH` are sent."""
_LOOKED_UP = 500
"""Largest number of documents that one request looks up."""

_Put = tuple[Resource, Sequence[DocumentPages]]


class ClusterWriter:
    """Writes the next generation to a cluster; implements `indexer.engine.protocol.Writer`.

    Args:
        generations: where the generation is written.
        base: the generation to start from, or None to start from an empty one.
        stem: what the names of the new indexes begin with.
        analyzer: the French analysis.
        placeholders: whether visitors find private resources by their title, type and year.
    """

    def __init__(
        self,
        generations: Generations,
        base: Generation | None,
        stem: str,
        analyzer: Analyzer,
        *,
        placeholders: bool,
    ) -> None:
        self._generations, self._base = generations, base
        self._client: Client = generations.client
        self._analyzer = analyzer
        self._with_placeholders = placeholders
        self._stem = stem
        self._names = {half: f"{stem}-{half}" for half in HALVES}
        self._hidden: set[str] = set()
        self._pending: dict[str, _Put | None] = {}
        self._characters = 0
        # Each index takes the cluster a moment, several at once hardly longer.
        with ThreadPoolExecutor(2 * len(HALVES)) as pool:
            made = [pool.submit(self._begin, half) for half in HALVES]
            made += [pool.submit(generations.create, name + WORDS, words_body()) for name in self._names.values()]
            for one in made:
                one.result()
            self._halves = {half: self._read(half) for half in HALVES}

    def _begin(self, half: str) -> None:
        """Create the index of a half (public or private), with the content of the base if there is one."""
        if self._base is None:
            self._generations.create(self._names[half], index_body(self._generations.shards))
        else:
            self._generations.clone(self._base.indexes[half], self._names[half])

    def _read(self, half: str) -> Half:
        return empty_half() if self._base is None else read_half(self._client, self._base.indexes[half] + WORDS)

    def put(self, resource: Resource, texts: Sequence[DocumentPages] = (), /) -> None:
        """Add a resource, or replace the one with the same id; see `Writer.put`.

        Raises:
            EngineError: the cluster cannot be written.
        """
        self._pending[resource.id] = resource, tuple(texts)
        self._characters += len(resource.body or "") + sum(len(page.text) for one in texts for page in one.pages)
        self._send_if_many()

    def remove(self, resource_id: str, /, *, hidden: bool = False) -> None:
        """Remove a resource if it exists; see `Writer.remove`.

        Raises:
            EngineError: the cluster cannot be written.
        """
        if hidden:
            self._hidden.add(resource_id)
        self._pending[resource_id] = None
        self._send_if_many()

    def _send_if_many(self) -> None:
        if len(self._pending) >= BATCH or self._characters >= BATCH_CHARACTERS:
            self._send()

    def _send(self) -> None:
        """Send the cluster the resources that were put and removed since the last time."""
        pending, self._pending, self._characters = self._pending, {}, 0
        earlier = {half: {key for key in pending if key in self._halves[half].lines} for half in HALVES}
        self._forget(earlier)
        self._client.bulk(self._items(pending, earlier))

    def _forget(self, earlier: Mapping[str, set[str]]) -> None:
        """Take earlier versions of resources out of the lexicon, given their ids by half (public or private)."""
        held = [(half, key) for half, ids in earlier.items() for key in ids]
        for start in range(0, len(held), _LOOKED_UP):
            some = held[start : start + _LOOKED_UP]
            wanted = [
                {"_index": self._names[half], "_id": document_id(key), "_source": False, "stored_fields": ["record"]}
                for half, key in some
            ]
            found = self._client.call("POST", "/_mget", {"docs": wanted})["docs"]
            for (half, key), document in zip(some, found, strict=True):
                try:
                    forms, titled = unpack(document["fields"]["record"][0])
                except (KeyError, TypeError, ValueError) as error:
                    raise IndexDamagedError(
                        f"La ressource « {key} » manque dans l’index sur la grappe OpenSearch : relancez "
                        "« python run.py index --full »."
                    ) from error
                self._halves[half].drop(key, forms, titled)

    def _items(self, pending: Mapping[str, _Put | None], earlier: Mapping[str, set[str]]) -> Iterator[Item]:
        for key, put in pending.items():
            written = None if put is None else write_resource(*put, self._analyzer)
            private = written is not None and written.line.private
            for half in HALVES:
                if written is not None and private is (half == PRIVATE):
                    yield self._index(half, written)
                elif key in earlier[half]:
                    yield Item({"delete": {"_index": self._names[half], "_id": document_id(key)}}, None)

    def _index(self, half: str, written: Written) -> Item:
        self._halves[half].add(written.line, written.forms, written.titled)
        return Item({"index": {"_index": self._names[half], "_id": document_id(written.line.id)}}, written.document)

    def _write_placeholders(self) -> None:
        """Write placeholders for the private resources, or clone those of the base generation if none has changed."""
        name = self._names[PLACEHOLDERS] = f"{self._stem}-{PLACEHOLDERS}"
        self._generations.create(name + WORDS, words_body())
        wanted: dict[str, Resource] = {}
        for line in self._halves[PRIVATE].lines.values():
            if line.titled:
                made = placeholder(line.title, line.type, line.year)
                wanted[made.id] = made
        base = None if self._base is None else self._base.indexes.get(PLACEHOLDERS)
        if base is not None:
            before = read_half(self._client, base + WORDS)
            if before.lines.keys() == wanted.keys():
                self._generations.clone(base, name)
                self._halves[PLACEHOLDERS] = before
                return
        self._generations.create(name, index_body(self._generations.shards))
        self._halves[PLACEHOLDERS] = empty_half()
        self._client.bulk(
            self._index(PLACEHOLDERS, write_resource(made, (), self._analyzer)) for _, made in sorted(wanted.items())
        )

    def finish(self, fingerprint: str, state: State | None, lock: Lock) -> Generation:
        """Write what is pending, verify the generation, make it the current one and return it.

        Args:
            fingerprint: version of schema and analysis.
            state: the state that the new one replaces; None before the first generation.
            lock: the lock that this run holds.

        Raises:
            IndexBusyError: another run has taken the lock.
            EngineError: the cluster cannot be written, or has lost resources.
        """
        self._send()
        if self._with_placeholders:
            self._write_placeholders()
        for half, name in self._names.items():
            hidden = sorted(self._hidden) if half == PRIVATE else ()
            self._client.bulk(self._halves[half].items(name + WORDS, hidden))
        counts = {half: len(self._halves[half].lines) for half in self._names}
        generation = Generation(self._stem.split("-")[-2], dict(self._names), counts, fingerprint, time.time())
        if self._base is None:
            self._generations.merge(self._names.values())
        self._generations.complete(generation.every_index())
        for half, name in self._names.items():
            if self._generations.count(name) != counts[half]:
                raise EngineError(
                    "La grappe OpenSearch n’a pas gardé toutes les ressources qui lui ont été envoyées : relancez "
                    "« python run.py index --full »."
                )
        self._generations.publish(generation, state, lock)
        return generation


def hidden_ids(client: Client, generation: Generation) -> set[str]:
    """Return the ids of resources that a generation hides from visitors: private in it, or hidden when it was written.

    Raises:
        EngineError: the cluster cannot answer.
    """
    name = generation.indexes[PRIVATE] + WORDS
    return set(read_rows(client, name, "hidden")) | ids_of(client, generation, PRIVATE)


def ids_of(client: Client, generation: Generation, half: str) -> set[str]:
    """Return the ids of the resources of one half of a generation: `PUBLIC` or `PRIVATE`.

    Raises:
        EngineError: the cluster cannot answer.
    """
    return {Line(*row).id for row in read_rows(client, generation.indexes[half] + WORDS, "lines")}
