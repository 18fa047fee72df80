"""COinS: references hidden in lists of resources, which Zotero and others read (OpenURL 1.0 in a ``title``)."""

from __future__ import annotations

from urllib.parse import urlencode

from search_app.export.kinds import Kind, kind_of
from search_app.export.record import Record, Source, iso_date
from search_app.web.text import one_line

_BOOK, _DUBLIN_CORE = "info:ofi/fmt:kev:mtx:book", "info:ofi/fmt:kev:mtx:dc"


def context_object(record: Record, source: Source) -> str:
    """Return the OpenURL context object of a resource, as the ``title`` of a ``span.Z3988`` holds it."""
    resource = record.resource
    address = record.original or record.address
    names = [("rft.au" if kind_of(resource) is Kind.REPORT else "rft.creator", one_line(n)) for n in resource.authors]
    date = [("rft.date", iso_date(record.date))] if record.date else []
    if kind_of(resource) is Kind.REPORT:
        said = [
            ("rft_val_fmt", _BOOK),
            ("rft.genre", "report"),
            ("rft.btitle", one_line(resource.title)),
            *names,
            ("rft.pub", source.publisher(record)),
            *date,
            ("rft_id", address),
        ]
    else:
        said = [
            ("rft_val_fmt", _DUBLIN_CORE),
            ("rft.type", Kind.WEB_PAGE.value),
            ("rft.title", one_line(resource.title)),
            *names,
            ("rft.publisher", source.publisher(record)),
            *date,
            ("rft.identifier", address),
        ]
    return urlencode([("ctx_ver", "Z39.88-2004"), *said])
