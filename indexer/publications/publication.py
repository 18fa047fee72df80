"""Publication: what was read of a file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from indexer.document.media_types import DOCX, ODT, PDF, PPTX
from indexer.document.pages import Page

MEDIA_TYPES = frozenset({PDF, DOCX, PPTX, ODT})
UNKNOWN_TYPE = "application/octet-stream"


class Status(StrEnum):
    """The outcome of reading a file.

    Only the pages of a `READ` one are indexed. The others are kept and listed, each with its reason.
    """

    READ = "read"
    NO_TEXT = "no-text"
    """No page has any text: a scan."""
    UNREADABLE = "unreadable"
    """Its text is noise, since its fonts do not say which letters they draw."""
    PASSWORD = "password"  # noqa: S105 - what the file needs
    DAMAGED = "damaged"
    OTHER_TYPE = "other-type"
    """No publication: a page of a site, an old format, an image."""
    TOO_MUCH = "too-much"
    """Reading it takes more memory, time or space than a file may take, or makes the reader fail."""
    INTERRUPTED = "interrupted"
    """The machine interrupted the reading; another attempt may succeed."""


@dataclass(frozen=True, slots=True)
class Scan:
    """The image of a page, in shades of grey, a byte for each pixel, row by row from the top.

    Attributes:
        width, height: in pixels.
        dpi: dots per inch at which the page was drawn.
        pixels: its bytes.
    """

    width: int
    height: int
    dpi: int
    pixels: bytes


@dataclass(frozen=True, slots=True)
class Publication:
    """What was read of a file.

    Attributes:
        media_type: one of `MEDIA_TYPES`, judged by its content; `UNKNOWN_TYPE` for anything else.
        status: outcome of reading it.
        reason: French sentence about what was not read, starting in lower case; empty if there is nothing to say.
        pages: its pages in order; empty if it was set aside before they were read. Pages without text are among them.
        title: the title that the file gives itself; None if there is none.
        recognised_pages: numbers of the pages whose text a program recognised in their image.
    """

    media_type: str
    status: Status
    reason: str = ""
    pages: tuple[Page, ...] = ()
    title: str | None = None
    recognised_pages: tuple[int, ...] = ()

    @property
    def labels(self) -> tuple[str | None, ...]:
        """For each page, the page number printed on it or shown beside it; None if that is its number in the file."""
        return tuple(page.label for page in self.pages)

    @property
    def empty_pages(self) -> tuple[int, ...]:
        """The numbers of the pages without text."""
        return tuple(page.number for page in self.pages if page.is_empty)

    @property
    def searchable(self) -> tuple[Page, ...]:
        """The pages that are indexed: those of a document that was read, and that have text."""
        return tuple(page for page in self.pages if not page.is_empty) if self.status is Status.READ else ()
