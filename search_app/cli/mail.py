"""The commands `mail …`: send what is due, try the settings, report a failed systemd unit, show the queue."""

from __future__ import annotations

import os
import socket
import time
from typing import TYPE_CHECKING

import click

from indexer.errors import ArchiveError, IndexBusyError
from search_app.cli.command import Group, argument
from search_app.cli.context import CommandContext
from search_app.cli.options import json_option
from search_app.cli.output import print_json, printable, say
from search_app.cli.sentences import COMMANDS, MAIL_STATES, NO_ALERTS, NO_MAIL_SERVER

if TYPE_CHECKING:
    from indexer.engine import StoredEngine

mail = Group("mail", summary=COMMANDS["mail"])


@mail.command(
    "send",
    summary="envoie les courriels en attente, et les nouveautés des recherches suivies",
    examples=("python run.py mail send",),
)
@json_option("compte rendu en JSON")
@click.pass_obj
def cmd_mail_send(context: CommandContext, *, as_json: bool) -> int:
    """Send the mails that are due, including news of saved searches; return 1 if the index or the mail server fails."""
    from dataclasses import asdict

    from search_app.mail.delivery import deliver
    from search_app.mail.letters import Letters
    from search_app.mail.news import order_news
    from search_app.stores import open_stores

    settings = context.settings
    if settings.mail is None:
        say(NO_MAIL_SERVER)
        return 0
    stores, engine = open_stores(settings), _Engine(context)
    fault: str | None = None
    try:
        stores.followers.purge()
        try:
            order_news(stores, settings, engine.opened)
        except ArchiveError as error:
            # An index that cannot be read must not hold back forgotten passwords.
            fault = str(error)
        letters = Letters(stores, settings, engine.opened)
        done = deliver(
            stores.mails,
            settings.mail,
            letters.compose,
            name=settings.site_name,
            folder=settings.data,
            refused=letters.refused,
        )
    except IndexBusyError as busy:
        say(str(busy))
        return 0
    finally:
        engine.close()
    if as_json:
        print_json(asdict(done))
    elif done.fault is None:
        print(
            f"Courriels envoyés : {done.sent} ; refusés : {done.refused} ; remis à plus tard : {done.postponed} ; "
            f"abandonnés : {done.expired} ; sans objet : {done.dropped}."
        )
    for one in (fault, done.fault):
        if one is not None:
            say(one)
    return 0 if fault is None and done.fault is None else 1


@mail.command(
    "test",
    summary="essaie le réglage : envoie aussitôt un courriel à une adresse",
    examples=("python run.py mail test prenom.nom@exemple.fr",),
)
@argument("address", metavar="ADRESSE", help="adresse électronique à qui l’envoyer")
@click.pass_obj
def cmd_mail_test(context: CommandContext, *, address: str) -> int:
    """Send a test mail to an address at once; return 1 if the server does not take it, or none is configured."""
    import secrets

    from search_app.accounts.email_address import canonical
    from search_app.mail import addresses
    from search_app.mail.message import Mail, message_of
    from search_app.mail.rendering import render
    from search_app.mail.smtp import Connection, MailDelayedError, MailRefusedError
    from search_app.web.text import one_line

    settings = context.settings
    if settings.mail is None:
        say(NO_MAIL_SERVER)
        return 1
    recipient = canonical(address)
    name = one_line(settings.site_name)
    content = render("trial", subject=name, site_name=name, home=addresses.home(settings))
    trial = Mail(recipient, f"Essai d’envoi : {name}", content.text, content.html)
    connection = Connection(settings.mail)
    try:
        connection.offer(
            recipient,
            message_of(
                trial, sender=settings.mail.sender, name=name, identifier=secrets.token_hex(16), now=time.time()
            ),
        )
        connection.hand_over()
    except (MailRefusedError, MailDelayedError) as error:
        say(f"Le serveur ne prend pas ce courriel pour {recipient} : {error}")
        return 1
    finally:
        connection.close()
    print(f"Courriel remis au serveur {settings.mail.host} pour {recipient} : regardez s’il arrive.")
    return 0


@mail.command(
    "failure",
    summary="prévient RTES_MAIL_ALERTS de l’échec d’une unité de systemd, une fois par heure au plus",
    examples=("python run.py mail failure rtes-archive-index.service",),
)
@argument("unit", metavar="UNITÉ", help="nom de l’unité qui a échoué")
@click.pass_obj
def cmd_mail_failure(context: CommandContext, *, unit: str) -> int:
    """Queue a mail that says that a systemd unit has failed, at most once an hour for each; `mail send` sends it."""
    from search_app.mail import OrderKind
    from search_app.stores import open_stores

    settings = context.settings
    if settings.mail is None or not settings.mail_alerts:
        say(NO_MAIL_SERVER if settings.mail is None else NO_ALERTS)
        return 0
    # systemd tells a unit of OnFailure= how the other one ended.
    told = (os.environ.get(name, "") for name in ("MONITOR_SERVICE_RESULT", "MONITOR_EXIT_STATUS"))
    payload: dict[str, str | float] = {
        "unit": printable(unit),
        "host": printable(socket.gethostname()),
        "result": ", ".join(printable(one) for one in told if one),
    }
    hour = int(time.time() // 3600)
    stores = open_stores(settings)
    if stores.mails.add(OrderKind.FAILURE, settings.mail_alerts, payload, key=f"failure-{printable(unit)}-{hour}"):
        print(f"Courriel en attente pour {settings.mail_alerts} : {printable(unit)} a échoué.")
    else:
        print(f"{settings.mail_alerts} a déjà été prévenu depuis moins d’une heure.")
    return 0


@mail.command("list", summary="montre combien de courriels attendent, et ceux qui ne sont pas arrivés")
@json_option("liste en JSON")
@click.pass_obj
def cmd_mail_list(context: CommandContext, *, as_json: bool) -> int:
    """Print how many mails are in each state, and those that did not arrive."""
    from datetime import datetime

    from search_app.mail.queue import OrderState
    from search_app.stores import open_stores

    queue = open_stores(context.settings).mails
    counts, failed = queue.counts(), queue.failed()
    if as_json:
        shown = ("number", "kind", "recipient", "at", "attempts", "state", "outcome")
        print_json(
            {
                "counts": {state: counts.get(state, 0) for state in OrderState},
                "failed": [{name: getattr(order, name) for name in shown} for order in failed],
            }
        )
        return 0
    print(" ; ".join(f"{MAIL_STATES[state]} : {counts.get(state, 0)}" for state in OrderState) + ".")
    for order in failed:
        when = datetime.fromtimestamp(order.at).strftime("%Y-%m-%d %H:%M")
        print(
            f"{order.number}  {when}  {order.kind} {order.recipient or '(adresse du compte)'}, "
            f"{MAIL_STATES[order.state]}, essais : {order.attempts + 1} : {order.outcome}"
        )
    return 0


class _Engine:
    """The engine, opened when a mail first needs it."""

    def __init__(self, context: CommandContext) -> None:
        self._context = context
        self._engine: StoredEngine | None = None

    def opened(self) -> StoredEngine:
        if self._engine is None:
            self._engine = self._context.open_engine()
        return self._engine

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()
