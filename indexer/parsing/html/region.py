"""A region: the part of a page that belongs to one node, that is, to one resource."""

from __future__ import annotations

from dataclasses import dataclass, field

from bs4.element import Tag

from indexer.parsing.html.blocks import Flat
from indexer.parsing.html.fields import FieldRun


@dataclass(slots=True)
class Region:
    """A node (one resource on a page) and its blocks of text.

    Attributes:
        run: its fields (the labels found, with their values).
        blocks: indexes of its blocks, in order, fields included.
        wrapper: the element that holds only the node, if there is one.
        is_node: whether the wrapper is marked as a node (`<article>`, Drupal's classes).
        title: index of the block of its title, where cutting the page at headings determines it.
        rivals: other runs of fields in the same node.
        opposed: whether words in it other than its own fields say that it is private.
        certain: whether the text is surely this node's; False where it may belong to a private one.
    """

    run: FieldRun
    blocks: list[int] = field(default_factory=list)
    wrapper: Tag | None = None
    is_node: bool = False
    title: int | None = None
    rivals: list[FieldRun] = field(default_factory=list)
    opposed: bool = False
    certain: bool = True

    @property
    def start(self) -> int:
        """Index of the first block."""
        return min(self.blocks[0], self.run.start) if self.blocks else self.run.start

    def is_private(self, flat: Flat) -> bool:
        """Return whether the node may be private: it is `opposed`, or a run of its fields has no clear « Non »."""
        return self.opposed or any(run.is_private(flat) for run in (self.run, *self.rivals))
