"""The pages of publications that a hit shows: names, addresses and passages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from flask import url_for

from indexer.engine import Engine
from indexer.publications import DOCX, ODT
from indexer.query import Piece, SearchResponse
from indexer.resource import Audience, PublishedDocument
from search_app.messages import NO_BREAK
from search_app.web.text import number, page_name

_WHOLE = frozenset({DOCX, ODT})
_LENGTH, _BEFORE = 60, 20
"""Largest number of characters of a passage in a list of results (one line of a wide screen), and of the text before
its first highlight.
"""


class PageLink(NamedTuple):
    """A page of a hit.

    Attributes:
        label: « p. 37 », or « Document » for a text document, which counts as one page.
        place: « 37ᵉ du fichier » if the label is not the place of the page in the file; else None.
        document: title of the publication if the resource has several; else None.
        href: address of the page.
        snippet: its best passage.
        recognised: whether its text was recognised in an image.
    """

    label: str
    place: str | None
    document: str | None
    href: str
    snippet: tuple[Piece, ...]
    recognised: bool


class HitPages(NamedTuple):
    """The pages of a hit.

    Attributes:
        links: links to the pages that match best.
        more: « et 4 autres pages », or None if there are no others.
        more_href: address of the list of all pages that match.
        leads: whether the pages are shown in place of the hit's own passage, in which nothing is highlighted.
    """

    links: tuple[PageLink, ...]
    more: str | None
    more_href: str
    leads: bool


def hit_pages(response: SearchResponse, engine: Engine, audience: Audience, arguments: str) -> Mapping[str, HitPages]:
    """Return the pages of publications that each hit shows, by id of the resource; hits without pages are left out.

    Args:
        response: the engine's response.
        engine: the engine, for the names of publications.
        audience: audience of the reader.
        arguments: query string, with ``?``, that the links keep.

    Raises:
        EngineError: the engine cannot answer.
    """
    found = {}
    for hit in response.hits:
        if not hit.pages:
            continue
        resource = engine.get(hit.id, audience=audience)
        documents = {} if resource is None else {one.n: one for one in resource.documents}
        several = len(documents) > 1
        others = hit.pages_total - len(hit.pages)
        found[hit.id] = HitPages(
            links=tuple(
                PageLink(
                    *_name(documents.get(page.document), page.page, page.label),
                    documents[page.document].heading if several and page.document in documents else None,
                    url_for("publications.page", resource_id=hit.id, document=page.document, page=page.page)
                    + arguments,
                    shorten(page.snippet),
                    page.document in documents and page.page in documents[page.document].recognised_pages,
                )
                for page in hit.pages
            ),
            more=f"et {number(others)} autre{'s' if others > 1 else ''} page{'s' if others > 1 else ''}"
            if others > 0
            else None,
            more_href=url_for("publications.search_all", resource_id=hit.id) + arguments,
            leads=not any(piece.matched for piece in hit.snippet),
        )
    return found


def _name(document: PublishedDocument | None, page: int, label: str | None) -> tuple[str, str | None]:
    if document is not None and document.media_type in _WHOLE:
        return "Document", None
    return page_name(page, label)


def shorten(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return the part of a passage around its first highlight, cut between words, with « … » where it is cut."""
    text = "".join(piece.text for piece in pieces)
    if len(text) <= _LENGTH:
        return pieces
    first = 0
    for piece in pieces:
        if piece.matched:
            break
        first += len(piece.text)
    else:
        first = 0
    start = max(0, min(first - _BEFORE, len(text) - _LENGTH))
    if start:
        start = min(text.find(" ", start) + 1 or start, first)
    end = start + _LENGTH
    if end < len(text):
        space = text.rfind(" ", start, end)
        end = space if space > first else end
    shown = [Piece(f"…{NO_BREAK}", False)] if start else []
    place = 0
    for piece in pieces:
        part = piece.text[max(0, start - place) : max(0, end - place)]
        if part:
            shown.append(Piece(part, piece.matched))
        place += len(piece.text)
    if end < len(text):
        shown.append(Piece(f"{NO_BREAK}…", False))
    return tuple(shown)
