"""The bibliographic record of a resource: each value on one line, dates as precise as known."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from indexer.engine import is_placeholder
from indexer.query import Hit
from indexer.resource import Attachment, Audience, Resource
from search_app import messages
from search_app.web import text as texts
from search_app.web.text import on_one_line, one_line

_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Record:
    """A resource as it is exported.

    Attributes:
        resource: the resource.
        address: its absolute address in this archive.
        note: for exports of lists, the note of the list's owner about the resource; empty if there is none.
    """

    resource: Resource
    address: str
    note: str = ""

    @property
    def original(self) -> str | None:
        """Return the address of the original page if it is safe to link to, else None."""
        return texts.http_url(self.resource.url)

    @property
    def documents(self) -> tuple[Attachment, ...]:
        """Return the attachments whose addresses are safe to link to."""
        return tuple(one for one in self.resource.attachments if texts.http_url(one.url))

    @property
    def date(self) -> tuple[int, ...]:
        """Return the date as (year, month, day), shorter if parts are unknown, empty if the year is."""
        return known_date(self.resource)


@dataclass(frozen=True, slots=True)
class Source:
    """The archive that records come from, for one audience.

    Attributes:
        site_name: name of this archive.
        audience: audience of the export.
        note: French sentence that says which resources are left out of the export, or None.
        private_titles: whether visitors see the titles of private resources.
        notes: whether the export is of a list, whose records may have notes.
    """

    site_name: str
    audience: Audience
    note: str | None = None
    private_titles: bool = False
    notes: bool = False

    @property
    def tells_access(self) -> bool:
        """Return whether records say who may read them, since some may be private."""
        return self.private_titles or self.audience.sees_private

    def publisher(self, record: Record) -> str:
        """Return the publisher of a resource: the host of its original page or, if it has none, this archive."""
        return (texts.host(record.original) if record.original else "") or self.site_name

    def archive(self, record: Record) -> str | None:
        """Return the name of this archive, or None if it is the publisher."""
        return None if self.publisher(record) == self.site_name else self.site_name


def known_date(resource: Resource | Hit) -> tuple[int, ...]:
    """Return the date of a resource as (year, month, day), shorter if parts are unknown. A year corrected by staff
    takes precedence over the page's date.
    """
    found = _DATE.fullmatch(resource.date or "")
    parts = tuple(int(part) for part in found.groups() if part) if found else ()
    if parts:
        try:
            datetime.date(*[*parts, 1, 1][:3])
        except ValueError:
            parts = ()
    if parts and resource.year in {None, parts[0]}:
        return parts
    return () if resource.year is None else (resource.year,)


def iso_date(parts: tuple[int, ...]) -> str:
    """Return a date in ISO 8601, as precise as known: ``2024-02-16``, ``2021-11``, ``2019`` or an empty string."""
    return "-".join(f"{part:0{4 if place == 0 else 2}}" for place, part in enumerate(parts))


def abstract(resource: Resource, limit: int | None = None) -> str | None:
    """Return the summary or, if there is none, the beginning of the body; on one line, cut between words with « … ».

    Args:
        resource: the resource.
        limit: largest number of characters; None returns the whole summary, and never the body.
    """
    if is_placeholder(resource):
        return messages.RESERVED
    text = resource.summary if limit is None else resource.summary or resource.body
    if not text:
        return None
    line = one_line(text)
    if limit is None or len(line) <= limit:
        return line or None
    return line[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"


def cite(record: Record, source: Source, part: str | None = None) -> str:
    """Return a citation as French bibliographies write it: « Auteur. Titre [en ligne]. Éditeur, date, p. 37. Dans :
    archive. Disponible à… ».

    The form is that of ISO 690 (NF Z44-005) for online resources; an unknown author is left out, an unknown date is
    « [s. d.] ».

    Args:
        record: the resource.
        source: this archive.
        part: the part of the resource to cite, such as « p. 37 »; None for the whole.
    """
    date = texts.date_in_words(iso_date(record.date)) if record.date else f"[s.{messages.NO_BREAK}d.]"
    title, archive = on_one_line(record.resource.title), source.archive(record)
    place = ", ".join(filter(None, (source.publisher(record), date, part)))
    within = "" if archive is None else f" Dans{messages.NO_BREAK}: {on_one_line(archive)}."
    return (
        f"{_and(record.resource.authors)}{title} [en ligne]. {place}.{within} "
        f"Disponible à l’adresse{messages.NO_BREAK}: {record.original or record.address}"
    )


def _and(names: tuple[str, ...]) -> str:
    """Return the names at the beginning of a citation, « A, B et C. », or an empty string if there are none."""
    *first, last = map(on_one_line, names or ("",))
    return " et ".join(filter(None, (", ".join(first), last))).removesuffix(".") + ". " if last else ""
