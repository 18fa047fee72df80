"""The commands that run the site (`serve`, or none) and the jobs that the site starts (`job`)."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer.errors import SettingsError
from indexer.resource import Audience
from indexer.storage.os_errors import reason_of
from search_app.cli import sentences
from search_app.cli.archive import bring_up_to_date
from search_app.cli.command import argument, command, option
from search_app.cli.context import CommandContext
from search_app.cli.output import say
from search_app.cli.types import FILE_NAME, Number
from search_app.errors import StoreError
from search_app.settings import DEFAULT_HOST, DEFAULT_PORT, SiteSettings

if TYPE_CHECKING:
    from flask import Flask


DEMONSTRATION = "exemple"
"""Name of the folder in the corpus that holds the demonstration pages."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """The address of the site, its number of processes, and the file of its access log (None for no log)."""

    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    workers: int = 2
    access_log: str | None = None


@command(
    "serve",
    examples=("python run.py serve", "python run.py serve --port 8080 --workers 4 --access-log -"),
)
@option("--host", default=DEFAULT_HOST, metavar="H", help=f"adresse d’écoute ({DEFAULT_HOST})")
@option("--port", type=Number(1, 65535), default=DEFAULT_PORT, metavar="P", help=f"port ({DEFAULT_PORT})")
@option("--workers", type=Number(1, 64), default=2, metavar="N", help="nombre de processus (2)")
@option(
    "--access-log",
    metavar="FICHIER",
    type=FILE_NAME,
    help="note de chaque demande l’heure, la méthode, le nom de la page, l’état, la taille et la durée ; "
    "« - » : sortie d’erreur (aucun journal)",
)
@click.pass_obj
def serve(context: CommandContext, *, host: str, port: int, workers: int, access_log: str | None) -> int:
    """Serve the site at the given address until SIGTERM; return 1 if the address is taken."""
    return cmd_serve(context, ServeOptions(host, port, workers, access_log))


def cmd_default(context: CommandContext) -> int:
    """Index what changed, print how to create accounts and import pages, then serve; return the exit status."""
    status = bring_up_to_date(context, show_warnings=not _only_demonstration(context.settings.corpus))
    if status == 0:
        sys.stdout.flush()  # into a pipe, the report would stay in the buffer until the server ends
        for role in _roles_without_account(context.settings):
            say(sentences.TRY_AS[role])
        say(sentences.YOUR_OWN_PAGES)
    return status or cmd_serve(context, ServeOptions())


def _only_demonstration(corpus: Path) -> bool:
    """Return whether the corpus holds only the demonstration. Its pages have warnings on purpose, to show them on the
    staff's pages; a person who starts the program for the first time need not see them.
    """
    try:
        return [one.name for one in corpus.iterdir() if one.is_dir()] == [DEMONSTRATION]
    except OSError:
        return False


def _roles_without_account(settings: SiteSettings) -> list[Audience]:
    """Return the roles that no account has yet; none if single sign-on is configured, or if accounts cannot be read."""
    from search_app.stores import open_stores

    if settings.sign_on is not None:
        return []
    try:
        roles = {account.role for account in open_stores(settings).accounts.all()}
    except StoreError:
        return []  # the site says so, and `check` says why
    return [role for role in sentences.TRY_AS if role not in roles]


def cmd_serve(context: CommandContext, args: ServeOptions) -> int:
    """Serve the site until SIGTERM, after printing faults of its index and data; return 1 if the address is taken."""
    from search_app import create_app
    from search_app.accounts.secret_key import session_secret
    from search_app.cli.checks import store_faults
    from search_app.web import access_log
    from search_app.web.logging import configure_logging
    from search_app.web.server import Server, shared_metrics

    # Tried here too, so that a secret which cannot be used ends the command with a sentence, not each worker.
    session_secret(context.settings.data)
    engine = context.open_engine()
    status = engine.status()
    engine.close()
    if status.degraded is not None:
        say(status.degraded)
    elif status.generation is None:
        say("Rien n’est encore indexé : lancez « python run.py index ». Le site le dira en attendant.")
    for fault in store_faults(context.settings):
        say(fault)
    if not is_free(args.host, args.port):
        say(f"L’adresse {args.host}:{args.port} est prise ou n’est pas à cette machine : choisissez --port ou --host.")
        return 1
    if args.access_log is not None:
        _try_log(args.access_log)
    place = f"[{args.host}]:{args.port}" if ":" in args.host else f"{args.host}:{args.port}"
    say(f"Le site écoute sur http://{place}/ (Ctrl-C pour l’arrêter).")
    options = {
        "bind": place,
        "workers": args.workers,
        "loglevel": "warning",
        "proc_name": "rtes-archive",
    }
    settings = context.settings
    if settings.address is None:
        settings = replace(settings, address=f"http://{place}/")

    def make_app() -> Flask:
        app = create_app(settings, context.open_engine())
        if args.access_log is not None:
            access_log.install(app, access_log.LogFile(args.access_log).note)
        return app

    configure_logging()
    with shared_metrics():
        Server(make_app, options).run()
    return 0


@command("job")
@argument("number", metavar="N", type=Number(1, 2**31), help="numéro du travail")
@click.pass_obj
def cmd_job(context: CommandContext, *, number: int) -> int:
    """Run a job that staff requested on the site, given by its number; return its exit status."""
    from search_app.jobs.worker import carry_out
    from search_app.web.logging import configure_logging

    configure_logging()
    return carry_out(context.settings, context.open_engine, number)


def _try_log(given: str) -> None:
    """Make sure that the access log `given` (a file, or the sign for standard error) can be written.

    Raises:
        SettingsError: it cannot be written.
    """
    from search_app.web.access_log import STANDARD_ERROR, open_to_append

    if given != STANDARD_ERROR:
        try:
            os.close(open_to_append(given))
        except OSError as error:
            raise SettingsError(
                f"Le journal des accès « {given} » ne peut être écrit "
                f"{reason_of(error).then('choisissez un autre fichier')}."
            ) from error


def is_free(host: str, port: int) -> bool:
    """Return whether a server can listen on this address."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            return True
    except OSError:
        return False
