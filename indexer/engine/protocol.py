"""The contract that every engine implements, independent of any search library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from indexer.document.pages import Page
from indexer.query import Completion, PageHit, SearchRequest, SearchResponse
from indexer.resource import Audience, Resource


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The state of the index, of which each run writes a new generation.

    Attributes:
        generation: name of the current generation, or None if none can be read.
        public, total: number of public resources, and of all resources.
        fingerprint: version of the schema and analysis that the generation was written with, or None.
        stale: whether the index was written by another version, so that the next run rebuilds it.
        degraded: French sentence if the current generation cannot be read, whether or not an older one answers in its
            place; else None.
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


@dataclass(frozen=True, slots=True)
class DocumentPages:
    """The pages of a publication that are searched.

    Attributes:
        document: number of the publication in its resource.
        pages: its pages with text, ascending.
    """

    document: int
    pages: tuple[Page, ...]


class PageTexts(Protocol):
    """Gives engines the text of pages for passages; engines need not store it."""

    def page(self, text: str, number: int, /) -> Page | None:
        """Return a page of a publication, or None if its text is not kept any more.

        Args:
            text: key of the publication's text, `PublishedDocument.text`.
            number: number of the page, from 1.

        Raises:
            EngineError: texts cannot be read.
        """
        ...


class Writer(Protocol):
    """Writes the next generation; `Engine.writer` gives one."""

    def put(self, resource: Resource, texts: Sequence[DocumentPages] = (), /) -> None:
        """Add a resource, or replace the one with the same id.

        Args:
            resource: the resource.
            texts: pages of its publications, in the order of their numbers; those of publications that are not
                searched are left out.

        Raises:
            EngineError: the index cannot be written.
        """
        ...

    def remove(self, resource_id: str, /, *, hidden: bool = False) -> None:
        """Remove a resource if it exists.

        Args:
            resource_id: id of the resource.
            hidden: whether visitors must not see it any more; older generations that still show it are then never used
                again.
        """
        ...


@dataclass(frozen=True, slots=True)
class Rollback:
    """A new generation that is a copy of an earlier one.

    Attributes:
        writer: writes the new generation.
        generation: name of the earlier one.
        exposed: ids of resources that are public in the earlier generation, but now private, withdrawn or merged into a
            private one.
        before: returns a resource of the earlier generation, by id, as visitors saw it, or None.
    """

    writer: Writer
    generation: str
    exposed: tuple[str, ...]
    before: Callable[[str], Resource | None]


@dataclass(frozen=True, slots=True)
class PreviousGeneration:
    """The generation before the current one, open for reading, with the ids of the current one for comparison.

    Attributes:
        name: name of the earlier generation; current: name of the current one.
        written: when the earlier one was written, in seconds since the epoch.
        public, private: ids of the public and of the private resources of the earlier generation.
        current_public, current_private: ids of the public and of the private resources of the current generation.
        exposed: ids of resources that restoring the earlier generation would make public again, as in `Rollback`.
        get: returns a resource of the earlier generation, by id, as staff saw it, or None.
    """

    name: str
    current: str
    written: float
    public: frozenset[str]
    private: frozenset[str]
    current_public: frozenset[str]
    current_private: frozenset[str]
    exposed: frozenset[str]
    get: Callable[[str], Resource | None]


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

        In archives that show visitors the titles of private resources, members get the resource itself by the id of its
        placeholder.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the index cannot answer.
        """
        ...

    def pages(
        self,
        resource_id: str,
        query: str,
        /,
        *,
        audience: Audience,
        document: int | None = None,
        snippets: bool = True,
    ) -> tuple[PageHit, ...]:
        """Return the pages of a resource's publications that answer a query, in order; none if the resource does not
        exist for this audience.

        A page answers if it holds one of the words, phrases or patterns that the query searches for. A phrase that
        crosses two pages counts for the one on which it begins.

        Args:
            resource_id: the resource; members may give the id of its placeholder.
            query: the query as typed or, if the search answered a corrected query, that one.
            audience: who reads.
            document: number of the publication to search; None searches all of them.
            snippets: whether to return passages; if so, only the first `MAX_PASSAGES` pages carry one, since each
                requires reading the page.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the index cannot answer.
        """
        ...

    def suggest(self, prefix: str, /, *, audience: Audience, limit: int = 8) -> tuple[str, ...]:
        """Return at most `limit` completions of a prefix, best first.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the index cannot answer.
        """
        ...

    def complete(self, prefix: str, /, *, audience: Audience, limit: int = 8) -> tuple[Completion, ...]:
        """Return at most `limit` completions of a prefix with what each leads to, grouped by kind; see
        `indexer.query.completion`.

        Raises:
            IndexMissingError: nothing was indexed yet.
            EngineError: the index cannot answer.
        """
        ...

    def writer(self, *, fresh: bool) -> AbstractContextManager[Writer]:
        """Return a context manager around a writer for the next generation: published on a clean exit, else discarded.

        Args:
            fresh: start from an empty generation rather than from the current one.

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
    """An engine that keeps the previous generation, so that it can be restored."""

    def rollback(self) -> AbstractContextManager[Rollback]:
        """Return a context manager around a copy of the previous generation: published under a new name on a clean
        exit, else discarded.

        Raises:
            IndexMissingError: there is no previous generation.
            IndexVersionError: another version of the program wrote it, or wrote the current generation.
            IndexBusyError: another run is writing.
            EngineError: the previous generation cannot be read, or the index cannot be written.
        """
        ...


class StoredEngine(SupportsRollback, Protocol):
    """An engine whose index `run.py check` can verify."""

    def check(self) -> list[str]:
        """Verify the current generation, and return a French sentence for each fault.

        Raises:
            EngineError: the index cannot answer.
        """
        ...


@runtime_checkable
class ShowsPrevious(Engine, Protocol):
    """An engine that can show the previous generation before it is restored."""

    def previous(self) -> AbstractContextManager[PreviousGeneration]:
        """Return a context manager around the generation that `SupportsRollback.rollback` would restore.

        Raises:
            IndexMissingError: there is no previous generation.
            IndexVersionError: another version of the program wrote it, or wrote the current generation.
            EngineError: the previous generation cannot be read.
        """
        ...


@runtime_checkable
class SupportsTrial(Protocol):
    """An engine that can answer with other synonyms, so that staff see their effect before they apply."""

    def trial(self, own: str) -> Engine:
        """Return an engine over the same index that answers as if the site's synonym file held the text `own`.

        Raises:
            SynonymsError: some lines of it are wrong.
        """
        ...
