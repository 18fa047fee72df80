"""Turn a node's blocks into its document: the plain text, and its shape (headings, lists, tables, emphasis)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bs4.element import Tag

from indexer import document
from indexer.document import (
    MAX_DEPTH,
    Caption,
    Cell,
    Heading,
    ListBlock,
    Paragraph,
    Preformatted,
    Quotation,
    Run,
    Table,
)
from indexer.parsing.html.blocks import Block, Flat
from indexer.parsing.html.head import Head
from indexer.parsing.html.markup import HEADINGS, attribute
from indexer.parsing.html.prose import lay_out, merge
from indexer.parsing.html.region import Region
from indexer.parsing.labels import Label

_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_LAYOUT_ROLES = frozenset({"presentation", "none"})
_CELL_AT_MOST = 200
_SIGN = re.compile(r"[•●▪■◦‣·–*-]\s+(?=\S)")
_MAILTO = re.compile(r"mailto:[^\s@?<>\"]+@[^\s@?<>\"]+", re.IGNORECASE)
_HIGHEST_NUMBER = 1_000_000
_MOST_SPANNED = 1000


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """An element that gives its content a shape: a heading, a list, a table."""

    kind: str
    tag: Tag


_Path = tuple[_Step, ...]
_LEAVES = frozenset({"heading", "pre", "figcaption", "caption", "dt"})


@dataclass(slots=True)
class _Part:
    """An open element and its content so far: the items of a list, the cells of a table, or blocks."""

    step: _Step | None
    blocks: list[document.Block] = field(default_factory=list)
    items: list[tuple[document.Block, ...]] = field(default_factory=list)
    cells: dict[int, tuple[document.Block, ...]] = field(default_factory=dict)
    caption: tuple[Run, ...] = ()

    def put(self, block: document.Block) -> None:
        """Add a block; directly in a list, a nested list joins the last item and any other block becomes an item."""
        if self.step is None or self.step.kind != "list":
            self.blocks.append(block)
        elif self.items and isinstance(block, ListBlock):
            self.items[-1] = (*self.items[-1], block)
        else:
            self.items.append((block,))


class Shaper:
    """Turns blocks of one node into documents: plain text, and its shape (headings, lists, tables, links, emphasis).

    Only elements inside the node shape its text, and only its own blocks are read.

    Args:
        wrapper: the element around the node, or None.
        own: indexes of the blocks of the page that are the node's content.
        flat: the page.
        head: the page's head, to make links absolute.
    """

    def __init__(self, wrapper: Tag | None, own: frozenset[int], flat: Flat, head: Head) -> None:
        self._wrapper, self._own, self._flat, self._head = wrapper, own, flat, head
        self._paths: dict[int, _Path] = {}
        self._tables: dict[int, list[list[Tag]]] = {}
        self._cells: dict[int, int] = {}  # identity of a cell → that of its table
        self._targets: dict[str, str | None] = {}

    @classmethod
    def of(cls, region: Region, flat: Flat, head: Head) -> Shaper:
        """Return the shaper of a region; of its fields, only the summary counts as content."""
        run = region.run
        fields = {index for one in run.found.values() for index in range(one.at, one.end)}
        own = frozenset(region.blocks) - fields.difference(run.value(Label.SUMMARY) or ())
        return cls(region.wrapper, own, flat, head)

    def read(self, blocks: Iterable[Block], *, rows: bool = True) -> tuple[str | None, str | None]:
        """Return the plain text of some blocks and its shape as a string; None for no text, and for a shape that adds
        nothing to the text.

        Args:
            blocks: content only, in order.
            rows: whether table rows are rows of content, as for `prose.lay_out`.
        """
        joined = merge(blocks)
        text, places = lay_out(joined, rows=rows)
        if not text:
            return None, None
        paths = [self._path(block.tag) for block in joined]
        if not any(paths) and not any(block.inlines or block.row for block in joined):
            return text, None
        stack = [_Part(None)]
        heading: Tag | None = None
        for block, path, (start, end) in zip(joined, paths, places, strict=True):
            leaf = path[-1] if path and path[-1].kind in _LEAVES else None
            self._open(stack, path[:-1] if leaf else path, text)
            part = stack[-1]
            offset = end - len(block.text)
            sign = _SIGN.match(text, start, end) if block.item else None
            words = start if sign is None else sign.end()
            runs = tuple(self._runs(block, words, end, offset)) if block.inlines else (Run(words, end),)
            before = part.blocks[-1] if part.blocks else None
            if leaf is not None and leaf.kind == "caption":
                part.caption = _after(part.caption, runs)
            elif leaf is not None and leaf.tag is heading and isinstance(before, Heading):
                part.blocks[-1] = Heading(before.level, _after(before.runs, _plain(runs)))
            else:
                part.put(_leaf(leaf, runs, path))
            heading = leaf.tag if leaf is not None and leaf.kind == "heading" else None
        while len(stack) > 1:
            self._close(stack, text)
        return text, document.write(document.Document(text, _with_lists(text, stack[0].blocks)))

    def _open(self, stack: list[_Part], path: _Path, text: str) -> None:
        """Close the elements of `stack` that end before a block, and open those that begin with it; `path` is the
        shaping elements around the block, outermost first, and `text` the whole document.
        """
        same = 0
        for part, step in zip(stack[1:], path, strict=False):
            assert part.step is not None  # noqa: S101 - only the root has none
            if part.step.tag is not step.tag or part.step.kind != step.kind:
                break
            same += 1
        while len(stack) > same + 1:
            self._close(stack, text)
        stack += [_Part(step) for step in path[same:]]

    def _path(self, tag: Tag) -> _Path:
        """Return the shaping elements around a block, outermost first."""
        stops = self._wrapper
        climbed: list[Tag] = []
        outer: Tag | None = tag
        while outer is not None and outer is not stops and id(outer) not in self._paths:
            climbed.append(outer)
            outer = outer.parent
        path = self._paths[id(outer)] if outer is not None and outer is not stops else ()
        for inner in reversed(climbed):
            path = self._paths[id(inner)] = self._extended(path, inner)
        return path

    def _extended(self, path: _Path, tag: Tag) -> _Path:
        name = tag.name
        last = path[-1] if path else None
        if last is not None and last.kind in _LEAVES:
            return path
        if name in HEADINGS:
            return (*path, _Step("heading", tag))
        if name in ("pre", "figcaption", "dt"):
            return (*path, _Step(name, tag))
        if name == "caption":
            return (*path, _Step(name, tag)) if last is not None and last.kind == "table" else path
        if len(path) >= MAX_DEPTH - 1:
            return path
        if name == "blockquote":
            return (*path, _Step("quote", tag))
        if name in _LISTS:
            return (*path, _Step("list", tag))
        if name == "li":
            if (last is None or last.kind != "list") and tag.parent is not None:
                path = (*path, _Step("list", tag.parent))
            return (*path, _Step("item", tag))
        if name == "table" and self._is_content(tag):
            return (*path, _Step("table", tag))
        if name in ("td", "th") and last is not None and self._cells.get(id(tag)) == id(last.tag):
            return (*path, _Step("cell", tag))
        return path

    def _is_content(self, table: Tag) -> bool:
        """Return whether a table holds content rather than laying out the page; if so, note its cells."""
        if attribute(table, "role").strip().lower() in _LAYOUT_ROLES:
            return False
        rows: dict[int, list[Tag]] = {}
        named = False
        for inner, row in _inside(table):
            name = inner.name
            if name == "table":
                return False
            if name in ("td", "th"):
                rows.setdefault(id(row), []).append(inner)
            named = named or name in ("th", "caption")
        indexes = range(*self._flat.range_of(table))
        if not self._own.issuperset(indexes):
            return False  # shared with another node or with fields: not even its number of rows may be shown
        blocks = [self._flat.blocks[i] for i in indexes]
        if not named:
            if sum(len(cells) > 1 for cells in rows.values()) < 2:
                return False
            if any(len(block.text) > _CELL_AT_MOST or block.level for block in blocks):
                return False
        self._tables[id(table)] = list(rows.values())
        self._cells.update((id(cell), id(table)) for cells in rows.values() for cell in cells)
        return True

    def _close(self, stack: list[_Part], text: str) -> None:
        """Close the innermost element of `stack` and add it to the one around it; `text` is the document's."""
        part = stack.pop()
        assert part.step is not None  # noqa: S101 - the root is never closed
        outer, kind, tag = stack[-1], part.step.kind, part.step.tag
        blocks = _with_lists(text, part.blocks)
        if kind == "item":
            outer.items.append(blocks)
        elif kind == "cell":
            outer.cells[id(tag)] = outer.cells.get(id(tag), ()) + blocks
        elif kind == "quote":
            outer.put(Quotation(blocks))
        elif kind == "list":
            start = _number(attribute(tag, "start"), 1, _HIGHEST_NUMBER)
            found = ListBlock(tuple(part.items), tag.name == "ol", start if tag.name == "ol" else 1)
            outer.put(found)
        else:
            for block in blocks:
                outer.put(block)
            rows = [
                tuple(
                    Cell(
                        part.cells.get(id(cell), ()),
                        cell.name == "th",
                        _number(attribute(cell, "colspan"), 1, _MOST_SPANNED) or 1,
                        _number(attribute(cell, "rowspan"), 1, _MOST_SPANNED),
                    )
                    for cell in cells
                )
                for cells in self._tables[id(tag)]
                if any(id(cell) in part.cells for cell in cells)
            ]
            outer.put(Table(tuple(rows), part.caption))

    def _runs(self, block: Block, start: int, end: int, offset: int) -> Iterator[Run]:
        """Yield the runs (spans of a single style) of a block between the offsets `start` and `end` in the text of the
        document, where the block begins at `offset`.
        """
        changes: list[tuple[int, int, int, str, str]] = []
        for number, inline in enumerate(block.inlines):
            changes.append((max(inline.start + offset, start), 1, number, inline.kind, inline.href))
            changes.append((max(inline.end + offset, start), 0, number, inline.kind, inline.href))
        changes.sort()
        strong = emphasis = 0
        targets: dict[int, str | None] = {}
        begun = start
        style: tuple[bool, bool, str | None] = (False, False, None)
        for place, opens, number, kind, href in changes:
            if kind == "a":
                if opens:
                    targets[number] = self._target(href)
                else:
                    targets.pop(number, None)
            elif kind in ("strong", "b"):
                strong += 1 if opens else -1
            else:
                emphasis += 1 if opens else -1
            now = strong > 0, emphasis > 0, next(reversed(targets.values())) if targets else None
            if now != style:
                if place > begun:
                    yield Run(begun, place, *style)
                    begun = place
                style = now
        if begun < end:
            yield Run(begun, end, *style)

    def _target(self, href: str) -> str | None:
        """Return the absolute address of a link (http, https or mailto); None for others."""
        if href not in self._targets:
            mail = _MAILTO.match(href)
            self._targets[href] = mail.group() if mail else self._head.resolve(href)
        return self._targets[href]


def _inside(table: Tag) -> Iterator[tuple[Tag, Tag]]:
    """Yield every element of a table with the row that holds it, or with its parent where there is no row.

    Unlike bs4's `descendants`, it needs no time before the first element, so deeply nested tables cost no more.
    """
    stack = [(iter(table.contents), table)]
    while stack:
        children, row = stack[-1]
        for child in children:
            if isinstance(child, Tag):
                yield child, row
                stack.append((iter(child.contents), row if row.name == "tr" else child))
                break
        else:
            stack.pop()


def _leaf(leaf: _Step | None, runs: tuple[Run, ...], path: _Path) -> document.Block:
    """Return the document's block for the innermost shaping element (`leaf`) and its runs (spans of a single style).

    It is a paragraph if `leaf` is None, a strong paragraph for a term of a list of definitions and for a heading in a
    table cell. `path` is the shaping elements around it.
    """
    if leaf is None:
        return Paragraph(runs)
    if leaf.kind == "pre":
        return Preformatted(runs)
    if leaf.kind == "figcaption":
        return Caption(runs)
    if leaf.kind == "heading" and not any(step.kind == "cell" for step in path):
        return Heading(HEADINGS[leaf.tag.name], _plain(runs))
    return Paragraph(tuple(Run(run.start, run.end, True, run.emphasis, run.target) for run in runs))


def _after(runs: tuple[Run, ...], more: tuple[Run, ...]) -> tuple[Run, ...]:
    """Join the runs (spans of a single style) of two blocks of one element; the last of `runs` is extended over the
    separator between them.
    """
    if not runs:
        return more
    *first, last = runs
    return (*first, Run(last.start, more[0].start, last.strong, last.emphasis, last.target), *more)


def _plain(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Return the runs (spans of a single style) of a heading; if all of it is strong, without that emphasis."""
    if not all(run.strong for run in runs):
        return runs
    return tuple(Run(run.start, run.end, False, run.emphasis, run.target) for run in runs)


def _number(written: str, default: int, most: int) -> int:
    written = written.strip()
    return min(int(written), most) if written.isascii() and written.isdigit() and len(written) < 9 else default


def _with_lists(text: str, blocks: list[document.Block]) -> tuple[document.Block, ...]:
    """Return the blocks, with paragraphs that are written as list items replaced by lists."""
    if len(blocks) == 1 and not isinstance(blocks[0], Paragraph):
        return (blocks[0],)
    found: list[document.Block] = []
    paragraphs: list[Paragraph] = []
    for block in blocks:
        if isinstance(block, Paragraph):
            paragraphs.append(block)
        else:
            if paragraphs:
                found += document.with_lists(text, paragraphs)
                paragraphs = []
            found.append(block)
    return (*found, *document.with_lists(text, paragraphs))
