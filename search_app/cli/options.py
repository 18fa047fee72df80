"""Options and arguments that several commands share, as decorators."""

from __future__ import annotations

from collections.abc import Callable

from search_app.cli.command import CommandFunction, argument, option


def json_option(help: str) -> Callable[[CommandFunction], CommandFunction]:
    """Return a decorator that adds `--json`, which the function takes as `as_json`.

    Args:
        help: French description of what is printed in JSON.
    """
    return option("--json", "as_json", is_flag=True, help=help)


def email_argument(function: CommandFunction) -> CommandFunction:
    """Add the e-mail address of an account as the argument `email`."""
    return argument("email", metavar="EMAIL", help="adresse électronique du compte")(function)


def password_option(function: CommandFunction) -> CommandFunction:
    """Add `--password-stdin`, which the function takes as `from_stdin`."""
    help = "lit le mot de passe sur l’entrée standard"
    return option("--password-stdin", "from_stdin", is_flag=True, help=help)(function)


def resource_argument(function: CommandFunction) -> CommandFunction:
    """Add the id of a resource, which the function takes as `resource`."""
    return argument("resource", metavar="ID", help="identifiant : la fin de l’adresse de la ressource")(function)


def publishing_options(function: CommandFunction) -> CommandFunction:
    """Add `--later` (do not publish a correction yet) and `--json`, taken as `later` and `as_json`."""
    later = option("--later", is_flag=True, help="laisse la publication à la prochaine indexation")
    return later(json_option("rapport en JSON")(function))
