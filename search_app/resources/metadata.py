"""Metadata of a resource's page, as plain data: Highwire tags and Dublin Core (Zotero, Google Scholar), Open Graph,
schema.org.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from indexer.publications import PDF
from indexer.resource import PublishedDocument
from search_app.export import Kind, Record, Source, abstract, iso_date, kind_of
from search_app.web.text import one_line

_DESCRIPTION = 200
_SCHEMA_TYPES: Mapping[Kind, str] = {Kind.REPORT: "Report", Kind.WEB_PAGE: "WebPage"}


class OwnFile(NamedTuple):
    """A publication that this archive holds, and its absolute address."""

    document: PublishedDocument
    address: str


def description(record: Record) -> str | None:
    """Return a short description for search engines and link previews, or None if the resource has no text."""
    return abstract(record.resource, _DESCRIPTION)


def highwire(record: Record, source: Source, files: Sequence[OwnFile] = ()) -> tuple[tuple[str, str], ...]:
    """Return names and contents of ``meta`` elements for reference managers; unknown values are left out.

    Args:
        record: the resource.
        source: this archive.
        files: its publications; the first PDF is the one that programs fetch.
    """
    resource = record.resource
    tags = [("citation_title", one_line(resource.title))]
    tags += [("citation_author", one_line(name)) for name in resource.authors]
    if record.date:
        tags.append(("citation_publication_date", iso_date(record.date).replace("-", "/")))
    if kind_of(resource) is Kind.REPORT:
        tags.append(("citation_technical_report_institution", source.publisher(record)))
    tags += [("citation_publisher", source.publisher(record)), ("citation_language", "fr")]
    tags += [("citation_keywords", one_line(theme)) for theme in resource.themes]
    summary = abstract(resource)
    if summary is not None:
        tags.append(("citation_abstract", summary))
    tags += [("citation_pdf_url", file.address) for file in files if file.document.media_type == PDF][:1]
    # Without this, Zotero takes everything that has a title for a journal article.
    return (*tags, ("citation_public_url", record.original or record.address), ("DC.type", kind_of(resource).value))


def open_graph(record: Record, source: Source) -> tuple[tuple[str, str], ...]:
    """Return properties and contents of Open Graph ``meta`` elements."""
    resource = record.resource
    tags = [
        ("og:type", "website"),
        ("og:title", one_line(resource.title)),
        ("og:url", record.address),
        ("og:site_name", source.site_name),
        ("og:locale", "fr_FR"),
    ]
    summary = description(record)
    if summary is not None:
        tags.append(("og:description", summary))
    return tuple(tags)


def schema_org(record: Record, source: Source, home: str, files: Sequence[OwnFile] = ()) -> dict[str, Any]:
    """Return the schema.org description as a JSON-LD object; unknown values are left out.

    Args:
        record: the resource.
        source: this archive.
        home: address of its home page.
        files: its publications.
    """
    resource = record.resource
    held = {link for document in resource.documents for link in document.links}
    values: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": _SCHEMA_TYPES[kind_of(resource)],
        "@id": record.address,
        "url": record.address,
        "name": one_line(resource.title),
        "author": list(map(one_line, resource.authors)),
        "description": description(record),
        "genre": resource.type,
        "keywords": list(map(one_line, resource.themes)),
        "datePublished": iso_date(record.date),
        "inLanguage": "fr",
        "isAccessibleForFree": not resource.private,
        "sameAs": record.original,
        "isPartOf": {"@type": "Collection", "name": source.site_name, "url": home},
        "associatedMedia": [
            {
                "@type": "MediaObject",
                "name": one_line(file.document.heading),
                "contentUrl": file.address,
                "encodingFormat": file.document.media_type,
                "contentSize": f"{file.document.size} B",
            }
            for file in files
        ]
        + [
            {"@type": "MediaObject", "name": one_line(one.label) or one.url, "contentUrl": one.url}
            for one in record.documents
            if one.url not in held
        ],
    }
    return {name: value for name, value in values.items() if value not in (None, "", [])}
