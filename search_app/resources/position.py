"""The position of a resource among the hits of the search that led to it, and its neighbours among them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from indexer.engine import Engine
from indexer.query import MAX_REACH, Hit, SearchRequest, SearchResponse
from search_app.export.all_hits import all_hits


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A neighbouring resource in a search, and the number of the result page that shows it."""

    id: str
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a resource in a search.

    Attributes:
        number: place of the resource among the hits, from 1.
        total: number of hits of the search.
        previous, next: neighbours of the resource, None at the ends.
    """

    number: int
    total: int
    previous: Neighbour | None
    next: Neighbour | None


def position_of(engine: Engine, request: SearchRequest, resource_id: str) -> tuple[SearchResponse, Position | None]:
    """Return the response to a search, and the position of a resource among its hits, or None if the resource is not
    among the first `MAX_REACH`.

    The result page that `request` names is tried first; the whole search is run only if the resource is not on it.

    Raises:
        EngineError: the engine cannot answer.
    """
    size = request.per_page
    response = engine.search(replace(request, snippets=False))
    hits: dict[int, Hit] = dict(enumerate(response.hits, (request.page - 1) * size))
    here = next((number for number, hit in hits.items() if hit.id == resource_id), None)
    if here is None:
        response = all_hits(engine, request)
        hits = dict(enumerate(response.hits))
        here = next((number for number, hit in hits.items() if hit.id == resource_id), None)
        if here is None:
            return response, None

    def neighbour(number: int) -> Neighbour | None:
        if not 0 <= number < min(response.total, MAX_REACH // size * size):
            return None
        page = number // size + 1
        if number not in hits:
            other = engine.search(replace(request, page=page, snippets=False))
            hits.update(enumerate(other.hits, (page - 1) * size))
        hit = hits.get(number)
        return None if hit is None else Neighbour(hit.id, hit.title, page)

    return response, Position(here + 1, response.total, neighbour(here - 1), neighbour(here + 1))
