"""Records in simple Dublin Core, and their identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, unquote, urlsplit

from indexer.resource import Resource
from indexer.territories import gazetteer
from search_app.export.kinds import Kind, kind_of
from search_app.export.record import Record, Source, abstract, iso_date
from search_app.web.text import one_line

_ABSTRACT = 4000
_DOMAIN = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+", re.ASCII | re.IGNORECASE)
_DCMI_TYPES = {Kind.REPORT: "Text", Kind.WEB_PAGE: "Text"}


def host_of(address: str) -> str:
    """Return the host in the archive's address, which the identifiers of records contain."""
    return (urlsplit(address).hostname or "localhost").replace(":", "-")


def has_domain(address: str) -> bool:
    """Return whether the host in the archive's address is a domain name, as the OAI guideline for identifiers asks."""
    return _DOMAIN.fullmatch(host_of(address)) is not None


def identifier_of(resource_id: str, address: str) -> str:
    """Return the identifier of a record: ``oai:archives.exemple.fr:guide``."""
    return f"oai:{host_of(address)}:{quote(resource_id, safe='')}"


def id_of(identifier: str, address: str) -> str | None:
    """Return the id of the resource in an OAI identifier, or None if the identifier is not one of this archive."""
    start = f"oai:{host_of(address)}:"
    if not identifier.startswith(start):
        return None
    found = unquote(identifier.removeprefix(start))
    # One resource has one identifier.
    return found if identifier_of(found, address) == identifier else None


def dublin_core(record: Record, source: Source) -> tuple[tuple[str, str], ...]:
    """Return the elements of a record in order, each with its text; unknown values are left out."""
    return tuple((name, text) for name, text in _elements(record, source) if text)


def _elements(record: Record, source: Source) -> Iterator[tuple[str, str]]:
    resource: Resource = record.resource
    yield "title", one_line(resource.title)
    for name in resource.authors:
        yield "creator", one_line(name)
    for theme in resource.themes:
        yield "subject", one_line(theme)
    yield "description", abstract(resource, _ABSTRACT) or ""
    yield "publisher", source.publisher(record)
    yield "date", iso_date(record.date)
    yield "type", one_line(resource.type or "")
    yield "type", _DCMI_TYPES[kind_of(resource)]
    for media_type in dict.fromkeys(["text/html", *(one.media_type for one in resource.documents)]):
        yield "format", media_type
    yield "identifier", record.address
    yield "source", record.original or ""
    for attached in record.documents:
        yield "relation", attached.url
    for code in resource.territories:
        yield "coverage", gazetteer().label(code)
    yield "language", "fr"
