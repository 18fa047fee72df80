"""What a source yields for each file in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from indexer.errors import PageError
from indexer.parsing.encoding import MAX_BYTES
from indexer.parsing.node import PageKind
from indexer.parsing.page import sniff
from indexer.sources.mhtml import is_mhtml, read_mhtml
from indexer.sources.warc import CapturedPage, OtherRecord, UnreadRecord, is_warc, read_warc

MAX_PAGE_BYTES = MAX_BYTES
"""A larger file is not even read: parsing would refuse it."""

HEAD = 4096
"""Bytes of a file that tell what it is."""

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
"""What a saved page brings along: passed over and counted."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page, whole.

    Attributes:
        path: where it stands, as a person would say it.
        name: its place within the source.
        raw: its bytes.
        kind: how to read it.
        captured: for a page of a web archive, the time of its capture (UTC, ISO 8601, empty if unknown); of two with
            one name, the later is the page. None for any other page.
    """

    path: str
    name: PurePosixPath
    raw: bytes
    kind: PageKind
    captured: str | None = None


@dataclass(frozen=True, slots=True)
class SetAside:
    """A file that cannot be imported.

    Attributes:
        path: where it stands, as a person would say it.
        reason: why (French).
        no_resource: whether it was read, and only holds no resource.
    """

    path: str
    reason: str
    no_resource: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """A file that is no page and is counted alone: a style sheet, an image, a hidden file."""

    path: str


def is_passed(name: str) -> bool:
    """Return whether a file is passed over for its name alone."""
    path = PurePosixPath(name)
    return (
        path.suffix.lower() in ASSETS
        or any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
        or path.name in {"Thumbs.db", "desktop.ini"}
    )


def read_entry(where: str, called: str, place: PurePosixPath, raw: bytes) -> Found | SetAside:
    """Return the page that a file holds, by its first bytes and its name.

    Args:
        where: the file, as a person would say it.
        called: its name or path, as it is written there.
        place: its place within the source.
        raw: its bytes.
    """
    head = raw[:HEAD]
    if is_mhtml(called, head):
        try:
            return Found(where, place, read_mhtml(raw), PageKind.HTML)
        except PageError as error:
            return SetAside(where, str(error))
    kind = sniff(called, head)
    return SetAside(where, describe_unknown(called, head)) if kind is None else Found(where, place, raw, kind)


def read_captures(where: str, file: IO[bytes], under: PurePosixPath) -> Iterator[Found | SetAside | Passed]:
    """Yield what a WARC holds.

    Args:
        where: the file, as a person would say it.
        file: the file, open at its beginning.
        under: folder of the WARC within its source: pages of all WARCs there are one crawl.
    """
    for record in read_warc(file):
        match record:
            case CapturedPage(address, place, raw, at):
                yield Found(f"{where}/{address}", under / place, raw, PageKind.HTML, at)
            case UnreadRecord(None, reason):
                yield SetAside(where, reason)
            case UnreadRecord(address, reason):
                yield SetAside(f"{where}/{address}", reason)
            case OtherRecord(address):
                yield Passed(f"{where}/{address}")


def is_page(name: str, head: bytes) -> bool:
    """Return whether a file looks like a page, of whatever format, or a file of pages.

    Args:
        name: the file's name.
        head: its first bytes, some thousands.
    """
    return is_warc(name, head) or is_mhtml(name, head) or sniff(name, head) is not None


def describe_unknown(name: str, head: bytes) -> str:
    """Return the reason for setting aside a file that is no page.

    Args:
        name: the file's name.
        head: its first bytes, some thousands.
    """
    suffix = Path(name).suffix.lower()
    if suffix in {".json", ".jsonl", ".ndjson", ".geojson"}:
        kind = "un export JSON:API" if _JSON_API.search(head) else "un fichier JSON"
        return f"{kind} n’est pas lu : enregistrez les pages elles-mêmes en HTML, et importez-les."
    kind = f"un fichier « {suffix} »" if suffix else "ce fichier"
    return (
        f"{kind} n’est pas une page : on importe du HTML, une page MHTML, une archive WARC, "
        "un export texte (.txt), un dossier ou un zip."
    )


_JSON_API = re.compile(rb'"jsonapi"\s*:|"data"\s*:\s*[\[{]\s*\{?\s*"(?:type|id|links)"\s*:')


def describe_large(name: str, head: bytes) -> str:
    """Return the reason for setting aside a file of more than `MAX_PAGE_BYTES`. Arguments as `describe_unknown`."""
    return MHTML_TOO_LARGE if is_mhtml(name, head) else TOO_LARGE


TOO_LARGE = f"plus de {MAX_PAGE_BYTES // 1_000_000} Mo : ce n’est pas une page."
MHTML_TOO_LARGE = (
    f"page MHTML de plus de {MAX_PAGE_BYTES // 1_000_000} Mo, images comprises : enregistrez la page en "
    "« page web complète »."
)
