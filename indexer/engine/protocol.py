"""The contract that every engine keeps. Nothing of any search library shows through it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from indexer.query.request import SearchRequest, SearchResponse
from indexer.resource import Audience, Resource


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """State of the index.

    Attributes:
        generation: name of the generation that answers, or None before the first.
        public, total: number of public resources, and of all.
        fingerprint: version of schema and analysis that wrote the generation, or None.
        stale: whether this code would write it otherwise, so that the next run rebuilds it.
        degraded: French sentence if an older generation answers in place of a damaged one.
        placeholders: how many private resources visitors find by their title, namesakes of one type and year counted once.
    """

    generation: str | None
    public: int
    total: int
    fingerprint: str | None
    stale: bool = False
    degraded: str | None = None
    placeholders: int = 0

    def visible(self, audience: Audience) -> int:
        """How many resources a reader can find."""
        return self.total if audience.sees_private else self.public + self.placeholders


class Writer(Protocol):
    """Fills the next generation. Obtained from `Engine.writer`."""

    def put(self, resource: Resource, /) -> None:
        """Add a resource, or replace the one with the same id."""
        ...

    def remove(self, resource_id: str, /, *, hidden: bool = False) -> None:
        """Remove a resource; one that is not there is no error.

        Args:
            resource_id: the resource.
            hidden: whether visitors may not see it any more, under whatever id: no older generation then shows it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Rollback:
    """The way back to an earlier generation, of engines that keep one.

    Attributes:
        writer: starts from that generation.
        generation: its name.
        exposed: ids of resources that are public in it, and today private, withdrawn or part of a private one.
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
        """The resource, or None if it does not exist for this audience.

        Where visitors find private resources by their title, the id of a placeholder leads members to the resource itself.
        """
        ...

    def suggest(self, prefix: str, /, *, audience: Audience, limit: int = 8) -> tuple[str, ...]:
        """Completions of what is being typed, best first."""
        ...

    def writer(self, *, fresh: bool) -> AbstractContextManager[Writer]:
        """A writer for the next generation: a clean exit publishes it, an exception discards it.

        Args:
            fresh: start from nothing, rather than from the current generation.

        Raises:
            IndexBusyError: another writer is at work.
        """
        ...

    def status(self) -> IndexStatus:
        """State of the index; never raises for a missing index."""
        ...

    def close(self) -> None:
        """Release files; the engine is not used afterwards."""
        ...


class SupportsRollback(Engine, Protocol):
    """An engine that keeps the generation before the current one."""

    def rollback(self) -> AbstractContextManager[Rollback]:
        """The way back: a clean exit publishes that generation under a new name, an exception discards it.

        Raises:
            IndexMissingError: there is none.
            IndexBusyError: another writer is at work.
        """
        ...


@runtime_checkable
class SupportsTrial(Protocol):
    """An engine that can answer with synonyms that are not in force yet."""

    def trial(self, own: str) -> Engine:
        """The engine as it would answer if the site's own synonyms were these.

        Raises:
            SynonymsError: lines of them are wrong.
        """
        ...
