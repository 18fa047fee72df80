"""Absolute addresses of this site, for use outside of its pages: files, feeds, metadata."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from flask import url_for

from search_app.settings import LOCAL_ADDRESS
from search_app.web.context import site


def absolute(endpoint: str, **values: Any) -> str:
    """Return the absolute address of an endpoint, with the arguments of `url_for`.

    It is built from the settings, not from the Host header, which clients control.
    """
    return urljoin(site().settings.address or LOCAL_ADDRESS, url_for(endpoint, **values))


def resource_address(resource_id: str) -> str:
    """Return the canonical address of a resource in this archive."""
    return absolute("resources.page", resource_id=resource_id)
