"""The first pass over a page: find texts that may be labels, and the elements by which the page describes itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from bs4.element import Comment, NavigableString, PageElement, Tag

from indexer.parsing.html.blocks import Mark
from indexer.parsing.html.filters import names_filter, says_yes
from indexer.parsing.html.markup import BLOCK_TAGS, attribute
from indexer.parsing.labels import ANCHORS, Label, begins_label, recognise

_NAMING = frozenset({"data-label", "data-title", "data-th"})
_NOTED = frozenset({"meta", "link", "base", "title", "h1"})
_LONGEST = 80
_NOT_TEXT = frozenset({"script", "style", "template", "title", "noscript", "textarea", "option"})


@dataclass(slots=True)
class PageScan:
    """The result of the first pass.

    Attributes:
        marks: possible labels, by the identity (`id`) of the string or element.
        protected: identities of the elements around « Type de ressource » and « Ressource privée ».
        left_out: identities of elements that hold filters and no part of a node.
        filters: whether names of filters are distinguished from labels.
        passed: identities of elements already found not to be a filter's, so that they are tested only once.
        opposed: whether the name of a filter is followed by « Oui », so that something may be private.
        tables: tables that may have labels as column heads, by identity.
        named_cells: cells with an attribute that names their column, as tables for small screens have.
        noted: `<meta>`, `<link>`, `<base>`, `<title>`, `<h1>` elements and JSON scripts, in page order.
        comments: comments in which browsers and mirroring tools write the address of a saved page.
    """

    marks: dict[int, Mark] = field(default_factory=dict)
    protected: set[int] = field(default_factory=set)
    left_out: set[int] = field(default_factory=set)
    filters: bool = True
    passed: set[int] = field(default_factory=set)
    opposed: bool = False
    tables: dict[int, Tag] = field(default_factory=dict)
    named_cells: list[Tag] = field(default_factory=list)
    noted: list[Tag] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def has_anchor(self) -> bool:
        """Whether the page can contain a resource."""
        return any(mark.label in ANCHORS for mark in self.marks.values())


def scan_page(root: Tag, *, filters: bool = True) -> PageScan:
    """Scan a page once.

    Args:
        root: the whole document.
        filters: whether to distinguish names of filters from labels; False for a page where such words say that
            something is private, since taking them for a filter could reveal what they hide.

    Returns:
        The possible labels, and the elements by which the page describes itself.
    """
    found = PageScan(filters=filters)
    element: PageElement | None = root.contents[0] if root.contents else None
    while element is not None:
        if isinstance(element, Tag):
            name = element.name
            if name in _NOTED or (name == "script" and "json" in attribute(element, "type")):
                found.noted.append(element)
            elif element.attrs and not _NAMING.isdisjoint(element.attrs):
                found.named_cells.append(element)
        elif type(element) is NavigableString:
            if len(element) > _LONGEST or not (words := element.strip()):
                pass
            elif (label := recognise(words)) is not None:
                _note(element, label, found)
            elif begins_label(words):
                _note_split(element, found)
        elif type(element) is Comment and len(found.comments) < 5 and _tells_source(element):
            found.comments.append(str(element))
        element = element.next_element
    return scan_page(root, filters=False) if found.opposed else found


def _tells_source(comment: str) -> bool:
    return any(words in comment[:400] for words in ("aved from", "irrored from", "SingleFile", "url:"))


def _note(text: NavigableString, label: Label, found: PageScan) -> None:
    parent = text.parent
    if parent is None or parent.name in _NOT_TEXT:
        return
    if not _holds_only_label(parent) and not _is_line(text):
        return
    _climb(Mark(label, [text], parent), parent, found)


def _climb(mark: Mark, outer: Tag | None, found: PageScan) -> None:
    """Complete a mark (a possible label) with the elements from `outer` outwards that hold nothing else, and note it in
    `found`, as a label or the name of a filter.
    """
    while outer is not None and outer.parent is not None and _holds_only_label(outer):
        mark.chain.append(outer)
        outer = outer.parent
    if mark.label in ANCHORS and (table := _headed(mark)) is not None:
        found.tables[id(table)] = table
    filters = names_filter(mark, found.passed) if found.filters else None
    if filters is not None:
        found.opposed = found.opposed or says_yes(mark)
        found.left_out.add(id(filters))
        return
    inner = mark.chain[1:] if mark.split else mark.chain
    found.marks.update((id(one), mark) for one in inner)
    if mark.label in ANCHORS:
        while outer is not None and id(outer) not in found.protected:
            found.protected.add(id(outer))
            outer = outer.parent


def _headed(mark: Mark) -> Tag | None:
    """Return the table in whose first row a possible label is, so that it may head a column, else None."""
    cell = next((outer for outer in (mark.parent, *mark.parent.parents) if outer.name in ("td", "th", "body")), None)
    row = cell.parent if cell is not None and cell.name != "body" else None
    if row is None or row.name != "tr" or row.find_previous_sibling("tr") is not None:
        return None
    return row.find_parent("table")


def _note_split(text: NavigableString, found: PageScan) -> None:
    """Note a label whose words are in several elements ("Type de <b>ressource</b>"); `text` is its first string."""
    outer = text.parent
    for _ in range(3):
        if outer is None or outer.name in _NOT_TEXT:
            return
        whole = "".join(islice(_strings(outer), 8))
        if (label := recognise(whole)) is not None:
            if _holds_only_label(outer):
                _climb(Mark(label, [text, outer], outer, split=True), outer.parent, found)
            return
        if not begins_label(whole.strip()):
            return
        outer = outer.parent


def _holds_only_label(tag: Tag) -> bool:
    whole = ""
    for text in _strings(tag):
        whole += text
        if len(whole.strip()) > _LONGEST:
            return False
    return recognise(whole) is not None


def _strings(tag: Tag) -> Iterator[str]:
    """Yield the visible strings under an element; callers stop early."""
    element: PageElement | None = tag.contents[0] if tag.contents else None
    stop = _after(tag)
    while element is not None and element is not stop:
        if type(element) is NavigableString:
            yield element
        element = element.next_element


def _after(tag: Tag) -> PageElement | None:
    outer: Tag | None = tag
    while outer is not None:
        if outer.next_sibling is not None:
            return outer.next_sibling
        outer = outer.parent
    return None


def _is_line(text: NavigableString) -> bool:
    """Return whether a string is a line of its own: between line breaks or block elements."""

    def breaks(beside: PageElement | None) -> bool:
        return beside is None or (isinstance(beside, Tag) and (beside.name == "br" or beside.name in BLOCK_TAGS))

    return breaks(text.previous_sibling) and breaks(text.next_sibling)
