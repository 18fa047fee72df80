"""A citation as French bibliographies write it, after ISO 690 (NF Z44-005) for online resources without an author."""

from __future__ import annotations

from search_app import messages
from search_app.export.record import Record, Source, iso_date, one_line
from search_app.messages import takeaway as words
from search_app.web import text as texts


def cite(record: Record, source: Source) -> str:
    """« Titre [en ligne]. Éditeur, date. Disponible à l’adresse : … »; an unknown date is « [s. d.] »."""
    date = record.date
    return words.citation(
        title=one_line(record.resource.title),
        publisher=source.publisher(record),
        date=texts.date_in_words(iso_date(date)) if date else f"[s.{messages.NO_BREAK}d.]",
        address=record.original or record.address,
    )
