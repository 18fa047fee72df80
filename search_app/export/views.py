"""Routes that send searches and resources as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from indexer.query import MAX_REACH, Hit
from indexer.resource import Resource
from search_app.accounts.sessions import audience
from search_app.export import coins
from search_app.export.all_hits import all_hits, records
from search_app.export.formats import FORMATS, chunks, disposition
from search_app.export.record import Record, Source
from search_app.messages import typeset
from search_app.search import params
from search_app.web.context import site
from search_app.web.text import number
from search_app.web.urls import resource_address

blueprint = Blueprint("exports", __name__)

_IN_MEMORY = 4 * 1024**2
"""Largest size of a file kept in memory, in bytes; a larger one is written to an unnamed file on disk."""

_PIECE = 64 * 1024


@blueprint.get("/export.<any(csv, bib, ris, jsonl):ending>")
def search(ending: str) -> ResponseReturnValue:
    """Send all hits of a search in order. Arguments are those of the search page, of which the page number is ignored.

    Hits beyond `MAX_REACH` are left out. The name of the file says so, and its first line too if the format has
    comments.
    """
    reader = audience()
    asked = params.parse(request.args, reader)
    response = all_hits(site().engine, asked)
    stem = params.title_of(asked) if params.build(asked) else site().settings.site_name
    note = None
    if response.total > MAX_REACH:
        note, stem = _cut_short(response.total), f"{stem} ({MAX_REACH} premières sur {response.total})"
    ids = [hit.id for hit in response.hits]
    return file_of(ids, ending, stem, note=note)


@blueprint.get("/ressources/<resource_id>/citation.<any(bib, ris):ending>")
def citation(resource_id: str, ending: str) -> ResponseReturnValue:
    """Send the citation of one resource as a file for reference managers; `ending` names the format."""
    found = site().engine.get(resource_id, audience=audience())
    if found is None:
        abort(404)
    return _answer([Record(found, resource_address(found.id))], ending, found.title, source_of())


# Also under the API, where programs may use a token and errors are JSON.
blueprint.add_url_rule("/api/v1/export.<any(csv, bib, ris, jsonl):ending>", "api_search", search)
blueprint.add_url_rule("/api/v1/resources/<resource_id>/citation.<any(bib, ris):ending>", "api_citation", citation)


def file_of(
    ids: Iterable[str],
    ending: str,
    stem: str,
    *,
    note: str | None = None,
    notes: Mapping[str, str] | None = None,
) -> Response:
    """Return a file of some resources.

    Args:
        ids: ids of the resources, in order.
        ending: name of the format, a key of `FORMATS`.
        stem: name of the file, without its ending.
        note: French sentence that says which resources are left out, or None.
        notes: for a list, the notes of its owner, by id of the resource.

    Raises:
        EngineError: the engine cannot answer.
    """
    reader = audience()
    listed = records(site().engine, ids, reader, resource_address, notes)
    return _answer(listed, ending, stem, replace(source_of(note), notes=notes is not None))


@blueprint.app_context_processor
def _references() -> dict[str, object]:
    return {"context_object": _context_object}


def _context_object(one: Hit | Resource) -> str | None:
    """Return the COinS reference of a resource in a list; None if the resource was deleted meanwhile."""
    found = one if isinstance(one, Resource) else site().engine.get(one.id, audience=audience())
    return None if found is None else coins.context_object(Record(found, resource_address(found.id)), source_of())


def source_of(note: str | None = None) -> Source:
    """Return what describes the source of an export (this archive) for the current reader.

    Args:
        note: French sentence that says which resources are left out of the export, or None.
    """
    return Source(site().settings.site_name, audience(), note, site().settings.private_titles)


def _cut_short(total: int) -> str:
    return typeset(
        f"La recherche trouve {number(total)} ressources : seules les {number(MAX_REACH)} premières sont dans ce "
        "fichier."
    )


def _answer(listed: Iterable[Record], ending: str, stem: str, source: Source) -> Response:
    """Return a response with a file that is written completely before its first byte is sent.

    So an error while resources are read becomes an error response, not a file that ends halfway.

    Args:
        listed: the resources.
        ending: name of the format, a key of `FORMATS`.
        stem: name of the file, without its ending.
        source: this archive, for the reader's audience.
    """
    form = FORMATS[ending]
    held = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when it is sent
    try:
        held.writelines(chunks(form.write(listed, source)))
        size = held.tell()
        held.seek(0)
        body = _pieces(held) if size > _IN_MEMORY else held.read()
    except BaseException:
        held.close()
        raise
    response = Response(body, content_type=form.content_type)
    response.content_length = size
    if size > _IN_MEMORY:
        response.call_on_close(held.close)
    else:
        held.close()
    response.headers["Content-Disposition"] = disposition(stem, form.name)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _pieces(held: IO[bytes]) -> Iterator[bytes]:
    with held:
        yield from iter(partial(held.read, _PIECE), b"")
