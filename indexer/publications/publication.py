"""Publication and Page: the text of a publication, as searches and snippets need it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

MAYBE_HYPHEN = "-\u00ad"
"""A hyphen at the end of a line that may belong to the word or not, in the text of a page: « arrière-plan » or
« arrièreplan ». A soft hyphen after a hyphen stands nowhere else.
"""

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODT = "application/vnd.oasis.opendocument.text"
MEDIA_TYPES = frozenset({PDF, DOCX, PPTX, ODT})
UNKNOWN_TYPE = "application/octet-stream"


class Status(StrEnum):
    """What became of a file.

    Only the pages of a `READ` one are indexed. The others are kept and listed, each with its reason.
    """

    READ = "read"
    NO_TEXT = "no-text"
    """No page has any text: a scan."""
    UNREADABLE = "unreadable"
    """Its letters have no known meaning: what they give is noise."""
    PASSWORD = "password"  # noqa: S105 - what the file needs
    DAMAGED = "damaged"
    OTHER_TYPE = "other-type"
    """No publication: a page of a site, an old format, an image."""
    TOO_MUCH = "too-much"
    """Reading it would take more memory, time or space than a file may."""
    INTERRUPTED = "interrupted"
    """The machine gave up, not the file: reading it again may do."""


class Span(NamedTuple):
    """A part of a text: the offsets of its first character and just past its last."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a PDF, a slide, or a whole text document.

    Attributes:
        number: its number in the file, from 1.
        label: what is printed on it or shown beside it, such as ``"iv"``; None where that is its number.
        text: its text in reading order, in NFC: a line a paragraph, words that ends of lines cut put together. Where it
            is not sure whether a hyphen belongs to the word, `MAYBE_HYPHEN` stands for it.
        running: where running headers, footers and page numbers stand in the text, ascending. They are found, but
            make no snippet.
    """

    number: int
    label: str | None
    text: str
    running: tuple[Span, ...] = ()

    @property
    def body(self) -> tuple[Span, ...]:
        """The parts of the text that may make a snippet: all but running lines, without blank ends."""
        return tuple(self._body())

    def _body(self) -> Iterator[Span]:
        place = 0
        for start, end in (*self.running, Span(len(self.text), len(self.text))):
            part = self.text[place:start]
            first = place + len(part) - len(part.lstrip())
            last = place + len(part.rstrip())
            if first < last:
                yield Span(first, last)
            place = end

    @property
    def is_empty(self) -> bool:
        """Whether it has no text: it is blank, or a picture."""
        return not self.text


@dataclass(frozen=True, slots=True)
class Publication:
    """What was read of a file.

    Attributes:
        media_type: one of `MEDIA_TYPES`, by its content; `UNKNOWN_TYPE` for anything else.
        status: what became of it.
        reason: French sentence about what was not read, without its capital; empty if there is nothing to say.
        pages: its pages in order; empty if it was set aside before they were read. Pages without text are among them.
        title: the title that the file gives itself; None if there is none.
    """

    media_type: str
    status: Status
    reason: str = ""
    pages: tuple[Page, ...] = ()
    title: str | None = None

    @property
    def labels(self) -> tuple[str | None, ...]:
        """The label of each page, None where it is the number of the page."""
        return tuple(page.label for page in self.pages)

    @property
    def empty_pages(self) -> tuple[int, ...]:
        """The numbers of the pages without text."""
        return tuple(page.number for page in self.pages if page.is_empty)

    @property
    def searchable(self) -> tuple[Page, ...]:
        """The pages that are indexed: those of a document that was read, and that have text."""
        return tuple(page for page in self.pages if not page.is_empty) if self.status is Status.READ else ()
