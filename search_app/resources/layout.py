"""Prepares a document for the template: highlighting, heading levels, ids and links, without HTML."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from indexer import document
from indexer.analysis import slug
from indexer.document import (
    Block,
    Caption,
    Document,
    GridCell,
    Heading,
    Leaf,
    ListBlock,
    Preformatted,
    Quotation,
    Run,
    Table,
)
from indexer.query import Highlight
from search_app.web.text import host, http_url

_DEEPEST = 6
_LONG = 2500
"""Number of characters from which a text with headings has a table of contents."""
_HEADINGS_WORTH = 3
_LINES = re.compile(r"(\s*\n\s*)")
_MAILTO = re.compile(r"mailto:[^\s@?<>\"]+@[^\s@?<>\"]+", re.IGNORECASE)


class Piece(NamedTuple):
    """A part of a line: its text, and whether it is highlighted; a line break has no text."""

    text: str
    matched: bool


@dataclass(frozen=True, slots=True)
class Span:
    """Pieces with the same formatting."""

    pieces: tuple[Piece, ...]
    strong: bool
    emphasis: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """Spans that are part of one link, or of none.

    Attributes:
        spans: at least one.
        href: an http(s) or mailto address, or None.
        external: whether the link leads to another site.
    """

    spans: tuple[Span, ...]
    href: str | None
    external: bool

    @property
    def plain(self) -> str | None:
        """The text if it has no link, emphasis, highlighting and line break; otherwise None."""
        (span, *more), piece = self.spans, self.spans[0].pieces[0]
        if more or self.href or span.strong or span.emphasis or len(span.pieces) > 1 or piece.matched:
            return None
        return piece.text or None


Line = tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell of a table; `scope` is the attribute of a header cell, or None."""

    blocks: tuple[ShownBlock, ...]
    head: bool
    scope: str | None
    colspan: int
    rowspan: int


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block, ready for the template.

    Attributes:
        kind: "p", "heading", "pre", "caption", "quote", "ul", "ol" or "table".
        line: the text of a "p", "heading", "pre" or "caption"; the caption of a "table".
        level: level of a heading (1 to 6).
        id: HTML id of a heading or table.
        blocks: the blocks of a quotation.
        items, start: the items of a list, and the number of the first.
        head, body: rows of a table.
        number: number of a table, from 1.
    """

    kind: str
    line: Line = ()
    level: int = 0
    id: str | None = None
    blocks: tuple[ShownBlock, ...] = ()
    items: tuple[tuple[ShownBlock, ...], ...] = ()
    start: int = 1
    head: tuple[tuple[ShownCell, ...], ...] = ()
    body: tuple[tuple[ShownCell, ...], ...] = ()
    number: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a table of contents: text and HTML id of a heading, and the entries of the headings below it."""

    title: str
    id: str
    entries: tuple[Entry, ...] = ()


@dataclass(slots=True)
class _Section:
    """An entry of a table of contents that is being built; `level` is its depth, from 1."""

    title: str
    id: str
    level: int
    inner: list[_Section] = field(default_factory=list)


class PageLayout:
    """Prepares the documents of one page; their heading levels, ids and table numbers continue from one to the next.

    Args:
        above: level of the heading above the documents.
        own_host: host of this site, links to which are not marked as external.
    """

    def __init__(self, *, above: int, own_host: str) -> None:
        self._above, self._own_host = above, own_host
        self._tables = 0
        self._ids: dict[str, int] = {}
        self._levels: list[int] = []
        self._sections: list[_Section] = []
        self._document = Document("", ())
        self._marks: Sequence[Highlight] = ()
        self._mark_ends: list[int] = []

    def blocks(self, shaped: Document, marks: Sequence[Highlight] = ()) -> tuple[ShownBlock, ...]:
        """Return the blocks of a document.

        Args:
            shaped: the document.
            marks: spans of its text to highlight, ascending, without overlaps.
        """
        self._document, self._marks = shaped, marks
        self._mark_ends = [mark.end for mark in marks]
        self._levels = []
        self._sections = []
        return tuple(self._shown(shaped.blocks, top=True))

    def contents(self) -> tuple[Entry, ...]:
        """Return the table of contents of the last document; empty if it is short."""
        known = list(self._sections)
        count = len(known) + sum(len(section.inner) for section in known)
        if count < _HEADINGS_WORTH or len(self._document.text) < _LONG:
            return ()
        return tuple(Entry(s.title, s.id, tuple(Entry(i.title, i.id) for i in s.inner)) for s in known)

    def _shown(self, blocks: Iterable[Block], *, top: bool = False) -> Iterator[ShownBlock]:
        for block in blocks:
            shown = self._leaf(block, top=top) if isinstance(block, Leaf) else self._container(block)
            if shown is not None:
                yield shown

    def _leaf(self, block: Leaf, *, top: bool) -> ShownBlock | None:
        line = tuple(self._line(block.runs, lines=not isinstance(block, Preformatted)))
        if not line:
            return None
        if isinstance(block, Heading):
            if not top:  # inside a list or a quotation, it is not the beginning of a section
                return ShownBlock("p", _stressed(line))
            return self._heading(block, line)
        return ShownBlock(
            "pre" if isinstance(block, Preformatted) else "caption" if isinstance(block, Caption) else "p", line
        )

    def _container(self, block: Quotation | ListBlock | Table) -> ShownBlock | None:
        if isinstance(block, Quotation):
            blocks = tuple(self._shown(block.blocks))
            return ShownBlock("quote", blocks=blocks) if blocks else None
        if isinstance(block, ListBlock):
            items = tuple(item for blocks in block.items if (item := tuple(self._shown(blocks))))
            kind = "ol" if block.ordered else "ul"
            return ShownBlock(kind, items=items, start=block.start) if items else None
        return self._table(block)

    def _heading(self, block: Heading, line: Line) -> ShownBlock:
        """Return a heading, one level below that of its enclosing section, even if the original page skips levels."""
        while self._levels and self._levels[-1] >= block.level:
            self._levels.pop()
        self._levels.append(block.level)
        level = min(self._above + len(self._levels), _DEEPEST)
        title = " ".join(self._document.words(block.runs).split())
        name = "partie-" + (slug(title, whole_words=True) or "suite")
        times = self._ids[name] = self._ids.get(name, 0) + 1
        section = _Section(title, name if times == 1 else f"{name}--{times}", len(self._levels))
        if section.level == 1 or not self._sections:
            self._sections.append(section)
        elif section.level == 2:
            self._sections[-1].inner.append(section)
        return ShownBlock("heading", line, level=level, id=section.id)

    def _table(self, block: Table) -> ShownBlock | None:
        grid = document.lay_out(block)
        caption = tuple(self._line(block.caption))
        if grid is None:
            return ShownBlock("p", caption) if caption else None
        if not any(True for _ in document.leaves((block,))):
            return None
        self._tables += 1
        number = self._tables

        def cell(one: GridCell, *, named: str | None) -> ShownCell:
            blocks = tuple(self._shown(one.blocks))
            head = one.head and bool(blocks)  # an empty cell is not a header
            return ShownCell(blocks, head, named if head else None, one.colspan, one.rowspan)

        head = tuple(
            tuple(cell(one, named="col" if one.colspan == 1 else "colgroup") for one in row) for row in grid.head
        )
        body = tuple(
            tuple(cell(one, named="row" if one.head and one.column == 0 else None) for one in row) for row in grid.body
        )
        return ShownBlock("table", caption, id=f"tableau-{number}", head=head, body=body, number=number)

    def _line(self, runs: Sequence[Run], *, lines: bool = True) -> Iterator[Phrase]:
        """Yield the phrases of a line; consecutive runs with the same link target become one phrase.

        Args:
            runs: the parts of the line, each with one formatting and link.
            lines: whether line breaks in it become pieces; else they stay in the text.
        """
        place = 0
        while place < len(runs):
            end = place + 1
            while end < len(runs) and runs[end].target == runs[place].target:
                end += 1
            spans = tuple(span for run in runs[place:end] for span in self._spans(run, lines=lines))
            if spans:
                href, external = self._link(runs[place].target)
                yield Phrase(spans, href, external)
            place = end

    def _spans(self, run: Run, *, lines: bool) -> Iterator[Span]:
        pieces = tuple(self._pieces(run, lines=lines))
        if pieces:
            yield Span(pieces, run.strong, run.emphasis)

    def _pieces(self, run: Run, *, lines: bool) -> Iterator[Piece]:
        place = run.start
        number = bisect_right(self._mark_ends, run.start)
        while place < run.end:
            mark = self._marks[number] if number < len(self._marks) else None
            if mark is None or mark.start >= run.end:
                yield from self._broken(place, run.end, matched=False, lines=lines)
                return
            if mark.start > place:
                yield from self._broken(place, mark.start, matched=False, lines=lines)
            end = min(mark.end, run.end)
            yield from self._broken(max(mark.start, place), end, matched=True, lines=lines)
            place = end
            number += 1

    def _broken(self, start: int, end: int, *, matched: bool, lines: bool) -> Iterator[Piece]:
        """Yield the pieces of the text of the document from `start` to `end`.

        Args:
            start: position of the first character.
            end: position after the last character.
            matched: whether the text is highlighted.
            lines: whether line breaks become pieces; else they stay in the text.
        """
        text = self._document.text[start:end]
        if not lines or "\n" not in text:
            yield Piece(text, matched)
            return
        for number, part in enumerate(_LINES.split(text)):
            if number % 2:
                yield Piece("", False)
            elif part:
                yield Piece(part, matched)

    def _link(self, target: str | None) -> tuple[str | None, bool]:
        if target is None:
            return None, False
        if _MAILTO.fullmatch(target):
            return target, False
        href = http_url(target)
        return href, href is not None and host(href) != self._own_host


def _stressed(line: Line) -> Line:
    return tuple(
        Phrase(tuple(Span(span.pieces, True, span.emphasis) for span in phrase.spans), phrase.href, phrase.external)
        for phrase in line
    )
