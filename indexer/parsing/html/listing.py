"""Distinguish a listing of nodes (resources) from the page of one node that also shows others, and count the entries of
a listing that are not read.
"""

from __future__ import annotations

from bs4.element import Tag

from indexer.parsing.html.ambiguity import is_unlabelled
from indexer.parsing.html.attachments import is_document
from indexer.parsing.html.blocks import Flat
from indexer.parsing.html.head import Head
from indexer.parsing.html.markup import HEADINGS, attribute
from indexer.parsing.html.region import Region
from indexer.parsing.html.titles import Title, find_title, heading_text
from indexer.parsing.site_name import is_site_name
from indexer.parsing.text import fold
from indexer.parsing.urls import normalise

_TITLE_AT_MOST = 400


def find_main(regions: list[Region], flat: Flat, head: Head, outside: list[Tag], *, doubtful: bool) -> Region | None:
    """Return the main node of a page that shows several: the one that the page is about.

    It is the node whose heading `<title>` repeats or whose link is the page's canonical address; else the only one
    without a linked title, if it is laid out differently from the others under an h1 that `<title>` repeats.

    Args:
        regions: the page's nodes, two or more.
        flat: the page.
        head: the page's head.
        outside: h1 elements outside nodes, the best first.
        doubtful: whether anything on the page is or may be private.

    Returns:
        The node; None for a listing, and where the node found is public but the page's head may be about a private one.
    """
    named = fold(head.title or "")
    if not named or is_site_name(named, head.site_names):
        return None
    titles = [find_title(region, flat, head, None) for region in regions]
    mains = [
        region for region, title in zip(regions, titles, strict=True) if _is_named(region, title, flat, head, named)
    ]
    if not mains and outside and _says_same(fold(heading_text(outside[0])), named):
        mains = [region for region, title in zip(regions, titles, strict=True) if title is None or not title.href]
        if len(mains) == 1 and not _is_apart(mains[0], regions):
            return None
    if len(mains) != 1:
        return None
    main = mains[0]
    if doubtful and not main.is_private(flat) and main.certain:
        if is_printed_again(named, flat, outside, main):
            return None
        for region, title in zip(regions, titles, strict=True):
            if region is not main and region.is_private(flat) and not _has_own_title(region, title, head, named):
                return None
    return main


def is_printed_again(name: str, flat: Flat, outside: list[Tag], main: Region | None = None) -> bool:
    """Return whether a page's name, folded, is also a heading elsewhere than in `outside[0]` and in the node `main`.

    Args:
        name: the page's name.
        flat: the page.
        outside: h1 elements outside nodes, the best first.
        main: the node that the page is about, None if it is not known.
    """
    own = {flat.range_of(outside[0])[0]} if outside else set()
    return any(
        index not in own and fold(block.text) == name and (main is None or index not in main.blocks)
        for index, block in enumerate(flat.blocks)
        if block.level
    )


def _says_same(text: str, named: str) -> bool:
    return bool(text) and (text == named or named.startswith(text + " "))


def _is_named(region: Region, title: Title | None, flat: Flat, head: Head, named: str) -> bool:
    if title is None or title.block is None or not _says_same(fold(title.text), named):
        return False
    linked = head.resolve(title.href) if title.href else None
    if linked is None:
        return flat.blocks[title.block].level == 1
    return head.canonical is not None and normalise(linked) == normalise(head.canonical)


def _is_apart(main: Region, regions: list[Region]) -> bool:
    """Return whether a node's element differs from all others: it has another parent or other classes."""
    if main.wrapper is None:
        return False
    others = [region.wrapper for region in regions if region is not main]
    place = (id(main.wrapper.parent), attribute(main.wrapper, "class"))
    return all(other is not None and (id(other.parent), attribute(other, "class")) != place for other in others)


def _has_own_title(region: Region, title: Title | None, head: Head, named: str) -> bool:
    """Return whether a private node has a linked title of its own, so that the page's title cannot be its title.

    `named` is the page's title, folded.
    """
    if not region.certain or not region.is_node or title is None or title.block is None or not title.href:
        return False
    linked = head.resolve(title.href)
    own = {normalise(one) for one in (head.canonical, head.og_url, head.shortlink, head.saved) if one}
    text = fold(title.text)
    return linked is not None and normalise(linked) not in own and text not in named and named not in text


def count_unread(regions: list[Region], flat: Flat) -> int:
    """Return how many linked titles of a listing belong to nodes without labels, which are not read as resources.

    Args:
        regions: the page's nodes.
        flat: the page.
    """
    wrappers = {id(region.wrapper) for region in regions if region.wrapper is not None}
    around = {id(outer) for region in regions if region.wrapper is not None for outer in region.wrapper.parents}
    counted: set[int] = set()
    for parent in {id(r.wrapper.parent): r.wrapper.parent for r in regions if r.wrapper is not None}.values():
        if parent is None:
            continue
        alike = {(c.name, attribute(c, "class")) for c in parent.children if isinstance(c, Tag) and id(c) in wrappers}
        for child in parent.children:
            if not isinstance(child, Tag) or id(child) in wrappers or id(child) in around or id(child) in counted:
                continue
            if not flat.range_of(child)[1]:
                continue
            if is_unlabelled(child) or ((child.name, attribute(child, "class")) in alike and _is_titled(child, flat)):
                counted.add(id(child))
    return len(counted)


def _is_titled(tag: Tag, flat: Flat) -> bool:
    """Return whether an element begins with a linked title or holds a linked heading."""
    first, end = flat.range_of(tag)
    if first >= end:
        return False
    block = flat.blocks[first]
    if block.is_link and len(block.text) <= _TITLE_AT_MOST and not is_document(block.links[0][0]):
        return True
    headings = (heading.find("a", href=True) for heading in tag.find_all(list(HEADINGS), limit=3))
    return any(link is not None and not is_document(attribute(link, "href")) for link in headings)
