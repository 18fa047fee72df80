"""Finds which pages of publications, among those that hits show, have a text recognised in an image; needs no Flask."""

from __future__ import annotations

from typing import NamedTuple

from indexer.engine import Engine
from indexer.query import SearchResponse
from indexer.resource import Audience


class PagePlace(NamedTuple):
    """What identifies a page of a publication.

    Attributes:
        resource: id of the resource.
        document: number of the publication within the resource.
        page: number of the page in the file.
    """

    resource: str
    document: int
    page: int


def recognised_pages(response: SearchResponse, engine: Engine, audience: Audience) -> frozenset[PagePlace]:
    """Return the pages of publications, among those that the hits show, whose text was recognised in an image.

    Args:
        response: the engine's response.
        engine: the engine, for what is known of publications.
        audience: audience of the reader.

    Raises:
        IndexMissingError: nothing was indexed yet.
        EngineError: the engine cannot answer.
    """
    found = set()
    for hit in response.hits:
        resource = engine.get(hit.id, audience=audience) if hit.pages else None
        known = {} if resource is None else {one.n: one.recognised_pages for one in resource.documents}
        found |= {
            PagePlace(hit.id, page.document, page.page)
            for page in hit.pages
            if page.page in known.get(page.document, ())
        }
    return frozenset(found)
