"""Small pages for tests of parsing: the same fields in each kind of markup that the site uses."""

from __future__ import annotations

from indexer.parsing.html.page import parse_html
from indexer.parsing.node import ParsedNode, ParsedPage

SITE = "https://www.exemple.test/"


def bare(label: str, value: str) -> str:
    return f"<div><div>{label}</div><div>{value}</div></div>"


def drupal(label: str, *values: str) -> str:
    items = "".join(f'<div class="field__item">{value}</div>' for value in values)
    return (
        f'<div class="field field--label-above"><div class="field__label">{label}</div>'
        f'<div class="field__items">{items}</div></div>'
    )


def fields(kind: str = "Guide", private: str = "Non", summary: str = "<p>En bref.</p>") -> str:
    """Return the HTML, without classes, of the fields that nearly every node has: type, privacy and summary."""
    return bare("Type de ressource", kind) + bare("Ressource privée", private) + bare("Résumé", summary)


def read_page(html: str | bytes, base: str = SITE) -> ParsedPage:
    return parse_html(html if isinstance(html, bytes) else html.encode(), base=base)


def read(html: str | bytes, base: str = SITE) -> ParsedNode:
    """Return the only node of a page, parsed; `base` is the address to which relative links refer."""
    (node,) = read_page(html, base).nodes
    return node


def article(inside: str, after: str | None = None) -> ParsedNode:
    """Return the node of a page that is one article with a title, `inside`, and then `after`, by default the usual
    fields.
    """
    return read(f"<article><h1>Monnaie locale</h1>{inside}{fields() if after is None else after}</article>")
