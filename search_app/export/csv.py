"""CSV that a French Excel opens correctly: semicolons, a byte order mark, CRLF, and no cell run as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator

from search_app.export.record import Record, Source
from search_app.web import text as texts
from search_app.web.text import printable

BYTE_ORDER_MARK = "\ufeff"
MOST_IN_CELL = 32_000
"""Largest number of characters of a cell; Excel splits rows at a cell of more than 32,767 characters."""

ACCESS_COLUMN = "Accès"
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
)
_ACCESS = {True: "réservé aux adhérents", False: "public"}
_FORMULA = tuple("=+-@\t＝＋－＠")


def write(records: Iterable[Record], source: Source) -> Iterator[str]:
    """Yield the file, row by row; readers who may see private resources get a column « Accès »."""
    private = source.tells_access
    yield BYTE_ORDER_MARK + _row([title for title, wanted in _titles(private) if wanted])
    for record in records:
        resource = record.resource
        source_of_year = texts.year_in_words(resource.year, resource.year_source).partition(", ")[2]
        cells = [
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
        ]
        yield _row(cells)


def cell(value: str) -> str:
    """Return a value that is safe in a cell: values that spreadsheets would run as formulas get an apostrophe."""
    text = printable(value)
    if len(text) > MOST_IN_CELL:
        text = text[: MOST_IN_CELL - 1] + "…"
    return "'" + text if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def _titles(private: bool) -> Iterator[tuple[str, bool]]:
    for title in COLUMNS:
        yield title, private or title != ACCESS_COLUMN


class _Line:
    """A file object for `csv.writer` that keeps only the last row written."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def _row(values: Iterable[str]) -> str:
    line = _Line()
    csv.writer(line, delimiter=";", lineterminator="\r\n").writerow(map(cell, values))
    return line.text
