"""RIS, for reference managers: one tag per line, CRLF, each value on one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from indexer.territories import gazetteer
from search_app.export.kinds import Kind, kind_of
from search_app.export.record import Record, Source, abstract
from search_app.web.text import one_line

_TYPES: Mapping[Kind, str] = {Kind.REPORT: "RPRT", Kind.WEB_PAGE: "ELEC"}


def write(records: Iterable[Record], source: Source) -> Iterator[str]:
    """Yield a RIS file, reference by reference. The format has no comments, so only the file's name can tell that
    resources are left out.
    """
    for record in records:
        yield reference(record, source) + "\r\n"


def reference(record: Record, source: Source) -> str:
    """Return the RIS reference of a resource, as a report (RPRT) or an online resource (ELEC)."""
    resource = record.resource
    tags: list[tuple[str, str | None]] = [("TY", _TYPES[kind_of(resource)]), ("TI", resource.title)]
    tags += [("AU", name) for name in resource.authors]
    if record.date:
        year, month, day = (*(f"{part:02}" for part in record.date), "", "")[:3]
        tags += [("PY", f"{record.date[0]:04}"), ("DA", f"{year:0>4}/{month}/{day}/")]
    tags += [("PB", source.publisher(record)), ("M3", resource.type), ("AB", abstract(resource))]
    tags += [("KW", theme) for theme in (*resource.themes, *map(gazetteer().label, resource.territories))]
    tags += [("N1", record.note or None)]
    tags += [("LA", "fr"), ("UR", record.original or record.address), ("DB", source.site_name), ("AN", resource.id)]
    lines = [f"{tag}  - {one_line(value)}" for tag, value in tags if value is not None]
    return "\r\n".join([*lines, "ER  - "]) + "\r\n"
