"""The blocks of a document. They hold no text themselves: their runs are spans of the document's plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

MAX_DEPTH = 12
"""Largest depth of nested quotations, lists and tables; deeper content is added to the innermost of them."""


class Run(NamedTuple):
    """A span of the text in a single style. A NamedTuple for speed, since a page has hundreds of them.

    Attributes:
        start, end: offsets in the text, end not included.
        strong, emphasis: whether the page has the span in `<strong>`, in `<em>`.
        target: absolute address of the link that the span belongs to, None outside links.
    """

    start: int
    end: int
    strong: bool = False
    emphasis: bool = False
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. Its runs are contiguous, as in every block; a line end in them is a line break."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, with the level that it has on its page: 1 to 6."""

    level: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Preformatted:
    """Preformatted text, whose spaces and line ends are significant."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Caption:
    """The caption of a figure; the figure itself is not stored."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Quotation:
    """A block quotation."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class ListBlock:
    """A list: the blocks of each item and, in a numbered list, the number of the first item."""

    items: tuple[tuple[Block, ...], ...]
    ordered: bool = False
    start: int = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; `head` says whether it heads a row or column. A rowspan of 0 reaches down to the last row."""

    blocks: tuple[Block, ...]
    head: bool = False
    colspan: int = 1
    rowspan: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A table as on its page, with spans that may overlap; `grid.lay_out` makes it regular."""

    rows: tuple[tuple[Cell, ...], ...]
    caption: tuple[Run, ...] = ()


Leaf = Paragraph | Heading | Preformatted | Caption
Block = Leaf | Quotation | ListBlock | Table


@dataclass(frozen=True, slots=True)
class Document:
    """A text and its shape.

    Attributes:
        text: the plain text.
        blocks: its blocks, in order; parts of the text outside all runs are separators such as bullets and blank lines.
    """

    text: str
    blocks: tuple[Block, ...]

    def words(self, runs: Iterable[Run]) -> str:
        """Return the text of some runs."""
        return "".join(self.text[run.start : run.end] for run in runs)


def leaves(blocks: Iterable[Block]) -> Iterator[tuple[Run, ...]]:
    """Yield the runs of each block that holds text, in order; a table's caption comes before its cells."""
    for block in blocks:
        if isinstance(block, Leaf):
            yield block.runs
        elif isinstance(block, Quotation):
            yield from leaves(block.blocks)
        elif isinstance(block, ListBlock):
            for item in block.items:
                yield from leaves(item)
        else:
            if block.caption:
                yield block.caption
            for row in block.rows:
                for cell in row:
                    yield from leaves(cell.blocks)
