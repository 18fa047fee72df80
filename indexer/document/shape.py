"""Write the shape of a document as a short string, to store beside its text, and read it.

The string is a JSON list: a version, the addresses of links, then the blocks. A block with text is a list: a number for
its kind, its distance from the end of the block before, then the length and style of each run (a block with a single
plain run omits the style).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from indexer.document.blocks import (
    MAX_DEPTH,
    Block,
    Caption,
    Cell,
    Document,
    Heading,
    Leaf,
    ListBlock,
    Paragraph,
    Preformatted,
    Quotation,
    Run,
    Table,
)
from indexer.document.lists import from_text

SHAPE_VERSION = 1
"""Version of the format. Increase it when the format changes: older shapes are then read as plain paragraphs."""

_PARAGRAPH, _PREFORMATTED, _CAPTION = 0, 7, 8  # 1 to 6 are headings
_STRONG, _EMPHASIS, _TARGET = 1, 2, 4
_MOST_SPANNED = 1000  # the limit of browsers
_HIGHEST_NUMBER = 1_000_000


def write(document: Document) -> str:
    """Return the shape of a document: its blocks without their text, as a JSON string that `read` takes."""
    writer = _Writer()
    blocks = writer.blocks(document.blocks)
    return json.dumps([SHAPE_VERSION, list(writer.targets), blocks], ensure_ascii=False, separators=(",", ":"))


def read(text: str | None, shape: str | None) -> Document:
    """Return the document of a text and its shape; without a shape, or with one that does not fit the text, return what
    `lists.from_text` makes of the text alone.
    """
    if text and shape is not None:
        try:
            version, targets, blocks = json.loads(shape)
            if version == SHAPE_VERSION:
                return Document(text, _Reader(text, targets).blocks(blocks, 0))
        except (ValueError, TypeError, IndexError, RecursionError):
            pass
    return from_text(text)


class _Writer:
    def __init__(self) -> None:
        self.targets: dict[str, int] = {}
        self.place = 0

    def blocks(self, blocks: Iterable[Block]) -> list[list[object]]:
        return [self.block(block) for block in blocks]

    def block(self, block: Block) -> list[object]:
        if isinstance(block, Quotation):
            return ["q", self.blocks(block.blocks)]
        if isinstance(block, ListBlock):
            return ["o" if block.ordered else "u", block.start, [self.blocks(item) for item in block.items]]
        if isinstance(block, Table):
            caption = self.leaf(_CAPTION, block.caption) if block.caption else 0
            return ["t", caption, [[self.cell(cell) for cell in row] for row in block.rows]]
        return self.leaf(_kind(block), block.runs)

    def cell(self, cell: Cell) -> list[object]:
        return [int(cell.head), cell.colspan, cell.rowspan, self.blocks(cell.blocks)]

    def leaf(self, kind: int, runs: Sequence[Run]) -> list[object]:
        written: list[object] = [kind, runs[0].start - self.place]
        for run in runs:
            style = _STRONG * run.strong + _EMPHASIS * run.emphasis
            if run.target is not None:
                style += _TARGET * (1 + self.targets.setdefault(run.target, len(self.targets)))
            written += [run.end - run.start, style]
        self.place = runs[-1].end
        if len(runs) == 1 and written[-1] == 0:
            written.pop()
        return written


def _kind(block: Leaf) -> int:
    if isinstance(block, Heading):
        return block.level
    return _PREFORMATTED if isinstance(block, Preformatted) else _CAPTION if isinstance(block, Caption) else _PARAGRAPH


class _Reader:
    """Builds blocks from JSON; raises ValueError, TypeError or IndexError if the shape does not fit the text."""

    def __init__(self, text: str, targets: list[str]) -> None:
        self.text, self.targets, self.place = text, targets, 0
        if not all(isinstance(target, str) for target in targets):
            raise TypeError

    def blocks(self, held: list[object], depth: int) -> tuple[Block, ...]:
        if depth > MAX_DEPTH:
            raise ValueError
        return tuple(self.block(_listed(one), depth) for one in held)

    def block(self, held: list[object], depth: int) -> Block:
        kind, *rest = held
        if kind == "q":
            (blocks,) = rest
            return Quotation(self.blocks(_listed(blocks), depth + 1))
        if kind in ("o", "u"):
            start, items = rest
            if not 0 <= _number(start) <= _HIGHEST_NUMBER:
                raise ValueError
            return ListBlock(
                tuple(self.blocks(_listed(item), depth + 1) for item in _listed(items)), kind == "o", _number(start)
            )
        if kind == "t":
            caption, rows = rest
            runs = self.runs(_listed(caption)[1:]) if caption else ()
            return Table(
                tuple(tuple(self.cell(_listed(cell), depth + 1) for cell in _listed(row)) for row in _listed(rows)),
                runs,
            )
        runs = self.runs(rest)
        level = _number(kind)
        if level == _PARAGRAPH:
            return Paragraph(runs)
        if level == _PREFORMATTED:
            return Preformatted(runs)
        if level == _CAPTION:
            return Caption(runs)
        if not 1 <= level <= 6:
            raise ValueError
        return Heading(level, runs)

    def cell(self, held: list[object], depth: int) -> Cell:
        head, colspan, rowspan, blocks = held
        if not (1 <= _number(colspan) <= _MOST_SPANNED and 0 <= _number(rowspan) <= _MOST_SPANNED):
            raise ValueError
        return Cell(self.blocks(_listed(blocks), depth), bool(head), _number(colspan), _number(rowspan))

    def runs(self, held: list[object]) -> tuple[Run, ...]:
        skip, *rest = map(_number, held)
        if len(rest) == 1:
            rest.append(0)
        start = self.place + skip
        runs = []
        for length, style in zip(rest[::2], rest[1::2], strict=True):
            if start < 0 or length <= 0 or start + length > len(self.text) or style < 0:
                raise ValueError
            target = self.targets[style // _TARGET - 1] if style >= _TARGET else None
            runs.append(Run(start, start + length, bool(style & _STRONG), bool(style & _EMPHASIS), target))
            start += length
        if not runs:
            raise ValueError
        self.place = start
        return tuple(runs)


def _number(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _listed(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError
    return value
