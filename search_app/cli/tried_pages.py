"""What a trial (an import that stores nothing) reads from a page, as lines for the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from indexer.parsing.node import ParsedNode
from indexer.pipeline import TriedPage
from search_app.messages import NO_VALUE, RESERVED

_SHOWN = 160
"""Largest number of characters of a text that are shown."""


def as_json_page(page: TriedPage) -> dict[str, object]:
    """Return, as a JSON object, what a trial has read from a page."""
    return {
        "path": page.path,
        "theme": page.theme,
        "reason": page.reason,
        "resources": [asdict(node) for node in page.nodes],
    }


def lines_of(page: TriedPage) -> Iterator[str]:
    """Yield lines for the terminal that say what a trial has read from a page."""
    yield page.path
    if page.reason is not None:
        yield f"  rien n’est lu : {page.reason}"
    if page.theme is not None:
        yield f"  thème de la liste : {page.theme}"
    for node in page.nodes:
        yield f"  titre : {node.title}"
        for name, value in _facts(node):
            yield f"    {name} : {value}"


def _facts(node: ParsedNode) -> Iterator[tuple[str, str]]:
    yield "adresse", node.addresses[0] if node.addresses else "aucune"
    yield "type", node.type or NO_VALUE["type"]
    yield "accès", RESERVED if node.private else "Publique"
    yield "thèmes", ", ".join(node.themes) or NO_VALUE["theme"]
    if node.territories:
        yield "territoires", ", ".join(node.territories)
    yield "date", f"{node.date} ({node.year_source})" if node.date else NO_VALUE["year"]
    if node.author:
        yield "auteur", node.author
    yield "résumé", _cut(node.summary)
    yield "texte", _cut(node.body)
    if node.attachments:
        yield "documents", ", ".join(one.url for one in node.attachments)
    for warning in node.warnings:
        yield "à vérifier", warning


def _cut(text: str | None) -> str:
    if text is None:
        return "aucun"
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}… ({len(text)} caractères)"
