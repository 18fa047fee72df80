"""The nodes of a parsed page, before copies of one resource are merged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from indexer.resource import Attachment, YearSource


class PageKind(StrEnum):
    """How a corpus file is read."""

    HTML = "html"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class ParsedNode:
    """One resource as one page shows it. Unknown is None, never an empty string.

    Attributes:
        title: as written, NFC, outer spaces off.
        body, summary: paragraphs separated by a blank line.
        type: value of « Type de ressource ».
        private: True unless the label says Non.
        themes: values of « Catégorie ».
        date, year, year_source: as in `indexer.resource.Resource`.
        attachments: documents linked to, addresses absolute.
        addresses: absolute addresses as written, the resource's own first (then canonical, shortlink, node number…).
        warnings: French sentences.
        links: absolute addresses of the pages of its own site that its text links to.
        body_shape, summary_shape: as in `indexer.resource.Resource`.
        author: as in `indexer.resource.Resource`.
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


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """A page read whole.

    Attributes:
        nodes: at least one, in page order.
        theme: theme of a listing (two nodes or more), else None.
    """

    nodes: tuple[ParsedNode, ...]
    theme: str | None = None
