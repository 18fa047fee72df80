"""Short helpers for tests that fill and query engines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from indexer.engine import Engine
from indexer.query import FacetValue, SearchRequest, SearchResponse
from indexer.resource import Audience, PublishedDocument, Resource, YearSource

VISITOR, MEMBER, STAFF = Audience.VISITOR, Audience.MEMBER, Audience.STAFF


def resource(title: str, body: str | None = None, *, id: str | None = None, **fields: Any) -> Resource:
    """Return a public resource; its id is the first word of its title by default.

    If `date` is given without `year`, the year is that of the date.
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
    """Return a private resource."""
    return resource(title, body, private=True, **fields)


def published(n: int, name: str, title: str | None = None) -> PublishedDocument:
    """Return the `n`-th publication of a resource: a PDF with file name `name`, whose text was read."""
    return PublishedDocument(n, name, f"digest-{n}", f"text-{n}", "application/pdf", 1000, "read", title=title)


def fill(engine: Engine, *resources: Resource, fresh: bool = False, remove: Iterable[str] = ()) -> None:
    """Publish a new version of the index: add resources, and remove those whose ids are in `remove`.

    If `fresh`, it starts empty; otherwise from the current version.
    """
    with engine.writer(fresh=fresh) as writer:
        for resource_id in remove:
            writer.remove(resource_id)
        for each in resources:
            writer.put(each)


def ask(engine: Engine, query: str = "", *, audience: Audience = VISITOR, **filters: Any) -> SearchResponse:
    """Return the response to a search; `filters` are further fields of `SearchRequest`."""
    return engine.search(SearchRequest(audience=audience, query=query, **filters))


def listed(engine: Engine, query: str = "", *, audience: Audience = VISITOR, **filters: Any) -> list[str]:
    """Return the ids of all hits of a search, in order."""
    response = ask(engine, query, audience=audience, **{"per_page": 100, **filters})
    assert response.total >= len(response.hits)
    return [hit.id for hit in response.hits]


def found(engine: Engine, query: str = "", *, audience: Audience = VISITOR, **filters: Any) -> set[str]:
    """Return the ids of all hits of a search as a set."""
    return set(listed(engine, query, audience=audience, **filters))


def counts(values: Iterable[FacetValue]) -> dict[str, int]:
    """Return the counts of a facet by value, in order."""
    return {value.value: value.count for value in values}


def selected(values: Iterable[FacetValue]) -> set[str]:
    """Return the values of a facet that are marked as selected."""
    return {value.value for value in values if value.selected}


def marked(response: SearchResponse) -> list[str]:
    """Return the highlighted pieces of the first hit's snippet."""
    return [piece.text for piece in response.hits[0].snippet if piece.matched]


def shown(response: SearchResponse) -> str:
    """Return the first hit's snippet as one text."""
    return "".join(piece.text for piece in response.hits[0].snippet)
