"""BibTeX, one entry a resource, in UTF-8.

Braces are written as commands, because BibTeX counts even escaped ones. Addresses are verbatim fields, in which only
braces and backslashes are harmful.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from search_app.export.kinds import Kind, kind_of
from search_app.export.record import Record, Source, abstract
from search_app.web.text import one_line

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: "\\" + sign for sign in "&%$#_"},
    }
)
_NOT_IN_KEY = re.compile(r"[^A-Za-z0-9:._-]+")
_URL_SAFE = "".join(sign for sign in map(chr, range(33, 127)) if sign not in '{}\\"<>')


def write(records: Iterable[Record], source: Source) -> Iterator[str]:
    """Yield a BibTeX file, entry by entry."""
    if source.note is not None:
        # BibTeX treats text outside of entries as a comment.
        yield f"% {source.note}\n\n"
    for record in records:
        yield entry(record, source) + "\n"


def entry(record: Record, source: Source) -> str:
    """Return one entry: ``@techreport``, or ``@misc`` for a web page."""
    resource = record.resource
    fields: list[tuple[str, str]] = [("title", f"{{{_text(resource.title)}}}")]
    if resource.authors:
        # Braces keep a name whole: an organisation has no surname.
        fields.append(("author", " and ".join(f"{{{_text(name)}}}" for name in resource.authors)))
    year, month, day = (*record.date, None, None, None)[:3]
    if year is not None:
        fields.append(("year", str(year)))
    report = kind_of(resource) is Kind.REPORT
    fields.append(("institution" if report else "publisher", _text(source.publisher(record))))
    archive = source.archive(record)
    if archive is not None:
        # Styles print neither a publisher nor an archive of these entries, but they do print these fields.
        fields.append(("note" if report else "howpublished", _text(archive)))
    if resource.type is not None:
        fields.append(("type" if report else "note", _text(resource.type)))
    if resource.themes:
        fields.append(("keywords", ", ".join(map(_keyword, resource.themes))))
    summary = abstract(resource)
    if summary is not None:
        fields.append(("abstract", _text(summary)))
    if record.note:
        fields.append(("annote", _text(record.note)))
    fields += [("language", "french"), ("url", quote(record.original or record.address, safe=_URL_SAFE))]
    lines = []
    for name, value in fields:
        lines.append(f"  {name} = {{{value}}}")
        if name == "year" and month is not None:
            lines.append(f"  month = {_MONTHS[month - 1]}")
            lines += [] if day is None else [f"  day = {{{day}}}"]
    key = _NOT_IN_KEY.sub("-", resource.id)
    return f"@{'techreport' if report else 'misc'}{{{key},\n" + ",\n".join(lines) + "\n}\n"


def _text(value: str) -> str:
    return one_line(value).translate(_ESCAPES)


def _keyword(theme: str) -> str:
    text = _text(theme)
    return f"{{{text}}}" if "," in text else text
