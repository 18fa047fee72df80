"""The command `profile check`, which tries an import profile on pages before an import. A profile says where the fields
are on the pages of a site.
"""

from __future__ import annotations

from pathlib import Path

import click

from indexer.parsing.profile_file import read_profile
from indexer.pipeline import try_profile
from search_app.cli import sentences
from search_app.cli.command import Group, argument
from search_app.cli.context import CommandContext
from search_app.cli.options import json_option
from search_app.cli.output import print_json, printable, say
from search_app.cli.tried_pages import as_json_page, lines_of
from search_app.cli.types import FILE

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
    """Print what an import profile reads from pages, importing nothing; return 1 if it reads nothing from some page."""
    held = read_profile(file).profile
    if not held.stated:
        say("Ce profil ne dit rien de l’accès : sans [private], toutes les ressources sont privées.")
    tried = list(try_profile(held, pages, base=context.settings.site_url))
    if as_json:
        print_json({"profile": held.name, "pages": [as_json_page(page) for page in tried]})
    else:
        for page in tried:
            for line in lines_of(page):
                print(printable(line))
    return 0 if tried and all(page.nodes for page in tried) else 1
