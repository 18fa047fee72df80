"""Searches without pagination: all hits of a search in order, and all public resources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from indexer.engine import Engine
from indexer.query import MAX_REACH, Hit, SearchRequest, SearchResponse, Sort
from indexer.resource import Audience
from search_app.export.record import Record


def all_hits(engine: Engine, request: SearchRequest) -> SearchResponse:
    """Return all hits of a search in order, up to `MAX_REACH`, all from the same version of the index.

    Raises:
        EngineError: the engine cannot answer.
    """
    return engine.search(replace(request, page=1, per_page=MAX_REACH, snippets=False))


def records(
    engine: Engine,
    ids: Iterable[str],
    audience: Audience,
    address: Callable[[str], str],
    notes: Mapping[str, str] | None = None,
) -> Iterator[Record]:
    """Yield resources one by one, so that a long file needs little memory. A resource deleted meanwhile is skipped.

    Args:
        engine: the engine to read them from.
        ids: ids of the resources, in order.
        audience: audience of the reader.
        address: returns the absolute address of a resource in this archive, given its id.
        notes: for exports of a list, the notes of its owner, by id of the resource.

    Raises:
        EngineError: the engine cannot answer.
    """
    for resource_id in ids:
        found = engine.get(resource_id, audience=audience)
        if found is not None:
            yield Record(found, address(resource_id), (notes or {}).get(resource_id, ""))


def public_hits(engine: Engine) -> list[Hit]:
    """Return all public resources, ordered by id, however many there are.

    A search returns at most `MAX_REACH` hits. A larger archive is therefore read year by year, and a larger year type
    by type; each resource has at most one year and one type.

    Raises:
        EngineError: the engine cannot answer.
    """
    found: dict[str, Hit] = {}
    pending = [SearchRequest(Audience.VISITOR)]
    while pending:
        request = pending.pop()
        response = all_hits(engine, request)
        # Filtered by privacy too, since some archives show visitors the titles of private resources.
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
            # One type in one year exceeds MAX_REACH: read it in both date orders, and by title.
            pending += [replace(request, sort=sort) for sort in (Sort.OLDEST, Sort.TITLE)]
    return [found[key] for key in sorted(found)]
