"""What a source yields for each file in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from indexer.parsing.encoding import MAX_BYTES
from indexer.parsing.node import PageKind

MAX_PAGE_BYTES = MAX_BYTES
"""A larger file is not even read: parsing would refuse it."""

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
    """

    path: str
    name: PurePosixPath
    raw: bytes
    kind: PageKind


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
    return f"{kind} n’est pas une page : on importe du HTML, un export texte (.txt), un dossier ou un zip."


_JSON_API = re.compile(rb'"jsonapi"\s*:|"data"\s*:\s*[\[{]\s*\{?\s*"(?:type|id|links)"\s*:')

TOO_LARGE = f"plus de {MAX_PAGE_BYTES // 1_000_000} Mo : ce n’est pas une page."
