"""Turn the lines of pages into texts: cut words are joined, each paragraph becomes a line, running lines (headers and
footers) are marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexer.document.pages import Page, Span
from indexer.publications.hyphens import Vocabulary
from indexer.publications.lines import Line, read_lines
from indexer.publications.running import running_lines

_ITEM = re.compile(
    r"(?:[•◦▪●○■□✓➢►→*\-–—o]\s|\(?[0-9a-z]{1,3}[.)]\s|[0-9]+(?:\.[0-9]+)+\.?\s|(?:article|chapitre|annexe)\s)"
)
_ENDED = re.compile(r"[.!?:;…][»”\")\]]*\Z")
_SHORT, _VERY_SHORT = 0.85, 0.55
"""Shares of the usual length of a line: below the first, a line that ends a sentence ends its paragraph; below the
second, a line is taken for a title.
"""


@dataclass(frozen=True, slots=True)
class RawPage:
    """A page as a reader of its format gives it.

    Attributes:
        text: its text, with the line ends of the page; `MARKED` stands for a hyphen at the end of a line.
        label: the page number printed on it or shown beside it; None if that is its number in the file.
    """

    text: str
    label: str | None = None


def build_pages(raw: Sequence[RawPage]) -> tuple[Page, ...]:
    """Return the pages of a file that is laid out in lines (a PDF)."""
    pages = [read_lines(page.text) for page in raw]
    vocabulary = Vocabulary(pages)
    texts = [[line.text for line in lines] for lines in pages]
    running = running_lines(texts, [page.label for page in raw])
    return tuple(
        _page(number, page.label, lines, marked, vocabulary)
        for number, (page, lines, marked) in enumerate(zip(raw, pages, running, strict=True), 1)
    )


def _page(number: int, label: str | None, lines: Sequence[Line], marked: Iterable[int], vocabulary: Vocabulary) -> Page:
    marked = frozenset(marked)
    usual = _usual_length(line for place, line in enumerate(lines) if place not in marked)
    parts: list[str] = []
    spans: list[Span] = []
    size = 0
    for place, line in enumerate(lines):
        between = _between(lines, place, marked, usual, vocabulary) if place else ""
        text = vocabulary.settle(line.text)
        start = size + len(between)
        size = start + len(text)
        parts += (between, text)
        if place in marked:
            spans.append(Span(start, size))
    return Page(number, label, "".join(parts), tuple(spans))


def _usual_length(lines: Iterable[Line]) -> int:
    """Return the length of a full line of a page: the third quartile of all its lines; 0 if it has none."""
    lengths = sorted(len(line.text) for line in lines)
    return lengths[3 * len(lengths) // 4] if lengths else 0


def _between(lines: Sequence[Line], place: int, marked: frozenset[int], usual: int, vocabulary: Vocabulary) -> str:
    """Return what to write between the line at index `place` and the one before it: a space or a line end, for example.

    `marked` holds the indexes of running lines (headers, footers); `usual` is the length of a full line.
    """
    before, line = lines[place - 1], lines[place]
    apart = (place in marked) or (place - 1 in marked)
    if before.cut:
        return (
            before.cut.replace("\ufffe", "-") + "\n" if apart else vocabulary.write(before.text, line.text, before.cut)
        )
    if apart or _ITEM.match(line.text):
        return "\n"
    if _ENDED.search(before.text) and len(before.text) < _SHORT * usual:
        return "\n"
    if len(before.text) < _VERY_SHORT * usual and not line.text[:1].islower():
        return "\n"
    return " "
