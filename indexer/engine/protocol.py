"""The contract that every engine implements, independent of any search library."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from indexer.query import SearchRequest, SearchResponse
from indexer.resource import Audience, Resource


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The state of the index.

    Attributes:
        generation: name of the current generation, or None before the first.
        public, total: number of public resources, and of all.
        fingerprint: version of schema and analysis that wrote the generation, or None.
        stale: whether the index was written by another version, so that the next run rebuilds it.
        degraded: French sentence if an older generation answers in place of a damaged one.
        placeholders: number of placeholders that visitors find in place of private resources.
    """

    generation: str | None
    public: int
    total: int
    fingerprint: str | None
    stale: bool = False
    degraded: str | None = None
    placeholders: int = 0

    def visible(self, audience: Audience) -> int:
        """Return the number of resources that an audience can find."""
        return self.total if audience.sees_private else self.public + self.placeholders


class Writer(Protocol):
    """Writes the next generation. Obtained from `Engine.writer`."""

    def put(self, resource: Resource, /) -> None:
        """Add a resource, or replace the one with the same id.

        Raises:
            EngineError: the index cannot be written.
        """
        ...

    def remove(self, resource_id: str, /, *, hidden: bool = False) -> None:
        """Remove a resource, if it is there.

        Args:
            resource_id: the resource.
            hidden: whether visitors must no longer see it under any id; no older generation then shows it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Rollback:
    """A generation being made from an earlier one, by an engine that keeps one.

    Attributes:
        writer: writes the copy.
        generation: its name.
        exposed: ids of resources that are public in it, and are now private, withdrawn or part of a private one.
    """

    writer: Writer
    generation: str
    exposed: tuple[str, ...]


class Engine(Protocol):
    """A search engine over the archive. Reads may come from several threads."""

    def search(self, request: SearchRequest, /) -> SearchResponse:
        """Answer a search.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the index cannot answer.
        """
        ...

    def get(self, resource_id: str, /, *, audience: Audience) -> Resource | None:
        """Return the resource, or None if it does not exist for this audience.

        Where visitors find private resources by their title, the id of a placeholder leads members to the resource
        itself.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the index cannot answer.
        """
        ...

    def suggest(self, prefix: str, /, *, audience: Audience, limit: int = 8) -> tuple[str, ...]:
        """Return completions of a prefix, best first, at most `limit`.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the index cannot answer.
        """
        ...

    def writer(self, *, fresh: bool) -> AbstractContextManager[Writer]:
        """Return a context manager around a writer for the next generation: published on a clean exit, else discarded.

        Args:
            fresh: start from nothing, rather than from the current generation.

        Raises:
            IndexBusyError: another run is writing.
            EngineError: the index cannot be read or written.
        """
        ...

    def status(self) -> IndexStatus:
        """Return the state of the index; a missing or damaged index raises nothing."""
        ...

    def close(self) -> None:
        """Close files; the engine must not be used afterwards."""
        ...


class SupportsRollback(Engine, Protocol):
    """An engine that keeps the generation before the current one."""

    def rollback(self) -> AbstractContextManager[Rollback]:
        """Return a context manager around a copy of the generation before: published under a new name on a clean exit,
        else discarded.

        Raises:
            IndexMissingError: there is no generation before.
            IndexBusyError: another run is writing.
            EngineError: it cannot be read, or the index cannot be written.
        """
        ...


@runtime_checkable
class SupportsTrial(Protocol):
    """An engine that can answer with synonyms that are not in force yet."""

    def trial(self, own: str) -> Engine:
        """Return an engine that answers as if these were the site's own synonyms.

        Raises:
            SynonymsError: lines of them are wrong.
        """
        ...
