"""Finding a node's title, and the address that it links to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bs4.element import Tag

from indexer.parsing.dates.choose import read_head_date
from indexer.parsing.html.blocks import Flat
from indexer.parsing.html.head import Head
from indexer.parsing.html.markup import TITLE_TOKEN, attribute, tokens
from indexer.parsing.html.prose import is_empty_talk
from indexer.parsing.html.region import Region
from indexer.parsing.labels import Label
from indexer.parsing.site_name import is_site_name
from indexer.parsing.text import UNTITLED, collapse, fold, shorten
from indexer.parsing.urls import normalise

_LOGO_TOKEN = re.compile(r"(?:site[-_]*)?(?:name|logo|branding|slogan)|site-title|navbar-brand")
_TITLE_AT_MOST = 400


@dataclass(frozen=True, slots=True)
class Title:
    """A node's title.

    Attributes:
        text: as written.
        block: the block that holds it, None when it stands outside the node or was made up from text.
        href: the link in it, as written.
        warning: French sentence when the title is a makeshift.
    """

    text: str
    block: int | None = None
    href: str | None = None
    warning: str | None = None


def outside_headings(h1s: list[Tag], inside: set[int], head: Head) -> list[Tag]:
    """Return the page's own h1 elements, the best first.

    Args:
        h1s: every h1 of the page.
        inside: identities of those that stand in nodes.
        head: what the page says of itself.

    Returns:
        Those outside nodes that are not the site's name; the one that `<title>` repeats comes first, and one in the
        page's banner counts only if it is that one.
    """
    named = fold(head.title or "")
    kept: list[tuple[bool, Tag]] = []
    for tag in h1s:
        text = fold(tag.get_text())
        if id(tag) in inside or not text or is_site_name(text, head.site_names):
            continue
        same = bool(named) and (text == named or named.startswith(text))
        banner = any(outer.name in ("header", "footer", "nav", "aside") for outer in tag.parents)
        logo = any(_LOGO_TOKEN.fullmatch(token) for token in tokens(tag))
        if (banner or logo) and not same and named:
            continue
        kept.append((not same, tag))
    return [tag for _, tag in sorted(kept, key=lambda pair: pair[0])]


def find_title(region: Region, flat: Flat, head: Head, outside: list[Tag] | None) -> Title | None:
    """Return the title of a node.

    Its heading; for a page's only node the page's h1, then `<title>`; else the beginning of its text.

    Args:
        region: the node.
        flat: the page.
        head: what the page says of itself.
        outside: h1 elements outside the node, for a page's only node; None in a listing.

    Returns:
        The title, or None for a node without a word.
    """
    inside = region.title if region.title is not None else _heading(region, flat, head)
    if inside is not None and outside == [] and head.title and not _is_own(inside, region, flat, head):
        above = (i for i in region.blocks if i < inside and not flat.blocks[i].level)
        if any(not flat.blocks[i].aside and not read_head_date(flat.blocks[i].text) for i in above):
            inside = None  # a heading under some text is the text's
    if inside is not None and (not outside or _is_own(inside, region, flat, head)):
        return _from_block(inside, flat)
    if outside:
        best = collapse(outside[0].get_text())
        named = fold(head.title or "")
        if inside is not None and named == fold(flat.blocks[inside].text) and fold(best) != named:
            return _from_block(inside, flat)
        link = outside[0].find("a")
        return Title(best, _same_text(best, region, flat), attribute(link, "href") if isinstance(link, Tag) else None)
    if outside is not None and head.title and not is_site_name(head.title, head.site_names):
        return Title(head.title, _same_text(head.title, region, flat))
    for index in region.blocks:
        block = flat.blocks[index]
        first = index in region.blocks[:1] and block.is_link and len(block.text) <= _TITLE_AT_MOST
        if first and not region.run.holds(index):
            return _from_block(index, flat)
    return _from_text(region, flat, head)


def _from_block(index: int, flat: Flat) -> Title:
    block = flat.blocks[index]
    return Title(" ".join(block.text.split("\n")), index, block.links[0][0] if block.links else None)


def _from_text(region: Region, flat: Flat, head: Head) -> Title | None:
    values = {index for one in region.run.found.values() for index in range(one.at, one.end)}
    ordered = [i for i in region.blocks if i not in values]
    if summary := region.run.value(Label.SUMMARY):
        ordered += list(summary)
    for index in ordered:
        block = flat.blocks[index]
        if block.aside or is_empty_talk(block, title="", site_names=head.site_names) or read_head_date(block.text):
            continue
        return Title(shorten(" ".join(block.text.split("\n"))), None, None, UNTITLED)
    return None


def _heading(region: Region, flat: Flat, head: Head) -> int | None:
    """Return the block of the region's own heading: one that its class names, else one that stands before its text."""
    if not region.is_node:
        # No element says where the node begins: what a page prints above its h1 is the site's.
        main = next((i for i in region.blocks if i < region.run.start and flat.blocks[i].level == 1), None)
        if main is not None:
            return main
    leading: list[int] = []
    began = False
    for index in region.blocks:
        if index >= region.run.start and not region.run.holds(index) and leading:
            break
        block = flat.blocks[index]
        if region.run.holds(index) or len(block.text) > _TITLE_AT_MOST:
            began = began or not region.run.holds(index)
            continue
        if _is_titled(block.tag, region.wrapper):
            return index
        if block.level and not began:
            leading.append(index)
        elif (not (block.level or block.aside or read_head_date(block.text)) and len(block.text) > 60) or (
            not block.level and leading and not (block.aside or read_head_date(block.text))
        ):
            began = True
    for wanted in (lambda i: flat.blocks[i].level == 1, lambda i: bool(flat.blocks[i].links)):
        if (found := next(filter(wanted, leading), None)) is not None:
            return found
    return leading[0] if leading else None


def _is_titled(tag: Tag, wrapper: Tag | None) -> bool:
    outer: Tag | None = tag
    for _ in range(3):
        if outer is None or outer is wrapper:
            return False
        if any(TITLE_TOKEN.fullmatch(token) for token in tokens(outer)):
            return True
        outer = outer.parent
    return False


def _is_own(index: int, region: Region, flat: Flat, head: Head) -> bool:
    """Return whether a heading inside a page's only node is surely the node's, though the page has an h1 outside."""
    block = flat.blocks[index]
    if block.level == 1 or _is_titled(block.tag, region.wrapper):
        return True
    address = head.resolve(block.links[0][0]) if block.links else None
    if address is None:
        return False
    if head.canonical and normalise(address) == normalise(head.canonical):
        return True
    parent = block.tag.parent
    return parent is region.wrapper or (parent is not None and parent.name in ("header", "hgroup"))


def _same_text(title: str, region: Region, flat: Flat) -> int | None:
    """Return the first block of the region that only repeats the title."""
    wanted = fold(title)
    for index in region.blocks[:6]:
        if not region.run.holds(index) and fold(flat.blocks[index].text) == wanted:
            return index
    return None
