"""A region: the part of a page that is one node's."""

from __future__ import annotations

from dataclasses import dataclass, field

from bs4.element import Tag

from indexer.parsing.html.blocks import Flat
from indexer.parsing.html.fields import FieldRun


@dataclass(slots=True)
class Region:
    """The blocks of one node.

    Attributes:
        run: its fields.
        blocks: indexes of its blocks, in order, fields included.
        wrapper: the element that holds the node and nothing else, if there is one.
        is_node: whether the wrapper says that it is a node (`<article>`, Drupal's classes).
        title: the block of its title, where the way the page is cut tells it.
        rivals: other fields in the same node.
        opposed: whether words that are no field of its own say in it that it is private.
        certain: whether the text can be shown as this node's: False where it may be a private one's.
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
        """First block."""
        return min(self.blocks[0], self.run.start) if self.blocks else self.run.start

    def is_private(self, flat: Flat) -> bool:
        """Return whether any of its fields says anything but a clear « Non »."""
        return self.opposed or any(run.is_private(flat) for run in (self.run, *self.rivals))
