"""Documents that a node links to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from indexer.parsing.head import Head
from indexer.parsing.text import collapse
from indexer.resource import Attachment

_DOCUMENT = re.compile(
    r"\.(?:pdf|docx?|odt|rtf|xlsx?|ods|pptx?|ppsx?|odp|csv|zip|epub|mp3|mp4)(?=$|[?#&])", re.IGNORECASE
)


def is_document(href: str) -> bool:
    """Whether an address, as written, leads to a document rather than to a page."""
    return _DOCUMENT.search(href) is not None


def find_attachments(links: Iterable[tuple[int, str, str]], head: Head) -> tuple[Attachment, ...]:
    """The documents among a node's links.

    Args:
        links: block, address and text of each link.
        head: what the page says of itself, to make addresses absolute.

    Returns:
        Each document once, in order; its label is the link's text, or the file's name for a link without text.
    """
    found: dict[str, Attachment] = {}
    for _, href, text in links:
        if not is_document(href) or (address := head.resolve(href)) is None:
            continue
        label = collapse(text) or collapse(unquote(urlsplit(address).path.rpartition("/")[2])) or address
        if address not in found:
            found[address] = Attachment(url=address, label=label)
    return tuple(found.values())
