"""Commands on logs: the audit log and the log of searches."""

from __future__ import annotations

from datetime import date

import click

from search_app.cli.command import Group, command, option
from search_app.cli.context import CommandContext
from search_app.cli.options import json_option
from search_app.cli.output import print_json
from search_app.cli.sentences import COMMANDS
from search_app.cli.types import Day


@command("audit")
@option("--since", metavar="DATE", type=Day(), help="depuis ce jour, par exemple 2024-02-16")
@json_option("journal en JSON")
@click.pass_obj
def cmd_audit(context: CommandContext, *, since: date | None, as_json: bool) -> int:
    """Print the entries of the audit log, oldest first; with `since`, only those from that day on."""
    from search_app.cli.sentences import entry_line
    from search_app.stores import open_stores

    entries = open_stores(context.settings).audit.entries(since=since)
    if as_json:
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


searches = Group("searches", summary=COMMANDS["searches"])


@searches.command("erase", summary="efface les recherches notées")
@json_option("réponse en JSON")
@click.pass_obj
def cmd_searches_erase(context: CommandContext, *, as_json: bool) -> int:
    """Delete all recorded searches, and record that in the audit log."""
    from search_app.accounts.audit import COMMAND_LINE
    from search_app.stores import open_stores

    stores = open_stores(context.settings)
    with stores.audit.recording("searches-erased", COMMAND_LINE):
        erased = stores.searches.erase()
    if as_json:
        print_json({"erased": erased})
    else:
        print(f"Recherches effacées : {erased}.")
    return 0
