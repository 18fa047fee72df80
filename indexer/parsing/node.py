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
        date: ISO 8601 as far as known: ``2024-02-16``, ``2021-11`` or ``2019``.
        year, year_source: its year, and where this was found: in the title, the text or elsewhere on the page.
        attachments: documents that it links to, with absolute addresses.
        local_links: for each attachment the link to it, if that is a path relative to the page's folder, else empty.
        addresses: absolute addresses as written, the resource's own first (then canonical, shortlink, node number…).
        warnings: French sentences.
        links: absolute addresses of the pages of the same site that its text links to.
        body_shape, summary_shape: the headings, lists, links… of these texts as JSON; None if only the text is known.
        author: names of its authors or of the organisation that publishes it, "; " between them.
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
