"""A search in a few words, to name files, feeds and saved searches by."""

from __future__ import annotations

from dataclasses import replace

from indexer.query.request import SearchRequest
from search_app import messages
from search_app.search import params

MOST = 100
"""Characters of a name."""


def name_of(request: SearchRequest) -> str:
    """What is looked for: the words as typed, then the filters in force; « Toutes les ressources » without any."""
    parts = [request.query.strip()] if request.query.strip() else []
    for facet in ("type", "theme", "year"):
        without = messages.NO_VALUE[facet]
        parts += [without if value == params.NONE else value for value in params.selected(request, facet)]
    if request.year_from is not None or request.year_to is not None:
        parts.append(messages.years_between(request.year_from, request.year_to))
    parts += [messages.PRIVATE_FILTER[value] for value in request.private]
    name = " ".join(", ".join(parts).split()) or messages.ALL_RESOURCES
    return name if len(name) <= MOST else name[: MOST - 1].rstrip() + "…"


def whole_search(request: SearchRequest) -> SearchRequest:
    """The search without the page that was looked at: what is exported, followed and saved."""
    return replace(request, page=1, per_page=params.PER_PAGE)
