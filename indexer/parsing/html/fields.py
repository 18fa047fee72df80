"""Which possible labels are labels, and what their values are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bs4.element import Tag

from indexer.parsing.html.blocks import Block, Flat
from indexer.parsing.html.markup import HEADINGS, is_label_class
from indexer.parsing.labels import ANCHORS, Label

_PROSE = frozenset({"p", "ul", "ol", "blockquote", "table", "pre"})
#: Elements that labels share with bodies.
_BODY_TAGS = frozenset({"p", "li", "td", "th", "strong", "b", "em", *HEADINGS})
_GAP_BLOCKS = 12
_GAP_TEXT = 400

#: How a label is written: name of its element, whether a class says that it is one, and for elements that bodies use
#: too, how deep it stands.
Shape = tuple[str, bool, int]


@dataclass(slots=True)
class Candidate:
    """A possible label at its place in the page."""

    label: Label
    at: int
    block: Block
    shape: Shape
    end: int = 0


@dataclass(slots=True)
class Run:
    """Labels that stand together: the fields of one node.

    Attributes:
        found: each label, once.
        owner: identity of the element that wraps the node, 0 for none.
    """

    found: dict[Label, Candidate] = field(default_factory=dict)
    owner: int = 0

    @property
    def start(self) -> int:
        """First block of the run."""
        return min(one.at for one in self.found.values())

    @property
    def end(self) -> int:
        """First block after the run."""
        return max(one.end for one in self.found.values())

    @property
    def strong(self) -> bool:
        """Whether both labels that make a resource are there."""
        return self.found.keys() >= ANCHORS

    @property
    def anchor(self) -> Candidate:
        """One of the two labels that make a resource."""
        return next(one for label, one in self.found.items() if label in ANCHORS)

    @property
    def shape(self) -> Shape:
        """How its labels are written."""
        return self.anchor.shape

    def holds(self, index: int) -> bool:
        """Whether a block is one of the run's labels or values."""
        return any(one.at <= index < one.end for one in self.found.values())

    def value(self, label: Label) -> range | None:
        """Blocks of a field's value; None when the run lacks the label."""
        one = self.found.get(label)
        return range(one.at + 1, one.end) if one else None


def find_runs(flat: Flat, owner_of: Callable[[Tag], int]) -> list[Run]:
    """Group possible labels into the fields of nodes.

    Labels of one run are written alike and stand together; a run holds « Type de ressource » or « Ressource privée ».
    The same words elsewhere stay text.

    Args:
        flat: the page.
        owner_of: from an element to the identity of what wraps its node, 0 for nothing.

    Returns:
        Runs in page order, the values of their fields known. More than one may be left in a node: a body can hold
        a table that looks like fields.
    """
    runs: list[Run] = []
    open_runs: dict[Shape, Run] = {}
    for index, block in enumerate(flat.blocks):
        if block.mark is None:
            continue
        one = Candidate(block.mark.label, index, block, _shape(block))
        run = open_runs.get(one.shape)
        if run is None or not _continues(run, one, flat):
            run = open_runs[one.shape] = Run()
            runs.append(run)
        run.found[one.label] = one
    runs = [run for run in runs if run.found.keys() & ANCHORS]
    for run in runs:
        run.owner = owner_of(run.anchor.block.tag)
        _measure(run, flat)
    return _without_lookalikes(runs, flat)


def by_owner(runs: list[Run]) -> dict[int, list[Run]]:
    """Runs by what wraps their node, in page order."""
    owned: dict[int, list[Run]] = {}
    for run in runs:
        owned.setdefault(run.owner, []).append(run)
    return owned


def _shape(block: Block) -> Shape:
    assert block.mark is not None  # noqa: S101 - only blocks with a mark come here
    tag = block.mark.parent
    classed = is_label_class(tag) or (tag.parent is not None and is_label_class(tag.parent))
    deep = 0
    if not classed and tag.name in _BODY_TAGS - {"th"}:
        deep = sum(1 for _ in tag.parents)
    return tag.name, classed, deep


def _continues(run: Run, one: Candidate, flat: Flat) -> bool:
    """Whether a label belongs to the run that stands before it."""
    if one.label in run.found:
        return False
    last = max(run.found.values(), key=lambda other: other.at)
    between = flat.blocks[last.at + 1 : one.at]
    if one.shape[0] not in HEADINGS and any(block.level for block in between):
        return False
    if last.label is Label.SUMMARY or one.label < last.label:
        # Another order than the site's: only where the value before plainly ends at this label, or it could be the
        # next node's.
        beside = _beside(last, len(flat.blocks))
        adjacent = beside is not None and flat.range_of(beside)[1] == one.at
        return adjacent or (len(between) <= 1 and last.label is not Label.SUMMARY)
    return len(between) <= _GAP_BLOCKS and sum(len(block.text) for block in between) <= _GAP_TEXT


def _beside(one: Candidate, steps: int) -> Tag | None:
    """The element in which a label's value stands beside it, `steps` wrappers out at most."""
    mark = one.block.mark
    return mark.chain[min(steps, len(mark.chain) - 1)].parent if mark else None


def _measure(run: Run, flat: Flat) -> None:
    """Find where each value of a run ends."""
    ordered = sorted(run.found.values(), key=lambda one: one.at)
    # A label alone in a wrapper is a label without value, or one whose value stands outside: the labels of the run
    # that have a value beside them tell which.
    steps = min(len(one.block.mark.chain) - 1 for one in ordered if one.block.mark)
    for number, one in enumerate(ordered):
        followed = number + 1 < len(ordered)
        limit = ordered[number + 1].at if followed else len(flat.blocks)
        one.end = min(max(_value_end(one, run, steps, limit, flat), one.at + 1), limit)


def _value_end(one: Candidate, run: Run, steps: int, limit: int, flat: Flat) -> int:
    start, parent = one.at + 1, _beside(one, steps)
    if parent is None or start >= limit:
        return start
    first, end = flat.range_of(parent)
    if not any(first <= other.at < end for other in run.found.values() if other is not one):
        # A wrapper of its own: all that follows in it is the value.
        if one.label is Label.SUMMARY and parent.name == "p" and parent.parent is not None:
            # <p><strong>Résumé :</strong> …</p><p>…</p>: a paragraph cannot hold those that follow.
            outer = parent.parent
            return _siblings_end(one, outer, max(end, start), min(flat.range_of(outer)[1], limit), flat)
        return end
    end = min(end, limit)
    if start < end and flat.blocks[start].joined:
        while start < end and flat.blocks[start].joined and flat.blocks[start].mark is None:
            start += 1
        return start
    if one.label is Label.CATEGORY and limit < len(flat.blocks) and limit == end:
        return end
    return _siblings_end(one, parent, start, end, flat)


def _siblings_end(one: Candidate, parent: Tag, start: int, end: int, flat: Flat) -> int:
    """End of a value that stands beside its label, among other things: the next element, or a summary's paragraphs."""
    if start >= end:
        return start
    name, after = _unit(parent, start, flat)
    if name in HEADINGS or name == "article":
        return start
    if one.label is not Label.SUMMARY and name != "dd":
        return min(after, end)
    alike = ("dd",) if name == "dd" else _PROSE
    while name in alike and after < end:
        following, next_after = _unit(parent, after, flat)
        if following not in alike or next_after <= after:
            break
        after = next_after
    return min(after, end)


def _unit(parent: Tag, start: int, flat: Flat) -> tuple[str, int]:
    """Name and end of the child of `parent` that a block stands in."""
    tag: Tag | None = flat.blocks[start].tag
    while tag is not None and tag.parent is not parent:
        tag = tag.parent
    if tag is None:
        return "", start + 1
    return tag.name, max(flat.range_of(tag)[1], start + 1)


def _without_lookalikes(runs: list[Run], flat: Flat) -> list[Run]:
    """Leave out words of a body that look like fields."""
    if any(run.strong for run in runs):
        written = Counter(run.shape for run in runs if run.strong)
        runs = [run for run in runs if run.strong or written[run.shape]]
    kept: list[Run] = []
    for owner, mine in by_owner(runs).items():
        plain = [run for run in mine if run.shape[0] not in _BODY_TAGS or run.shape[1]]
        if owner or not plain:
            best = max(mine, key=_plainness).shape
            kept += [run for run in mine if run.shape == best]
        else:
            # Nothing wraps these nodes: each may be written in its own way, but not as bodies are.
            kept += plain
    return sorted(kept, key=lambda run: run.start)


def _plainness(run: Run) -> tuple[bool, bool, bool, int]:
    """How plainly a run is written as fields; of equals, the last, since fields follow the body.

    What the fields say plays no part: a body that says "Non" must not win over fields that say nothing clear.
    """
    return run.shape[1], run.strong, run.shape[0] not in _BODY_TAGS, run.start
