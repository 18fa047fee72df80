"""Decide which text of a page that shows a private node (resource) can safely be shown as another node's.

On a page without classes, only the layout shows where a node begins and ends: columns, rows and blocks (active filters,
related resources) can put a private node's text beside a public node's fields. So, on a page where any « Ressource
privée » has a value other than « Non », a node is public only if it is

- in an element whose name or class marks it as one node (`<article>`, Drupal's classes), or
- in any other element that holds the title, text and fields of one node in the usual order, if every private node of
  the page has such an element too, with its own title and text: the element can then hold none of their text, or
- in a flat sequence that can be read in only one way: heading, text and fields, « Résumé » among them, the same for
  every node, with nothing left over.

Everything else is private: hiding a public resource is a lesser fault than showing a line of a private one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

from bs4.element import Tag

from indexer.parsing.html.attachments import is_document
from indexer.parsing.html.blocks import Block, Flat
from indexer.parsing.html.fields import FieldRun
from indexer.parsing.html.markup import HEADINGS, attribute, is_node_like
from indexer.parsing.html.prose import is_empty_talk
from indexer.parsing.html.region import Region
from indexer.parsing.labels import Label
from indexer.parsing.text import fold

_SAYS_YES = re.compile(r"(?:.*\W)?ressource privee\W*(?:oui|[✔✓☑✅])(?:\W*|\s*[·•|;].*)")
_SAID_AT_MOST = 200
_TITLE_AT_MOST = 400


@dataclass(frozen=True, slots=True)
class _NodeFrame:
    """An element that holds one node though no class says so, and how the node is laid out in it.

    Attributes:
        tag: the element.
        level: heading level of its title (1 to 6), 0 for a title that is only a link.
        linked: whether the title leads somewhere.
        order: its content in page order, a letter for each stretch: "h" for the title, "t" for text, "l" for the
            fields.
        titled: whether it begins with its only title, and no smaller element inside could hold the node instead.
        worded: whether it holds text besides headings, links and the words that introduce a link.
    """

    tag: Tag
    level: int
    linked: bool
    order: str
    titled: bool
    worded: bool

    @property
    def plain(self) -> bool:
        """Whether the node is laid out in the usual order: title, text (if any), fields."""
        return self.order in ("hl", "htl")


class _Labels:
    """The positions of all labels of a page, as sorted block indexes."""

    def __init__(self, runs: Iterable[FieldRun], strays: Iterable[int]) -> None:
        self._places = sorted([*(one.at for run in runs for one in run.found.values()), *strays])

    def count(self, first: int, end: int) -> int:
        """Return the number of labels in the blocks from `first` up to, not including, `end`."""
        return bisect_left(self._places, end) - bisect_left(self._places, first)

    def alone(self, tag: Tag, run: FieldRun, flat: Flat) -> bool:
        """Return whether an element holds no labels other than those of `run`, the fields of one node."""
        first, end = flat.range_of(tag)
        return self.count(first, end) <= sum(1 for one in run.found.values() if first <= one.at < end)


def settle(regions: list[Region], lookalikes: list[FieldRun], flat: Flat) -> bool:
    """Decide for each node of a page whether its text is certainly its own.

    Args:
        regions: the page's nodes, whose blocks are not assigned yet. Sets `certain` (whether the text is surely the
            node's), `wrapper` (its element) and `opposed` (whether words outside its fields say that it is private).
        lookalikes: groups of labels that are taken for text of a body.
        flat: the page.

    Returns:
        Whether anything on the page is private, or may be.
    """
    strays = _strays(regions, lookalikes, flat)
    private = [region for region in regions if region.is_private(flat)]
    if not private and not strays:
        return False
    if len(regions) == 1 and not strays:
        return True  # the whole page is private
    runs = [run for region in regions for run in (region.run, *region.rivals)]
    labels = _Labels([*runs, *(run for run in lookalikes if not run.owner)], strays)
    frames = {id(region): _frame(region.run, labels, flat) for region in regions if not region.is_node}
    if not strays and _is_regular(regions, frames, flat):
        for region in regions:
            region.wrapper = None  # cut at headings only
        return True
    closed = not strays and all(_is_closed(region, frames.get(id(region)), flat) for region in private)
    models = [frame for region in private if (frame := frames.get(id(region)))]
    nodes = sum(region.is_node for region in regions)
    for region in regions:
        frame = frames.get(id(region))
        if region.is_node:
            region.certain = closed or (nodes > 1 and not _holds_another(region, labels, flat))
        else:
            region.certain = frame is not None and (
                frame.titled if region in private else closed and _is_like(frame, region.run, models)
            )
            if region not in private and len(regions) > 1:
                region.wrapper = frame.tag if frame else None
    return True


def _strays(regions: list[Region], lookalikes: list[FieldRun], flat: Flat) -> list[int]:
    """Return the indexes of blocks outside all nodes that say that something is private.

    A node that holds such a block is marked as perhaps private (`opposed`), unless the block is part of the node's
    text. `lookalikes` are the groups of labels that are taken for text of a body.
    """
    nodes = {region.run.owner: region for region in regions if region.is_node}
    strays: list[int] = []
    for run in lookalikes:
        node = nodes.get(run.owner)
        if not _is_said(run, node, flat) or any(_is_in_summary(run.start, region.run) for region in regions):
            continue
        last = run.found.get(Label.PRIVATE, run.anchor)
        summary = run.found.get(Label.SUMMARY)
        end = last.end if summary is None or summary.at < last.at else summary.at + 2
        if node is None:
            strays.append(run.start)
        elif not run.like_body or not _is_in_text(last.block.tag, run.start, end, node, flat):
            node.opposed = True
    for index, block in enumerate(flat.blocks):
        if block.mark is not None or len(block.text) > _SAID_AT_MOST or "riv" not in block.text.lower():
            continue
        if not _SAYS_YES.fullmatch(fold(block.text)) or any(_is_in_summary(index, region.run) for region in regions):
            continue
        node = next((nodes[id(outer)] for outer in (block.tag, *block.tag.parents) if id(outer) in nodes), None)
        if node is None:
            strays.append(index)
        elif not _is_in_text(block.tag, index, index + 1, node, flat):
            node.opposed = True
    return strays


def _is_said(run: FieldRun, node: Region | None, flat: Flat) -> bool:
    """Return True if words that look like fields count as saying that a resource is private; False if they say « Non »
    clearly, or are too much like the text of a body to count.

    Args:
        run: the words, which were not taken for the fields of a node.
        node: the node that holds them, None outside all nodes.
        flat: the blocks of the page.
    """
    if not run.is_private(flat) or _heads_columns(run):
        return False
    if (
        node is not None
        and run.values(run.anchor.label, flat)
        and _is_in_smaller_node(run.anchor.block.tag, node, flat)
    ):
        return True
    if not run.like_body or run.strong:
        return Label.PRIVATE in run.found or node is None
    if Label.PRIVATE not in run.found:
        # A list of values to choose from has a heading; a node's fields have none.
        return node is None and (run.owner != 0 or run.shape[0] not in (*HEADINGS, "li"))
    return {fold(value) for value in run.values(Label.PRIVATE, flat) or ()} == {"oui"}


def _heads_columns(run: FieldRun) -> bool:
    """Return whether labels are column heads: adjacent in one row of a table of three rows or more."""
    if not run.strong:
        return False
    kind, private = run.found[Label.TYPE], run.found[Label.PRIVATE]
    if not kind.block.row or kind.block.row != private.block.row or not kind.end == private.at == kind.at + 1:
        return False
    table = kind.block.tag.find_parent("table")
    return table is not None and len(table.find_all("tr", limit=3)) > 2


def _is_in_summary(index: int, run: FieldRun) -> bool:
    summary = run.found.get(Label.SUMMARY)
    return summary is not None and not summary.open and summary.at < index < summary.end


def _is_in_text(tag: Tag, start: int, end: int, node: Region, flat: Flat) -> bool:
    """Return whether words that look like fields are body text: other text is around them, in an element that holds
    neither the node's title nor its fields.

    `tag` is the innermost element around the words; `start` and `end` are the indexes of their blocks, `end` excluded.
    """
    heading = next((i for i in _inside(node.wrapper, flat) if flat.blocks[i].level), None)
    for outer in (tag, *tag.parents):
        first, last = flat.range_of(outer)
        if outer is node.wrapper or first <= node.run.start < last:
            return False
        if heading is not None and first <= heading < last:
            return False
        if first < start and end < last:
            return not _is_in_smaller_node(tag, node, flat)
    return False


def _is_in_smaller_node(tag: Tag, node: Region, flat: Flat) -> bool:
    """Return whether words in `tag` that look like fields may be those of a smaller node inside `node`: an element
    without the fields of `node` holds them and what may be a title.
    """
    titles = [i for i in _inside(node.wrapper, flat) if _may_be_title(flat.blocks[i]) and not node.run.holds(i)]
    for outer in (tag, *tag.parents):
        first, last = flat.range_of(outer)
        if outer is node.wrapper or first <= node.run.start < last:
            return False
        if any(first <= i < last for i in titles):
            return True
    return False


def _may_be_title(block: Block) -> bool:
    if block.mark is not None:
        return False
    return bool(block.level) or _is_link(block) or any(len(block.text) == one.end - one.start for one in block.inlines)


def _inside(tag: Tag | None, flat: Flat) -> range:
    return range(*flat.range_of(tag)) if tag is not None else range(0)


def _frame(run: FieldRun, labels: _Labels, flat: Flat) -> _NodeFrame | None:
    """Return the smallest element that holds a run and a title but no label of another run; None if there is none."""
    tag: Tag | None = run.anchor.block.tag
    looked: tuple[int, int] = (run.start, run.start)
    linked: Tag | None = None
    while tag is not None and labels.alone(tag, run, flat):
        first, end = flat.range_of(tag)
        if first <= run.start and end >= run.end and (first, end) != looked:
            fresh = [*range(first, min(looked[0], run.start)), *range(max(looked[1], run.end), end)]
            looked = (first, end)
            if any(flat.blocks[i].level and _says(flat.blocks[i]) for i in fresh):
                return _read(tag, run, flat, inner=linked)
            head = next((i for i in range(first, end) if _says(flat.blocks[i]) and not run.start <= i < run.end), None)
            if linked is None and head is not None and _is_link(flat.blocks[head]):
                linked = tag
        tag = tag.parent
    return None if linked is None else _read(linked, run, flat, inner=None)


def _read(tag: Tag, run: FieldRun, flat: Flat, *, inner: Tag | None) -> _NodeFrame:
    own = [i for i in _inside(tag, flat) if run.start <= i < run.end or _says(flat.blocks[i])]
    texts = [i for i in own if not run.start <= i < run.end]
    if not texts:  # a title amid the fields: nothing says whose it is
        return _NodeFrame(tag, level=0, linked=False, order="l", titled=False, worded=False)
    levels = [flat.blocks[i].level for i in texts if flat.blocks[i].level]
    level = min(levels, default=0)
    title = next((i for i in texts if flat.blocks[i].level == level), texts[0])
    order = ""
    for index in own:
        kind = "l" if run.start <= index < run.end else "h" if index == title else "t"
        if not order.endswith(kind):
            order += kind
    rest = [flat.blocks[i] for i in texts if i != title]
    linked = bool(flat.blocks[title].links)
    return _NodeFrame(
        tag,
        level,
        linked,
        order,
        levels.count(level) <= 1 and inner is None and (linked or level == 0 or not any(map(_is_link, rest))),
        any(
            not block.level and not block.is_link and not (after and _is_link(after))
            for block, after in zip_longest(rest, rest[1:])
            if block
        ),
    )


def _says(block: Block) -> bool:
    return not is_empty_talk(block, title="", site_names=frozenset())


def _is_link(block: Block) -> bool:
    return block.is_link and len(block.text) <= _TITLE_AT_MOST


def _is_closed(region: Region, frame: _NodeFrame | None, flat: Flat) -> bool:
    """Return whether a private node is surely complete, title and text included, in one element."""
    if region.is_node:
        runs = (region.run, *region.rivals)
        marks = {one.at for run in runs for one in run.found.values()}
        summaries = {i for run in runs for i in run.value(Label.SUMMARY) or ()}
        return any(
            i in summaries or not any(run.holds(i) for run in runs)
            for i in _inside(region.wrapper, flat)
            if i not in marks
        )
    return frame is not None and frame.titled


def _is_like(frame: _NodeFrame, run: FieldRun, models: list[_NodeFrame]) -> bool:
    """Return whether a node without a class is laid out like all private nodes (`models`), so that it has none of their
    text.
    """
    summary = run.found.get(Label.SUMMARY)
    if not frame.titled or (summary is not None and summary.open):
        return False
    for model in models:
        same = (model.level, model.linked) == (frame.level, frame.linked)
        if not model.worded and not (same and frame.linked and frame.plain):
            return False
        if not frame.plain and not (same and model.order == frame.order):
            return False
    return True


def _holds_another(region: Region, labels: _Labels, flat: Flat) -> bool:
    """Return whether fields in an element such as `<article>` belong to a smaller element with a title of its own."""
    frame = _frame(region.run, labels, flat)
    if frame is None or region.wrapper is None or frame.tag is region.wrapper:
        return False
    first, end = flat.range_of(frame.tag)
    return any(flat.blocks[i].level for i in _inside(region.wrapper, flat) if not first <= i < end)


def _is_regular(regions: list[Region], frames: dict[int, _NodeFrame | None], flat: Flat) -> bool:
    """Return whether a page without elements around its nodes is only a repetition of heading, text and fields;
    `frames` gives the element around each node, if there is one, by the identity (`id`) of its region.
    """
    if any(region.is_node for region in regions) or any(frames.values()):
        return False
    runs = [region.run for region in regions]
    if any(one.open or list(run.found) != list(runs[0].found) for run in runs for one in run.found.values()):
        return False
    if any(not run.holds(i) for run in runs for i in range(run.start, run.end)):
        return False
    start, headings = 0, []
    for run in runs:
        head, *text = range(start, run.start) or (0,)
        if not text or not flat.blocks[head].level or any(flat.blocks[i].level for i in text):
            return False
        headings.append(flat.blocks[head])
        start = run.end
    if start != len(flat.blocks) or len({(block.tag.name, id(block.tag.parent)) for block in headings}) > 1:
        return False
    # Without « Résumé », a group of labels could be a summary of active filters in the middle of a node, and the next
    # heading that of a related page.
    return all(Label.SUMMARY in run.found for run in runs)


def is_unlabelled(tag: Tag) -> bool:
    """Return whether an element without fields is a node: it is one such as `<article>`, whose heading links to a
    page.
    """
    if not is_node_like(tag):
        return False
    linked = (link for heading in tag.find_all(list(HEADINGS), limit=3) for link in heading.find_all("a", href=True))
    return any(not is_document(attribute(link, "href")) for link in linked)
