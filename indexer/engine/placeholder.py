"""Placeholders: what visitors may know of private resources where the archive lets them: title, type and year, nothing else.

A placeholder is made of these three alone, its id too: no other word, address or theme of a resource leaves a trace in it, and
namesakes of one type and year are one placeholder.
"""

from __future__ import annotations

import hashlib
import json
import re

from indexer.analysis.folding import fold
from indexer.parsing.text import TITLE_DOUBTS
from indexer.resource import Resource

PREFIX = "reservee-"
"""Ids of placeholders begin so."""


def placeholder(title: str, type: str | None, year: int | None) -> Resource:
    """What visitors find in the place of a private resource."""
    slug = "-".join(re.findall(r"[a-z0-9]+", fold(title)))[:60].strip("-")
    said = json.dumps([title, type, year]).encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(said, digest_size=6).hexdigest()
    return Resource(
        id=f"{PREFIX}{slug}-{digest}" if slug else PREFIX + digest,
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
    """Whether its title is surely a title. Where the beginning of a private text stands for one, there is no placeholder."""
    return TITLE_DOUBTS.isdisjoint(resource.warnings)


def is_placeholder(resource: Resource) -> bool:
    """Whether this is what visitors find, and not the resource itself, whose own title may begin with « Réservée »."""
    return resource.private and resource.id == placeholder(resource.title, resource.type, resource.year).id
