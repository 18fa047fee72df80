"""The tools of assistants: search, one resource, one page of a publication. Answers contain the addresses to cite."""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import replace
from typing import Any

from werkzeug.datastructures import MultiDict

from indexer.errors import ArchiveError, RequestError
from indexer.query import Hit, PageHit, Piece
from indexer.resource import PublishedDocument, Resource
from indexer.territories import gazetteer
from search_app.accounts.sessions import audience
from search_app.export import Record, cite
from search_app.export.views import source_of
from search_app.messages import said, typeset
from search_app.resources import reading
from search_app.resources.planning import planner
from search_app.search import params
from search_app.search.log import note_search
from search_app.search.recognised import PagePlace, recognised_pages
from search_app.web.context import site
from search_app.web.text import page_in_words, printable
from search_app.web.urls import absolute, resource_address

Json = dict[str, Any]

TEXT_PART = 20_000
"""Largest number of characters of a resource's text in one answer; the rest is fetched by further calls."""
MOST_HITS = 20

_LIST = {"type": "array", "items": {"type": "string"}, "maxItems": 20}
_ID = {"type": "string", "description": "Identifiant de la ressource, donné par search."}
_READ_ONLY = {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False}
TOOLS: tuple[Json, ...] = (
    {
        "name": "search",
        "title": "Chercher dans les archives",
        "description": "Cherche des ressources par mots (français). Rend titre, type, année, passage, adresse, et les "
        "pages des publications qui répondent. « guillemets » pour une suite de mots, coop* pour un début de mot, "
        "-mot pour exclure.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "query": {"type": "string", "description": "Mots à chercher ; vide, tout, les plus récentes d’abord."},
                "types": {**_LIST, "description": "Types de ressource, l’un ou l’autre."},
                "themes": {**_LIST, "description": "Thèmes, l’un ou l’autre."},
                "year_from": {"type": "integer", "description": "Depuis cette année."},
                "year_to": {"type": "integer", "description": "Jusqu’à cette année."},
                "page": {"type": "integer", "minimum": 1, "description": "Page de résultats, 1 par défaut."},
                "per_page": {"type": "integer", "minimum": 1, "maximum": MOST_HITS, "description": "10 par défaut."},
            },
            "required": ["query"],
            "additionalProperties": False,
        },
        "annotations": _READ_ONLY,
    },
    {
        "name": "get",
        "title": "Lire une ressource",
        "description": "Rend une ressource : texte, date, auteurs, thèmes, publications, adresse, et la citation à "
        "reprendre telle quelle. Un long texte vient par parties : redemandez avec « offset ».",
        "inputSchema": {
            "type": "object",
            "properties": {
                "id": _ID,
                "offset": {"type": "integer", "minimum": 0, "description": "Caractère où commence la partie."},
            },
            "required": ["id"],
            "additionalProperties": False,
        },
        "annotations": _READ_ONLY,
    },
    {
        "name": "page",
        "title": "Lire une page d’une publication",
        "description": "Rend le texte d’une page d’une publication (PDF…), son adresse et la citation avec le numéro "
        "de page.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "id": _ID,
                "document": {"type": "integer", "minimum": 1, "description": "Numéro de la publication."},
                "page": {"type": "integer", "minimum": 1, "description": "Numéro de la page dans le fichier."},
            },
            "required": ["id", "document", "page"],
            "additionalProperties": False,
        },
        "annotations": _READ_ONLY,
    },
)
"""Descriptions of the tools, for `tools/list`."""

_TYPES: Mapping[str, type | tuple[type, ...]] = {"string": str, "integer": int, "array": list}


class ToolError(ArchiveError):
    """A call of a tool that cannot be answered; the message (French) says what to change in the arguments."""


def run(name: str, given: Json) -> Json:
    """Run a tool, and return its result; if the arguments cannot be used, the result is marked as an error.

    Args:
        name: name of the tool.
        given: its arguments, not checked yet.

    Raises:
        EngineError: the engine cannot answer.
        KeyError: there is no such tool.
    """
    tool = {"search": _search, "get": _get, "page": _page}[name]
    schema = next(one["inputSchema"] for one in TOOLS if one["name"] == name)
    try:
        found = tool(_checked(given, schema))
    except (ToolError, RequestError) as error:
        return {"content": [{"type": "text", "text": typeset(said(error))}], "isError": True}
    text = json.dumps(found, ensure_ascii=False, indent=1)
    return {"content": [{"type": "text", "text": text}], "structuredContent": found, "isError": False}


def _checked(given: Json, schema: Json) -> Json:
    """Return arguments that fit a schema, without those that are null.

    Raises:
        ToolError: the arguments do not fit.
    """
    kept = {name: value for name, value in given.items() if value is not None}
    if missing := [name for name in schema["required"] if name not in kept]:
        raise ToolError(f"Donnez aussi : {', '.join(missing)}.")
    properties = schema["properties"]
    if kept.keys() - properties.keys():
        raise ToolError(f"Arguments possibles : {', '.join(properties)}.")
    for name, value in kept.items():
        said = properties[name]
        fits = isinstance(value, _TYPES[said["type"]]) and not isinstance(value, bool)
        if fits and said["type"] == "array":
            fits = len(value) <= said["maxItems"] and all(isinstance(one, str) for one in value)
        if fits and said["type"] == "integer":
            fits = said.get("minimum", value) <= value <= said.get("maximum", value)
        if not fits:
            raise ToolError(f"« {name} » ne convient pas : {json.dumps(said, ensure_ascii=False)}")
    return kept


def _search(given: Json) -> Json:
    values = MultiDict[str, str]([("q", given["query"]), ("per_page", str(given.get("per_page", 10)))])
    values.setlist("type", given.get("types", []))
    values.setlist("theme", given.get("themes", []))
    for name in ("year_from", "year_to", "page"):
        if name in given:
            values[name] = str(given[name])
    asked = params.parse(values, audience())
    response = site().engine.search(asked)
    note_search(asked, response)
    recognised = recognised_pages(response, site().engine, asked.audience)
    return {
        "query": response.query,
        "total": response.total,
        "page": response.page,
        "address": absolute("pages.search") + params.query_string(replace(asked, page=1, per_page=params.PER_PAGE)),
        "did_you_mean": response.did_you_mean,
        "hits": [_hit(hit, recognised) for hit in response.hits],
    }


def _hit(hit: Hit, recognised: Set[PagePlace]) -> Json:
    return {
        "id": hit.id,
        "title": hit.title,
        "type": hit.type,
        "year": hit.year,
        "private": hit.private,
        "themes": list(hit.themes),
        "address": resource_address(hit.id),
        "passage": _plain(hit.snippet),
        "pages": [_page_hit(hit, page, recognised) for page in hit.pages],
    }


def _page_hit(hit: Hit, page: PageHit, recognised: Set[PagePlace]) -> Json:
    return {
        "document": page.document,
        "page": page.page,
        "name": page_in_words(page.page, page.label),
        "address": _page_address(hit.id, page.document, page.page),
        "passage": _plain(page.snippet),
        "recognised": PagePlace(hit.id, page.document, page.page) in recognised,
    }


def _plain(pieces: tuple[Piece, ...]) -> str:
    return printable("".join(piece.text for piece in pieces))


def _page_address(resource_id: str, document: int, page: int) -> str:
    return absolute("publications.page", resource_id=resource_id, document=document, page=page)


def _resource(resource_id: str) -> Resource:
    found = site().engine.get(resource_id, audience=audience())
    if found is None:
        # The error is the same for a resource that does not exist and for one that the caller may not see.
        raise ToolError("Aucune ressource ne porte cet identifiant : reprenez celui que donne search.")
    return found


def _get(given: Json) -> Json:
    found, offset = _resource(given["id"]), given.get("offset", 0)
    record, body = Record(found, resource_address(found.id)), printable(found.body or "")
    part = body[offset : offset + TEXT_PART]
    return {
        "id": found.id,
        "title": found.title,
        "type": found.type,
        "date": found.date,
        "year": found.year,
        "authors": list(found.authors),
        "themes": list(found.themes),
        "territories": [gazetteer().label(code) for code in found.territories],
        "private": found.private,
        "address": record.address,
        "original": record.original,
        "citation": cite(record, source_of()),
        "summary": found.summary,
        "text": part,
        "next_offset": offset + len(part) if offset + len(part) < len(body) else None,
        "documents": [_document(found, one) for one in found.documents],
    }


def _document(resource: Resource, document: PublishedDocument) -> Json:
    return {
        "document": document.n,
        "name": document.heading,
        "format": reading.format_of(document),
        "pages": document.pages,
        "address": absolute("publications.file", resource_id=resource.id, document=document.n),
    }


def _page(given: Json) -> Json:
    resource, number = _resource(given["id"]), given["page"]
    document = next((one for one in resource.documents if one.n == given["document"]), None)
    if document is None or number > document.pages:
        raise ToolError("Cette ressource n’a pas cette page : get donne ses publications et leur nombre de pages.")
    view = reading.make_page(
        resource, document, number, params.parse(MultiDict(), audience()), site(), source_of(), planner()
    )
    return {
        "id": resource.id,
        "title": resource.title,
        "document": document.n,
        "page": number,
        "pages": document.pages,
        "name": page_in_words(number, reading.label_of(document, number)),
        "address": _page_address(resource.id, document.n, number),
        "citation": view.citation,
        "text": "\n".join("".join(piece.text for piece in line.pieces) for line in view.lines),
    }
