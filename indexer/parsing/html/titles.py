"""Find the title of a node (a resource on a page) and the address that the title links to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bs4.element import NavigableString, Tag

from indexer.parsing.dates.choose import read_head_date
from indexer.parsing.html.blocks import Flat
from indexer.parsing.html.head import Head
from indexer.parsing.html.markup import BLOCK_TAGS, HEADINGS, TITLE_TOKEN, attribute, tokens
from indexer.parsing.html.prose import is_empty_talk
from indexer.parsing.html.region import Region
from indexer.parsing.labels import Label
from indexer.parsing.site_name import is_site_name
from indexer.parsing.text import UNTITLED, collapse, fold, shorten
from indexer.parsing.urls import normalise

_LOGO_TOKEN = re.compile(r"(?:site[-_]*)?(?:name|logo|branding|slogan)|site-title|navbar-brand")
_TITLE_AT_MOST = 400
_LINES_OF_HEADING = 4
_CUT_AT_LEAST = 16
_DASHES = ("-", "|", "–", "—", "·", "•", "::")


@dataclass(frozen=True, slots=True)
class Title:
    """The title of a node: of a resource on a page.

    Attributes:
        text: as written.
        block: index of the block that holds it, None when it is outside the node or taken from the text.
        more: indexes of further blocks of the same heading.
        href: address of the link in it, as written.
        warning: French sentence when the title is a substitute.
    """

    text: str
    block: int | None = None
    href: str | None = None
    warning: str | None = None
    more: tuple[int, ...] = ()


def outside_headings(h1s: list[Tag], inside: set[int], head: Head, flat: Flat) -> list[Tag]:
    """Return the page's own h1 elements, the most likely title first.

    Args:
        h1s: every h1 of the page.
        inside: identities of those inside nodes.
        head: the page's head.
        flat: the page.

    Returns:
        Those outside nodes that are not the site's name. The one that `<title>` repeats comes first; one in the page's
        banner counts only if `<title>` repeats it.
    """
    named = fold(head.title or "")
    kept: list[tuple[bool, Tag]] = []
    for tag in h1s:
        text = fold(heading_text(tag))
        if id(tag) in inside or not text or is_site_name(text, head.site_names):
            continue
        last = _ends_with(named, text)
        if last and _is_site(named, text, flat):
            continue
        same = bool(named) and (last or text == named or named.startswith(text))
        banner = any(outer.name in ("header", "footer", "nav", "aside") for outer in tag.parents)
        logo = any(_LOGO_TOKEN.fullmatch(token) for token in tokens(tag))
        if (banner or logo) and not same and named:
            continue
        kept.append((not same, tag))
    return [tag for _, tag in sorted(kept, key=lambda pair: pair[0])]


def find_title(region: Region, flat: Flat, head: Head, outside: list[Tag] | None) -> Title | None:
    """Return the title of a node.

    For a page's only node, the heading in or above it that `<title>` repeats. Otherwise the node's own heading; for a
    page's only node, the page's h1 or `<title>`; else the beginning of its text.

    Args:
        region: the node.
        flat: the page.
        head: the page's head.
        outside: h1 elements outside the node, for a page's only node; None in a listing.

    Returns:
        The title, or None for a node without text.
    """
    if outside is not None and (repeated := _repeated(region, flat, head, outside)) is not None:
        return repeated
    inside = region.title if region.title is not None else _heading(region, flat, head)
    if inside is not None and outside == [] and head.title and not _is_own(inside, region, flat, head):
        above = (i for i in region.blocks if i < inside and not flat.blocks[i].level)
        if any(not flat.blocks[i].aside and not read_head_date(flat.blocks[i].text) for i in above):
            inside = None  # a heading below text is part of the text
    if inside is not None and (not outside or _is_own(inside, region, flat, head)):
        return _from_block(inside, flat)
    if outside:
        best = heading_text(outside[0])
        named = fold(head.title or "")
        if inside is not None and named == fold(flat.blocks[inside].text) and fold(best) != named:
            return _from_block(inside, flat)
        link = outside[0].find("a")
        return Title(best, _same_text(best, region, flat), attribute(link, "href") if isinstance(link, Tag) else None)
    if outside is not None and head.title and not is_site_name(head.title, head.site_names):
        return Title(head.title, _same_text(head.title, region, flat))
    for index in region.blocks:
        block = flat.blocks[index]
        if is_empty_talk(block, title="", site_names=head.site_names):
            continue
        first = block.is_link and len(block.text) <= _TITLE_AT_MOST
        if first and not region.run.holds(index):
            return _from_block(index, flat)
        break
    return _from_text(region, flat, head)


def heading_text(tag: Tag) -> str:
    """Return the text of a heading, with spaces around block elements in it."""
    if tag.find(True) is None:
        return collapse(tag.get_text())
    parts: list[str] = []
    for element in tag.descendants:
        if isinstance(element, Tag):
            if element.name in BLOCK_TAGS or element.name == "br":
                parts.append(" ")
        elif type(element) is NavigableString:
            parts.append(element)
    return collapse("".join(parts))


def _repeats(text: str, named: str) -> bool:
    """Return whether `<title>` (`named`) repeats a heading, whole or cut, alone or before the site's name; both are
    folded.
    """
    rest = named.removeprefix(text)
    if named.endswith(("…", "...")) and len(begun := named.rstrip(" .…")) > _CUT_AT_LEAST and text.startswith(begun):
        return True
    return bool(text) and (
        text == named or (rest != named and rest.lstrip()[:1] in ("-", "|", "–", "—", "·", "•", ":"))
    )


def _may_begin(text: str, folded: str) -> bool:
    """Return whether a text and a folded one may begin alike: spares folding every block of a page."""
    return not text[:1].isascii() or text[:1].lower() == folded[:1]


def _ends_with(named: str, text: str) -> bool:
    """Return whether a heading is the last part of `<title>`, where most sites write their name."""
    return any(named.endswith(f" {dash} {text}") for dash in _DASHES)


def _is_site(named: str, text: str, flat: Flat) -> bool:
    """Return whether the last part of `<title>` is the site's name.

    It is if the part before it is at least as long, or is a heading of the page.

    Args:
        named: `<title>`, folded.
        text: its last part, folded.
        flat: the page.
    """
    first = named.removesuffix(text).rstrip().rstrip("".join(_DASHES)).rstrip()
    return len(first) >= len(text) or any(block.level and fold(block.text) == first for block in flat.blocks)


def _repeated(region: Region, flat: Flat, head: Head, outside: list[Tag]) -> Title | None:
    """Return the heading in or above the page's only node that `<title>` repeats, or None if none surely does.

    Other headings may be near it: a kicker, a link back, a heading of the body.
    """
    named = fold(head.title or "")
    if not named:
        return None
    for index in region.blocks:
        block = flat.blocks[index]
        if len(block.text) > _TITLE_AT_MOST or not _may_begin(block.text, named) or region.run.holds(index):
            continue
        if (block.level or _is_titled(block.tag, region.wrapper)) and _repeats(fold(_whole(index, flat)[0]), named):
            return _from_block(index, flat)
    over = fold(heading_text(outside[0])) if outside else ""
    if not outside or not (_repeats(over, named) or _ends_with(named, over)):
        return None
    inside = region.title if region.title is not None else _heading(region, flat, head)
    if inside is not None and flat.blocks[inside].links and _is_own(inside, region, flat, head):
        return None  # a listing with a single node below its own heading
    best = heading_text(outside[0])
    link = outside[0].find("a")
    return Title(best, _same_text(best, region, flat), attribute(link, "href") if isinstance(link, Tag) else None)


def _whole(index: int, flat: Flat) -> tuple[str, tuple[int, ...]]:
    """Return the text of the heading that begins with a block, and the indexes of its further blocks."""
    block = flat.blocks[index]
    heading = (
        next((tag for tag in (block.tag, *block.tag.parents) if tag.name in HEADINGS), None) if block.level else None
    )
    first, end = flat.range_of(heading) if heading is not None else (index, index + 1)
    more = tuple(range(index + 1, end)) if first == index and end - first <= _LINES_OF_HEADING else ()
    return " ".join(" ".join(flat.blocks[i].text.split("\n")) for i in (index, *more)), more


def _from_block(index: int, flat: Flat) -> Title:
    text, more = _whole(index, flat)
    links = [link for i in (index, *more) for link in flat.blocks[i].links]
    return Title(text, index, links[0][0] if links else None, more=more)


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
    """Return the index of the block of a region's own heading: with a title class, else before its text; or None."""
    if not region.is_node:
        # No element marks where the node begins; anything above the page's h1 belongs to the site.
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
    """Return whether a heading inside a page's only node is surely its title even though the page has an h1 outside."""
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
    """Return the index of an early block of the region that only repeats the title, or None."""
    wanted = fold(title)
    for index in region.blocks[:6]:
        text = flat.blocks[index].text
        if _may_begin(text, wanted) and not region.run.holds(index) and fold(text) == wanted:
            return index
    return None
