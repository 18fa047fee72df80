"""Find the dates that a page gives for a node (a resource): in fields, `<time>` elements and lines above the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bs4.element import Tag

from indexer.parsing.dates.choose import is_update, read_byline, read_head_date, read_published
from indexer.parsing.dates.find import PartialDate, find_full_dates, mentions_year, read_only_date, read_stamp
from indexer.parsing.html.blocks import Block, Flat, Time
from indexer.parsing.html.markup import is_node_like, tokens
from indexer.parsing.html.region import Region
from indexer.parsing.text import collapse, fold

_DATE_FIELD = re.compile(
    r"field(?:--name|-name)[-_](?:field[-_])?.*(?:date|created|publi|annee|year)\w*|field--type-datetime"
)
_UPDATE_FIELD = re.compile(r"updat|modif|changed|maj|evenement|event")
_DATE_LABELS = frozenset(
    {
        "date",
        "date de publication",
        "date de parution",
        "date de mise en ligne",
        "date de creation",
        "publie le",
        "mis en ligne le",
        "annee",
        "annee de publication",
    }
)
_OTHERS_WORK = frozenset({"figure", "figcaption", "blockquote", "q", "cite"})
_AUTHOR_LABELS = frozenset(
    {
        "auteur",
        "auteurs",
        "auteur(s)",
        "auteure",
        "autrice",
        "auteur.e",
        "auteur·e",
        "auteur.rice.s",
        "organisme",
        "organisation",
        "organisme auteur",
        "structure auteure",
        "editeur",
    }
)
_LABEL_AT_MOST = 24
_NAME_AT_MOST = 120
_AROUND_NAME = 12
_BY = re.compile(
    r"\A(?:(?:publi|post|r[ée]dig|[ée]crit|propos|soumis)[ée]?e?s?\s+)?(?:par|by|auteurs?e?s?)\b\s*:?\s*", re.IGNORECASE
)
_PROSE_TAGS = frozenset({"p", "li", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6"})


@dataclass(slots=True)
class PageDates:
    """The dates and authors found for a node, by the kind of place, the most reliable first.

    Attributes:
        stamps: dates that the markup gives as those of publication.
        fields, head, lines, times: dates from fields, from the lines above the node's text, from lines "Publié le …" in
            it, and from other `<time>` elements.
        blocks: indexes of blocks that hold only a date or the names of authors.
        authors: names, in order.
    """

    stamps: list[PartialDate] = field(default_factory=list)
    fields: list[PartialDate] = field(default_factory=list)
    head: list[PartialDate] = field(default_factory=list)
    lines: list[PartialDate] = field(default_factory=list)
    times: list[PartialDate] = field(default_factory=list)
    blocks: set[int] = field(default_factory=set)
    authors: list[str] = field(default_factory=list)

    def best(self, metas: tuple[PartialDate, ...]) -> list[PartialDate]:
        """Return the dates of the most reliable kind that has any: `metas`, then the attributes in their order.

        `metas` are the dates of `<meta>` elements; `head` are those in the lines above the text. Of `metas`, `stamps`
        and `head` only the first date counts, since the date of an update comes after that of publication.
        """
        first = list(metas[:1]) or self.stamps[:1] or self.fields or self.head[:1]
        return first or self.lines or self.times


def find_page_dates(region: Region, flat: Flat, title: int | None, above: list[int]) -> PageDates:
    """Find a node's dates of publication and authors.

    Args:
        region: the node.
        flat: the page.
        title: index of the block of the node's title, None if it is outside the node.
        above: indexes of the blocks between the node and a title outside it.

    Returns:
        The dates and authors found.
    """
    found = PageDates()
    in_head = _read_head(region, flat, title, above, found)
    for index in region.blocks:
        block = flat.blocks[index]
        if not mentions_year(block.text) or index in found.blocks or index == title or region.run.holds(index):
            continue
        if len(block.text) <= 60 and (date := _field_date(index, region, flat)):
            found.fields.append(date)
            found.blocks.add(index)
            if fold(flat.blocks[index - 1].text).rstrip(" :") in _DATE_LABELS:
                found.blocks.add(index - 1)
        elif block.aside:
            _read_aside(index, block, found)
        elif len(block.text) <= 200 and (date := read_published(block.text)):
            found.lines.append(date)
    if len(found.lines) > 1:
        found.lines.clear()  # several such lines belong to items that the text lists
    own = set(region.blocks)
    _read_names(flat, own, in_head, found)
    for time in flat.times:
        if time.published and _is_of(time, region, own, above) and (date := read_stamp(time.value.strip())):
            found.stamps.append(date)
        elif time.published and time.tag is not None and time.tag.name not in ("time", "abbr"):
            continue  # without text to show that it is this node's
        elif time.block not in own or is_update(time.before) or not (date := read_stamp(time.value.strip())):
            continue
        if time.block in in_head:
            # The machine-readable value is more reliable than the words around it.
            found.head.insert(0, date) if not found.head else found.head
        else:
            found.times.append(date)
    return found


def _read_head(region: Region, flat: Flat, title: int | None, above: list[int], found: PageDates) -> set[int]:
    """Add the dates above a node's text to `found`, and return the indexes of the blocks that hold them; `title` is the
    index of the block of its title, `above` are those of the blocks between it and a title outside it.
    """
    head: set[int] = set()
    times = {time.block for time in flat.times if _is_shown(time, flat)}
    for index in [*above, *region.blocks]:
        if index == title or region.run.holds(index):
            continue
        block = flat.blocks[index]
        date = read_head_date(block.text, lenient=block.aside) if len(block.text) <= 200 else None
        if date or (index in times and len(block.text) <= 80 and not block.level):
            if date:
                found.head.append(date)
            head.add(index)
            found.blocks.add(index)
        elif title is not None and index < title and index not in above:
            continue
        elif not block.aside and index not in above:
            break
    return head


def _is_shown(time: Time, flat: Flat) -> bool:
    """Return whether a machine-readable date is also printed: in a `<time>` or `<abbr>`, or in an element that holds
    all the text of its block.
    """
    if time.tag is None or time.tag.name in ("time", "abbr"):
        return True
    block = flat.blocks[time.block] if time.block < len(flat.blocks) else None
    return block is not None and collapse(time.tag.get_text()) == collapse(block.text)


def _is_of(time: Time, region: Region, own: set[int], above: list[int]) -> bool:
    """Return whether a machine-readable date, which may have no text and so no block, belongs to a node; `own` are the
    indexes of the node's blocks, `above` those of the blocks between it and a title outside it.
    """
    if time.block in above:
        return True
    around = list(time.tag.parents) if time.tag is not None else []
    node = next((outer for outer in around if is_node_like(outer)), None)
    if region.is_node:
        return node is region.wrapper
    return node is None and time.block in own and (region.wrapper is None or any(o is region.wrapper for o in around))


def _read_names(flat: Flat, own: set[int], in_head: set[int], found: PageDates) -> None:
    """Add the authors named in markup, a field or a byline to `found`, and the blocks that hold only their names;
    `own` are the indexes of the node's blocks, `in_head` those of the blocks with dates above its text.
    """
    for index, written in flat.names:
        if (index not in own and index not in in_head) or len(written) > _NAME_AT_MOST:
            continue
        block = flat.blocks[index] if index < len(flat.blocks) else None
        if block is None or not (block.aside or index in in_head or len(block.text) <= len(written) + _AROUND_NAME):
            continue  # in the middle of a sentence
        if any(outer.name in _OTHERS_WORK for outer in (block.tag, *block.tag.parents)):
            continue  # the author of a photograph or of a quotation
        name = _BY.sub("", written).strip(" ,:|·•–—-")
        if name and not mentions_year(name) and not any(name in one or one in name for one in found.authors):
            found.authors.append(name)
        if len(block.text) <= len(name) + _AROUND_NAME and not block.level:
            found.blocks.add(index)
    found.authors += _named_by_field(flat, own) if not found.authors else []
    if not found.authors:
        for index in sorted(in_head):
            if said := read_byline(flat.blocks[index].text):
                found.authors.append(said)
                break


def _named_by_field(flat: Flat, own: set[int]) -> list[str]:
    """Return the names in a field « Auteur » or « Organisme » of a node, whose blocks have the indexes `own`; [] if
    there is none. The field stays in the text.
    """
    for index in sorted(own):
        if len(label := flat.blocks[index].text) > _LABEL_AT_MOST or fold(label).rstrip(" :") not in _AUTHOR_LABELS:
            continue
        if index + 1 in own and flat.blocks[index].tag.name not in _PROSE_TAGS:
            value = flat.blocks[index + 1].text
            if len(value) <= _NAME_AT_MOST and not value.endswith((".", ":")):
                return value.split("\n")
    return []


def _read_aside(index: int, block: Block, found: PageDates) -> None:
    """Add the date of a footer or date line (`Block.aside`) to `found`, if the block is short."""
    if len(block.text) > 160:
        return
    date = read_head_date(block.text, lenient=True)
    if date is None and not is_update(block.text):
        date = next((one.date for one in find_full_dates(block.text)), None)
    if date:
        found.head.append(date)
        found.blocks.add(index)


def _field_date(index: int, region: Region, flat: Flat) -> PartialDate | None:
    """Return the date in a block if it is the value of a date field, else None."""
    block = flat.blocks[index]
    tag: Tag | None = block.tag
    for _ in range(4):
        if tag is None or tag is region.wrapper:
            break
        if any(_DATE_FIELD.fullmatch(one) and not _UPDATE_FIELD.search(one) for one in tokens(tag)):
            return _alone(block.text)
        tag = tag.parent
    before = flat.blocks[index - 1] if index else None
    if before is None or before.tag.name in _PROSE_TAGS or fold(before.text).rstrip(" :") not in _DATE_LABELS:
        return None
    return _alone(block.text)


def _alone(text: str) -> PartialDate | None:
    """Return the date or year that makes up the whole text, else None."""
    text = text.strip(" :\u00a0")
    return read_stamp(text) if text.isdecimal() and len(text) == 4 else read_only_date(text)
