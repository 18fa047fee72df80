"""The command `search`, in a module of its own so that it does not load those that read and write pages."""

from __future__ import annotations

import sys

import click

from indexer.errors import RequestError
from indexer.resource import Audience
from search_app.cli.command import Command, Option, argument, command, option
from search_app.cli.context import CommandContext
from search_app.cli.options import json_option
from search_app.cli.output import print_json, result_lines, say
from search_app.cli.types import YES_NO, Choice

_FACET_HELP = "répétable ; « none » : ceux qui n’en ont pas"


class SearchCommand(Command):
    """A command whose query may begin with a hyphen, since `-mot` excludes resources that contain a word."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments, with unknown words such as `-mot` taken as part of the query, and return those left
        over.

        Raises:
            click.UsageError: the arguments are invalid.
        """
        taking_values = {
            name for one in self.params if isinstance(one, Option) and not one.is_flag for name in one.opts
        }
        known: list[str] = []
        query: list[str] = []
        waiting = iter(args)
        for word in waiting:
            if word == "--":
                query += waiting
            elif word in taking_values:
                value = next(waiting, None)
                if value is None:
                    return super().parse_args(ctx, [word])  # raises the error that the value is missing
                known += [word, value]
            elif word.startswith("-") and not word.startswith("--") and word not in ctx.help_option_names:
                query.append(word)
            else:
                known.append(word)
        return super().parse_args(ctx, [*known, "--", *query])


@command(
    "search",
    cls=SearchCommand,
    examples=(
        "python run.py search 'tiers-lieux -coworking'",
        "python run.py search '\"commande publique\" titre:guide' --year 2024 --year 2025",
        "python run.py search --theme none --as staff --json",
    ),
)
@argument("query", metavar="[REQUÊTE]", required=False, default="", help='mots, "expressions", titre:mot, -mot…')
@option("--type", "types", metavar="T", multiple=True, help=_FACET_HELP)
@option("--year", "years", metavar="A", multiple=True, help=_FACET_HELP)
@option("--theme", "themes", metavar="T", multiple=True, help=_FACET_HELP)
@option(
    "--territory",
    "territories",
    metavar="CODE",
    multiple=True,
    help="code d’un territoire : R53, D35, 35238 ; " + _FACET_HELP,
)
@option("--private", type=YES_NO, multiple=True, help="ressources réservées ou publiques")
@option("--with-publication", is_flag=True, help="seulement les ressources qui ont une publication")
@option(
    "--format",
    "formats",
    metavar="F",
    multiple=True,
    help="format d’une publication : pdf, docx, odt ou pptx ; répétable",
)
@option("--sort", default="", metavar="S", help="relevance, -date, date ou title")
@option("--match", "matching", default="", metavar="M", help="all : tous les mots ; most : la plupart")
@option("--page", default="", metavar="N", help="page de résultats, à partir de 1")
@option(
    "--as",
    "audience",
    type=Choice(tuple(one.value for one in Audience)),
    default=Audience.VISITOR.value,
    help=f"au nom de qui chercher ({Audience.VISITOR.value})",
)
@json_option("réponse en JSON")
@click.pass_obj
def cmd_search(
    context: CommandContext,
    *,
    query: str,
    types: tuple[str, ...],
    years: tuple[str, ...],
    themes: tuple[str, ...],
    territories: tuple[str, ...],
    private: tuple[str, ...],
    with_publication: bool,
    formats: tuple[str, ...],
    sort: str,
    matching: str,
    page: str,
    audience: str,
    as_json: bool,
) -> int:
    """Search and print the results; return 2 if the request is invalid."""
    from werkzeug.datastructures import MultiDict

    from search_app.api import search_json
    from search_app.search.params import parse
    from search_app.search.recognised import recognised_pages

    pairs = [("q", query), ("sort", sort), ("match", matching), ("page", page)]
    if with_publication:
        pairs.append(("publication", "oui"))
    for name, values in (
        *(("type", types), ("year", years), ("theme", themes), ("private", private)),
        *(("format", formats), ("territory", territories)),
    ):
        pairs += [(name, value) for value in values]
    try:
        request = parse(MultiDict(pairs), Audience(audience))
    except RequestError as error:
        say(str(error))
        return 2
    engine = context.open_engine()
    try:
        response = engine.search(request)
        recognised = recognised_pages(response, engine, request.audience)
    finally:
        engine.close()
    if as_json:
        print_json(search_json(response, recognised))
        return 0
    for line in result_lines(response, recognised, colours=sys.stdout.isatty()):
        print(line)
    return 0
