"""Addresses of this site, whole, for what is read away from it: files, feeds, metadata."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from flask import url_for

from indexer.query.request import SearchRequest
from search_app.search import params
from search_app.settings import LOCAL_ADDRESS
from search_app.web.context import site


def absolute(endpoint: str, **values: Any) -> str:
    """The whole address of an endpoint; arguments as those of `url_for`.

    It stands on the settings: the Host header, which anyone may write, is not believed.
    """
    return urljoin(site().settings.address or LOCAL_ADDRESS, url_for(endpoint, **values))


def resource_address(resource_id: str) -> str:
    """The canonical address of a resource in this archive."""
    return absolute("pages.resource", resource_id=resource_id)


def search_path(request: SearchRequest) -> str:
    """The search page that answers a request, as this site's own pages link to it."""
    return url_for("pages.search") + params.query_string(request)
