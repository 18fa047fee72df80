"""Sends the original file of a publication: whole or in ranges, under its own name, never run as a page of the site."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Response, request
from werkzeug.wsgi import wrap_file

from indexer.publications import DOCX, MEDIA_TYPES, ODT, PDF, PPTX
from indexer.resource import PublishedDocument
from search_app.export.formats import disposition
from search_app.web.context import site
from search_app.web.security_headers import POLICY

_ENDINGS: Mapping[str, str] = {PDF: "pdf", DOCX: "docx", ODT: "odt", PPTX: "pptx"}
_ENDING = re.compile(r"(?P<stem>.+)\.(?P<ending>[A-Za-z0-9]{1,5})")
_UNKNOWN = "bin"

SHOWN_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'"
"""Content security policy of PDF files, which browsers show in a viewer that needs these permissions. With « sandbox »,
Safari and older Chromiums show nothing; scripts in a PDF run in the browser's viewer, never in a page of this site.
"""
SAVED_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def file_name(document: PublishedDocument) -> tuple[str, str]:
    """Return the name of a file without its ending, and an ending that fits its content."""
    found = _ENDING.fullmatch(document.name)
    stem = found["stem"] if found else document.name
    ending = _ENDINGS.get(document.media_type) or (found["ending"].lower() if found else _UNKNOWN)
    return stem, ending


def file_response(document: PublishedDocument, page_address: str) -> Response:
    """Return the response with a file, or with the range of it that was asked for.

    Args:
        document: the publication.
        page_address: absolute address of the page of its resource, which stands for the file in search engines.

    Raises:
        CorpusError: the file does not exist or cannot be read.
        RequestedRangeNotSatisfiable: the file does not have the range.
    """
    environ = dict(request.environ)
    asked = request.range
    weak = environ.get("HTTP_IF_RANGE", "").startswith("W/")
    if weak or asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        environ.pop("HTTP_RANGE", None)  # several ranges, or none that makes sense: the whole file answers them
    file = site().publications.originals.open(document.digest)
    try:
        size = file.seek(0, 2)
        file.seek(0)
        shown = document.media_type == PDF
        known = document.media_type in MEDIA_TYPES
        response = Response(
            wrap_file(environ, file),
            direct_passthrough=True,
            mimetype=document.media_type if known else "application/octet-stream",
        )
        response.content_length = size
        response.headers["Content-Disposition"] = disposition(*file_name(document), inline=shown)
        response.headers[POLICY] = SHOWN_POLICY if shown else SAVED_POLICY
        response.headers["Link"] = f'<{page_address}>; rel="canonical"'
        response.set_etag(document.digest)
        response.make_conditional(environ, accept_ranges=True, complete_length=size)
    except BaseException:
        file.close()
        raise
    response.call_on_close(file.close)
    return response
