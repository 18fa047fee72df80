"""Parses a page according to its kind; the entry point of parsing."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from indexer.errors import PageError
from indexer.parsing.encoding import decode
from indexer.parsing.export import parse_export
from indexer.parsing.html.page import parse_html
from indexer.parsing.html.selected import parse_selected
from indexer.parsing.node import PageKind, ParsedPage
from indexer.parsing.profile import Profile

#: Incremented whenever the same bytes give another result; pages that were parsed before are then parsed again.
PARSER_VERSION: int = 5

_STATIC = frozenset({".html", ".htm", ".xhtml", ".shtml"})
_SERVED = frozenset({".php", ".asp", ".aspx"})
_EXTENSION = re.compile(r"\.[a-z][a-z0-9]{0,5}")
_LOOKS_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|link|main|article|section|div|h[1-6]|p|ul|table)\b", re.IGNORECASE
)


def parse_page(raw: bytes, kind: PageKind, *, base: str, profile: Profile | None = None) -> ParsedPage:
    """Parse a page of the corpus.

    Args:
        raw: the page as it came.
        kind: how to read it.
        base: address against which an HTML page's links are resolved if the page does not contain its address.
        profile: the import profile of the page's source, if it has one; it does not affect text exports.

    Returns:
        The resources on the page.

    Raises:
        NoResourceError: the page holds no resource; the message says why, in French.
        PageError: the page cannot be read; the message says why, in French.
    """
    if kind is PageKind.EXPORT:
        return parse_export(raw)
    return parse_html(raw, base=base) if profile is None else parse_selected(raw, profile, base=base)


def sniff(name: str, head: bytes) -> PageKind | None:
    """Return whether a file is a page, and of which kind.

    Args:
        name: the file's name or path; a "?" and what follows, which mirroring tools keep, is ignored.
        head: its first few thousand bytes.

    Returns:
        The kind, or None if it is not a page (an image, a style sheet, a document).
    """
    path = PurePosixPath(name.replace("\\", "/").partition("?")[0].partition("#")[0])
    if path.name.startswith("._"):  # files that macOS adds to archives
        return None
    extension = path.suffix.lower()
    if extension in _STATIC:
        return PageKind.HTML
    if extension == ".txt":
        return PageKind.EXPORT
    if extension not in _SERVED and _EXTENSION.fullmatch(extension):
        return None
    try:
        text = decode(head[:65536])
    except PageError:
        return None
    return PageKind.HTML if _LOOKS_HTML.search(text) else None
