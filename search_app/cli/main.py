"""The whole command line, and what happens around a command.

Exit status: 0 done, 1 the work failed, 2 wrong usage. Standard output carries the result alone.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import click

from indexer.errors import ArchiveError
from indexer.settings import SETTINGS_FILE
from search_app.cli import accounts, archive, backup, completion, corrections, logs, sentences, serve
from search_app.cli.command import Group, option
from search_app.cli.context import context_from
from search_app.cli.french import speaking_french
from search_app.cli.output import say
from search_app.cli.types import FILE_NAME, FOLDER_NAME
from search_app.messages import typeset
from search_app.settings import SETTINGS

PROGRAM = "run.py"
VERSION = "0.1.0"
"""The version in pyproject.toml: the program runs from a checkout, where no installed distribution says it."""

COMMANDS: tuple[click.Command, ...] = (
    archive.cmd_import,
    archive.cmd_index,
    archive.cmd_search,
    archive.cmd_check,
    corrections.cmd_correct,
    corrections.cmd_withdraw,
    serve.serve,
    serve.cmd_job,
    accounts.user,
    logs.cmd_audit,
    logs.searches,
    backup.cmd_backup,
    backup.cmd_restore,
    completion.cmd_completion,
)
"""Every command, in the order of the help."""


class CommandLine(Group):
    """`run.py` itself: its help ends with the settings."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write every setting, with its default."""
        with formatter.section(sentences.SETTINGS):
            formatter.write_dl(
                [
                    (one.variable, typeset(f"{one.help} ({one.default})" if one.default else one.help))
                    for one in SETTINGS
                ]
            )


@click.group(
    cls=CommandLine,
    summary="moteur de recherche d’une archive de ressources. Sans commande : indexe puis sert le site",
    invoke_without_command=True,
    subcommand_metavar="[COMMANDE …]",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@option("--corpus", metavar="DIR", type=FOLDER_NAME, help="dossier (sinon RTES_CORPUS)")
@option("--index", metavar="DIR", type=FOLDER_NAME, help="dossier (sinon RTES_INDEX)")
@option("--data", metavar="DIR", type=FOLDER_NAME, help="dossier (sinon RTES_DATA)")
@option(
    "--settings",
    metavar="FICHIER",
    type=FILE_NAME,
    help=f"fichier de réglages (sinon {SETTINGS_FILE} du dossier courant, s’il existe)",
)
@click.version_option(VERSION, message="rtes-archive %(version)s", help="montre la version")
@click.pass_context
def command_line(ctx: click.Context, /, **places: str | None) -> int:
    """Index what changed, then serve, where no command is given."""
    return 0 if ctx.invoked_subcommand else serve.cmd_default(context_from(ctx))


for _one in COMMANDS:
    command_line.add_command(_one)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 the work failed, 2 wrong usage."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with speaking_french():
            status = _run(list(sys.argv[1:] if argv is None else argv))
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


def _run(arguments: list[str]) -> int:
    """Parse the command line, carry out its command and return the exit status."""
    answered = completion.answer(command_line, PROGRAM)
    if answered is not None:
        return answered
    try:
        # Not `command_line.main`, which takes interruptions, broken pipes and the end of standard input for its own.
        with command_line.make_context(PROGRAM, arguments) as ctx:
            status: int = command_line.invoke(ctx)
            return status
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.UsageError as error:
        _say_usage(error)
        return error.exit_code


def _say_usage(error: click.UsageError) -> None:
    """Print the usage of the command that is typed wrongly, what is wrong, and where its help is."""
    path = error.ctx.command_path if error.ctx else PROGRAM
    message = error.format_message()
    if isinstance(error, click.NoSuchOption):
        message = sentences.unknown("option inconnue", error.option_name, error.possibilities)
        if path != PROGRAM and any(error.option_name in one.opts for one in command_line.params):
            message = sentences.before_command(error.option_name, PROGRAM)
    elif isinstance(error, click.NoSuchCommand):
        message = sentences.unknown("commande inconnue", error.command_name, error.possibilities)
    if error.ctx:
        say(error.ctx.get_usage())
    say(sentences.wrong(message))
    say(sentences.see_help(path))
