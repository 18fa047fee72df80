"""Cut a page into regions, one for each node: each resource that the page shows."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from bs4.element import Tag

from indexer.parsing.html.ambiguity import is_unlabelled, settle
from indexer.parsing.html.attachments import is_document
from indexer.parsing.html.blocks import Flat
from indexer.parsing.html.fields import FieldRun, by_owner, find_runs
from indexer.parsing.html.markup import attribute, is_node_like
from indexer.parsing.html.region import Region


@dataclass(frozen=True, slots=True)
class Cut:
    """A page split into its nodes, the resources that it shows.

    Attributes:
        regions: one for each node, in page order; empty on a page without fields.
        doubtful: whether anything on the page is or may be private.
    """

    regions: list[Region]
    doubtful: bool


def find_regions(flat: Flat) -> Cut:
    """Split a page into its nodes.

    A node is an element marked as one (`<article>`, Drupal's `node`); else the largest element that holds its fields
    and no other node's; else the stretch from its heading to the next node's heading.

    Args:
        flat: the page.

    Returns:
        The nodes; where one is private, `certain` is False for those whose text may belong to another.
    """
    owners: dict[int, Tag] = {}
    fields = find_runs(flat, _owner_finder(owners))
    runs = fields.runs
    starts = sorted(run.start for run in runs)
    regions: list[Region] = []
    unsure: list[Region] = []
    for owner, mine in by_owner(runs).items():
        several = len(mine) > 1 and _really_several(mine, flat, flat.range_of(owners[owner])[0] if owner else 0)
        apart = len(mine) > 1 and not several and owner != 0 and _titled_apart(mine, flat)
        several = several or apart
        if owner and not several:
            *rivals, run = mine
            regions.append(Region(run, wrapper=owners[owner], is_node=True, rivals=rivals))
        elif len(runs) == 1:
            regions.append(Region(mine[0], wrapper=_main_part(mine[0], flat)))
        else:
            cells = [Region(run, wrapper=_largest_alone(run, starts, flat)) for run in mine]
            regions += cells
            if apart and any(run.is_private(flat) for run in mine):
                unsure += cells  # the element is marked as one node, so which column belongs to which run is a guess
    regions.sort(key=lambda region: region.run.start)
    doubtful = settle(regions, fields.lookalikes, flat)
    for region in unsure:
        region.certain = False
    _assign(regions, flat)
    if doubtful:
        for region in regions:
            if region.wrapper is not None and region.certain and not region.is_private(flat):
                _leave_unlabelled(region, flat)
        _take_rest(regions, flat)
    return Cut(regions, doubtful)


def _leave_unlabelled(region: Region, flat: Flat) -> None:
    """Remove the blocks of nodes without fields from a public node that contains them: they may not be public."""
    assert region.wrapper is not None  # noqa: S101 - called for such regions alone
    held = {i for i in region.blocks if region.run.holds(i)}
    for tag in region.wrapper.find_all(is_unlabelled):
        inside = range(*flat.range_of(tag))
        if not any(i in held for i in inside):
            region.blocks = [i for i in region.blocks if i not in inside]


def _take_rest(regions: list[Region], flat: Flat) -> None:
    """Add the rest of the page to the last node without a wrapper, if this node may be private: its text may continue
    after its fields.
    """
    loose = [region for region in regions if region.wrapper is None]
    if loose and (loose[-1].is_private(flat) or not loose[-1].certain):
        taken = {index for region in regions for index in region.blocks}
        loose[-1].blocks += [i for i in range(loose[-1].run.end, len(flat.blocks)) if i not in taken]


def _owner_finder(owners: dict[int, Tag]) -> Callable[[Tag], int]:
    """Return a function that returns, for an element, the identity (`id`) of the nearest element around it that wraps a
    node, 0 if there is none.

    Args:
        owners: filled with the elements found, by identity.
    """

    def owner_of(tag: Tag) -> int:
        outer: Tag | None = tag
        while outer is not None:
            if is_node_like(outer):
                owners[id(outer)] = outer
                return id(outer)
            outer = outer.parent
        return 0

    return owner_of


def _really_several(runs: list[FieldRun], flat: Flat, start: int) -> bool:
    """Return whether the runs in a node-like element are separate nodes: each follows a heading, all of the same level.

    Otherwise all but the last are part of a body. Runs are groups of labels; `start` is the index of the element's
    first block.
    """
    levels: list[int] = []
    for run in runs:
        levels.append(min((flat.blocks[i].level for i in range(start, run.start) if flat.blocks[i].level), default=0))
        start = run.end
    return levels[0] > 0 and all(level == levels[0] for level in levels)


def _titled_apart(runs: list[FieldRun], flat: Flat) -> bool:
    """Return whether a node-like element is a grid of nodes: each run (group of labels) is in a smaller element, after
    a linked title.
    """
    starts = sorted(run.start for run in runs)
    parents: set[int] = set()
    for run in runs:
        tag = _largest_alone(run, starts, flat)
        if tag is None:
            return False
        first, _ = flat.range_of(tag)
        title = flat.blocks[first]
        if first >= run.start or not title.links or is_document(title.links[0][0]):
            return False
        parents.add(id(tag.parent.parent) if tag.parent is not None else 0)
    return len(parents) == 1


def _main_part(run: FieldRun, flat: Flat) -> Tag | None:
    """Return the element around a page's only node: the main part, or one with both its heading and its fields."""
    headings = [i for i in range(run.start) if flat.blocks[i].level]
    heading = next((i for i in headings if flat.blocks[i].level == 1), headings[0] if headings else None)
    tag: Tag | None = run.anchor.block.tag
    while tag is not None and tag.parent is not None:
        first, end = flat.range_of(tag)
        if tag.name in ("main", "body") or attribute(tag, "role") == "main":
            return tag
        if heading is not None and first <= heading < end:
            return tag
        tag = tag.parent
    return tag


def _largest_alone(run: FieldRun, starts: list[int], flat: Flat) -> Tag | None:
    """Return the largest element that holds a run, text before it and no other run; None if there is none.

    Args:
        run: the labels of one node.
        starts: index of the first block of each run of the page, ascending.
        flat: the page.
    """
    tag: Tag | None = run.anchor.block.tag
    largest = None
    while tag is not None:
        first, end = flat.range_of(tag)
        if bisect_left(starts, end) - bisect_left(starts, first) > 1:
            break
        if first < run.start and end >= run.end:
            largest = tag
        tag = tag.parent
    return largest


def _assign(regions: list[Region], flat: Flat) -> None:
    """Fill the blocks of each region: those of its wrapper, else the stretch from its heading to the next one's."""
    taken: dict[int, Region] = {}
    # Inner elements first, so that blocks of a nested node do not go to the outer one (unclosed tags nest nodes).
    wrapped = [region for region in regions if region.wrapper is not None]
    for region in sorted(wrapped, key=lambda one: _size(one, flat)):
        assert region.wrapper is not None  # noqa: S101 - filtered above
        for index in range(*flat.range_of(region.wrapper)):
            if taken.setdefault(index, region) is region:
                region.blocks.append(index)
    loose = [region for region in regions if region.wrapper is None]
    if loose:
        _cut_between(loose, flat, taken)


def _size(region: Region, flat: Flat) -> int:
    first, end = flat.range_of(region.wrapper) if region.wrapper is not None else (0, 0)
    return end - first


def _cut_between(regions: list[Region], flat: Flat, taken: dict[int, Region]) -> None:
    """Assign the blocks of nodes without wrappers: each node goes from its heading to the next node's heading. `taken`
    gives the node of each block that is assigned already, by the block's index.
    """
    segments: list[list[int]] = []
    before = 0
    for region in regions:
        segments.append([i for i in range(before, region.run.end) if i not in taken])
        before = region.run.end
    levels = [
        min((flat.blocks[i].level for i in segment if flat.blocks[i].level and not region.run.holds(i)), default=0)
        for region, segment in zip(regions, segments, strict=True)
    ]
    # The first segment contains the page's own heading too, so the others determine the level of nodes' headings.
    usual = Counter(levels[1:] or levels).most_common(1)[0][0]
    previous: Region | None = None
    for region, segment, level in zip(regions, segments, levels, strict=True):
        wanted = usual if previous is None and usual else level
        heading = next((i for i in segment if wanted and flat.blocks[i].level == wanted), None)
        start = segment.index(heading) if heading is not None else 0
        if previous is not None:
            previous.blocks += segment[:start]
        region.title = heading
        region.blocks += segment[start:]
        previous = region
