"""Commands on what is noted: the audit log and the searches."""

from __future__ import annotations

import argparse
from datetime import date

from search_app.cli.context import AddCommand, CommandContext
from search_app.cli.output import FrenchParser, print_json


def register(command: AddCommand) -> None:
    """Add these commands to the command line."""
    sub = command("audit", cmd_audit, "montre le journal des connexions et des actions sur les comptes")
    sub.add_argument("--since", metavar="DATE", type=day, help="depuis ce jour, par exemple 2024-02-16")
    sub.add_argument("--json", action="store_true", help="journal en JSON")

    searches = command("searches", cmd_searches_erase, "gère le journal des recherches, qui est sans nom")
    actions = searches.add_subparsers(
        title="commandes", metavar="COMMANDE", parser_class=FrenchParser, required=True, dest="action"
    )
    sub = actions.add_parser("erase", help="efface les recherches notées", description="Efface les recherches notées.")
    sub.set_defaults(run=cmd_searches_erase)
    sub.add_argument("--json", action="store_true", help="réponse en JSON")


def day(text: str) -> date:
    """Return the day that an argument names."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"day only: {text!r}") from error


def cmd_audit(context: CommandContext, args: argparse.Namespace) -> int:
    """Print the audit log."""
    from search_app.cli.sentences import entry_line
    from search_app.stores import open_stores

    entries = open_stores(context.settings).audit.entries(since=args.since)
    if args.json:
        print_json(
            {
                "entries": [
                    {
                        "number": entry.number,
                        "at": entry.at.isoformat(),
                        "action": entry.action,
                        "actor": entry.actor,
                        "subject": entry.subject or None,
                        "detail": entry.detail or None,
                    }
                    for entry in entries
                ]
            }
        )
        return 0
    for entry in entries:
        print(entry_line(entry.at, entry.action, entry.actor, entry.subject, entry.detail))
    return 0


def cmd_searches_erase(context: CommandContext, args: argparse.Namespace) -> int:
    """Empty the log of searches."""
    from search_app.accounts.audit import COMMAND_LINE
    from search_app.stores import open_stores

    stores = open_stores(context.settings)
    with stores.audit.recording("searches-erased", COMMAND_LINE):
        erased = stores.searches.erase()
    if args.json:
        print_json({"erased": erased})
    else:
        print(f"Recherches effacées : {erased}.")
    return 0
