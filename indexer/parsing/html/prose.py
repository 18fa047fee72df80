"""From blocks to text: paragraphs, items, table rows, and lines that say nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from indexer.parsing.html.blocks import Block, Inline
from indexer.parsing.site_name import is_site_name
from indexer.parsing.text import fold

_MORE = re.compile(
    r"(?:en savoir plus|(?:en )?lire (?:la )?(?:suite|plus|davantage)|voir plus|(?:la )?suite|plus d'infos?|read more"
    r"|learn more|more)[\s.…:>»→+]*"
)
_MORE_OF = re.compile(r"(?:en savoir plus|lire la suite|read more)\s+(?:sur|de|about|d'|:)?\s*")
_SKIP = re.compile(
    r"(?:aller|acceder|passer|saut)\w*\s+(?:directement\s+)?(?:au|a la|a l'|vers)\s*(?:le\s+)?"
    r"(?:contenu|menu|navigation|recherche|pied)\b.*|skip to .*|(?:haut|retour en haut)(?: de (?:la )?page)?"
)
_BULLETS = ("•", "●", "▪", "■", "◦", "‣", "·", "–", "-", "*")
_CELL_AT_MOST = 200


def is_empty_talk(block: Block, *, title: str, site_names: frozenset[str]) -> bool:
    """Return whether a block is no content: a "Lire la suite" link, a skip link, the site's name.

    Args:
        block: any block.
        title: the node's title, which Drupal repeats in such links.
        site_names: names of the site, folded.
    """
    text = block.text
    if len(text) > 400:
        return False
    if block.links:
        folded = fold(text)
        if block.is_link and (_MORE.fullmatch(folded) or _SKIP.fullmatch(folded)):
            return True
        if block.is_link and (start := _MORE_OF.match(folded)) and folded[start.end() :].strip(' "') == fold(title):
            return True
    return is_site_name(text, site_names)


def merge(blocks: Iterable[Block]) -> list[Block]:
    """Join again the lines that were broken at words that look like a label and are none."""
    merged: list[Block] = []
    for block in blocks:
        if block.joined and merged and merged[-1].tag is block.tag:
            before = merged[-1]
            merged[-1] = Block(
                before.text + block.glue + block.text,
                before.tag,
                before.links + block.links,
                before.item,
                before.row,
                before.cell,
                aside=before.aside,
                inlines=before.inlines + _moved(block.inlines, len(before.text) + len(block.glue)),
            )
        else:
            merged.append(block)
    return merged


def _moved(inlines: Iterable[Inline], offset: int) -> tuple[Inline, ...]:
    return tuple(Inline(start + offset, end + offset, kind, href) for start, end, kind, href in inlines)


def lay_out(blocks: Iterable[Block], *, rows: bool = True) -> tuple[str, list[tuple[int, int]]]:
    """Return the text of blocks, and where each of them stands in it.

    Args:
        blocks: content only, in order, broken lines joined.
        rows: whether table rows are rows of content; False for a field's value that stands in a cell.

    Returns:
        Paragraphs separated by a blank line. Items of lists begin with "• "; the cells of a table's row are one
        paragraph, joined by " · ", unless the table is there to lay out the page. A block's place is that of its own
        text, without such signs.
    """
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    end = row = cell = 0
    for block in blocks:
        text = block.text
        short = rows and block.row != 0 and len(text) <= _CELL_AT_MOST and not block.item and not block.level
        if short and block.row == row and parts:
            sign = " " if block.cell == cell else " · "
            text = text.replace("\n", " ")
        else:
            sign = "\n\n" if parts else ""
            if block.item and not text.startswith(_BULLETS):
                sign += "• "
        parts += [sign, text]
        start = end + len(sign)
        end = start + len(text)
        places.append((start, end))
        row, cell = (block.row, block.cell) if short else (0, 0)
    return "".join(parts), places
