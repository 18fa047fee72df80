"""View models of the pages of publications: one page with its highlights and neighbours, and lists of pages found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import NamedTuple

from flask import url_for

from indexer.document.pages import Page
from indexer.publications import DOCX, ODT, PDF, Status
from indexer.query import FORMATS, Highlight, PageHit, Piece, Planner, SearchRequest
from indexer.query.page_highlighting import highlight, page_snippet, shown
from indexer.resource import PublishedDocument, Resource
from search_app import messages
from search_app.export import Record, Source, cite
from search_app.search import params
from search_app.web import text as texts
from search_app.web.context import Site
from search_app.web.urls import resource_address

PART = "liste"
"""Name of the address's argument that says which part of a long list of found pages to show."""
_PER_PART = 20
_MOST_IN_RUN = 6
"""Largest number of page numbers in the sentence about pages without text; « … » stands for the others."""


class Line(NamedTuple):
    """A paragraph of a page; a running line is a header, a footer or a page number."""

    pieces: tuple[Piece, ...]
    running: bool


class PageLink(NamedTuple):
    """A link to a page of a publication."""

    number: int
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The view model that all pages about publications share.

    Attributes:
        query: words that are highlighted: as typed or, if no page has these, as corrected.
        typed: words as typed.
        corrected: whether `query` is a correction.
        resource_href: address of the page of the resource, with the search that led here.
        search_href: address of the search inside the publication, or inside all publications of the resource.
        hidden: arguments that the form of the search inside keeps.
        arguments: query string, with ``?``, that links to other pages keep.
    """

    query: str
    typed: str
    corrected: bool
    resource_href: str
    search_href: str
    hidden: tuple[tuple[str, str], ...]
    arguments: str


@dataclass(frozen=True, slots=True)
class PageView:
    """Everything that the site shows of one page of a publication.

    Attributes:
        frame: what all pages about publications share.
        number: number of the page in the file.
        name: « p. 37 », or None for a text document, which counts as one page.
        lines: text of the page; empty if it has none.
        missing: whether the page has a text that cannot be shown now.
        recognised: whether a program recognised the text in an image.
        marked: number of highlights.
        previous, next: neighbouring pages.
        previous_match, next_match: nearest pages that match the search.
        match, matches: position of the page among the pages that match, from 1, or None; and their number.
        image: address of the image of the page, or None.
        file: address of the file, opened at the page.
        citation: citation of the page.
        canonical: address that search engines are to list in place of this page: that of the resource.
    """

    frame: Frame
    number: int
    name: str | None
    lines: tuple[Line, ...]
    missing: bool
    recognised: bool
    marked: int
    previous: PageLink | None
    next: PageLink | None
    previous_match: PageLink | None
    next_match: PageLink | None
    match: int | None
    matches: int
    image: str | None
    file: str
    citation: str
    canonical: str


class FoundPage(NamedTuple):
    """A page that matches a search, its best passage, and whether a program recognised its text in an image."""

    link: PageLink
    snippet: tuple[Piece, ...]
    recognised: bool


class FoundDocument(NamedTuple):
    """A publication, and those of its matching pages that are listed; `whole` if its format has no pages."""

    document: PublishedDocument
    whole: bool
    pages: tuple[FoundPage, ...]


@dataclass(frozen=True, slots=True)
class SearchView:
    """Everything that the search inside publications shows.

    Attributes:
        frame: what all pages about publications share.
        documents: publications with pages that match.
        total: number of pages that match.
        first, last: places of the first and last listed page among the pages that match, from 1.
        previous, next: addresses of the previous and next part of the list, or None.
        canonical: address that search engines are to list in place of this page: that of the resource.
    """

    frame: Frame
    documents: tuple[FoundDocument, ...]
    total: int
    first: int
    last: int
    previous: str | None
    next: str | None
    canonical: str


class ShownPublication(NamedTuple):
    """A publication, as the page of its resource lists it.

    Attributes:
        document: the publication.
        format: « PDF ».
        facts: « 24 pages, 1,4 Mo ».
        file: address of the file.
        reading: address of its first page as text, or None.
        searched: whether searches find its words.
        notes: French sentences about text that cannot be read, or was recognised in images.
        original: address of the file on the original site, or None.
    """

    document: PublishedDocument
    format: str
    facts: str
    file: str
    reading: str | None
    searched: bool
    notes: tuple[str, ...]
    original: str | None


_UNREAD = {
    Status.NO_TEXT: "Ses pages sont des images sans texte : ses mots ne peuvent pas être cherchés.",
    Status.UNREADABLE: "Son texte est illisible par un programme : ses mots ne peuvent pas être cherchés.",
    Status.PASSWORD: "Un mot de passe le protège : ses mots ne peuvent pas être cherchés.",
}
_NOT_READ = "Ce fichier n’a pas pu être lu : ses mots ne peuvent pas être cherchés."


def shown_publications(resource: Resource, arguments: str) -> tuple[ShownPublication, ...]:
    """Return the publications of a resource, in order.

    Args:
        resource: the resource, as its audience may see it.
        arguments: query string, with ``?``, that links to pages keep.
    """
    return tuple(_shown(resource, document, arguments) for document in resource.documents)


def _shown(resource: Resource, document: PublishedDocument, arguments: str) -> ShownPublication:
    facts = [texts.size_in_words(document.size)]
    if document.pages and not is_whole(document):
        facts.insert(0, f"{texts.number(document.pages)} page{'s' if document.pages > 1 else ''}")
    searched = document.status == Status.READ
    notes = []
    if not searched:
        notes.append(next((text for status, text in _UNREAD.items() if status == document.status), _NOT_READ))
    elif document.reason and not document.empty_pages:
        notes.append(document.reason[0].upper() + document.reason[1:])
    said = (without_text(document), recognised(document))
    return ShownPublication(
        document=document,
        format=format_of(document),
        facts=", ".join(facts),
        file=file_href(resource.id, document),
        reading=_page_link(resource, document, 1, arguments).href if document.pages else None,
        searched=searched,
        notes=(*(messages.typeset(note) for note in notes), *(f"{one}." for one in said if one)),
        original=next(filter(texts.http_url, document.links), None),
    )


def format_of(document: PublishedDocument) -> str:
    """Return the name of a publication's format, as readers see it: « PDF »."""
    names = {media_type: messages.FORMATS[name] for name, media_type in FORMATS.items()}
    return names.get(document.media_type, "Fichier")


def is_whole(document: PublishedDocument) -> bool:
    """Return whether a publication counts as one page, since its format (DOCX, ODT) has no pages."""
    return document.media_type in {DOCX, ODT}


def is_drawn(document: PublishedDocument) -> bool:
    """Return whether the pages of a publication have images."""
    return document.media_type == PDF and document.pages > 0


def label_of(document: PublishedDocument, number: int) -> str | None:
    """Return the label of a page, usually the number printed on it; None if the label equals its number in the file."""
    return document.labels[number - 1]


def file_href(resource_id: str, document: PublishedDocument, number: int = 1) -> str:
    """Return the address of a file, opened at a page if browsers can do that."""
    address: str = url_for("publications.file", resource_id=resource_id, document=document.n)
    return f"{address}#page={number}" if document.media_type == PDF and number > 1 else address


def without_text(document: PublishedDocument) -> str | None:
    """Return a French sentence about the pages of a publication that have no text, or None."""
    empty = document.empty_pages
    if not empty or len(empty) == document.pages:
        return None
    if len(empty) == 1:
        return messages.typeset(f"1 page sans texte : {texts.page_in_words(empty[0], label_of(document, empty[0]))}")
    names = ", ".join(label_of(document, number) or str(number) for number in empty[:_MOST_IN_RUN])
    named = names + (" …" if len(empty) > _MOST_IN_RUN else "")
    return messages.typeset(f"{texts.number(len(empty))} pages sans texte : {named}")


def recognised(document: PublishedDocument) -> str | None:
    """Return a French sentence about the pages of a publication whose text was recognised, or None."""
    count = len(document.recognised_pages)
    if not count:
        return None
    if count == document.pages:
        return "Texte reconnu automatiquement dans l’image de ses pages"
    pages = f"{texts.number(count)} pages" if count > 1 else "1 page"
    return messages.typeset(f"{pages} dont le texte a été reconnu automatiquement")


def make_page(
    resource: Resource,
    document: PublishedDocument,
    number: int,
    came_from: SearchRequest,
    site: Site,
    source: Source,
    planner: Planner,
) -> PageView:
    """Return the view model of one page.

    Args:
        resource: the resource, as its audience may see it.
        document: one of its publications.
        number: number of one of its pages.
        came_from: the search in the arguments of the address, with the audience of the reader.
        site: the current site.
        source: this archive, for the reader's audience.
        planner: plans the query, with the synonyms that the engine used.

    Raises:
        EngineError: the engine cannot answer, or texts cannot be read.
    """
    frame, found = _answered(resource, document, came_from, site)
    held = _held(site, document, number)
    marks = () if held is None else _marks(site, document, held, frame.query, planner)
    numbers = [hit.page for hit in found]

    def link(other: int | None) -> PageLink | None:
        return None if other is None else _page_link(resource, document, other, frame.arguments)

    record = Record(resource, resource_address(resource.id))
    return PageView(
        frame=frame,
        number=number,
        name=None if is_whole(document) else texts.page_in_words(number, label_of(document, number)),
        lines=() if held is None else tuple(lines_of(held, marks)),
        missing=held is None and number not in document.empty_pages,
        recognised=number in document.recognised_pages,
        marked=len(marks),
        previous=link(number - 1 if number > 1 else None),
        next=link(number + 1 if number < document.pages else None),
        previous_match=link(max((one for one in numbers if one < number), default=None)),
        next_match=link(min((one for one in numbers if one > number), default=None)),
        match=numbers.index(number) + 1 if number in numbers else None,
        matches=len(numbers),
        image=(
            url_for("publications.image", resource_id=resource.id, document=document.n, page=number)
            if is_drawn(document)
            else None
        ),
        file=file_href(resource.id, document, number),
        citation=cite(record, source, _cited_part(resource, document, number)),
        canonical=record.address,
    )


def make_search(
    resource: Resource,
    only: PublishedDocument | None,
    part: int,
    came_from: SearchRequest,
    site: Site,
    planner: Planner,
) -> SearchView:
    """Return the view model of a search inside publications.

    Args:
        resource: the resource, as its audience may see it.
        only: the publication to search; None for all of the resource.
        part: part of the list to show, from 1.
        came_from: the search in the arguments of the address, with the audience of the reader.
        site: the current site.
        planner: plans the query, with the synonyms that the engine used.

    Raises:
        EngineError: the engine cannot answer, or texts cannot be read.
    """
    frame, found = _answered(resource, only, came_from, site)
    parts = max(1, -(-len(found) // _PER_PART))
    part = min(part, parts)
    start = (part - 1) * _PER_PART
    listed = found[start : start + _PER_PART]
    known = {document.n: document for document in resource.documents}
    documents = tuple(
        FoundDocument(
            known[n],
            is_whole(known[n]),
            tuple(
                FoundPage(
                    _page_link(resource, known[n], hit.page, frame.arguments),
                    _passage(site, known[n], hit.page, frame.query, planner),
                    hit.page in known[n].recognised_pages,
                )
                for hit in hits
            ),
        )
        for n, hits in groupby(listed, key=lambda hit: hit.document)
        if n in known
    )

    def other(number: int) -> str | None:
        if not 1 <= number <= parts:
            return None
        more = f"{PART}={number}"
        return f"{frame.search_href}{frame.arguments}&{more}" if frame.arguments else f"{frame.search_href}?{more}"

    return SearchView(
        frame=frame,
        documents=documents,
        total=len(found),
        first=start + 1 if listed else 0,
        last=start + len(listed),
        previous=other(part - 1),
        next=other(part + 1),
        canonical=resource_address(resource.id),
    )


def lines_of(page: Page, marks: Sequence[Highlight]) -> Iterator[Line]:
    """Yield the paragraphs of a page, with highlights.

    Args:
        page: the page.
        marks: spans of its text, ascending, without overlaps.
    """
    place = 0
    for text in page.text.split("\n"):
        end = place + len(text)
        if text.strip():
            running = any(start <= place and end <= stop for start, stop in page.running)
            yield Line(tuple(_pieces(page.text, place, end, marks)), running)
        place = end + 1


def _pieces(text: str, start: int, end: int, marks: Sequence[Highlight]) -> Iterator[Piece]:
    place = start
    for mark in marks:
        first, last = max(mark.start, place), min(mark.end, end)
        if first < last:
            if first > place:
                yield Piece(shown(text[place:first]), False)
            yield Piece(shown(text[first:last]), True)
            place = last
    if place < end:
        yield Piece(shown(text[place:end]), False)


def _held(site: Site, document: PublishedDocument, number: int) -> Page | None:
    """Return a page with its text, or None if the publication has no such page or its text is not stored."""
    return site.publications.texts.page(document.text, number) if 1 <= number <= document.pages else None


def _marks(site: Site, document: PublishedDocument, page: Page, query: str, planner: Planner) -> tuple[Highlight, ...]:
    """Return the highlights of a query in a page, with those of phrases that begin or end on its neighbours."""
    if not query:
        return ()
    before, after = (_held(site, document, page.number + step) for step in (-1, 1))
    return highlight(page, query, planner, before=before, after=after)


def _passage(site: Site, document: PublishedDocument, number: int, query: str, planner: Planner) -> tuple[Piece, ...]:
    """Return the best passage of a page for a query, never from headers or footers; empty if no text is stored."""
    page = _held(site, document, number)
    if page is None:
        return ()
    # Most queries have no phrase: only where nothing is found are the neighbours analysed too.
    return page_snippet(page, highlight(page, query, planner) or _marks(site, document, page, query, planner))


def _answered(
    resource: Resource, document: PublishedDocument | None, came_from: SearchRequest, site: Site
) -> tuple[Frame, tuple[PageHit, ...]]:
    """Return what all pages about publications share, and the pages that match a search or, if none does, its corrected
    spelling.

    Args:
        resource: the resource.
        document: the publication to search; None for all of the resource.
        came_from: the search in the arguments of the address, with the audience of the reader.
        site: the current site.
    """
    query = came_from.query if came_from.query.strip() else ""

    def found_for(words: str) -> tuple[PageHit, ...]:
        return site.engine.pages(
            resource.id,
            words,
            audience=came_from.audience,
            document=None if document is None else document.n,
            snippets=False,
        )

    found = found_for(query) if query else ()
    answered = query
    if query and not found:
        response = site.engine.search(replace(came_from, page=1, per_page=1, snippets=False))
        if response.corrected and response.did_you_mean:
            answered = response.did_you_mean
            found = found_for(answered)
    arguments = params.query_string(came_from)
    if document is None:
        search_href = url_for("publications.search_all", resource_id=resource.id)
    else:
        search_href = url_for("publications.search", resource_id=resource.id, document=document.n)
    frame = Frame(
        query=answered,
        typed=query,
        corrected=answered != query,
        resource_href=url_for("resources.page", resource_id=resource.id) + arguments,
        search_href=search_href,
        hidden=tuple(pair for pair in params.build(came_from) if pair[0] not in {"q", "page"}),
        arguments=arguments,
    )
    return frame, found


def _page_link(resource: Resource, document: PublishedDocument, number: int, arguments: str) -> PageLink:
    address = url_for("publications.page", resource_id=resource.id, document=document.n, page=number)
    return PageLink(number, texts.page_in_words(number, label_of(document, number)), address + arguments)


def _cited_part(resource: Resource, document: PublishedDocument, number: int) -> str | None:
    """Return the part that a citation names: the page by its printed number, and the file if there are several."""
    named = [f"«{messages.NO_BREAK}{texts.one_line(document.heading)}{messages.NO_BREAK}»"] * (
        len(resource.documents) > 1
    )
    if not is_whole(document):
        named.append(f"p.{messages.NO_BREAK}{label_of(document, number) or number}")
    return ", ".join(named) or None
