"""Shell completion: the command that prints a completion script, and the answers to the script's requests."""

from __future__ import annotations

import os
from collections.abc import Mapping

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete, shell_complete

from search_app.cli.command import argument, command
from search_app.cli.types import Choice

SHELLS: Mapping[str, type[ShellComplete]] = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}

_VARIABLE = "_RUN_PY_COMPLETE"
"""The environment variable by which a completion script requests completions."""


@command(
    "completion",
    examples=(
        'eval "$(python run.py completion bash)"',
        "python run.py completion zsh > ~/.zfunc/_run.py",
        "python run.py completion fish > ~/.config/fish/completions/run.py.fish",
    ),
)
@argument(
    "shell",
    type=Choice(tuple(SHELLS)),
    help="bash complète « run.py » et « ./run.py » ; zsh et fish, « run.py » dans un dossier du PATH",
)
@click.pass_context
def cmd_completion(ctx: click.Context, /, *, shell: str) -> int:
    """Print the script that makes a shell complete the command line."""
    root = ctx.find_root()
    print(SHELLS[shell](root.command, {}, root.info_name or "", _VARIABLE).source())
    return 0


def answer(commands: click.Command, program: str) -> int | None:
    """Print the completions that a completion script requests through the environment.

    Returns:
        The exit status, or None if there is no request.
    """
    asked = os.environ.get(_VARIABLE)
    return shell_complete(commands, {}, program, _VARIABLE, asked) if asked else None
