"""A page as a flat list of blocks, which `flatten` builds and all later steps read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from bs4.element import PageElement, Tag

from indexer.parsing.html.markup import HEADINGS
from indexer.parsing.labels import Label


@dataclass(slots=True)
class Mark:
    """A text that may be a label: the label, and the string and elements that contain nothing else, innermost first.

    `parent` is the innermost element that contains all of it; `split` says whether it consists of several strings.
    """

    label: Label
    chain: list[PageElement]
    parent: Tag
    split: bool = False


class Inline(NamedTuple):
    """A part of a block's text: a link, or words that the page stresses.

    Attributes:
        start, end: offsets in the text of the block.
        kind: name of the element: "a", "strong", "b", "em", "i".
        href: where a link leads, as written.
    """

    start: int
    end: int
    kind: str
    href: str


@dataclass(slots=True)
class Block:
    r"""A continuous piece of text: a paragraph, a heading, an item, a cell.

    Attributes:
        text: as read, spaces collapsed; "\n" for `<br>`.
        tag: the innermost block element.
        links: address and text of each link.
        item: whether it is the first of a list item.
        row, cell: identities of the table row and cell that contain it; 0 outside tables.
        mark: set when the whole text may be a label.
        joined: whether it continues the previous block, which was ended by a possible label.
        glue: the text between the two.
        aside: whether it is in a node's footer or date line, which are read for dates only.
        inlines: its links and stressed words, in the order in which they end.
    """

    text: str
    tag: Tag
    links: list[tuple[str, str]]
    item: bool = False
    row: int = 0
    cell: int = 0
    mark: Mark | None = None
    joined: bool = False
    glue: str = ""
    aside: bool = False
    inlines: tuple[Inline, ...] = ()

    @property
    def level(self) -> int:
        """1 to 6 for a heading, else 0."""
        tag: Tag | None = self.tag
        for _ in range(3):  # headings may contain blocks, although HTML forbids it
            if tag is None:
                break
            if tag.name in HEADINGS:
                return HEADINGS[tag.name]
            tag = tag.parent
        return 0

    @property
    def is_link(self) -> bool:
        """Whether the whole text is that of a link."""
        return len(self.links) == 1 and self.links[0][1] == self.text


@dataclass(slots=True)
class Time:
    """A date for machines: a `<time>` element, or one whose attributes say that it is the date of publication.

    Attributes:
        value: what machines read, else the text.
        before: the words before it on its line.
        block: the block that it stands in, or that follows.
        published: whether attributes say that it is the date of publication.
        tag: the element.
    """

    value: str
    before: str
    block: int
    published: bool = False
    tag: Tag | None = None


@dataclass(slots=True)
class Flat:
    """A page as a list of blocks, with its links and dates.

    Attributes:
        blocks: in page order.
        ranges: identity of each element entered → first block and first block after it.
        link_ranges: the same for `links`, of block elements.
        links: block, address and text of every link.
        times: every date for machines.
        names: block and text of each element whose attributes say that it names an author.
    """

    blocks: list[Block] = field(default_factory=list)
    ranges: dict[int, tuple[int, int]] = field(default_factory=dict)
    link_ranges: dict[int, tuple[int, int]] = field(default_factory=dict)
    links: list[tuple[int, str, str]] = field(default_factory=list)
    times: list[Time] = field(default_factory=list)
    names: list[tuple[int, str]] = field(default_factory=list)

    def range_of(self, tag: Tag) -> tuple[int, int]:
        """Return the first block of an element and first block after it."""
        first, end = self.ranges.get(id(tag), (0, 0))
        return first, min(end, len(self.blocks))  # the text of its last block may have been spaces only
