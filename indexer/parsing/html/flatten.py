"""Flatten a tree of elements into a list of blocks of text, in one pass.

All later steps (labels, nodes, titles, bodies) work on ranges of that list, so no element's text is read twice. The
walk keeps its own stack, so a page nested thousands of levels deep cannot exceed Python's recursion limit.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from bs4.element import NavigableString, PageElement, Tag

from indexer.parsing.html.blocks import Block, Flat, Inline, Mark, Time
from indexer.parsing.html.markup import (
    BLOCK_TAGS,
    INLINE_TAGS,
    attribute,
    is_date_class,
    is_field_item,
    is_node_like,
    is_noise,
    is_published_time,
    is_updated_time,
    names_author,
    published_stamp,
    read_sign,
)
from indexer.parsing.text import clean, collapse, collapse_lines, preformatted

_MAIN_ROLES = frozenset({"main", "article"})
_MAIN_TOKENS = frozenset(
    {"main", "content", "main-content", "contenu", "page-content", "region-content", "block-system-main"}
)
_WORD = re.compile(r"\S+")
_MOST_OPEN = 16
_EMBEDS = {"iframe": "src", "object": "data", "embed": "src", "audio": "src", "video": "src", "source": "src"}


@dataclass(slots=True)
class _Frame:
    tag: Tag
    children: Iterator[PageElement]
    block: bool
    inside: bool
    aside: bool
    start: int
    links: int
    link: tuple[str, int, int] | None = None  # address, first block, first part
    time: tuple[str, str, int, bool] | None = None  # value, words before, first part, published
    name: tuple[int, int] | None = None  # first block, first part of an author's name
    inline: bool = False


class _Walker:
    """The state of the walk through the page: the elements that are open, and the block being filled."""

    def __init__(self, marks: dict[int, Mark], protected: set[int], left_out: set[int]) -> None:
        self.flat = Flat()
        self.marks = marks
        self.protected = protected
        self.left_out = left_out
        self.parts: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.inlines: list[tuple[int, int, str, str]] = []  # first part and part after the last, element, address
        self.inlines_open: list[tuple[int, str, str]] = []
        self.blocks_open: list[Tag] = []
        self.href: list[str] = []
        self.rows: list[tuple[int, int]] = []
        self.item = False
        self.after_mark = False
        self.aside = False
        self.preformatted = 0  # how many <pre> are open

    def flush(self, mark: Mark | None = None) -> None:
        """End the current block; `mark` is set if its whole text may be a label."""
        parts, self.parts = self.parts, []
        links, self.links = self.links, []
        inlines = self.inlines
        if inlines:
            self.inlines = []
        if self.inlines_open:
            inlines = [
                *inlines,
                *((first, len(parts), kind, href) for first, kind, href in reversed(self.inlines_open)),
            ]
            self.inlines_open = [(0, kind, href) for _, kind, href in self.inlines_open]
        if not parts:
            return
        raw = "".join(parts)
        text = preformatted(raw) if self.preformatted else collapse_lines(raw)
        if not text:
            return
        if not links and self.href:
            links = [(self.href[-1], text)]
        row, cell = self.rows[-1] if self.rows else (0, 0)
        joined = self.after_mark
        glue = (
            "" if not joined or not raw[0].isspace() else "\n" if "\n" in raw[: len(raw) - len(raw.lstrip())] else " "
        )
        self.flat.blocks.append(
            Block(
                *(text, self.blocks_open[-1], links, self.item, row, cell, mark, joined, glue, self.aside),
                inlines=_placed(inlines, parts, text) if inlines else (),
            )
        )
        self.item = False

    def boundary(self) -> None:
        """Note that a block element begins or ends, so the next block does not continue the last one."""
        if self.parts:
            self.flush()
        self.after_mark = False

    def at_line_start(self) -> bool:
        """Return whether a label here would begin a line or follow another label's value."""
        before = "".join(self.parts).rstrip(" ")
        return not before.strip() or before.endswith("\n") or self.after_mark

    def label(self, text: str, mark: Mark) -> None:
        """Put a possible label inside a line in a separate block, which `prose.merge` rejoins if it is not a label."""
        glue = "".join(self.parts[-1:])[-1:]
        before = len(self.flat.blocks)
        self.flush()
        if len(self.flat.blocks) > before:
            self.after_mark = True
        self.parts = [glue if glue.isspace() else "", text]
        self.flush(mark)
        self.after_mark = True

    def whole_label(self, tag: Tag, mark: Mark) -> bool:
        """Take an element whose whole text may be a label as a block; return False if it is in the middle of a line."""
        block = tag.name in BLOCK_TAGS
        if block:
            if not (mark.split and mark.parent is tag):
                return False  # its string comes later in the walk
            self.boundary()
            self.blocks_open.append(tag)
        elif not self.at_line_start():
            return False
        start = len(self.flat.blocks)
        self.label(collapse(tag.get_text()), mark)
        self.flat.ranges[id(tag)] = (start, len(self.flat.blocks))
        if block:
            self.boundary()
            self.blocks_open.pop()
        return True

    def enter(self, tag: Tag, inside: bool, aside: bool) -> _Frame | None:
        """Open an element and return the state of the walk in it; None when all of it is left out.

        Args:
            tag: the element.
            inside: whether it is in a node or in the page's main part.
            aside: whether it is in a node's footer or date line.
        """
        name = tag.name
        identity = id(tag)
        if tag.attrs and inside and (stamp := published_stamp(tag)):
            self.flat.times.append(Time(stamp, "", len(self.flat.blocks), published=True, tag=tag))
        if identity not in self.protected:
            mark = self.marks.get(identity)
            if identity in self.left_out:
                return None
            if tag.attrs and inside and (answer := read_sign(tag)):
                self.parts.append(f" {answer} ")
                return None
            if mark is None and is_noise(tag, inside_node=inside):
                if name in _EMBEDS and inside:
                    self._embed(tag)
                return None
        block = name in BLOCK_TAGS or is_field_item(tag)
        if inside and not aside and identity not in self.protected and (name == "footer" or is_date_class(tag)):
            aside = True
        if not inside:
            inside = name in ("main", "article") or is_node_like(tag) or self._is_main(tag)
        if block:
            self.boundary()
            self.blocks_open.append(tag)
            if name == "li":
                self.item = True
            elif name in ("td", "th", "tr"):
                row = id(tag) if name == "tr" or not self.rows else self.rows[-1][0]
                self.rows.append((row, id(tag)))
            elif name == "table":
                self.rows.append((0, 0))
            elif name == "pre":
                self.preformatted += 1
        self.aside = aside
        frame = _Frame(tag, iter(tag.contents), block, inside, aside, len(self.flat.blocks), len(self.flat.links))
        if name == "a" and "href" in tag.attrs:
            href = attribute(tag, "href").strip()
            frame.link = (href, len(self.flat.blocks), len(self.parts))
            self.href.append(href)
            frame.inline = self._open_inline(name, href)
        elif name in INLINE_TAGS and not block:
            frame.inline = self._open_inline(name, "")
        elif name == "time" and not is_updated_time(tag):
            published = is_published_time(tag)
            frame.time = (attribute(tag, "datetime"), "".join(self.parts[-3:]), len(self.parts), published)
        if inside and tag.attrs and names_author(tag):
            frame.name = (len(self.flat.blocks), len(self.parts))
        return frame

    def _open_inline(self, name: str, href: str) -> bool:
        """Note that a link or emphasis begins; return False if too many are open, as every block would repeat them."""
        if len(self.inlines_open) >= _MOST_OPEN:
            return False
        self.inlines_open.append((len(self.parts), name, href))
        return True

    @staticmethod
    def _is_main(tag: Tag) -> bool:
        attrs = tag.attrs
        return bool(attrs) and (
            attribute(tag, "role") in _MAIN_ROLES
            or attribute(tag, "id") in _MAIN_TOKENS
            or any(token in _MAIN_TOKENS for token in attribute(tag, "class").split())
        )

    def _embed(self, tag: Tag) -> None:
        """Note a document that is embedded in the page, as a link to it."""
        for one in [tag, *tag.find_all("source", limit=20)]:
            if address := attribute(one, _EMBEDS.get(one.name, "src")).strip():
                self.flat.links.append((len(self.flat.blocks), address, ""))

    def leave(self, frame: _Frame) -> None:
        """Close the element of `frame`, the state that `enter` returned for it."""
        tag, flat = frame.tag, self.flat
        if frame.inline:
            first, kind, href = self.inlines_open.pop()
            if first < len(self.parts):
                self.inlines.append((first, len(self.parts), kind, href))
        if frame.link:
            self.href.pop()
            href, first, part = frame.link
            if first == len(flat.blocks):
                text = collapse("".join(self.parts[part:]))
                self.links.append((href, text))
            else:
                self.flush()
                text = " ".join(block.text for block in flat.blocks[first:])
            flat.links.append((first, href, text))
        elif frame.time:
            value, before, part, published = frame.time
            flat.times.append(Time(value or "".join(self.parts[part:]), before, len(flat.blocks), published, tag))
        if frame.name:
            first, part = frame.name
            if first == len(flat.blocks) and (text := collapse("".join(self.parts[part:]))):
                flat.names.append((first, text))
        if frame.block:
            self.boundary()
            self.blocks_open.pop()
            flat.link_ranges[id(tag)] = (frame.links, len(flat.links))
            if tag.name == "li":
                self.item = False
            elif tag.name in ("td", "th", "tr", "table"):
                self.rows.pop()
            elif tag.name == "pre":
                self.preformatted -= 1
        end = len(flat.blocks)
        flat.ranges[id(tag)] = (frame.start, end + (1 if not frame.block and self.parts else 0))

    def walk(self, root: Tag) -> Flat:
        """Flatten everything under `root`."""
        self.blocks_open.append(root)
        stack = [_Frame(root, iter(root.contents), True, False, False, 0, 0)]
        while stack:
            frame = stack[-1]
            self.aside = frame.aside
            for child in frame.children:
                if isinstance(child, Tag):
                    if child.name == "br":
                        self.parts.append("\n")
                        continue
                    mark = self.marks.get(id(child))
                    if mark and self.whole_label(child, mark):
                        continue
                    if opened := self.enter(child, frame.inside, frame.aside):
                        stack.append(opened)
                        break
                elif type(child) is NavigableString:
                    mark = self.marks.get(id(child))
                    if mark and self.at_line_start():
                        self.label(child, mark)
                    else:
                        self.parts.append(str(child) if self.preformatted else child.replace("\n", " "))
            else:
                stack.pop()
                self.leave(frame)
        return self.flat


def _placed(inlines: list[tuple[int, int, str, str]], parts: Sequence[str], text: str) -> tuple[Inline, ...]:
    """Return the links and emphasis of a block with offsets in its text; () if the text does not match the parts.

    The text has its spaces collapsed and invisible characters removed, so positions are found by counting the
    characters other than spaces before them. `parts` are the strings of the block; `inlines` gives for each link or
    emphasis its first part, the part after its last, the name of its element and its address.
    """
    counts = [0, *accumulate(len("".join(clean(part).split())) for part in parts)]
    words = list(_WORD.finditer(text))
    before = [0, *accumulate(match.end() - match.start() for match in words)]
    if before[-1] != counts[-1]:
        return ()

    def place(count: int) -> int:
        """Return the offset of the character, spaces not counted, that has `count` others before it."""
        word = bisect_right(before, count) - 1
        return words[word].start() + count - before[word]

    return tuple(
        Inline(place(counts[first]), place(counts[end] - 1) + 1, kind, href)
        for first, end, kind, href in inlines
        if counts[first] < counts[end]
    )


def flatten(root: Tag, marks: dict[int, Mark], protected: set[int], left_out: set[int]) -> Flat:
    """Return a page's elements as blocks of text, without noise.

    Args:
        root: the whole document.
        marks: possible labels, by the identity (`id`) of the element or string that holds nothing else.
        protected: identities of elements that hold a resource's labels, which are never noise.
        left_out: identities of elements that hold filters, which are left out unless they are protected.

    Returns:
        The blocks, with the page's links, machine-readable dates and authors' names.
    """
    return _Walker(marks, protected, left_out).walk(root)
