"""Staff pages of publications (PDF and office files): those without a resource, dead links to them, attaching them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from flask import Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from indexer.analysis import collation_key
from indexer.corpus import PUBLICATIONS, Originals
from indexer.errors import ArchiveError, CorpusError, CorrectionError, IndexMissingError
from indexer.pipeline import (
    LooseFile,
    add_file,
    attach,
    attached_files,
    detach,
    find_resource,
    loose_ends,
    names_of_files,
    scanned_files,
    title_of,
)
from indexer.resource import Audience
from search_app.accounts.sessions import audience
from search_app.jobs import MAX_SENT
from search_app.messages import said, typeset
from search_app.staff.desk import actor, blueprint, page_number, publish, record
from search_app.web.context import site
from search_app.web.request_limits import takes

_FORM_BYTES = 64 * 1024
"""Allowance for the form data around the file, in bytes."""
_PIECE = 1 << 20
_PER_PAGE = 50

_ATTACHED = typeset("La publication est rattachée ; c’est en cours de publication.")
_DETACHED = typeset("La publication est détachée ; c’est en cours de publication.")
_NOTHING_CHANGED = typeset("Rien n’a changé : c’était déjà ainsi.")
_NO_FILE = typeset("Choisissez un fichier : PDF, DOCX, ODT ou PPTX.")


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that staff attached to a resource: its digest and its name."""

    digest: str
    name: str


@dataclass(frozen=True, slots=True)
class Lacking:
    """The links of a resource to files that the archive does not hold."""

    resource_id: str
    title: str
    addresses: tuple[str, ...]


@blueprint.get("/publications")
def publication_list() -> ResponseReturnValue:
    """Show the publications that no resource has, and links in resources to files that the archive does not hold."""
    return _list()


@blueprint.get("/publications/<digest>/fichier")
def publication_file(digest: str) -> ResponseReturnValue:
    """Send a file of a publication, so that staff see which resource it belongs to."""
    name = names_of_files(site().settings).get(digest)
    if name is None:
        abort(404)
    try:
        file = Originals(site().settings.corpus / PUBLICATIONS).open(digest)
    except CorpusError:
        abort(404)
    response: Response = send_file(
        file, mimetype="application/octet-stream", as_attachment=True, download_name=name, etag=False
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/publications/<digest>")
def attach_publication(digest: str) -> ResponseReturnValue:
    """Attach a file to the resource that the form names by its id or address."""
    try:
        resource_id = find_resource(site().settings, request.form.get("resource", ""))
        changed = attach(site().settings, site().engine, resource_id, digest, actor=actor())
    except CorrectionError as error:
        return _list(error=said(error), digest=digest), 400
    _tell(resource_id, changed, _ATTACHED)
    return redirect(url_for("staff.publication_list"), 303)


def _from_staff() -> bool:
    return audience() is Audience.STAFF


@blueprint.post("/ressources/<resource_id>/publications")
@takes(size=MAX_SENT + _FORM_BYTES, granted=_from_staff)
def add_publication(resource_id: str) -> ResponseReturnValue:
    """Store an uploaded file, and attach it to a resource as a publication."""
    settings = site().settings
    try:
        title_of(settings, site().engine, resource_id)
    except CorrectionError:
        abort(404)
    sent = request.files.get("file")
    back = redirect(url_for("staff.correction", resource_id=resource_id, _anchor="publications"), 303)
    if sent is None or not sent.filename:
        flash(_NO_FILE, "error")
        return back
    try:
        digest = add_file(settings, sent.filename, _pieces(sent.stream), resource_id=resource_id)
        changed = attach(settings, site().engine, resource_id, digest, actor=actor())
    except ArchiveError as error:
        flash(said(error), "error")
        return back
    _tell(resource_id, changed, _ATTACHED)
    return back


@blueprint.post("/ressources/<resource_id>/publications/<digest>")
def detach_publication(resource_id: str, digest: str) -> ResponseReturnValue:
    """Detach a file that staff attached to a resource."""
    if digest not in attached_files(site().settings, resource_id):
        abort(404)
    changed = detach(site().settings, site().engine, resource_id, digest, actor=actor())
    _tell(resource_id, changed, _DETACHED)
    return redirect(url_for("staff.correction", resource_id=resource_id, _anchor="publications"), 303)


def attached_to(resource_id: str) -> list[AttachedFile]:
    """Return the files that staff attached to a resource."""
    digests = attached_files(site().settings, resource_id)
    names = names_of_files(site().settings) if digests else {}
    return [AttachedFile(digest, names.get(digest, typeset("fichier effacé"))) for digest in digests]


def _tell(resource_id: str, changed: bool, text: str) -> None:
    if changed:
        record("correct", f"{resource_id} : document")
        flash(text, "done")
        publish()
    else:
        flash(_NOTHING_CHANGED, "done")


def _list(error: str | None = None, digest: str | None = None) -> str:
    found = loose_ends(site().settings)
    last = max(1, -(-len(found.files) // _PER_PAGE))
    number = page_number(last)
    first = (number - 1) * _PER_PAGE
    # Files whose pages went through text recognition are left out: there is nothing more to do about them.
    scanned = sorted(
        (file for file in scanned_files(site().settings) if not file.recognised),
        key=lambda file: collation_key(file.name),
    )
    shown: tuple[LooseFile, ...] = found.files[first : first + _PER_PAGE]
    return render_template(
        "staff/publications.html",
        files=shown,
        total=len(found.files),
        number=number,
        last=last,
        lacking=_by_resource([(one.resource_id, one.address) for one in found.lacking]),
        lacking_total=len(found.lacking),
        scanned=scanned[:_PER_PAGE],
        scanned_total=len(scanned),
        error=error,
        wrong=digest,
        sent=request.form.get("resource", ""),
    )


def _by_resource(links: list[tuple[str, str]]) -> list[Lacking]:
    """Group pairs of a resource's id and a link's address by resource; return as many resources as a page shows."""
    addresses: dict[str, list[str]] = {}
    for resource_id, address in links:
        addresses.setdefault(resource_id, []).append(address)
    shown = list(addresses.items())[: 2 * _PER_PAGE]
    return [Lacking(one, _title(one), tuple(found)) for one, found in shown]


def _title(resource_id: str) -> str:
    try:
        resource = site().engine.get(resource_id, audience=Audience.STAFF)
    except IndexMissingError:
        resource = None
    return resource_id if resource is None else resource.title


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(_PIECE):
        yield piece
