"""The view model of the page of one resource: highlighted text, position in the search that led to it, citations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from indexer import document
from indexer.analysis import collation_key, default_analyzer
from indexer.engine import Engine
from indexer.query import Highlight, Hit, Planner, SearchRequest, TextField, find_highlights, related_request
from indexer.resource import Attachment, Resource
from indexer.territories import gazetteer, level_of
from search_app.browse.addresses import territory_path
from search_app.export import Record, Source, bibtex, cite, ris
from search_app.messages import TERRITORY_SOURCES
from search_app.resources import metadata
from search_app.resources.layout import Entry, PageLayout, ShownBlock
from search_app.resources.position import Neighbour, Position, position_of
from search_app.resources.reading import ShownPublication, shown_publications
from search_app.resources.repetition import is_repeated
from search_app.search import params
from search_app.search.views import search_path
from search_app.web import text as texts
from search_app.web.urls import absolute, resource_address

_RELATED = 5
_SECTION = 2
"""Level of the headings « Résumé » and « Texte », above the headings of the document itself."""


@dataclass(frozen=True, slots=True)
class NeighbourLink:
    """A link to the previous or next resource of a search."""

    title: str
    href: str


@dataclass(frozen=True, slots=True)
class ResourceView:
    """Everything that the template shows besides the resource itself.

    Attributes:
        record: the resource and its canonical address.
        lead, body: summary (unless the body repeats it) and body, with highlights.
        contents: the body's table of contents, empty if the body is short.
        marked: number of highlights.
        back: link to the search that led here, at the hit of this resource; or to all resources.
        from_search: whether a search led here.
        position, total: position in that search and its number of hits; None and 0 if the resource is not among them.
        previous, next: links to the neighbours of the resource in that search.
        publications: files of publications that the archive holds for the resource.
        attachments: linked documents that are not among the publications.
        search_inside: address of the search inside the publications; None if none has searchable text.
        hidden: arguments that the form of the search inside the publications keeps.
        themes: each theme and the address of its resources.
        territories: each territory and the address of its page.
        territory_source: where the territories were found, in French words; None if there are none.
        related: resources on the same subject.
        citation, bibtex, ris: its citation in each format.
        description: short description for search engines.
        highwire, open_graph: names and contents of ``meta`` elements.
        schema_org: a JSON-LD object.
    """

    record: Record
    lead: tuple[ShownBlock, ...]
    body: tuple[ShownBlock, ...]
    contents: tuple[Entry, ...]
    marked: int
    back: str
    from_search: bool
    position: int | None
    total: int
    previous: NeighbourLink | None
    next: NeighbourLink | None
    publications: tuple[ShownPublication, ...]
    attachments: tuple[Attachment, ...]
    search_inside: str | None
    hidden: tuple[tuple[str, str], ...]
    themes: tuple[tuple[str, str], ...]
    territories: tuple[tuple[str, str], ...]
    territory_source: str | None
    related: tuple[Hit, ...]
    citation: str
    bibtex: str
    ris: str
    description: str | None
    highwire: tuple[tuple[str, str], ...]
    open_graph: tuple[tuple[str, str], ...]
    schema_org: dict[str, Any]


def make(
    resource: Resource, came_from: SearchRequest, engine: Engine, source: Source, planner: Planner
) -> ResourceView:
    """Return the view model of the page.

    Args:
        resource: the resource, as its audience may see it.
        came_from: the search in the arguments of the page's address, with the audience of the reader.
        engine: answers searches.
        source: this archive, for the reader's audience.
        planner: plans the query, with the synonyms that the engine used.

    Raises:
        EngineError: the engine cannot answer.
    """
    record = Record(resource, resource_address(resource.id))
    from_search = bool(params.build(came_from))
    query, position = came_from.query, None
    if from_search:
        response, position = position_of(engine, came_from, resource.id)
        if response.corrected and response.did_you_mean:
            query = response.did_you_mean
    lead, body = None if is_repeated(resource.summary, resource.body) else resource.summary, resource.body
    marks = _marks(query, lead, body, planner)
    layout = PageLayout(above=_SECTION, own_host=texts.host(record.address))
    shown_lead = layout.blocks(document.read(lead, resource.summary_shape), marks[0])
    shown_body = layout.blocks(document.read(body, resource.body_shape), marks[1])

    held = {link for one in resource.documents for link in one.links}
    publications = shown_publications(resource, params.query_string(came_from))
    files = [
        metadata.OwnFile(one, absolute("publications.file", resource_id=resource.id, document=one.n))
        for one in resource.documents
    ]

    def link(neighbour: Neighbour | None) -> NeighbourLink | None:
        if neighbour is None:
            return None
        arguments = params.query_string(replace(came_from, page=neighbour.page))
        return NeighbourLink(neighbour.title, url_for("resources.page", resource_id=neighbour.id) + arguments)

    return ResourceView(
        record=record,
        lead=shown_lead,
        body=shown_body,
        contents=layout.contents(),
        marked=sum(map(len, marks)),
        back=_back(came_from, resource.id, position),
        from_search=from_search,
        position=position.number if position else None,
        total=position.total if position else 0,
        previous=link(position.previous if position else None),
        next=link(position.next if position else None),
        publications=publications,
        attachments=tuple(one for one in resource.attachments if one.url not in held),
        search_inside=(
            url_for("publications.search_all", resource_id=resource.id)
            if any(one.searched for one in publications)
            else None
        ),
        hidden=tuple(pair for pair in params.build(came_from) if pair[0] not in {"q", "page"}),
        themes=tuple(
            (theme, search_path(SearchRequest(came_from.audience, themes=(theme,)))) for theme in resource.themes
        ),
        territories=tuple(
            (gazetteer().label(code), territory_path(code)) for code in sorted(resource.territories, key=_by_level)
        ),
        territory_source=TERRITORY_SOURCES[resource.territory_source] if resource.territory_source else None,
        related=_related(resource, came_from, engine),
        citation=cite(record, source),
        bibtex=bibtex.entry(record, source),
        ris=ris.reference(record, source).replace("\r\n", "\n"),
        description=metadata.description(record),
        highwire=metadata.highwire(record, source, files),
        open_graph=metadata.open_graph(record, source),
        schema_org=metadata.schema_org(record, source, absolute("pages.search"), files),
    )


def _back(came_from: SearchRequest, resource_id: str, position: Position | None) -> str:
    """Return the address of the search: at the hit, on the page of results that shows it, if the search found it."""
    if position is None:
        return search_path(came_from)
    page = (position.number - 1) // came_from.per_page + 1
    return f"{search_path(replace(came_from, page=page))}#ressource-{resource_id}"


def _by_level(code: str) -> tuple[int, tuple[str, str]]:
    """Return a sort key for territories: the largest level first, then by name."""
    return level_of(code), collation_key(gazetteer().name(code))


def _marks(query: str, lead: str | None, body: str | None, planner: Planner) -> tuple[tuple[Highlight, ...], ...]:
    if not query.strip():
        return ((), ())
    return find_highlights(query, ((TextField.SUMMARY, lead or ""), (TextField.BODY, body or "")), planner)


def _related(found: Resource, came_from: SearchRequest, engine: Engine) -> tuple[Hit, ...]:
    """Return a few related resources. An ordinary search finds them, so they are all visible to the reader."""
    asked = related_request(found, default_analyzer(), audience=came_from.audience, limit=_RELATED)
    if not asked.query:
        return ()
    hits = engine.search(asked).hits
    return tuple(hit for hit in hits if hit.id != found.id)[:_RELATED]
