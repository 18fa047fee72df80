"""The JSON of version 1 of the API. Keys are a contract, so each of them is written here and nowhere else.

Exports in JSON Lines and `run.py search --json` write the same objects.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from indexer.query import Completion, FacetValue, Hit, PageHit, SearchResponse
from indexer.resource import Audience, Resource
from indexer.territories import gazetteer
from search_app.search.recognised import PagePlace


def search_json(response: SearchResponse, recognised: Set[PagePlace]) -> dict[str, Any]:
    """Return a search response as a JSON object.

    Args:
        response: the engine's response.
        recognised: pages of publications, among those that its hits show, whose text was recognised in an image.
    """
    return {
        "query": response.query,
        "total": response.total,
        "page": response.page,
        "per_page": response.per_page,
        "took_ms": round(response.took_ms, 2),
        "sort": response.sort.value,
        "hits": [_hit(hit, recognised) for hit in response.hits],
        "facets": {
            "type": [_facet_value(value) for value in response.facets.type],
            "year": [_facet_value(value) for value in response.facets.year],
            "theme": [_facet_value(value) for value in response.facets.theme],
            "territory": [_facet_value(value) for value in response.facets.territory],
            "private": [_facet_value(value) for value in response.facets.private],
            "publication": [_facet_value(value) for value in response.facets.publication],
            "format": [_facet_value(value) for value in response.facets.format],
        },
        "did_you_mean": response.did_you_mean,
        "corrected": response.corrected,
        "matching": response.matching.value,
        "total_all": response.total_all,
    }


def _hit(hit: Hit, recognised: Set[PagePlace]) -> dict[str, Any]:
    return {
        "id": hit.id,
        "url": hit.url,
        "title": hit.title,
        "type": hit.type,
        "year": hit.year,
        "year_source": hit.year_source.value if hit.year_source else None,
        "date": hit.date,
        "private": hit.private,
        "themes": list(hit.themes),
        "score": hit.score,
        "snippet": [[piece.text, piece.matched] for piece in hit.snippet],
        "missing": list(hit.missing),
        "pages": [_page_hit(page, PagePlace(hit.id, page.document, page.page) in recognised) for page in hit.pages],
        "pages_total": hit.pages_total,
    }


def _page_hit(page: PageHit, recognised: bool) -> dict[str, Any]:
    return {
        "document": page.document,
        "page": page.page,
        "label": page.label,
        "snippet": [[piece.text, piece.matched] for piece in page.snippet],
        "recognised": recognised,
    }


def _facet_value(value: FacetValue) -> dict[str, Any]:
    return {"value": value.value, "label": value.label, "count": value.count, "selected": value.selected}


def curated_json(chosen: Resource) -> dict[str, Any]:
    """Return, as a JSON object, a resource that staff chose to show above the results of a query."""
    return {
        "id": chosen.id,
        "url": chosen.url,
        "title": chosen.title,
        "type": chosen.type,
        "year": chosen.year,
        "private": chosen.private,
    }


def completion_json(completion: Completion, path: str) -> dict[str, Any]:
    """Return a completion of the typed text, and the path of the page that it leads to, as a JSON object."""
    return {"text": completion.text, "kind": completion.kind.value, "count": completion.count, "path": path}


def resource_json(found: Resource, reader: Audience) -> dict[str, Any]:
    """Return a resource as a JSON object, with the keys that the reader's audience may see."""
    answer: dict[str, Any] = {
        "id": found.id,
        "url": found.url,
        "title": found.title,
        "body": found.body,
        "summary": found.summary,
        "type": found.type,
        "private": found.private,
        "themes": list(found.themes),
        "territories": [{"code": code, "name": gazetteer().name(code)} for code in found.territories],
        "territory_source": found.territory_source.value if found.territory_source else None,
        "date": found.date,
        "year": found.year,
        "year_source": found.year_source.value if found.year_source else None,
        "author": found.author,
        "attachments": [{"url": one.url, "label": one.label} for one in found.attachments],
        "documents": [
            {
                "n": one.n,
                "name": one.name,
                "title": one.title,
                "media_type": one.media_type,
                "pages": one.pages,
                "labels": list(one.labels),
                "empty_pages": list(one.empty_pages),
                "recognised_pages": list(one.recognised_pages),
                "status": one.status,
            }
            for one in found.documents
        ],
    }
    if reader is Audience.STAFF:
        # Its source page and its warnings are for staff only.
        answer["source"] = found.source
        answer["warnings"] = list(found.warnings)
    return answer
