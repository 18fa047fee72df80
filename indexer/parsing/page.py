"""The entrance to parsing: read a page by its kind."""

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

#: Raised by one whenever the same bytes give another result: pages already read are then read again.
PARSER_VERSION: int = 6

_STATIC = frozenset({".html", ".htm", ".xhtml", ".shtml"})
_SERVED = frozenset({".php", ".asp", ".aspx"})
_EXTENSION = re.compile(r"\.[a-z][a-z0-9]{0,5}")
_LOOKS_HTML = re.compile(
    r"<(?:!doctype\s+html|html|head|body|title|meta|link|main|article|section|div|h[1-6]|p|ul|table)\b", re.IGNORECASE
)


def parse_page(raw: bytes, kind: PageKind, *, base: str, profile: Profile | None = None) -> ParsedPage:
    """Read a page of the corpus.

    Args:
        raw: the page as it came.
        kind: how to read it.
        base: address against which an HTML page's links are resolved where it does not say where it comes from.
        profile: of the page's source, where it has one; text exports are read the same with any.

    Returns:
        The resources that stand on the page.

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
        name: the file's name or path; what follows a "?" is passed over, as mirrors keep it.
        head: its first bytes, some thousands.

    Returns:
        The kind, or None for what is no page (an image, a style sheet, a document).
    """
    path = PurePosixPath(name.replace("\\", "/").partition("?")[0].partition("#")[0])
    if path.name.startswith("._"):  # what macOS adds to archives
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
