"""Resources as CSV: the columns and their contents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from indexer.territories import gazetteer
from search_app.export.record import Record, Source
from search_app.web import text as texts
from search_app.web.spreadsheets import write_csv

ACCESS_COLUMN = "Accès"
NOTE_COLUMN = "Note"
COLUMNS = (
    "Titre",
    "Type",
    "Année",
    "Origine de l’année",
    "Date",
    "Thèmes",
    ACCESS_COLUMN,
    "Résumé",
    "Page d’origine",
    "Page dans l’archive",
    "Documents",
    "Identifiant",
    "Auteur",
    "Territoires",
    NOTE_COLUMN,
)
_ACCESS = {True: "réservé aux adhérents", False: "public"}


def write(records: Iterable[Record], source: Source) -> Iterator[str]:
    """Yield a CSV file, row by row. It has a column « Accès » if some resources may be private, and a column « Note »
    if it exports a list.
    """
    private, notes = source.tells_access, source.notes
    left_out = {title for title, told in ((ACCESS_COLUMN, private), (NOTE_COLUMN, notes)) if not told}
    titles = [title for title in COLUMNS if title not in left_out]
    yield from write_csv(titles, (_cells(record, private=private, notes=notes) for record in records))


def _cells(record: Record, *, private: bool, notes: bool) -> list[str]:
    resource = record.resource
    source_of_year = texts.year_in_words(resource.year, resource.year_source).partition(", ")[2]
    return [
        resource.title,
        resource.type or "",
        "" if resource.year is None else str(resource.year),
        source_of_year,
        resource.date or "",
        "\n".join(resource.themes),
        *([_ACCESS[resource.private]] if private else []),
        resource.summary or "",
        record.original or "",
        record.address,
        "\n".join(f"{one.label} {one.url}".strip() for one in resource.attachments),
        resource.id,
        "\n".join(resource.authors),
        "\n".join(map(gazetteer().label, resource.territories)),
        *([record.note] if notes else []),
    ]
