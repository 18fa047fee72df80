"""The command that carries out what was asked for at the staff desk."""

from __future__ import annotations

import argparse

from search_app.cli.context import AddCommand, Wiring
from search_app.cli.output import number


def register(command: AddCommand) -> None:
    """Add this command to the command line."""
    sub = command("job", cmd_job, "exécute un travail demandé depuis /gestion ; le site le lance lui-même")
    sub.add_argument("number", metavar="N", type=number(1, 2**31), help="numéro du travail")


def cmd_job(wiring: Wiring, args: argparse.Namespace) -> int:
    """Carry out a job."""
    from search_app.jobs.worker import carry_out
    from search_app.web.logging import keep_quiet

    keep_quiet()
    return carry_out(wiring.settings, wiring.open_engine, args.number)
