"""Logs searches after they are answered, and decides which requests count as a person's search."""

from __future__ import annotations

from functools import partial

from flask import Response, after_this_request, request

from indexer.query import SearchRequest, SearchResponse
from search_app.web.context import site

_PREFETCH = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")


def note_search(asked: SearchRequest, found: SearchResponse) -> None:
    """Log a search, unless it has no words, asks for a further page, or is prefetched by a browser.

    Args:
        asked: the request.
        found: its response.
    """
    log = site().stores.searches
    if not log.on or not asked.query.strip() or asked.page > 1 or request.method != "GET" or _ahead():
        return
    note = partial(
        log.note, asked.query, results=found.total, member=asked.audience.sees_private, corrected=found.corrected
    )

    @after_this_request
    def once_answered(response: Response) -> Response:
        response.call_on_close(note)
        return response


def _ahead() -> bool:
    return any("prefetch" in request.headers.get(name, "").casefold() for name in _PREFETCH)
