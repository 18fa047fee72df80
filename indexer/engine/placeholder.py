"""Placeholders: stand in for private resources in archives that let visitors see their title, type and year.

A placeholder and its id are made from these three values alone: it holds no other word, address or theme of the
resource, and resources with the same title, type and year share one placeholder.
"""

from __future__ import annotations

import hashlib
import json

from indexer.analysis import slug
from indexer.parsing.text import TITLE_DOUBTS
from indexer.resource import Resource

ID_PREFIX = "reservee-"
"""Prefix of the ids of placeholders."""


def placeholder(title: str, type: str | None, year: int | None) -> Resource:
    """Return the placeholder that visitors find in place of a private resource."""
    name = slug(title)
    said = json.dumps([title, type, year]).encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(said, digest_size=6).hexdigest()
    return Resource(
        id=f"{ID_PREFIX}{name}-{digest}" if name else ID_PREFIX + digest,
        url=None,
        title=title,
        body=None,
        summary=None,
        type=type,
        private=True,
        themes=(),
        date=None,
        year=year,
        year_source=None,
    )


def is_titled(resource: Resource) -> bool:
    """Return whether a resource has a real title; without one, its title is the beginning of its private text, and it
    gets no placeholder.
    """
    return TITLE_DOUBTS.isdisjoint(resource.warnings)


def is_placeholder(resource: Resource) -> bool:
    """Return whether a resource is a placeholder, rather than a private resource whose title happens to begin with «
    Réservée ».
    """
    return resource.private and resource.id == placeholder(resource.title, resource.type, resource.year).id
