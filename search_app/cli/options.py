"""Options and arguments that several commands share, as decorators."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from indexer.storage.locks import PATIENCE, wait_until_free
from search_app.cli.command import CommandFunction, argument, option
from search_app.cli.output import say
from search_app.messages import typeset


def json_option(help: str) -> Callable[[CommandFunction], CommandFunction]:
    """Return a decorator that adds `--json`, which the function takes as `as_json`.

    Args:
        help: French description of what is printed in JSON.
    """
    return option("--json", "as_json", is_flag=True, help=help)


def email_argument(function: CommandFunction) -> CommandFunction:
    """Add an argument to a command: the e-mail address of an account, which the function takes as `email`."""
    return argument("email", metavar="EMAIL", help="adresse électronique du compte")(function)


def password_option(function: CommandFunction) -> CommandFunction:
    """Add the flag `--password-stdin` to a command, which the function takes as `from_stdin`."""
    help = "lit le mot de passe sur l’entrée standard"
    return option("--password-stdin", "from_stdin", is_flag=True, help=help)(function)


def resource_argument(function: CommandFunction) -> CommandFunction:
    """Add an argument to a command: the id of a resource, which the function takes as `resource`."""
    return argument("resource", metavar="ID", help="identifiant : la fin de l’adresse de la ressource")(function)


Result = TypeVar("Result")
WAIT = PATIENCE * 12
"""Seconds to wait for another run that holds the archive, with `--wait`."""


def wait_option(function: CommandFunction) -> CommandFunction:
    """Add the flag `--wait` to a command, which the function takes as `wait`: wait for another run to end."""
    return option("--wait", is_flag=True, help="attend la fin d’un autre import ou d’une indexation")(function)


def say_waiting() -> None:
    """Print that another run holds the archive, and that this one will follow."""
    say(typeset("Un autre travail est en cours : celui-ci le suivra…"))


def when_free(work: Callable[[], Result], *, wait: bool) -> Result:
    """Return what `work`, which locks the archive, returns; with `wait`, first wait for the run that holds the archive.

    Raises:
        IndexBusyError: another run holds the archive and, with `wait`, still does after two hours.
    """
    return wait_until_free(work, say_waiting, patience=WAIT) if wait else work()


def publishing_options(function: CommandFunction) -> CommandFunction:
    """Add the flags `--later` (do not publish a correction yet) and `--json` to a command, whose function takes them as
    `later` and `as_json`.
    """
    later = option("--later", is_flag=True, help="laisse la publication à la prochaine indexation")
    return later(json_option("rapport en JSON")(function))
