"""The results that a source yields for its files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Union

from indexer.errors import PageError
from indexer.parsing.encoding import MAX_BYTES
from indexer.parsing.node import PageKind
from indexer.parsing.page import sniff
from indexer.sources.mhtml import DamagedPart, PublicationPart, is_mhtml, publications_in, read_mhtml
from indexer.sources.publication_files import describe_no_publication
from indexer.sources.warc import CapturedPage, CapturedPublication, OtherRecord, UnreadRecord, is_warc, read_warc

MAX_PAGE_BYTES = MAX_BYTES
"""Largest size of a page; larger files are set aside without being read, since parsing would refuse them."""

HEAD = 4096
"""Number of bytes at the beginning of a file by which its kind is recognised."""

ASSETS = frozenset(
    [
        ".css",
        ".js",
        ".mjs",
        ".map",
        ".png",
        ".jpg",
        ".jpeg",
        ".gif",
        ".svg",
        ".webp",
        ".avif",
        ".ico",
        ".bmp",
        ".woff",
        ".woff2",
        ".ttf",
        ".otf",
        ".eot",
        ".mp4",
        ".webm",
    ]
)
"""Suffixes of files that come with saved pages, which are passed over and counted."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page that was read.

    Attributes:
        path: path to show to people.
        name: its path within the source.
        raw: its bytes.
        kind: how to read it.
        captured: for a page of a WARC, the time of its capture (UTC, ISO 8601, empty if unknown); the latest of several
            captures with one name is kept. None for any other page.
    """

    path: str
    name: PurePosixPath
    raw: bytes
    kind: PageKind
    captured: str | None = None


@dataclass(frozen=True, slots=True)
class FoundPublication:
    """A publication (a PDF, an office document), of which only the first bytes were read.

    Attributes:
        path: path to show to people.
        name: its path within the source.
        media_type: by its first bytes.
        pieces: its content from the beginning, a piece at a time; it must be read before the next entry of the source.
            Raises `PageError` if the rest of the file cannot be read, and `SourceError` if no file can be read now,
            for want of memory or of file handles.
        address: where it was published, if its source says so.
        captured: time of its capture (UTC, ISO 8601, empty if unknown) if it comes from a WARC, else None.
    """

    path: str
    name: PurePosixPath
    media_type: str
    pieces: Iterator[bytes]
    address: str | None = None
    captured: str | None = None


Entry = Union["Found", "FoundPublication", "SetAside", "Passed"]
"""What a source yields for a file."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A file that cannot be imported.

    Attributes:
        path: path to show to people.
        reason: why (French).
        no_resource: whether it could be read but holds no resource.
    """

    path: str
    reason: str
    no_resource: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """A file that is not a page and is only counted: a style sheet, an image, a hidden file."""

    path: str


def is_passed(name: str) -> bool:
    """Return whether a file is not imported but only counted, because of its name."""
    path = PurePosixPath(name)
    return (
        path.suffix.lower() in ASSETS
        or any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
        or path.name in {"Thumbs.db", "desktop.ini"}
    )


def read_entry(where: str, called: str, place: PurePosixPath, raw: bytes) -> Iterator[Entry]:
    """Yield the page in a file, recognised by its first bytes and its name, or the reason why it is set aside; then the
    publications that were saved in one file with it.

    Args:
        where: path of the file to show to people.
        called: its name or path, which may tell its kind.
        place: its path within the source.
        raw: its bytes.
    """
    head = raw[:HEAD]
    if is_mhtml(called, head):
        try:
            yield Found(where, place, read_mhtml(raw), PageKind.HTML)
        except PageError as error:
            yield SetAside(where, str(error))
            return
        # Named as if a browser had saved the page with a folder of its files.
        beside = place.with_name(f"{place.stem}_fichiers")
        for part in publications_in(raw):
            match part:
                case _ if is_passed(part.name):
                    continue
                case PublicationPart(name, address, media_type, content):
                    yield FoundPublication(f"{where}/{name}", beside / name, media_type, iter((content,)), address)
                case DamagedPart(name, reason):
                    yield SetAside(f"{where}/{name}", reason)
        return
    kind = sniff(called, head)
    yield SetAside(where, describe_unknown(called, head)) if kind is None else Found(where, place, raw, kind)


def read_captures(where: str, file: IO[bytes], under: PurePosixPath) -> Iterator[Entry]:
    """Yield a result for each record of a WARC that is about a page or another file.

    Args:
        where: path of the WARC to show to people.
        file: the file, open at its beginning.
        under: folder of the WARC within its source; the pages of all WARCs in one folder form one crawl.
    """
    for record in read_warc(file):
        match record:
            case CapturedPage(address, place, raw, at):
                yield Found(f"{where}/{address}", under / place, raw, PageKind.HTML, at)
            case CapturedPublication(address, place, media_type, pieces, at):
                yield FoundPublication(f"{where}/{address}", under / place, media_type, pieces, address, at)
            case UnreadRecord(None, reason):
                yield SetAside(where, reason)
            case UnreadRecord(address, reason):
                yield SetAside(f"{where}/{address}", reason)
            case OtherRecord(address):
                yield Passed(f"{where}/{address}")


PIECE = 1 << 20
"""Largest number of bytes of a publication that are read into memory at once."""


def is_page(name: str, head: bytes) -> bool:
    """Return whether a file looks like a page of any format, or like a WARC.

    Args:
        name: the file's name.
        head: its first few thousand bytes.
    """
    return is_warc(name, head) or is_mhtml(name, head) or sniff(name, head) is not None


def describe_unknown(name: str, head: bytes) -> str:
    """Return why a file that is not a page is set aside, in French.

    Args:
        name: the file's name.
        head: its first few thousand bytes.
    """
    reason = describe_no_publication(name, head)
    if reason is not None:
        return reason
    suffix = Path(name).suffix.lower()
    if suffix in {".json", ".jsonl", ".ndjson", ".geojson"}:
        kind = "un export JSON:API" if _JSON_API.search(head) else "un fichier JSON"
        return f"{kind} n’est pas lu : enregistrez les pages elles-mêmes en HTML, et importez-les."
    kind = f"un fichier « {suffix} »" if suffix else "ce fichier"
    return (
        f"{kind} n’est pas une page : on importe du HTML, une page MHTML, une archive WARC, un export texte (.txt), "
        "une publication (PDF, DOCX, ODT, PPTX), un dossier ou un zip."
    )


_JSON_API = re.compile(rb'"jsonapi"\s*:|"data"\s*:\s*[\[{]\s*\{?\s*"(?:type|id|links)"\s*:')


def describe_large(name: str, head: bytes) -> str:
    """Return why a file of more than `MAX_PAGE_BYTES` is set aside, in French.

    Args:
        name: the file's name.
        head: its first few thousand bytes.
    """
    return MHTML_TOO_LARGE if is_mhtml(name, head) else TOO_LARGE


TOO_LARGE = f"plus de {MAX_PAGE_BYTES // 1_000_000} Mo : ce n’est pas une page."
MHTML_TOO_LARGE = (
    f"page MHTML de plus de {MAX_PAGE_BYTES // 1_000_000} Mo, images comprises : enregistrez la page en "
    "« page web complète »."
)
