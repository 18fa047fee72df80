"""Routes of publications: the file, its pages with their images, and the search inside it.

Whoever may read a resource may read its publications. A resource, a publication or a page that does not exist, and one
that this reader may not see, get the same response.
"""

from __future__ import annotations

import re
from functools import partial

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from indexer.errors import PublicationError
from indexer.publications import image_version
from indexer.resource import PublishedDocument, Resource
from search_app.accounts.sessions import audience
from search_app.export.views import source_of
from search_app.resources import reading
from search_app.resources.files import file_response
from search_app.resources.planning import planner
from search_app.search import params
from search_app.web.context import site
from search_app.web.error_pages import answer
from search_app.web.urls import resource_address

blueprint = Blueprint("publications", __name__)

_NUMBER = re.compile(r"[1-9][0-9]{0,5}")
_WAIT_SECONDS = "2"
BUSY = (
    "Image en attente",
    "Beaucoup de pages sont demandées à la fois : l’image de celle-ci n’est pas encore prête. Rechargez la page dans "
    "quelques secondes.",
)


@blueprint.get("/ressources/<resource_id>/documents/<document>")
def file(resource_id: str, document: str) -> ResponseReturnValue:
    """Send the original file of a publication."""
    resource, found = _document(resource_id, document)
    response = file_response(found, resource_address(resource.id))
    if resource.private:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("/ressources/<resource_id>/documents/<document>/pages/<page>")
def page(resource_id: str, document: str, page: str) -> ResponseReturnValue:
    """Show the text and the image of a page of a publication. Arguments are those of the search that led to it."""
    resource, found = _document(resource_id, document)
    number = _page_number(found, page)
    came_from, _ = params.salvage(request.args, audience())
    view = reading.make_page(resource, found, number, came_from, site(), source_of(), planner())
    return render_template("resources/page.html", resource=resource, document=found, view=view, typed=came_from.query)


@blueprint.get("/ressources/<resource_id>/documents/<document>/pages/<page>/image")
def image(resource_id: str, document: str, page: str) -> ResponseReturnValue:
    """Send the image of a page of a PDF."""
    _, found = _document(resource_id, document)
    number = _page_number(found, page)
    if not reading.is_drawn(found):
        abort(404)
    response = Response(mimetype="image/webp")
    response.headers["X-Robots-Tag"] = "noindex"
    response.set_etag(f"{found.digest}-{number}-{image_version()}")
    response.make_conditional(request.environ)
    if response.status_code == 304:
        return response
    files = site().publications
    try:
        content = files.images.get(found.digest, number, partial(files.originals.open, found.digest))
    except PublicationError:
        # Too many images are being drawn, or drawing was interrupted: the page itself may be intact.
        response = answer(503, BUSY)
        response.headers["Retry-After"] = _WAIT_SECONDS
        return response
    if content is None:
        abort(404)
    response.set_data(content)
    return response


@blueprint.get("/ressources/<resource_id>/documents/recherche")
def search_all(resource_id: str) -> ResponseReturnValue:
    """Show all pages of the publications of a resource that answer a search."""
    return _search(_resource(resource_id), None)


@blueprint.get("/ressources/<resource_id>/documents/<document>/recherche")
def search(resource_id: str, document: str) -> ResponseReturnValue:
    """Show all pages of a publication that answer a search."""
    return _search(*_document(resource_id, document))


def _search(resource: Resource, only: PublishedDocument | None) -> ResponseReturnValue:
    if not resource.documents:
        abort(404)
    came_from, _ = params.salvage(request.args, audience())
    asked = request.args.get(reading.PART, "")
    part = int(asked) if _NUMBER.fullmatch(asked) else 1
    view = reading.make_search(resource, only, part, came_from, site(), planner())
    return render_template("resources/pages.html", resource=resource, document=only, view=view, typed=came_from.query)


def _resource(resource_id: str) -> Resource:
    """Return a resource that this reader may read, or abort with 404."""
    return site().engine.get(resource_id, audience=audience()) or abort(404)


def _document(resource_id: str, number: str) -> tuple[Resource, PublishedDocument]:
    """Return a publication and its resource, or abort with 404."""
    resource = _resource(resource_id)
    wanted = int(number) if _NUMBER.fullmatch(number) else 0
    document = next((one for one in resource.documents if one.n == wanted), None)
    return resource, document or abort(404)


def _page_number(document: PublishedDocument, number: str) -> int:
    """Return the number of a page that the publication has, or abort with 404."""
    if not (_NUMBER.fullmatch(number) and int(number) <= document.pages):
        abort(404)
    return int(number)
