"""Searches as wholes: all that one finds in its order, where a resource stands in it, all that is public."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from indexer.engine.protocol import Engine
from indexer.query.request import MAX_REACH, Hit, SearchRequest, SearchResponse, Sort
from indexer.resource import Audience
from search_app.export.record import Record


def whole(engine: Engine, request: SearchRequest) -> SearchResponse:
    """All hits of a search in its order, up to `MAX_REACH`, from one generation."""
    return engine.search(replace(request, page=1, per_page=MAX_REACH, snippets=False))


def records(engine: Engine, ids: Iterable[str], audience: Audience, address: Callable[[str], str]) -> Iterator[Record]:
    """Resources read one by one, so that a long file needs little memory; one that is gone meanwhile is passed over.

    Args:
        engine: what holds them.
        ids: which, in order.
        audience: who reads.
        address: the absolute address of a resource in this archive.
    """
    for resource_id in ids:
        found = engine.get(resource_id, audience=audience)
        if found is not None:
            yield Record(found, address(resource_id))


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A resource beside another in a search, and the page of results that shows it."""

    id: str
    title: str
    page: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource stands in a search.

    Attributes:
        position: from 1.
        total: size of the search.
        previous, next: the resources beside it.
    """

    position: int
    total: int
    previous: Neighbour | None
    next: Neighbour | None


def place_of(engine: Engine, request: SearchRequest, resource_id: str) -> tuple[SearchResponse, Place | None]:
    """A search's answer, and where a resource stands in it; None if it does not, or beyond `MAX_REACH`.

    The page that `request` names is looked at first, and the whole search only if the resource is not on it.
    """
    size = request.per_page
    response = engine.search(replace(request, snippets=False))
    hits: dict[int, Hit] = dict(enumerate(response.hits, (request.page - 1) * size))
    here = next((number for number, hit in hits.items() if hit.id == resource_id), None)
    if here is None:
        response = whole(engine, request)
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

    return response, Place(here + 1, response.total, neighbour(here - 1), neighbour(here + 1))


def public_hits(engine: Engine) -> list[Hit]:
    """Every resource of the visitors' world, by id, however many there are.

    A search reaches `MAX_REACH` hits, so that a larger archive is read year by year and, where one year holds more,
    type by type: each resource has one of both, or none.
    """
    found: dict[str, Hit] = {}
    pending = [SearchRequest(Audience.VISITOR)]
    while pending:
        request = pending.pop()
        response = whole(engine, request)
        # Public by their own word too: an archive may let visitors know the titles of what is private.
        found.update((hit.id, hit) for hit in response.hits if not hit.private)
        if response.total <= MAX_REACH:
            continue
        if not request.years:
            years = (None if value.value == "none" else int(value.value) for value in response.facets.year)
            pending += [replace(request, years=(year,)) for year in years]
        elif not request.types:
            types = (None if value.value == "none" else value.value for value in response.facets.type)
            pending += [replace(request, types=(kind,)) for kind in types]
        elif request.sort is None:
            # More than a search reaches of one type in one year: from both ends, and by title.
            pending += [replace(request, sort=sort) for sort in (Sort.OLDEST, Sort.TITLE)]
    return [found[key] for key in sorted(found)]
