"""A page as a flat list of blocks, which `flatten` makes and every later step reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from bs4.element import PageElement, Tag

from indexer.parsing.html.markup import HEADINGS
from indexer.parsing.labels import Label


@dataclass(slots=True)
class Mark:
    """A text that may be a label.

    Attributes:
        label: the label that it may be.
        chain: the string that is the text, then the elements around it that hold nothing else, innermost first.
        parent: the innermost element that holds all of the text.
        split: whether `parent` holds the text in more than one string; `chain` then begins with the first of them.
    """

    label: Label
    chain: list[PageElement]
    parent: Tag
    split: bool = False


class Inline(NamedTuple):
    """A part of a block's text: a link or emphasised words.

    Attributes:
        start, end: offsets in the text of the block, end not included.
        kind: name of the element: "a", "strong", "b", "em", "i".
        href: address of a link, as written.
    """

    start: int
    end: int
    kind: str
    href: str


@dataclass(slots=True)
class Block:
    r"""A stretch of text without a break: a paragraph, a heading, a list item, a table cell.

    Attributes:
        text: its text with spaces collapsed; "\n" for `<br>`.
        tag: the innermost block element around it.
        links: address and text of each link.
        item: whether it is the first block of a list item.
        row, cell: identities (`id`) of the table row and cell around it, 0 outside tables.
        mark: set when the whole text may be a label.
        joined: whether it continues the line of the block before, which was split at a possible label.
        glue: the white space between `text` and the block before, if `joined`.
        aside: whether it is in a node's footer or date line, which is read for dates only.
        inlines: its links and emphasised words, in the order in which they end.
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
        """Heading level, 1 to 6; 0 for other blocks."""
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
    """A machine-readable date: a `<time>` element, or one whose attributes mark it as the date of publication.

    Attributes:
        value: the machine-readable value, or the text where there is none.
        before: the words before it on the same line.
        block: index of the block that holds it, or of the next one.
        published: whether its attributes mark it as the date of publication.
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
        ranges: identity (`id`) of each element → index of its first block, and of the first block after it.
        link_ranges: identity of each block element → index in `links` of its first link, and of the first after it.
        links: every link with an address: index of its block, address, text.
        times: every machine-readable date.
        names: block index and text of each element whose attributes mark it as an author's name.
    """

    blocks: list[Block] = field(default_factory=list)
    ranges: dict[int, tuple[int, int]] = field(default_factory=dict)
    link_ranges: dict[int, tuple[int, int]] = field(default_factory=dict)
    links: list[tuple[int, str, str]] = field(default_factory=list)
    times: list[Time] = field(default_factory=list)
    names: list[tuple[int, str]] = field(default_factory=list)

    def range_of(self, tag: Tag) -> tuple[int, int]:
        """Return the indexes of an element's first block and of the first block after it."""
        first, end = self.ranges.get(id(tag), (0, 0))
        return first, min(end, len(self.blocks))  # its last text may have been only spaces, which make no block
