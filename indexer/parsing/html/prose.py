"""Turn blocks into text: paragraphs, list items, table rows; lines without content are recognised here."""

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
_NETWORK = (
    r"(?:facebook|twitter|x|linkedin|linked in|mastodon|bluesky|instagram|threads|whatsapp|telegram|pinterest|viadeo"
    r"|e-?mails?|courriels?|mail|mel|messagerie)"
)
_NEW_WINDOW = r"(?:\s*[-–(:]*\s*(?:nouvelle fenetre|ouvre une nouvelle fenetre|ouverture dans .*|lien externe|x)\)?)*"
_SHARE_LINK = re.compile(
    r"(?:(?:partager|partage|publier|envoyer|recommander|share|suivre)(?: .{1,40})? (?:sur|par|via|on|by) (?:l')?"
    rf"{_NETWORK}"
    r"(?: \(?(?:ex|anciennement|ancien) ?-? ?\w+\)?)?"
    rf"|partager|tweeter|retweeter|tweet|share|imprimer(?: (?:la|cette) page| l'article)?|version imprimable"
    r"|copier(?: le lien| dans le presse-papiers?)*|envoyer a un(?:\(?e\)?)? amie?"
    r"|(?:[←<«‹] ?)?retour(?: (?:a|aux?) .{1,40})?"
    rf"|(?:[←<«‹] ?)(?:page )?precedente?){_NEW_WINDOW}"
)
_SHARE_TITLE = re.compile(
    r"(?:partager|partagez)(?: (?:la|cette|ce|cet|le|l') ?(?:page|article|contenu|ressource|fiche"
    r"|publication|document))?"
    rf"(?: sur (?:les reseaux(?: sociaux)?|{_NETWORK}))?\s*:?"
)
_SHARE_ADDRESS = re.compile(
    r"https?://[^/]*(?:facebook\.com/(?:sharer|share)|(?:twitter|x)\.com/(?:intent|share)|linkedin\.com/(?:share|cws)"
    r"|(?:api\.whatsapp\.com|wa\.me|t\.me/share|pinterest\.\w+/pin/create|bsky\.app/intent))|mailto:\?"
    r"|javascript:.*print\(",
    re.IGNORECASE,
)
_BULLETS = ("•", "●", "▪", "■", "◦", "‣", "·", "–", "-", "*")
_CELL_AT_MOST = 200


def is_empty_talk(block: Block, *, title: str, site_names: frozenset[str]) -> bool:
    """Return whether a block is without content: a "Lire la suite" link, a skip link, a share button, the site's name.

    Args:
        block: any block.
        title: the node's title, which Drupal repeats in links such as "Lire la suite".
        site_names: names of the site, folded.
    """
    text = block.text
    if len(text) > 400:
        return False
    if block.links:
        folded = fold(text)
        if block.is_link and (_MORE.fullmatch(folded) or _SKIP.fullmatch(folded) or _SHARE_LINK.fullmatch(folded)):
            return True
        if len(text) <= 80 * len(block.links) and all(_SHARE_ADDRESS.match(href) for href, _ in block.links):
            return True
        if block.is_link and (start := _MORE_OF.match(folded)) and folded[start.end() :].strip(' "') == fold(title):
            return True
    elif text[:1] in "Pp" and len(text) <= 60 and _SHARE_TITLE.fullmatch(fold(text)):
        return True
    return is_site_name(text, site_names)


def merge(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks, with lines that were split at words that only look like a label joined again."""
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
    """Return the text of blocks, and the (start, end) offsets of each block in it.

    Args:
        blocks: content only, in order, as `merge` returns them.
        rows: whether table rows are rows of content; False for a field's value in a table cell.

    Returns:
        Paragraphs separated by a blank line. List items begin with "• "; the cells of a table row make one paragraph,
        joined by " · ", unless the table only lays out the page. The offsets of a block exclude such signs.
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
