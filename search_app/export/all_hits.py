"""Searches without pages: every hit of a search in its order, every public resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from indexer.engine import Engine
from indexer.query import MAX_REACH, Hit, SearchRequest, SearchResponse, Sort
from indexer.resource import Audience
from search_app.export.record import Record


def all_hits(engine: Engine, request: SearchRequest) -> SearchResponse:
    """Return all hits of a search in its order, up to `MAX_REACH`, from one generation.

    Raises:
        EngineError: the engine cannot answer.
    """
    return engine.search(replace(request, page=1, per_page=MAX_REACH, snippets=False))


def records(engine: Engine, ids: Iterable[str], audience: Audience, address: Callable[[str], str]) -> Iterator[Record]:
    """Yield resources one by one, so that a long file needs little memory; one deleted meanwhile is skipped.

    Args:
        engine: what holds them.
        ids: which, in order.
        audience: who reads.
        address: the absolute address of a resource in this archive.

    Raises:
        EngineError: the engine cannot answer.
    """
    for resource_id in ids:
        found = engine.get(resource_id, audience=audience)
        if found is not None:
            yield Record(found, address(resource_id))


def public_hits(engine: Engine) -> list[Hit]:
    """Return every public resource, by id, however many there are.

    A search reaches `MAX_REACH` hits, so that a larger archive is read year by year and, where one year holds more,
    type by type: each resource has one of both, or none.

    Raises:
        EngineError: the engine cannot answer.
    """
    found: dict[str, Hit] = {}
    pending = [SearchRequest(Audience.VISITOR)]
    while pending:
        request = pending.pop()
        response = all_hits(engine, request)
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
