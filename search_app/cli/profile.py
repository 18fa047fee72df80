"""The command `profile check`, which tries an import profile on pages before an import."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from indexer.parsing.node import ParsedNode
from indexer.parsing.profile_file import read_profile
from indexer.pipeline import TriedPage, try_profile
from search_app.cli import sentences
from search_app.cli.command import Group, argument
from search_app.cli.context import CommandContext
from search_app.cli.options import json_option
from search_app.cli.output import print_json, printable, say
from search_app.cli.types import FILE
from search_app.messages import NO_VALUE, RESERVED

_SHOWN = 160
"""Number of characters of a text that are shown."""


profile = Group("profile", summary=sentences.COMMANDS["profile"])


@profile.command(
    "check",
    summary="vérifie le profil et montre ce qu’il lit",
    examples=("python run.py profile check site.toml page.html liste.html",),
)
@argument("file", metavar="FICHIER", type=FILE, help="profil d’import (TOML)")
@argument("pages", nargs=-1, required=True, metavar="PAGE …", type=FILE, help="page, dossier, zip, MHTML ou WARC")
@json_option("résultat en JSON")
@click.pass_obj
def cmd_profile(context: CommandContext, *, file: Path, pages: tuple[Path, ...], as_json: bool) -> int:
    """Try a profile and print what it reads; return 1 if it reads nothing from some page, else 0."""
    held = read_profile(file).profile
    if not held.stated:
        say("Ce profil ne dit rien de l’accès : sans [private], toutes les ressources sont privées.")
    tried = list(try_profile(held, pages, base=context.settings.site_url))
    if as_json:
        print_json({"profile": held.name, "pages": [_as_json(page) for page in tried]})
    else:
        for page in tried:
            for line in _lines(page):
                print(printable(line))
    return 0 if tried and all(page.nodes for page in tried) else 1


def _as_json(page: TriedPage) -> dict[str, object]:
    return {
        "path": page.path,
        "theme": page.theme,
        "reason": page.reason,
        "resources": [asdict(node) for node in page.nodes],
    }


def _lines(page: TriedPage) -> Iterator[str]:
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
