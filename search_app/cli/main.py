"""The entry point of the command line: find and run a command, and turn errors into messages and exit statuses.

Exit status: 0 done, 1 the work failed, 2 wrong usage. Standard output carries only the result.
"""

from __future__ import annotations

import io
import os
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

import click
from click.shell_completion import CompletionItem

from indexer.errors import ArchiveError
from indexer.settings import SETTINGS_FILE
from indexer.storage.os_errors import reason_of
from search_app.cli import completion, sentences
from search_app.cli.command import Group, option
from search_app.cli.context import context_from
from search_app.cli.french import speaking_french
from search_app.cli.output import say
from search_app.cli.types import FILE_NAME, FOLDER_NAME
from search_app.messages import typeset
from search_app.settings import SETTINGS

PROGRAM = "run.py"

PLACES: Mapping[str, str] = {
    "import": "archive:cmd_import",
    "index": "archive:cmd_index",
    "source": "sources:source",
    "sync": "sources:cmd_sync",
    "publication": "publications:publication",
    "search": "search:cmd_search",
    "check": "archive:cmd_check",
    "profile": "profile:profile",
    "correct": "corrections:cmd_correct",
    "withdraw": "corrections:cmd_withdraw",
    "serve": "serve:serve",
    "job": "serve:cmd_job",
    "user": "accounts:user",
    "mail": "mail:mail",
    "audit": "logs:cmd_audit",
    "searches": "logs:searches",
    "backup": "backup:cmd_backup",
    "restore": "backup:cmd_restore",
    "completion": "completion:cmd_completion",
}
"""Where each command is, by its name: module and function, such as ``archive:cmd_index``. A module is loaded when one
of its commands is called.
"""


_LONGEST_BESIDE = 26
"""Largest width of the column of names of settings in the help; the description of a longer name is on the next line,
so that it keeps enough room on a narrow terminal."""


class CommandLine(Group):
    """`run.py` itself: it lists its commands without loading them, and its help ends with the settings."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the help."""
        return list(sentences.COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load and return the command with this name, or None."""
        if cmd_name not in PLACES:
            return None
        module, _, name = PLACES[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"search_app.cli.{module}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the name of the command in the first argument, the command, and the other arguments.

        Raises:
            click.NoSuchCommand: no command has that name; the error holds similar names.
        """
        if args[0] not in PLACES and not ctx.resilient_parsing:
            raise click.NoSuchCommand(args[0], possibilities=PLACES, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands with their summaries."""
        with formatter.section(sentences.COMMANDS_HEADING):
            formatter.write_dl([(name, typeset(does)) for name, does in sentences.COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that begin with `incomplete`."""
        return [
            *(
                CompletionItem(name, help=typeset(does))
                for name, does in sentences.COMMANDS.items()
                if name.startswith(incomplete)
            ),
            *click.Command.shell_complete(self, ctx, incomplete),
        ]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write every setting, with its default."""
        with formatter.section(sentences.SETTINGS):
            formatter.write_dl(
                [
                    (one.variable, typeset(f"{one.help} ({one.default})" if one.default else one.help))
                    for one in SETTINGS
                ],
                col_max=_LONGEST_BESIDE,
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
@click.version_option(sentences.VERSION, message="rtes-archive %(version)s", help="montre la version")
@click.pass_context
def command_line(ctx: click.Context, /, **places: str | None) -> int:
    """Without a command, index what changed, then serve the site; return the exit status.

    `places` holds the paths that options before the command give, such as `--corpus`.
    """
    if ctx.invoked_subcommand:
        return 0
    from search_app.cli.serve import cmd_default

    return cmd_default(context_from(ctx))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 the work failed, 2 wrong usage."""
    _open_what_is_closed()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        with speaking_french():
            status = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()  # raises BrokenPipeError here rather than when the interpreter exits
        return status
    except ArchiveError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Interrompu : rien n’est perdu, relancez la même commande pour finir.")
        return 1
    except BrokenPipeError:
        # The reader of the output has exited (run.py … | head), which is not an error.
        _drop_output()
        return 0
    except (OSError, sqlite3.Error, MemoryError) as error:
        _drop_output()
        say(sentences.system_refuses(reason_of(error)))
        return 1


def _open_what_is_closed() -> None:
    """Redirect standard streams that the caller closed (run.py … >&-) to /dev/null."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))


def _drop_output() -> None:
    """Discard what is left in the buffer of standard output, which the interpreter would write at exit."""
    output = sys.__stdout__
    if output is not None and output is sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())


def _run(arguments: list[str]) -> int:
    """Parse the command line, run its command and return the exit status."""
    answered = completion.answer(command_line, PROGRAM)
    if answered is not None:
        return answered
    try:
        # Not `command_line.main`, which handles interruptions, broken pipes and the end of standard input itself.
        with command_line.make_context(PROGRAM, arguments) as ctx:
            status: int = command_line.invoke(ctx)
            return status
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.UsageError as error:
        _say_usage(error)
        return error.exit_code


def _say_usage(error: click.UsageError) -> None:
    """Print the usage of a command, the error in how it was called, and how to get its help."""
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
