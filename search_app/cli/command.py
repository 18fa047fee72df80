"""Base classes and decorators of commands: click's, with French help, exclusive options and lazily read settings.

A command is a function decorated with `command`, or with the `command` of a `Group`; `search_app.cli.main` lists the
modules of all commands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from typing import Any

import click
from click.core import ParameterSource

from search_app.cli import sentences
from search_app.cli.context import context_from
from search_app.messages import typeset

CommandFunction = Callable[..., int]
"""A function that carries out a command and returns its exit status; `main` prints any `ArchiveError` it raises."""


class Option(click.Option):
    """An option that error messages name as people type it, such as ``--json``."""

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Return the option's name for error messages."""
        return " / ".join(self.opts)


class Argument(click.Argument):
    """An argument that error messages name as the help does, such as ``FICHIER``."""

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Return the argument's name for error messages."""
        return self.human_readable_name


class Command(click.Command):
    """A command of the archive.

    Args:
        name: its name.
        summary: what it does, in a few French words, for the list of commands.
        examples: example command lines for its help.
        exclusive: names of parameters that exclude each other.
        attributes: arguments of `click.Command`.
    """

    def __init__(
        self,
        name: str | None,
        *,
        summary: str,
        examples: Sequence[str] = (),
        exclusive: Sequence[str] = (),
        **attributes: Any,
    ) -> None:
        super().__init__(name, **{**attributes, **_help(summary)})
        self._examples = examples
        self._exclusive = exclusive

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments and return those left over.

        Raises:
            click.UsageError: the arguments are invalid, or include options that exclude each other.
        """
        with _errors_of(ctx):
            rest = super().parse_args(ctx, args)
        given = [one for one in self._exclusive if ctx.get_parameter_source(one) is ParameterSource.COMMANDLINE]
        names = {param.name: param.opts[0] for param in self.params}
        for one, other in combinations(given, 2):
            if not ctx.resilient_parsing:
                ctx.fail(sentences.excludes(names[other], names[one]))
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        """Read the settings, which neither help nor wrong usage needs, then run the command and return its exit status.

        Raises:
            SettingsError: a setting is invalid.
        """
        ctx.obj = context_from(ctx.find_root())
        return super().invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, one on each line, ready to copy."""
        if self._examples:
            with formatter.section(sentences.EXAMPLES):
                for example in self._examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


class Group(click.Group):
    """A command with subcommands, which its help lists in the order in which they were added.

    Args:
        name: its name.
        summary: the subject of its commands, in a few French words.
        attributes: arguments of `click.Group`.
    """

    command_class = Command

    def __init__(self, name: str | None, *, summary: str, **attributes: Any) -> None:
        usual = {"subcommand_metavar": "COMMANDE …", "no_args_is_help": False}
        super().__init__(name, **{**usual, **attributes, **_help(summary)})

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments before the name of a subcommand and return the rest.

        Raises:
            click.UsageError: the arguments are invalid.
        """
        with _errors_of(ctx):
            return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the subcommands, in the order in which they were added."""
        return list(self.commands)


def command(name: str, **attributes: Any) -> Callable[[CommandFunction], Command]:
    """Return a decorator that turns a function into a command.

    Args:
        name: the command's name; `sentences.COMMANDS` must have its description.
        attributes: arguments of `Command`.
    """
    return click.command(name, **{"cls": Command, "summary": sentences.COMMANDS[name], **attributes})


def option(*declarations: str, **attributes: Any) -> Callable[[CommandFunction], CommandFunction]:
    """Return a decorator that adds an option to a command.

    Args:
        declarations: names of the option, such as ``--json``, and of the function's parameter.
        attributes: arguments of `click.Option`; `help` (French) is required.
    """
    return click.option(*declarations, cls=Option, **{**attributes, "help": typeset(attributes["help"])})


def argument(name: str, **attributes: Any) -> Callable[[CommandFunction], CommandFunction]:
    """Return a decorator that adds an argument to a command.

    Args:
        name: the name of the function's parameter.
        attributes: arguments that `Argument` takes; `help` (French) is required.
    """
    return click.argument(name, cls=Argument, **{**attributes, "help": typeset(attributes["help"])})


@contextmanager
def _errors_of(ctx: click.Context) -> Iterator[None]:
    """Return a context manager that adds the command to usage errors that name none, so that its usage is shown."""
    try:
        yield
    except click.UsageError as error:
        error.ctx = error.ctx or ctx
        raise


def _help(summary: str) -> dict[str, str]:
    return {"short_help": typeset(summary), "help": typeset(f"{summary[0].upper()}{summary[1:]}.")}
