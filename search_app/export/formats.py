"""The file formats to which resources can be exported."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from search_app.api import resource_json
from search_app.control_characters import CONTROLS, DIRECTION_MARKS
from search_app.export import bibtex, ris
from search_app.export import csv as table
from search_app.export.record import Record, Source
from search_app.web.spreadsheets import CONTENT_TYPE

_SEPARATORS = re.compile(r"[/\\:|]+")
_NOT_IN_NAMES = re.compile(rf'[{CONTROLS}{DIRECTION_MARKS}\u200b-\u200d<>"?*]+')
_MOST_IN_NAME = 80
_NAMELESS = "ressources"
"""Name of a file whose title contains no character that is allowed in file names."""

_CHUNK = 32_768


@dataclass(frozen=True, slots=True)
class Format:
    """A file format.

    Attributes:
        name: ending of its addresses and file names.
        label: name for people.
        hint: what it is used for (French).
        content_type: media type with charset.
        write: yields the text of the file, piece by piece.
    """

    name: str
    label: str
    hint: str
    content_type: str
    write: Callable[[Iterable[Record], Source], Iterator[str]]


def write_lines(records: Iterable[Record], source: Source) -> Iterator[str]:
    """Yield JSON Lines: one resource per line, as in the API; in exports of a member's list, with the key `note`."""
    for record in records:
        values = resource_json(record.resource, source.audience)
        if source.notes:
            values["note"] = record.note or None
        yield json.dumps(values, ensure_ascii=False) + "\n"


FORMATS: Mapping[str, Format] = {
    each.name: each
    for each in (
        Format("csv", "CSV", "tableur", CONTENT_TYPE, table.write),
        Format("bib", "BibTeX", "LaTeX, JabRef", "application/x-bibtex; charset=utf-8", bibtex.write),
        Format("ris", "RIS", "Zotero, EndNote", "application/x-research-info-systems; charset=utf-8", ris.write),
        Format("jsonl", "JSON Lines", "programmes", "application/x-ndjson; charset=utf-8", write_lines),
    )
}


def chunks(pieces: Iterable[str]) -> Iterator[bytes]:
    """Yield the pieces as UTF-8 in larger chunks, so that a long file is not sent line by line."""
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _CHUNK:
            yield "".join(held).encode("utf-8", "replace")
            held, size = [], 0
    yield "".join(held).encode("utf-8", "replace")


def disposition(stem: str, ending: str, *, inline: bool = False) -> str:
    """Return the Content-Disposition header that saves a file under a name: in full (RFC 6266), and in ASCII for
    clients without support.

    Args:
        stem: the name without its ending.
        ending: what follows the last full stop of the name.
        inline: whether browsers that can show the file should do so.
    """
    named = _NOT_IN_NAMES.sub("", _SEPARATORS.sub("-", " ".join(stem.split())))
    plain = " ".join(named.encode("utf-8", "ignore").decode().split())
    clean = plain[:_MOST_IN_NAME].strip(" .") or _NAMELESS
    ascii_name = unicodedata.normalize("NFKD", clean.replace("’", "-").replace("œ", "oe")).encode("ascii", "ignore")
    # A fullwidth quotation mark, or slash, has become a plain one.
    safe = _NOT_IN_NAMES.sub("", _SEPARATORS.sub("-", ascii_name.decode()))
    simple = " ".join(safe.split()).strip(" .") or _NAMELESS
    shown = "inline" if inline else "attachment"
    return f"{shown}; filename=\"{simple}.{ending}\"; filename*=UTF-8''{quote(f'{clean}.{ending}', safe='')}"
