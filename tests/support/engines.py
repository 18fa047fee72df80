"""Short words for tests that fill engines and ask them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from indexer.engine import Engine
from indexer.query import FacetValue, SearchRequest, SearchResponse
from indexer.resource import Audience, Resource, YearSource

VISITOR, MEMBER, STAFF = Audience.VISITOR, Audience.MEMBER, Audience.STAFF


def resource(title: str, body: str | None = None, *, id: str | None = None, **fields: Any) -> Resource:
    """A public resource; its id is its first word unless told.

    `year` or `date` may be given alone, as pages do.
    """
    date = fields.get("date")
    if date is not None and "year" not in fields:
        fields["year"] = int(date[:4])
    if fields.get("year") is not None:
        fields.setdefault("year_source", YearSource.PAGE)
    plain = Resource(
        id=id or title.split(maxsplit=1)[0].lower(),
        url=None,
        title=title,
        body=body,
        summary=None,
        type=None,
        private=False,
        themes=(),
        date=None,
        year=None,
        year_source=None,
    )
    return replace(plain, **fields)


def private(title: str, body: str | None = None, **fields: Any) -> Resource:
    """A resource for members."""
    return resource(title, body, private=True, **fields)


def fill(engine: Engine, *resources: Resource, fresh: bool = False, remove: Iterable[str] = ()) -> None:
    """Publish one generation with some more resources, or fewer."""
    with engine.writer(fresh=fresh) as writer:
        for resource_id in remove:
            writer.remove(resource_id)
        for each in resources:
            writer.put(each)


def ask(engine: Engine, query: str = "", *, audience: Audience = VISITOR, **filters: Any) -> SearchResponse:
    """One search."""
    return engine.search(SearchRequest(audience=audience, query=query, **filters))


def listed(engine: Engine, query: str = "", *, audience: Audience = VISITOR, **filters: Any) -> list[str]:
    """Ids of the hits, in their order; all of them on one page."""
    response = ask(engine, query, audience=audience, **{"per_page": 100, **filters})
    assert response.total >= len(response.hits)
    return [hit.id for hit in response.hits]


def found(engine: Engine, query: str = "", *, audience: Audience = VISITOR, **filters: Any) -> set[str]:
    """Ids of the hits, whatever their order."""
    return set(listed(engine, query, audience=audience, **filters))


def counts(values: Iterable[FacetValue]) -> dict[str, int]:
    """A facet as a table, in its order."""
    return {value.value: value.count for value in values}


def selected(values: Iterable[FacetValue]) -> set[str]:
    """The values of a facet that are marked as selected."""
    return {value.value for value in values if value.selected}


def marked(response: SearchResponse) -> list[str]:
    """What the first hit's snippet marks."""
    return [piece.text for piece in response.hits[0].snippet if piece.matched]


def shown(response: SearchResponse) -> str:
    """The first hit's snippet as one text."""
    return "".join(piece.text for piece in response.hits[0].snippet)
