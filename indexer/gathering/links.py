"""Reads the links of a page and its instructions to robots, for gathering only."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from indexer.gathering.addresses import canonical

MAX_LINKS = 5000
_FOLLOWED_RELS = frozenset({"next", "prev", "canonical"})
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class PageLinks:
    """What gathering needs of a page.

    Attributes:
        links: canonical addresses that it links to, each once, in page order.
        title: its title, or empty.
        text: its text, shortened, to compare it with others.
        asks_password: whether it has a field for a password.
    """

    links: tuple[str, ...]
    title: str
    text: str
    asks_password: bool


def read_links(raw: bytes, address: str, charset: str | None) -> PageLinks:
    """Return the links, title and text of an HTML page.

    Args:
        raw: its bytes.
        address: its address.
        charset: encoding that its answer declares, or None.
    """
    try:
        parser = etree.HTMLParser(encoding=charset, remove_comments=True, huge_tree=False, no_network=True)
    except LookupError:
        parser = etree.HTMLParser(remove_comments=True, huge_tree=False, no_network=True)
    try:
        root = etree.fromstring(raw, parser) if raw.strip() else None
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        return PageLinks((), "", "", False)
    base = address
    found: dict[str, None] = {}
    title, password, silent = "", False, False
    for element in root.iter("base", "a", "area", "link", "title", "input", "meta"):
        name = element.tag
        href = (element.get("href") or "").strip()
        if name == "base" and href and base == address:
            base = canonical(href, base=address) or address
        elif name == "title" and not title:
            title = _SPACE.sub(" ", "".join(element.itertext())).strip()
        elif name == "input":
            password = password or (element.get("type") or "").lower() == "password"
        elif name == "meta" and (element.get("name") or "").lower() == "robots":
            silent = silent or "nofollow" in (element.get("content") or "").lower()
        elif href and len(found) < MAX_LINKS and _is_followed(name, element.get("rel")):
            target = canonical(href, base=base)
            if target is not None:
                found[target] = None
    text = _SPACE.sub(" ", " ".join(root.itertext("p", "h1", "h2", "h3", "li", "td", "div"))).strip()
    return PageLinks(() if silent else tuple(found), title, text[:20_000], password)


def _is_followed(name: str, rel: str | None) -> bool:
    rels = set((rel or "").lower().split())
    return bool(rels & _FOLLOWED_RELS) if name == "link" else "nofollow" not in rels
