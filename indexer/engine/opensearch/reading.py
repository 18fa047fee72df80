"""What one audience sees of a generation (version of the index), and the requests of one search over it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from indexer.engine.opensearch.client import Client, ClusterError, Json, is_missing
from indexer.engine.opensearch.compiler import Countable, Counts, Held, holders, needed
from indexer.engine.opensearch.documents import Line, document_id
from indexer.engine.opensearch.generations import (
    PLACEHOLDERS,
    PRIVATE,
    PUBLIC,
    WORDS,
    Generation,
    Generations,
    state_of,
)
from indexer.engine.opensearch.lexicon import Names, Values, completer_of, read_rows, read_values, speller_of
from indexer.engine.opensearch.word_tables import ShownText
from indexer.errors import EngineError
from indexer.query.completer import Completer
from indexer.query.plan import Every
from indexer.query.spelling import Speller
from indexer.resource import Audience

Value = TypeVar("Value")

_CACHED_COUNTS = 50_000
_CACHED_TEXTS = 256
"""Number of resources whose texts a view caches. When this cache or that of counts is full, it is emptied."""


class MovedOnError(Exception):
    """Another generation has become the current one since a search began, which must then begin again."""


class View:
    """A generation as one audience sees it. Its caches hold as long as the generation; several threads may use it.

    Args:
        generations: where the generation is kept.
        generation: the generation.
        halves: those of `PUBLIC`, `PRIVATE` and `PLACEHOLDERS` that the audience sees; no other index is ever asked.
    """

    def __init__(self, generations: Generations, generation: Generation, halves: Sequence[str]) -> None:
        self.generations = generations
        self.generation = generation
        self.client: Client = generations.client
        self.indexes = [generation.indexes[half] for half in halves]
        self.visible = sum(generation.counts[half] for half in halves)
        self._known: dict[Countable, int] = {Every(): self.visible}
        self.texts: dict[str, tuple[ShownText, ...]] = {}

    # Values, words and titles

    @cached_property
    def names(self) -> Names:
        """The types, themes and years of the resources that the audience sees.

        Raises:
            EngineError: the cluster cannot answer.
        """
        values = Values()
        for index in self.indexes:
            values = values.union(read_values(self.client, index + WORDS))
        return Names(values)

    @cached_property
    def speller(self) -> Speller:
        """Corrects misspelt words to words of the resources that the audience sees.

        Raises:
            EngineError: the cluster cannot answer.
        """
        return speller_of(row for index in self.indexes for row in read_rows(self.client, index + WORDS, "forms"))

    @cached_property
    def completer(self) -> Completer:
        """Completes queries from the titles, publications and themes that the audience sees.

        Raises:
            EngineError: the cluster cannot answer.
        """
        rows = (row for index in self.indexes for row in read_rows(self.client, index + WORDS, "lines"))
        return completer_of([Line(*row) for row in rows], self.names)

    @property
    def counts(self) -> Counts:
        """The numbers of matching resources that were counted so far."""
        return Counts(self.visible, self._known)

    def lacks(self, wanted: Iterable[Countable]) -> list[Countable]:
        """Return those in `wanted` whose resources were not counted yet, each once."""
        return [one for one in dict.fromkeys(wanted) if one not in self._known]

    def learn(self, counts: Mapping[Countable, int]) -> None:
        """Cache numbers of resources, by what they match."""
        if len(self._known) + len(counts) > _CACHED_COUNTS:
            self._known = {Every(): self.visible}
        self._known = {**self._known, **counts}

    def keep_texts(self, texts: Mapping[str, tuple[ShownText, ...]]) -> None:
        """Cache the texts of some resources, by id."""
        if len(self.texts) + len(texts) > _CACHED_TEXTS:
            self.texts = {}
        self.texts = {**self.texts, **texts}

    def forget(self) -> None:
        """Empty the caches of earlier searches, for benchmarks."""
        self._known = {Every(): self.visible}
        self.texts = {}


def view_of(generations: Generations, generation: Generation, audience: Audience, *, placeholders: bool) -> View:
    """Return a generation as an audience sees it; `placeholders` says whether visitors find stand-ins for private
    resources.
    """
    if audience.sees_private:
        return View(generations, generation, (PUBLIC, PRIVATE))
    if placeholders and generation.has_placeholders():
        return View(generations, generation, (PUBLIC, PLACEHOLDERS))
    return View(generations, generation, (PUBLIC,))


@dataclass
class Session:
    """The requests of one search. The first one also asks whether the generation is still current.

    Attributes:
        view: what the reader sees.
        checked: whether a request has asked if the generation is still current.
    """

    view: View
    checked: bool = field(default=False)

    def msearch(self, bodies: Sequence[Json]) -> list[Json]:
        """Return the responses of searches over the reader's indexes, sent together.

        Raises:
            MovedOnError: another generation is current.
            EngineError: the cluster cannot answer.
        """
        view = self.view
        searches: list[tuple[Sequence[str], Json]] = [(view.indexes, body) for body in bodies]
        if not self.checked:
            searches.insert(0, tuple(view.generations.state_search()))  # type: ignore[arg-type]
        found = view.client.msearch(searches)
        if not self.checked:
            state = view.generations.found_state(found.pop(0))
            if state is None or state.current != view.generation:
                raise MovedOnError
            self.checked = True
        if any("error" in one for one in found):  # an index was deleted under this search
            raise MovedOnError
        return found

    def search(self, body: Json, arguments: str = "") -> Json:
        """Return the response of one search over the reader's indexes.

        Args:
            body: the search, as JSON.
            arguments: further query string, which begins with ``&``.

        Raises:
            MovedOnError: another generation is current.
            EngineError: the cluster cannot answer.
        """
        try:
            return self.view.client.search(self.view.indexes, body, arguments)
        except ClusterError as error:
            raise _moved(error) from error

    def documents(self, resource_id: str, wanted: Mapping[str, Any]) -> list[Json]:
        """Return the response for the document of a resource in each of the reader's indexes; ``found`` says whether it
        exists.

        Args:
            resource_id: id of the resource.
            wanted: further keys of an item of ``_mget``, such as ``_source``.

        Raises:
            MovedOnError: another generation is current.
            EngineError: the cluster cannot answer.
        """
        view = self.view
        docs: list[Json] = [{"_index": view.generations.state_index, "_id": "current"}]
        docs += [{"_index": name, "_id": document_id(resource_id), **wanted} for name in view.indexes]
        answers: list[Json] = view.client.call("POST", "/_mget", {"docs": docs})["docs"]
        state, *found = answers
        now = None if "error" in state else state_of(state)
        if now is None or now.current != view.generation:
            raise MovedOnError
        for one in found:
            if "error" in one:
                raise EngineError(
                    "Une partie de l’index ne répond pas sur la grappe OpenSearch : attendez que ses nœuds soient "
                    "revenus, ou vérifiez leur état."
                )
        return found

    def ensure(self, wanted: Iterable[Countable]) -> Counts:
        """Return counts that include all of `wanted`; those not known yet are asked for in at most two requests.

        Raises:
            MovedOnError: another generation is current.
            EngineError: the cluster cannot answer.
        """
        view = self.view
        lacking = view.lacks(wanted)
        if lacking:
            first = view.lacks(one for plan in lacking for one in _before(plan))
            if first:
                self._count(first)
            self._count(view.lacks(lacking))
        return view.counts

    def _count(self, wanted: Sequence[Countable]) -> None:
        if not wanted:
            return
        view = self.view
        answers = self.msearch([count_body(holders(one, view.counts)) for one in wanted])
        view.learn({one: total_of(answer) for one, answer in zip(wanted, answers, strict=True)})

    def count(self, plan: Countable) -> int:
        """Return how many of the reader's resources match a plan.

        Raises:
            MovedOnError: another generation is current.
            EngineError: the cluster cannot answer.
        """
        return self.ensure([plan]).of(plan)


def _before(plan: Countable) -> Iterable[Countable]:
    """Return the parts of a plan that must be counted before the plan itself can be counted."""
    return () if isinstance(plan, Held) else needed(plan)


def count_body(query: Json) -> Json:
    """Return the search that counts what matches a query."""
    return {"size": 0, "track_total_hits": True, "query": {"bool": {"filter": [query]}}}


def total_of(answer: Json) -> int:
    """Return the number of hits of a response."""
    return int(answer["hits"]["total"]["value"])


def _moved(error: ClusterError) -> Exception:
    return MovedOnError() if is_missing(error) else error


def retried(attempt: Callable[[], Value], again: Callable[[], None], times: int = 5) -> Value:
    """Return what `attempt` returns; if it raises `MovedOnError`, call `again` and retry, `times` attempts at most.

    Raises:
        EngineError: the generation was replaced every time, or the indexes that the state names are missing.
    """
    for _ in range(times):
        try:
            return attempt()
        except MovedOnError:
            again()
    raise EngineError(
        "Un index que l’archive utilise manque sur la grappe OpenSearch : relancez « python run.py index --full »."
    )
