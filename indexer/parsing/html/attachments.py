"""Find what a node (a resource on a page) links to: documents, and pages of its own site."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from indexer.parsing.html.head import Head
from indexer.parsing.text import collapse
from indexer.parsing.urls import site_of
from indexer.resource import Attachment

_DOCUMENT = re.compile(
    r"\.(?:pdf|docx?|odt|rtf|xlsx?|ods|pptx?|ppsx?|odp|csv|zip|epub|mp3|mp4)(?=$|[?#&])", re.IGNORECASE
)

_STARTS_ELSEWHERE = re.compile(r"[/\\]|[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def is_document(href: str) -> bool:
    """Return whether an address, as written, leads to a document rather than to a page."""
    return _DOCUMENT.search(href) is not None


def find_attachments(links: Iterable[tuple[int, str, str]], head: Head) -> tuple[Attachment, ...]:
    """Return the documents among a node's links.

    Args:
        links: for each link the index of its block, its address as written and its text.
        head: the page's head, to make addresses absolute.

    Returns:
        Each document once, in order; its label is the link's text, or the file name where the link has no text.
    """
    found: dict[str, Attachment] = {}
    for _, href, text in links:
        if not is_document(href) or (address := head.resolve(href)) is None:
            continue
        label = collapse(text) or collapse(unquote(urlsplit(address).path.rpartition("/")[2])) or address
        if address not in found:
            found[address] = Attachment(url=address, label=label)
    return tuple(found.values())


def find_local_links(
    links: Iterable[tuple[int, str, str]], head: Head, attachments: Iterable[Attachment]
) -> tuple[str, ...]:
    """Return, for each of a node's documents, the link to it if that is a path relative to the page's folder.

    Pages saved to a disk have such links to the files that were saved with them.

    Args:
        links: for each link the index of its block, its address as written and its text.
        head: the page's head, to make addresses absolute.
        attachments: the documents.

    Returns:
        A link for each document, in the order of `attachments`, as written; empty where it is no such path.
    """
    local: dict[str | None, str] = {}
    for _, href, _ in links:
        written = "".join(href.split("\n")).strip()
        if is_document(written) and not _STARTS_ELSEWHERE.match(written):
            local.setdefault(head.resolve(href), written)
    return tuple(local.get(attachment.url, "") for attachment in attachments)


def find_inner_links(links: Iterable[tuple[int, str, str]], head: Head) -> tuple[str, ...]:
    """Return the pages of the same site that a node's text links to.

    Args:
        links: for each link the index of its block, its address as written and its text.
        head: the page's head, to make addresses absolute.

    Returns:
        Absolute addresses, each once, in order, without those of documents.
    """
    own = site_of(head.base)
    resolved = (head.resolve(href) for _, href, _ in links if not is_document(href))
    return tuple(dict.fromkeys(address for address in resolved if address is not None and site_of(address) == own))
