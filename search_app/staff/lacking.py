"""The resources that lack a year, a theme or a type, except those whose correction already gives one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from indexer.corpus import UNSET, Correction, Field
from indexer.pipeline import corrections_of
from indexer.query import MAX_REACH, Hit, SearchRequest, Sort
from indexer.resource import Audience
from search_app.web.context import site


@dataclass(frozen=True, slots=True)
class Lacking:
    """One page of the resources that lack a value.

    Attributes:
        hits: the resources of this page, ordered by title.
        total: number of all resources that lack the value.
        left: number of resources that lack it only until the next indexing run, which publishes their corrections.
    """

    hits: tuple[Hit, ...]
    total: int
    left: int


def request_for(field: Field) -> SearchRequest:
    """Return the search for the resources that lack a type, a year or themes."""
    return SearchRequest(
        Audience.STAFF,
        types=(None,) if field is Field.TYPE else (),
        years=(None,) if field is Field.YEAR else (),
        themes=(None,) if field is Field.THEMES else (),
        sort=Sort.TITLE,
        snippets=False,
    )


def lacking(field: Field, *, page: int = 1, per_page: int = 1) -> Lacking:
    """Return one page of the resources that lack a type, a year or themes.

    Raises:
        EngineError: the engine cannot answer.
        CorpusError: the corrections cannot be read.
    """
    asked, engine = request_for(field), site().engine
    given = {
        resource_id
        for resource_id, correction in corrections_of(site().settings).all().items()
        if _gives(correction, field)
    }
    if not given:
        found = engine.search(replace(asked, page=page, per_page=per_page))
        return Lacking(found.hits, found.total, 0)
    # The index lists what is corrected until the next run has published it.
    found = engine.search(replace(asked, per_page=MAX_REACH))
    hits = tuple(hit for hit in found.hits if hit.id not in given)
    left = len(found.hits) - len(hits)
    return Lacking(hits[(page - 1) * per_page : page * per_page], found.total - left, left)


def _gives(correction: Correction, field: Field) -> bool:
    """Return whether a correction gives a value for a field, or takes the resource out of the index."""
    if correction.withdrawn is True:
        return True
    match field:
        case Field.TYPE:
            return correction.type is not UNSET and correction.type is not None
        case Field.YEAR:
            return any(value is not UNSET and value is not None for value in (correction.year, correction.date))
        case _:
            return correction.themes is not UNSET and bool(correction.themes)
