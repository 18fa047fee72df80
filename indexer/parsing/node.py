"""The nodes of a parsed page: the resources that it shows, before copies of one resource are merged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from indexer.resource import Attachment, YearSource


class PageKind(StrEnum):
    """The format of a corpus file, which decides how it is read."""

    HTML = "html"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class ParsedNode:
    """One resource as one page shows it. Unknown values are None, never an empty string.

    Attributes:
        title: as written, in NFC, without outer spaces.
        body, summary: paragraphs separated by a blank line.
        type: value of « Type de ressource ».
        private: True unless « Ressource privée » is a clear « Non ».
        themes: values of « Catégorie ».
        date, year, year_source: as in `indexer.resource.Resource`.
        attachments: documents that it links to, with absolute addresses.
        local_links: for each attachment its link as written, if that starts from the page's own folder, else empty.
        addresses: absolute addresses as written, the resource's own first (then canonical, shortlink, node number…).
        warnings: French sentences.
        links: absolute addresses of the pages of the same site that its text links to.
        body_shape, summary_shape: as in `indexer.resource.Resource`.
        author: as in `indexer.resource.Resource`.
        territories: names of its territories, as written.
    """

    title: str
    body: str | None
    summary: str | None
    type: str | None
    private: bool
    themes: tuple[str, ...]
    date: str | None
    year: int | None
    year_source: YearSource | None
    attachments: tuple[Attachment, ...] = ()
    addresses: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    body_shape: str | None = None
    summary_shape: str | None = None
    author: str | None = None
    local_links: tuple[str, ...] = ()
    territories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """The result of parsing one page.

    Attributes:
        nodes: at least one, in page order.
        theme: theme of a listing, which applies to its nodes; None for other pages.
    """

    nodes: tuple[ParsedNode, ...]
    theme: str | None = None
