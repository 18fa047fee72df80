"""The whole command line, and what happens around a command.

Exit status: 0 done, 1 the work failed, 2 wrong usage. Standard output carries the result alone.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from functools import partial

from indexer.errors import ArchiveError
from indexer.settings import SETTINGS_FILE, find_settings_file
from search_app.cli import accounts, archive, backup, corrections, logs, profile, serve
from search_app.cli.context import AddCommand, Command, CommandContext, open_engine
from search_app.cli.output import FrenchParser, say
from search_app.settings import DEFAULT_HOST, DEFAULT_PORT, SETTINGS, read_settings

SHELLS = ("bash", "zsh", "tcsh")


def make_parser() -> FrenchParser:
    """Return the parser of the whole command line."""
    width = max(len(one.variable) for one in SETTINGS) + 2
    shown = (f"{one.help} ({one.default})" if one.default else one.help for one in SETTINGS)
    variables = "\n".join(f"  {one.variable:<{width}}{text}" for one, text in zip(SETTINGS, shown, strict=True))
    parser = FrenchParser(
        prog="run.py",
        description="Moteur de recherche d’une archive de ressources. Sans commande : indexe puis sert le site.",
        epilog=f"réglages, par variables d’environnement ou dans le fichier de réglages :\n{variables}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for place in ("corpus", "index", "data"):
        parser.add_argument(f"--{place}", metavar="DIR", help=f"dossier (sinon RTES_{place.upper()})")
    parser.add_argument(
        "--settings",
        metavar="FICHIER",
        help=f"fichier de réglages (sinon {SETTINGS_FILE} du dossier courant, s’il existe)",
    )
    parser.set_defaults(
        run=serve.cmd_default,
        whole=parser,
        full=False,
        previous=False,
        survey=False,
        json=False,
        host=DEFAULT_HOST,
        port=DEFAULT_PORT,
        workers=2,
        access_log=None,
    )
    commands = parser.add_subparsers(title="commandes", metavar="COMMANDE", parser_class=FrenchParser)

    def command(name: str, run: Command, help: str, examples: Sequence[str] = ()) -> FrenchParser:
        sub: FrenchParser = commands.add_parser(
            name,
            help=help,
            description=help[0].upper() + help[1:] + ".",
            epilog="\n".join(("exemples :", *(f"  {example}" for example in examples))) if examples else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(run=run)
        return sub

    for module in (archive, profile, corrections, serve, accounts, logs, backup):
        module.register(command)
    _register_completion(command)
    return parser


def _register_completion(command: AddCommand) -> None:
    sub = command(
        "completion",
        cmd_completion,
        "écrit de quoi compléter les commandes dans un shell",
        ('eval "$(python run.py completion bash)"', "python run.py completion zsh > ~/.zfunc/_run.py"),
    )
    sub.add_argument("shell", choices=SHELLS, help="shell qui complétera « run.py » et « ./run.py »")


def cmd_completion(context: CommandContext, args: argparse.Namespace) -> int:
    """Print a completion script."""
    import shtab

    print(shtab.complete(args.whole, shell=args.shell))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 the work failed, 2 wrong usage."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = spell_out(list(sys.argv[1:] if argv is None else argv))
    args = make_parser().parse_args(arguments)
    try:
        file = find_settings_file(args.settings)
        settings = read_settings(os.environ, file=file, corpus=args.corpus, index=args.index, data=args.data)
        status: int = args.run(CommandContext(settings, partial(open_engine, settings)), args)
        sys.stdout.flush()  # a broken pipe shows here, not when the interpreter ends
        return status
    except ArchiveError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Interrompu : rien n’est perdu, relancez la même commande pour finir.")
        return 1
    except BrokenPipeError:
        # Whoever read our output has gone (run.py … | head): not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def spell_out(arguments: list[str]) -> list[str]:
    """Return arguments whose values argparse takes for values: `--sort -date`, queries that begin with a hyphen."""
    spelled: list[str] = []
    late: list[str] = []
    searching = False
    for place, argument in enumerate(arguments):
        before = arguments[place - 1] if place else ""
        if before == "--sort" and spelled and spelled[-1] == "--sort":
            spelled[-1] = f"--sort={argument}"
        elif searching and argument.startswith("-") and not argument.startswith("--") and argument != "-h":
            late.append(argument)
        elif not (searching and argument == "--"):
            spelled.append(argument)
        else:
            late += arguments[place + 1 :]
            break
        searching = searching or argument == "search"
    return [*spelled, "--", *late] if late else spelled
