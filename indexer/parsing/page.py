"""The entry point of parsing: read a page according to its kind."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from indexer.errors import PageError
from indexer.parsing.encoding import decode
from indexer.parsing.export import parse_export
from indexer.parsing.hidden import is_hidden
from indexer.parsing.html.page import parse_html
from indexer.parsing.html.selected import parse_selected
from indexer.parsing.node import PageKind, ParsedPage
from indexer.parsing.profile import Profile

#: Increase by one whenever the same bytes give another result, so that cached pages are read again.
PARSER_VERSION: int = 9

_STATIC = frozenset({".html", ".htm", ".xhtml", ".shtml"})
_SERVED = frozenset({".php", ".asp", ".aspx"})
_EXTENSION = re.compile(r"\.[a-z][a-z0-9]{0,5}")
_LOOKS_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|link|main|article|section|div|h[1-6]|p|ul|table)\b", re.IGNORECASE
)


def parse_page(raw: bytes, kind: PageKind, *, base: str, profile: Profile | None = None) -> ParsedPage:
    """Parse a page of the corpus.

    Args:
        raw: the page's bytes.
        kind: how to read it.
        base: address to resolve an HTML page's links against where it does not give its own.
        profile: import profile of the page's source, None if it has none; text exports do not depend on it.

    Returns:
        The resources on the page, at least one.

    Raises:
        NoResourceError: the page holds no resource; the message says why, in French.
        PageError: the page cannot be read; the message says why, in French.
    """
    if kind is PageKind.EXPORT:
        return parse_export(raw)
    page = parse_html(raw, base=base) if profile is None else parse_selected(raw, profile, base=base)
    if not is_hidden(raw):
        return page
    return replace(page, nodes=tuple(replace(node, private=True) for node in page.nodes))


def sniff(name: str, head: bytes) -> PageKind | None:
    """Return which kind of page a file is, or None.

    Args:
        name: the file's name or path; a "?" and the rest, which site mirrors keep from the address, are ignored.
        head: its first few thousand bytes.

    Returns:
        The kind, or None for other files (an image, a style sheet, a document).
    """
    path = PurePosixPath(name.replace("\\", "/").partition("?")[0].partition("#")[0])
    if path.name.startswith("._"):  # macOS adds such files to archives
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
