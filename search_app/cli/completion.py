"""The command that prints what a shell needs to complete the others."""

from __future__ import annotations

import argparse

from search_app.cli.context import AddCommand, Wiring

SHELLS = ("bash", "zsh", "tcsh")


def register(command: AddCommand) -> None:
    """Add this command to the command line."""
    sub = command(
        "completion",
        cmd_completion,
        "écrit de quoi compléter les commandes dans un shell",
        ('eval "$(python run.py completion bash)"', "python run.py completion zsh > ~/.zfunc/_run.py"),
    )
    sub.add_argument("shell", choices=SHELLS, help="shell qui complétera « run.py » et « ./run.py »")


def cmd_completion(wiring: Wiring, args: argparse.Namespace) -> int:
    """Print a completion script."""
    import shtab

    print(shtab.complete(args.whole, shell=args.shell))
    return 0
