"""Pages of publications: their text, and which parts of it may make a snippet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

MAYBE_HYPHEN = "-\u00ad"
"""A hyphen and a soft hyphen: in the text of a page, they stand for a hyphen at the end of a line that may or may not
belong to the word (« arrière-plan » or « arrièreplan »). No other hyphen of the text is followed by a soft hyphen.
"""


class Span(NamedTuple):
    """A part of a text: the offsets of its first character and just past its last."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a PDF, a slide, or a whole text document.

    Attributes:
        number: its number in the file, from 1.
        label: the page number that is printed on it or shown beside it, such as ``"iv"``; None if it is `number`.
        text: its text in reading order, in NFC: one line for each paragraph, with words that were cut at ends of lines
            joined again. `MAYBE_HYPHEN` stands for a hyphen that may or may not belong to the word.
        running: where running headers, footers and page numbers are in the text, ascending. Searches find them, but
            they are never part of a snippet.
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
        """Whether the page has no text: it is blank, or a picture."""
        return not self.text
