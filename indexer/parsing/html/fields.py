"""Find the fields of nodes (resources on a page): which possible labels are labels, and where their values are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile

from bs4.element import Tag

from indexer.parsing.html.blocks import Block, Flat
from indexer.parsing.html.markup import HEADINGS, is_label_class
from indexer.parsing.labels import ANCHORS, Label, is_sign, plain_value, read_privacy

_PROSE = frozenset({"p", "ul", "ol", "blockquote", "table", "pre"})
#: Elements that both labels and bodies use.
_BODY_TAGS = frozenset({"p", "li", "td", "th", "strong", "b", "em", *HEADINGS})
_GAP_BLOCKS = 12
_GAP_TEXT = 400
_APART = 1 << 16
_CONTROLS = frozenset({"select", "textarea", "input"})

#: How a label is written: name of its element, whether a class marks it as a label, and, for an element that bodies
#: use too, its depth in the tree (else 0).
Shape = tuple[str, bool, int]


@dataclass(slots=True)
class Candidate:
    """A possible label at its position in the page.

    Attributes:
        at: index of its block.
        end: index of the first block after its value.
        open: whether the value has no element of its own and takes all the paragraphs that follow.
    """

    label: Label
    at: int
    block: Block
    shape: Shape
    end: int = 0
    open: bool = False


@dataclass(slots=True)
class FieldRun:
    """Labels that belong together: the fields of one node.

    Attributes:
        found: the labels found, each once.
        owner: identity (`id`) of the element that wraps the node, 0 for none.
    """

    found: dict[Label, Candidate] = field(default_factory=dict)
    owner: int = 0

    @property
    def start(self) -> int:
        """Index of the first block of the run."""
        return min(one.at for one in self.found.values())

    @property
    def end(self) -> int:
        """Index of the first block after the run."""
        return max(one.end for one in self.found.values())

    @property
    def strong(self) -> bool:
        """Whether the run has both « Type de ressource » and « Ressource privée »."""
        return self.found.keys() >= ANCHORS

    @property
    def anchor(self) -> Candidate:
        """The label « Type de ressource » or « Ressource privée »; every run has at least one of them."""
        return next(one for label, one in self.found.items() if label in ANCHORS)

    @property
    def shape(self) -> Shape:
        """How the labels are written: name of the element, whether its class marks a label, and, for an element that
        bodies use too, its depth in the tree (else 0).
        """
        return self.anchor.shape

    @property
    def like_body(self) -> bool:
        """Whether its labels are in elements that the text of a body uses too, without a class that marks labels."""
        return self.shape[0] in _BODY_TAGS and not self.shape[1]

    def holds(self, index: int) -> bool:
        """Return whether a block is one of the run's labels or values."""
        return any(one.at <= index < one.end for one in self.found.values())

    def value(self, label: Label) -> range | None:
        """Return the block indexes of a field's value; None when the run lacks the label."""
        one = self.found.get(label)
        return range(one.at + 1, one.end) if one else None

    def values(self, label: Label, flat: Flat) -> list[str] | None:
        """Return a field's values, one for each element or line; None when the label is missing."""
        indexes = self.value(label)
        if indexes is None:
            return None
        texts = (plain_value(line) for i in indexes for line in flat.blocks[i].text.split("\n"))
        return [text for text in texts if any(char.isalnum() for char in text) or is_sign(text)]

    def is_private(self, flat: Flat) -> bool:
        """Return whether the privacy label is missing or says anything other than a clear « Non »."""
        return read_privacy(self.values(Label.PRIVATE, flat))[0]


@dataclass(frozen=True, slots=True)
class Fields:
    """All runs (groups of labels) of a page, in page order.

    Attributes:
        runs: runs that are the fields of nodes.
        lookalikes: runs that are taken for text of a body.
    """

    runs: list[FieldRun]
    lookalikes: list[FieldRun]


def find_runs(flat: Flat, owner_of: Callable[[Tag], int]) -> Fields:
    """Group possible labels into the fields of nodes.

    Labels of one run are written alike and close together, and lie in one node where elements mark the nodes; a run has
    « Type de ressource » or « Ressource privée ». The same words elsewhere are text, or names of controls in a form.

    Args:
        flat: the page.
        owner_of: returns the identity of the element that wraps the node around an element, 0 if there is none.

    Returns:
        The runs, with the extent of each value. A node may have more than one: a body can hold a table that looks like
        fields.
    """
    runs: list[FieldRun] = []
    open_runs: dict[tuple[Shape, int], FieldRun] = {}
    for index, block in enumerate(flat.blocks):
        if block.mark is None:
            continue
        one = Candidate(block.mark.label, index, block, _shape(block))
        owner = owner_of(block.tag)
        run = open_runs.get((one.shape, owner))
        if run is None or not _continues(run, one, flat):
            run = open_runs[one.shape, owner] = FieldRun(owner=owner)
            runs.append(run)
        run.found[one.label] = one
    for run in runs:
        _measure(run, flat)
    runs = [run for run in _split(runs, flat) if run.found.keys() & ANCHORS]
    runs = [run for run in runs if not _names_controls(run)]
    kept = _without_lookalikes([run for run in runs if _counts(run, flat)])
    chosen = {id(run) for run in kept}
    return Fields(kept, [run for run in runs if id(run) not in chosen])


def by_owner(runs: list[FieldRun]) -> dict[int, list[FieldRun]]:
    """Return the runs by the identity of the element that wraps their node, each list in page order."""
    owned: dict[int, list[FieldRun]] = {}
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


def _continues(run: FieldRun, one: Candidate, flat: Flat) -> bool:
    """Return whether a label belongs to the run before it."""
    if one.label in run.found:
        return False
    last = max(run.found.values(), key=lambda other: other.at)
    between = flat.blocks[last.at + 1 : one.at]
    if one.shape[0] not in HEADINGS and any(block.level for block in between):
        return False
    if last.label is Label.SUMMARY or one.label < last.label:
        # Labels in another order than the site's could be the next node's, unless the value before ends right at this
        # one.
        beside = _beside(last, len(flat.blocks))
        adjacent = beside is not None and flat.range_of(beside)[1] == one.at
        return adjacent or (len(between) <= 1 and last.label is not Label.SUMMARY)
    return len(between) <= _GAP_BLOCKS and sum(len(block.text) for block in between) <= _GAP_TEXT


def _beside(one: Candidate, steps: int) -> Tag | None:
    """Return the element in which a label's value is expected: the parent of the `steps`-th element that holds nothing
    but the label, or of the outermost such element if there are fewer; None if the block has no label.
    """
    mark = one.block.mark
    return mark.chain[min(steps, len(mark.chain) - 1)].parent if mark else None


def _split(runs: list[FieldRun], flat: Flat) -> list[FieldRun]:
    """Split runs whose « Ressource privée » and « Type de ressource » belong to different nodes.

    Otherwise a node without the privacy label would become public through the « Non » of the next node or of a list of
    filters. The two belong to different nodes where other text separates them (`_reach`), where they are farther apart
    than in any other run of the page, or where their order differs from that of the other runs.
    """
    found: list[FieldRun] = []
    reaches = [_reach(run, flat) if run.strong else 0 for run in runs]
    ranked = sorted(reaches)
    usual = [_is_ordered(run) for run in runs if run.strong]
    for run, reach in zip(runs, reaches, strict=True):
        alone = reach > 1 and len(usual) > 1 and reach == ranked[-1] > ranked[-2]
        turned = run.strong and any(usual) and not _is_ordered(run)
        found += _parted(run, flat) if reach == _APART or alone or turned else [run]
    return found


def _is_ordered(run: FieldRun) -> bool:
    """Return whether « Ressource privée » follows « Type de ressource », with no summary between them."""
    kind, private, summary = (run.found.get(label) for label in (Label.TYPE, Label.PRIVATE, Label.SUMMARY))
    if kind is None or private is None or kind.at > private.at:
        return False
    return summary is None or not kind.at < summary.at < private.at


def _parted(run: FieldRun, flat: Flat) -> list[FieldRun]:
    """Return the two parts of a run, cut at the second of « Type de ressource » and « Ressource privée »."""
    cut = max(run.found[label].at for label in ANCHORS)
    sides = ({label: one for label, one in run.found.items() if (one.at < cut) is first} for first in (True, False))
    parts = [FieldRun(side, run.owner) for side in sides]
    for part in parts:
        _measure(part, flat)
    return parts


def _reach(run: FieldRun, flat: Flat) -> int:
    """Return how far apart « Type de ressource » and « Ressource privée » are in a run that has both.

    Returns:
        The number of elements around one label but not the other, without those that hold only the label. `_APART` if
        one of these elements holds text outside the fields, if a paragraph is between the labels, or if they are in
        another order than the site's and differ in the number of elements around them.
    """
    before, after = sorted((run.found[label] for label in ANCHORS), key=lambda one: one.at)
    mine, others = ([one.block.tag, *one.block.tag.parents] for one in (before, after))
    common = {id(tag) for tag in mine} & {id(tag) for tag in others}
    reaches: list[int] = []
    for one, chain, end in ((before, mine, len(flat.blocks)), (after, others, after.at)):
        alone = {id(tag) for tag in one.block.mark.chain} if one.block.mark else set()
        around = list(takewhile(lambda tag: id(tag) not in common, chain))
        reaches.append(sum(id(tag) not in alone for tag in around))
        first, last = flat.range_of(around[-1]) if around else (0, 0)
        if not all(run.holds(index) for index in range(first, min(last, end))):
            return _APART
    if before.label > after.label and len(set(reaches)) > 1:
        return _APART
    between = [index for index in range(before.end, after.at) if not run.holds(index)]
    if between and not run.like_body and flat.blocks[between[0]].tag.name in _PROSE:
        return _APART
    return max(reaches)


def _counts(run: FieldRun, flat: Flat) -> bool:
    """Return whether a run can be the fields of a node.

    If it lacks « Ressource privée » and is in no element that wraps a node, « Type de ressource » must have a value
    that contains no heading.
    """
    if Label.PRIVATE in run.found or run.owner != 0:
        return True
    titled = any(flat.blocks[index].level for index in run.value(Label.TYPE) or ())
    return not titled and bool(run.values(Label.TYPE, flat))


def _names_controls(run: FieldRun) -> bool:
    """Return whether all labels of a run name controls of a form: filters of a listing, not fields of a node."""
    return all(one.end <= one.at + 1 and _names_control(one) for one in run.found.values())


def _names_control(one: Candidate) -> bool:
    tag: Tag | None = one.block.mark.parent if one.block.mark else None
    named = False
    beside = 0
    while tag is not None:
        if tag.name == "form":
            return named
        if tag.name in ("label", "legend"):
            named = True
        elif beside < 3:
            beside += 1
            named = named or any(isinstance(child, Tag) and child.name in _CONTROLS for child in tag.children)
        tag = tag.parent
    return False


def _measure(run: FieldRun, flat: Flat) -> None:
    """Set where each value of a run ends (`Candidate.end`)."""
    ordered = sorted(run.found.values(), key=lambda one: one.at)
    # A label alone in its element either has no value or has it outside that element: the labels of the run with a
    # value beside them show which.
    steps = min(len(one.block.mark.chain) - 1 for one in ordered if one.block.mark)
    for number, one in enumerate(ordered):
        followed = number + 1 < len(ordered)
        limit = ordered[number + 1].at if followed else len(flat.blocks)
        one.end = min(max(_value_end(one, run, steps, limit, flat), one.at + 1), limit)


def _value_end(one: Candidate, run: FieldRun, steps: int, limit: int, flat: Flat) -> int:
    start, parent = one.at + 1, _beside(one, steps)
    if parent is None or start >= limit:
        return start
    first, end = flat.range_of(parent)
    if not any(first <= other.at < end for other in run.found.values() if other is not one):
        # The label has an element of its own: the rest of that element is the value.
        if one.label is Label.SUMMARY and parent.name == "p" and parent.parent is not None:
            # <p><strong>Résumé :</strong> …</p><p>…</p>: the following paragraphs are siblings.
            outer = parent.parent
            after = _unit(outer, end, flat)[0] if end < len(flat.blocks) else ""
            if start < end and after not in _PROSE:
                return end  # a block of other resources is no paragraph of it
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
    """Return the index of the first block after a value: one child of `parent`, or all paragraphs of a summary.

    The value begins at the block `start` and cannot go beyond the block before `end`.
    """
    if start >= end:
        return start
    name, after = _unit(parent, start, flat)
    if name in HEADINGS or name == "article":
        return start
    if one.label is not Label.SUMMARY and name != "dd":
        return min(after, end)
    alike = ("dd",) if name == "dd" else _PROSE
    one.open = name in _PROSE
    while name in alike and after < end:
        following, next_after = _unit(parent, after, flat)
        if following not in alike or next_after <= after:
            break
        after = next_after
    return min(after, end)


def _unit(parent: Tag, start: int, flat: Flat) -> tuple[str, int]:
    """Return the name of the child of `parent` that holds block `start`, "" if none does, and the index of the first
    block after that child.
    """
    tag: Tag | None = flat.blocks[start].tag
    while tag is not None and tag.parent is not parent:
        tag = tag.parent
    if tag is None:
        return "", start + 1
    return tag.name, max(flat.range_of(tag)[1], start + 1)


def _without_lookalikes(runs: list[FieldRun]) -> list[FieldRun]:
    """Return the runs without those that are probably body text in the form of fields."""
    if any(run.strong for run in runs):
        written = {run.shape for run in runs if run.strong}
        complete = {run.owner for run in runs if run.strong}
        # An element marked as a node holds one, even if a label is missing.
        runs = [run for run in runs if run.strong or run.shape in written or (run.owner and run.owner not in complete)]
    kept: list[FieldRun] = []
    for owner, mine in by_owner(runs).items():
        plain = [run for run in mine if not run.like_body]
        if owner or not plain:
            best = max(mine, key=_plainness).shape
            kept += [run for run in mine if run.shape == best]
        else:
            # No element wraps these nodes: each may be written in its own way, but not like a body.
            kept += plain
    return sorted(kept, key=lambda run: run.start)


def _plainness(run: FieldRun) -> tuple[bool, bool, bool, int]:
    """Return a sort key that is greater for runs more clearly written as fields, and for later ones among equals, since
    fields follow the body.

    The values do not count: a body that says "Non" must not win over fields without a clear value.
    """
    return run.shape[1], run.strong, run.shape[0] not in _BODY_TAGS, run.start
