"""Read an HTML page: one resource, or a listing of several."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from bs4.element import Tag

from indexer.analysis import theme_key
from indexer.errors import NoResourceError, PageError
from indexer.parsing.dates.choose import choose
from indexer.parsing.encoding import decode
from indexer.parsing.html.attachments import find_attachments, find_inner_links, find_local_links, is_document
from indexer.parsing.html.blocks import Block, Flat
from indexer.parsing.html.flatten import flatten
from indexer.parsing.html.head import Head, read_head
from indexer.parsing.html.linked_data import join_names
from indexer.parsing.html.listing import count_unread, find_main, is_printed_again
from indexer.parsing.html.markup import attribute
from indexer.parsing.html.page_dates import find_page_dates
from indexer.parsing.html.prose import is_empty_talk
from indexer.parsing.html.region import Region
from indexer.parsing.html.regions import find_regions
from indexer.parsing.html.scan import PageScan, scan_page
from indexer.parsing.html.shaping import Shaper
from indexer.parsing.html.tables import spread_column_labels, write_cell_labels
from indexer.parsing.html.titles import Title, find_title, heading_text, outside_headings
from indexer.parsing.labels import Label, plain_value, read_privacy, recognise
from indexer.parsing.node import ParsedNode, ParsedPage
from indexer.parsing.site_name import is_site_name
from indexer.parsing.text import UNCERTAIN, collapse, fold
from indexer.parsing.urls import normalise

_PROLOG = re.compile(r"\A\s*(?:<\?xml[^>]*>?\s*)+", re.IGNORECASE)
_NODE_ID = re.compile(r"node-(\d+)")
_TITLE_MORE_AT_MOST = 60
"""Largest number of characters by which a line that repeats the page's title may be longer, as by "(PDF)"."""

_NO_LABEL = (
    "La page ne contient aucun libellé « Type de ressource » ou « Ressource privée » : "
    "ce n’est pas une page de ressource."
)


def parse_html(raw: bytes, *, base: str) -> ParsedPage:
    """Read a page.

    Args:
        raw: the page's bytes.
        base: address to resolve links against where the page does not give its own.

    Returns:
        The page's resources, and its theme if it is a listing.

    Raises:
        NoResourceError: the page contains no resource, or none with a title.
        PageError: the page is empty, binary or too big.
    """
    text = _PROLOG.sub("", decode(raw))
    if "<" not in text:
        raise NoResourceError(_NO_LABEL)
    try:
        return _read_page(BeautifulSoup(text, "lxml", multi_valued_attributes=None), base)
    except RecursionError as error:
        raise PageError("La page imbrique trop d’éléments pour être lue.") from error


def _read_page(soup: BeautifulSoup, base: str) -> ParsedPage:
    found = scan_page(soup)
    changed = bool(found.tables) and spread_column_labels(soup, found.tables.values())
    if found.named_cells:
        changed = write_cell_labels(soup, found.named_cells) or changed
    if changed:
        found = scan_page(soup)
    if not found.has_anchor:
        raise NoResourceError(_NO_LABEL)
    head = read_head(found, base=base)
    flat = flatten(soup, found.marks, found.protected, found.left_out)
    cut = find_regions(flat)
    regions = cut.regions
    if not regions:
        raise NoResourceError(_NO_LABEL)
    h1s = [tag for tag in found.noted if tag.name == "h1"]
    blocks = {index for region in regions for index in region.blocks}
    inside = {id(tag) for tag in h1s if flat.range_of(tag)[0] in blocks and flat.range_of(tag)[1]}
    outside = outside_headings(h1s, inside, head, flat)
    main = regions[0] if len(regions) == 1 else find_main(regions, flat, head, outside, doubtful=cut.doubtful)
    titled: list[tuple[Region, Title]] = []
    lost = 0
    for region in regions:
        title = find_title(region, flat, head, outside if region is main else None)
        if title is None:
            lost += 1
        else:
            titled.append((region, title))
    if not titled:
        raise NoResourceError("La page n’a ni titre ni texte : rien ne permet de nommer la ressource.")
    warning = f"Ressources de cette page écartées, faute de titre : {lost}." if lost else None
    nodes = tuple(
        _read_node(region, title, flat, head, outside=outside, alone=region is main, warning=warning)
        for region, title in titled
    )
    if len(nodes) > 1 and (unread := count_unread(regions, flat)):
        said = f"Titres de cette page sans libellé de ressource, non repris : {unread}."
        nodes = (replace(nodes[0], warnings=(*nodes[0].warnings, said)), *nodes[1:])
    named = (
        len(nodes) > 1
        and main is None
        and not (cut.doubtful and (lost or _may_be_private(titled, flat, head, outside)))
    )
    return ParsedPage(nodes=nodes, theme=_theme(nodes, outside, head, found, base) if named else None)


def _may_be_private(titled: list[tuple[Region, Title]], flat: Flat, head: Head, outside: list[Tag]) -> bool:
    """Return whether a page's title and addresses may be those of its private node rather than of a listing.

    In a true listing, each private node has its own title, laid out like the others and different from the page's.
    """
    page = {fold(text) for text in (head.title, *(tag.get_text() for tag in outside)) if text}
    own = {normalise(address) for address in (head.canonical, head.og_url, head.shortlink, head.saved) if address}
    if any(is_printed_again(one, flat, outside) for one in page):
        return True
    printed: list[set[tuple[int, bool]]] = [set(), set()]
    for region, title in titled:
        private = region.is_private(flat)
        if not region.certain or (private and title.block is None):
            return True
        linked = head.resolve(title.href) if title.href else None
        if private and (any(_is_same(fold(title.text), one) for one in page) or (linked and normalise(linked) in own)):
            return True
        if private and any(_is_printed(one, region, flat) for one in page):
            return True
        if title.block is not None:
            printed[private].add((flat.blocks[title.block].level, title.href is not None))
    public, hidden = printed
    return bool(public) and not hidden <= public


def _is_printed(name: str, region: Region, flat: Flat) -> bool:
    """Return whether a page's name, folded, is a line of its own in a node, whose title need not be a heading."""
    for index in region.blocks:
        text = "" if region.run.holds(index) else fold(flat.blocks[index].text)
        if text and len(text) <= len(name) + _TITLE_MORE_AT_MOST and (text.startswith(name) or name.startswith(text)):
            return True
    return False


def _read_node(
    region: Region,
    title: Title,
    flat: Flat,
    head: Head,
    *,
    outside: list[Tag],
    alone: bool,
    warning: str | None,
) -> ParsedNode:
    run = region.run
    warnings = [one for one in (title.warning, warning) if one]
    dates = find_page_dates(region, flat, title.block, _above(region, title, flat, outside) if alone else [])
    start = title.block if title.block is not None and not region.is_node and title.block < run.start else -1
    group = _group_heading(region, title, flat)

    own = set(region.blocks)
    # The text of a node inside this one is not part of its summary, however far the summary goes.
    value = [i for i in run.value(Label.SUMMARY) or () if i in own]
    cell = bool(value) and run.found[Label.SUMMARY].block.row == flat.blocks[value[0]].row
    shaper = Shaper.of(region, flat, head)
    body, body_shape = shaper.read(
        block
        for i in region.blocks
        if i > start and i != title.block and i not in title.more and i not in group
        if i not in dates.blocks and not run.holds(i)
        for block in [flat.blocks[i]]
        if _is_content(block, region, title, head)
    )
    summary, summary_shape = shaper.read(
        (flat.blocks[i] for i in value if _is_content(flat.blocks[i], region, title, head)), rows=not cell
    )
    if summary is not None and flat.blocks[value[0]].joined and (bare := plain_value(summary)) != summary:
        summary, summary_shape = bare or None, None
    types = run.values(Label.TYPE, flat) or []
    if len(types) > 1:
        warnings.append(f"« Type de ressource » a plusieurs valeurs ; la première est gardée : « {types[0]} ».")
    private, doubt = read_privacy(run.values(Label.PRIVATE, flat))
    if not private and region.is_private(flat):
        private, doubt = (
            True,
            "« Ressource privée » apparaît deux fois et se contredit : la ressource est tenue pour privée.",
        )
    if doubt:
        warnings.append(doubt)
    if not region.certain:
        private = True
        warnings.append(UNCERTAIN)
    dating = choose(
        page=dates.best(head.dates if alone else ()),
        title=title.text,
        text="\n\n".join(filter(None, (body, summary))),
    )
    links = _links(region, flat)
    attachments = find_attachments(links, head)
    return ParsedNode(
        title=title.text,
        body=body,
        summary=summary,
        type=types[0] if types else None,
        private=private,
        themes=tuple(dict.fromkeys(_themes(region, flat))),
        date=dating.date,
        year=dating.year,
        year_source=dating.source,
        attachments=attachments,
        local_links=find_local_links(links, head, attachments),
        author=join_names(dates.authors) or (head.author if alone else None),
        links=find_inner_links((link for link in links if link[0] != title.block and not run.holds(link[0])), head),
        addresses=_addresses(region, title, head, alone=alone),
        warnings=tuple(warnings),
        body_shape=body_shape,
        summary_shape=summary_shape,
    )


def _above(region: Region, title: Title, flat: Flat, outside: list[Tag]) -> list[int]:
    """Return the indexes of the blocks between a page's h1 and its only node, where some sites print the date; [] if
    there are more than six, or the title is inside the node.
    """
    if title.block is not None or not outside:
        return []
    after = flat.range_of(outside[0])[1]
    between = list(range(after, region.start)) if after else []
    return between if len(between) <= 6 else []


def _group_heading(region: Region, title: Title, flat: Flat) -> range:
    """Return the indexes of the blocks of a heading over a node's fields only, which is no part of the node's text; an
    empty range if there is none.
    """
    first = region.run.start
    index = first - 1
    if index < 0 or index == title.block or index in title.more or not flat.blocks[index].level:
        return range(0)
    outer = flat.blocks[index].tag.parent
    while outer is not None and flat.range_of(outer)[0] == index:
        end = flat.range_of(outer)[1]
        if end > first:
            alone = outer is not region.wrapper and all(region.run.holds(i) for i in range(first, end))
            return range(index, first) if alone else range(0)
        outer = outer.parent
    return range(0)


def _is_content(block: Block, region: Region, title: Title, head: Head) -> bool:
    if block.aside and _in_footer(block.tag, region.wrapper):
        return False
    return not is_empty_talk(block, title=title.text, site_names=head.site_names)


def _in_footer(tag: Tag, wrapper: Tag | None) -> bool:
    outer: Tag | None = tag
    while outer is not None and outer is not wrapper:
        if outer.name == "footer":
            return True
        outer = outer.parent
    return False


def _themes(region: Region, flat: Flat) -> list[str]:
    themes: list[str] = []
    for index in region.run.value(Label.CATEGORY) or ():
        block = flat.blocks[index]
        left = block.text
        for _, text in block.links:
            left = left.replace(text, "", 1)
        if len(block.links) > 1 and not any(char.isalnum() for char in left):
            themes += [text for _, text in block.links if theme_key(text)]
            continue
        texts = _elements(block.tag, block.text) or block.text.split("\n")
        themes += [text for line in texts if theme_key(text := plain_value(line))]
    return themes


def _elements(tag: Tag, text: str) -> list[str]:
    """Return the texts of the `<span>` children of an element (`tag`) if together they are its text, spaces aside; []
    if there are not two or more, or if other text stands beside them.
    """
    children = [child for child in tag.children if isinstance(child, Tag) and child.name == "span"]
    texts = [collapse(child.get_text()) for child in children]
    texts = [one for one in texts if one and recognise(one) is None]
    return texts if len(texts) > 1 and "".join(texts).replace(" ", "") == text.replace(" ", "") else []


def _links(region: Region, flat: Flat) -> list[tuple[int, str, str]]:
    own = set(region.blocks)
    if region.wrapper is None:
        return [link for link in flat.links if link[0] in own]
    start, end = flat.link_ranges.get(id(region.wrapper), (0, 0))
    last = flat.range_of(region.wrapper)[1]
    return [link for link in flat.links[start:end] if link[0] in own or link[0] == last]


def _addresses(region: Region, title: Title, head: Head, *, alone: bool) -> tuple[str, ...]:
    """Return a node's addresses, the most specific first; `alone` says that the page is about this node only."""
    wrapper = region.wrapper if region.is_node else None
    about = head.resolve(attribute(wrapper, "about")) if wrapper is not None else None
    linked = head.resolve(title.href) if title.href and not is_document(title.href) else None
    number = None
    if wrapper is not None:
        given = attribute(wrapper, "data-history-node-id").strip()
        match = _NODE_ID.fullmatch(attribute(wrapper, "id"))
        given = given or (match.group(1) if match else "")
        number = head.resolve(f"/node/{given}") if given.isdecimal() else None
    ordered = [linked, about, number]
    if alone:
        saved = None if linked or head.canonical or head.og_url else head.saved
        page = [saved, head.canonical, head.shortlink, head.og_url]
        elsewhere = (
            linked
            and head.canonical
            and urlsplit(normalise(linked)).netloc != urlsplit(normalise(head.canonical)).netloc
        )
        if not (linked or about or number) or elsewhere:
            ordered = [*page, about, number]
        elif _is_about(title.text, head):
            ordered = [linked, *page, about, number]
        if not linked and head.canonical and _is_about(title.text, head):
            ordered = [*page, about, number]
    return tuple(dict.fromkeys(address for address in ordered if address))


def _is_about(title: str, head: Head) -> bool:
    """Return whether a page is about its one node, rather than a listing that happens to show a single one."""
    if head.title is None:
        return True
    return _is_same(fold(title), fold(head.title))


def _is_same(node: str, page: str) -> bool:
    """Return whether a node's title and a page's are the same, one begins with the other, or the page's contains the
    node's; both are folded.
    """
    return node.startswith(page) or page.startswith(node) or node in page


def _theme(nodes: tuple[ParsedNode, ...], outside: list[Tag], head: Head, found: PageScan, base: str) -> str | None:
    """Return the theme of a listing: its h1, else its title, else the last part of its address."""
    if outside and (theme := heading_text(outside[0])):
        return theme
    titles = {fold(node.title) for node in nodes}
    if head.title and fold(head.title) not in titles and not is_site_name(head.title, head.site_names):
        return head.title
    address = head.canonical or head.og_url or head.base or base
    try:
        last = unquote(urlsplit(address).path.rstrip("/").rpartition("/")[2])
    except ValueError:
        return None
    last = collapse(re.sub(r"\.(?:s?html?|xhtml|php|aspx?)$", "", last, flags=re.IGNORECASE))
    return last if theme_key(last) and not last.isdecimal() and last not in ("node", "index") else None
