"""The resources that staff put above the results of a search, without those that the reader may not see."""

from __future__ import annotations

import logging

from indexer.query import SearchRequest
from indexer.resource import Resource
from search_app.errors import StoreError
from search_app.search import params
from search_app.web.context import site

_log = logging.getLogger(__name__)


def shown(request: SearchRequest) -> tuple[Resource, ...]:
    """Return the resources that staff chose for a search and that its reader may see.

    There are none on the second and later pages of results, and none if the search has filters. If the choices of staff
    cannot be read, nothing is returned and the error is logged, so that the search itself still works.

    Raises:
        EngineError: the engine cannot answer.
    """
    if not request.query.strip() or request.page > 1 or params.has_filters(request):
        return ()
    try:
        chosen = site().stores.curated.find(request.query)
    except StoreError as error:
        _log.warning("choix de l’équipe illisibles : %s", error)
        return ()
    found = (site().engine.get(one, audience=request.audience) for one in (chosen.resources if chosen else ()))
    return tuple(resource for resource in found if resource is not None)
