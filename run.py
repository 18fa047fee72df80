#!/usr/bin/env python3
"""The command line, and the only place that wires settings, engine and site together.

Exit status: 0 done, 1 the work failed, 2 wrong usage. Standard output carries the result alone.
"""

from __future__ import annotations

import argparse
import getpass
import io
import json
import os
import socket
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from indexer.build import IndexReport, build
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.errors import ArchiveError, RequestError
from indexer.french.analyzer import default_analyzer
from indexer.importing import ImportReport, import_paths
from indexer.resource import Audience
from indexer.settings import SETTINGS, Settings, read_settings
from indexer.terminal import FrenchParser, number, progress_for, say

DEFAULT_PORT = 8000


def open_engine(settings: Settings) -> EmbeddedEngine:
    """The engine that settings name."""
    return EmbeddedEngine(settings.index, default_analyzer())


# Commands: each takes the settings and its arguments, and returns an exit status.


def cmd_default(settings: Settings, args: argparse.Namespace) -> int:
    """Index what changed, then serve."""
    status = cmd_index(settings, args)
    return status or cmd_serve(settings, args)


def cmd_import(settings: Settings, args: argparse.Namespace) -> int:
    """Import pages into the corpus."""
    progress = progress_for(sys.stderr)
    try:
        report = import_paths(settings, [Path(p) for p in args.paths], theme=args.theme, progress=progress)
    finally:
        progress.close()
    if args.json:
        print_json(
            {
                "imported": report.imported,
                "unchanged": report.unchanged,
                "set_aside": [asdict(entry) for entry in report.set_aside],
                "warnings": [asdict(notice) for notice in report.warnings],
            }
        )
    else:
        print_import(report)
    for failure in report.failures:
        say(failure)
    if not report.failures and not report.succeeded:
        say("Aucune page n’a pu être lue : voyez les motifs ci-dessus, et vérifiez ce que vous importez.")
    return 0 if report.succeeded else 1


def print_import(report: ImportReport) -> None:
    """The report of an import, for people."""
    for entry in report.set_aside:
        say(f"Mis de côté : {entry.path} : {entry.reason}")
    for notice in report.warnings:
        say(f"À vérifier : {notice.path} : {notice.message}")
    print(
        f"Pages importées : {report.imported} ({report.resources} ressources) ; inchangées : {report.unchanged} ; "
        f"mises de côté : {len(report.set_aside)} ; avertissements : {len(report.warnings)}."
    )
    if report.imported:
        say("Lancez « python run.py index » pour que les recherches les trouvent.")


def cmd_index(settings: Settings, args: argparse.Namespace) -> int:
    """Bring the index up to date."""
    progress = progress_for(sys.stderr)
    engine = open_engine(settings)
    try:
        report = build(settings, engine, full=args.full, progress=progress)
    finally:
        progress.close()
        engine.close()
    if args.json:
        print_json(asdict(report))
    else:
        print_index(report)
    return 0


def print_index(report: IndexReport) -> None:
    """The report of an indexing run, for people."""
    for entry in report.set_aside:
        say(f"Mis de côté : {entry.path} : {entry.reason}")
    for notice in report.warnings:
        say(f"À vérifier : {notice.path} : {notice.message}")
    done = (
        f"ajoutées : {report.added} ; modifiées : {report.updated} ; retirées : {report.removed}"
        if report.switched
        else "rien n’a changé"
    )
    print(
        f"Génération {report.generation} : {report.resources} ressources, dont {report.public} publiques "
        f"({report.pages} pages) ; {done} ; {report.seconds:.1f} s.".replace(".", ",", 1)
    )


def cmd_search(settings: Settings, args: argparse.Namespace) -> int:
    """Search from the terminal."""
    from werkzeug.datastructures import MultiDict

    from search_app.api import search_json
    from search_app.params import parse

    pairs = [("q", args.query), ("sort", args.sort or ""), ("page", args.page or "")]
    for name in ("type", "year", "theme", "private"):
        pairs += [(name, value) for value in getattr(args, name) or []]
    try:
        request = parse(MultiDict(pairs), Audience(args.audience))
    except RequestError as error:
        say(str(error))
        return 2
    engine = open_engine(settings)
    try:
        response = engine.search(request)
    finally:
        engine.close()
    if args.json:
        print_json(search_json(response))
        return 0
    from search_app.text_results import result_lines

    for line in result_lines(response, colours=sys.stdout.isatty()):
        print(line)
    return 0


def cmd_serve(settings: Settings, args: argparse.Namespace) -> int:
    """Serve the site until SIGTERM."""
    from search_app import create_app
    from search_app.server import Server

    status = open_engine(settings).status()
    if status.generation is None:
        say("Rien n’est encore indexé : lancez « python run.py index ». Le site le dira en attendant.")
    if not is_free(args.host, args.port):
        say(f"L’adresse {args.host}:{args.port} est prise ou n’est pas à cette machine : choisissez --port ou --host.")
        return 1
    say(f"Le site écoute sur http://{args.host}:{args.port}/ (Ctrl-C pour l’arrêter).")
    options = {
        "bind": f"{args.host}:{args.port}",
        "workers": args.workers,
        "loglevel": "warning",
        "accesslog": None,
        "proc_name": "rtes-archive",
    }
    Server(lambda: create_app(settings, open_engine(settings)), options).run()
    return 0


def cmd_user_add(settings: Settings, args: argparse.Namespace) -> int:
    """Add an account."""
    from search_app.accounts import Accounts

    if args.password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", getpass.GetPassWarning)
                password, again = getpass.getpass("Mot de passe : "), getpass.getpass("Encore une fois : ")
        except (EOFError, getpass.GetPassWarning):
            say("Aucun terminal pour demander le mot de passe : passez-le sur l’entrée standard, --password-stdin.")
            return 1
        if again != password:
            say("Les deux mots de passe diffèrent : recommencez.")
            return 1
    account = Accounts(settings.data / "accounts.sqlite").add(args.email, args.role, password)
    print(f"Compte créé : {account.email} ({account.role}).")
    return 0


def cmd_check(settings: Settings, args: argparse.Namespace) -> int:
    """Verify corpus, index and settings."""
    from indexer.checking import check

    engine = open_engine(settings)
    try:
        faults = check(settings, engine, engine.check)
    finally:
        engine.close()
    for fault in faults:
        say(fault)
    if not faults:
        print("Tout est en ordre : réglages, corpus et index.")
    return 1 if faults else 0


def is_free(host: str, port: int) -> bool:
    """Whether a server can listen there."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            return True
    except OSError:
        return False


# The command line


def make_parser() -> FrenchParser:
    """The parser of the whole command line."""
    variables = "\n".join(f"  {s.variable:<16}{s.help} ({s.default})" for s in SETTINGS)
    parser = FrenchParser(
        prog="run.py",
        description="Moteur de recherche d’une archive de ressources. Sans commande : indexe puis sert le site.",
        epilog=f"variables d’environnement :\n{variables}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for place in ("corpus", "index", "data"):
        parser.add_argument(f"--{place}", metavar="DIR", help=f"dossier (sinon RTES_{place.upper()})")
    parser.set_defaults(run=cmd_default, full=False, json=False, host="127.0.0.1", port=DEFAULT_PORT, workers=2)
    commands = parser.add_subparsers(title="commandes", metavar="COMMANDE", parser_class=FrenchParser)

    def command(name: str, run: Callable[[Settings, argparse.Namespace], int], help: str) -> FrenchParser:
        sub: FrenchParser = commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
        sub.set_defaults(run=run)
        return sub

    sub = command("import", cmd_import, "importe des pages, des exports texte, des dossiers ou des zips dans le corpus")
    sub.add_argument("paths", nargs="+", metavar="CHEMIN", help="fichier, dossier ou zip")
    sub.add_argument("--theme", metavar="T", help="thème de tout ce qui est importé")
    sub.add_argument("--json", action="store_true", help="rapport en JSON")

    sub = command("index", cmd_index, "met l’index à jour d’après le corpus")
    sub.add_argument("--full", action="store_true", help="réécrit tout, même ce qui n’a pas changé")
    sub.add_argument("--json", action="store_true", help="rapport en JSON")

    sub = command("search", cmd_search, "cherche dans l’archive")
    sub.add_argument("query", metavar="REQUÊTE", nargs="?", default="", help='mots, "expressions", titre:mot, -mot…')
    for name, metavar in (("type", "T"), ("year", "A"), ("theme", "T")):
        sub.add_argument(
            f"--{name}", metavar=metavar, action="append", help="répétable ; « none » : ceux qui n’en ont pas"
        )
    sub.add_argument("--private", choices=("oui", "non"), action="append", help="ressources réservées ou publiques")
    sub.add_argument("--sort", metavar="S", help="relevance, -date, date ou title")
    sub.add_argument("--page", metavar="N", help="page de résultats, à partir de 1")
    sub.add_argument(
        "--as",
        dest="audience",
        choices=[a.value for a in Audience],
        default=Audience.VISITOR.value,
        help="au nom de qui chercher (visitor)",
    )
    sub.add_argument("--json", action="store_true", help="réponse en JSON")

    sub = command("serve", cmd_serve, "sert le site au premier plan, jusqu’à SIGTERM")
    sub.add_argument("--host", default="127.0.0.1", metavar="H", help="adresse d’écoute (127.0.0.1)")
    sub.add_argument("--port", type=number(1, 65535), default=DEFAULT_PORT, metavar="P", help=f"port ({DEFAULT_PORT})")
    sub.add_argument("--workers", type=number(1, 64), default=2, metavar="N", help="nombre de processus (2)")

    user = command("user", cmd_user_add, "gère les comptes")
    users = user.add_subparsers(
        title="commandes", metavar="COMMANDE", parser_class=FrenchParser, required=True, dest="action"
    )
    sub = users.add_parser("add", help="crée un compte", description="Crée un compte.")
    sub.add_argument("email", metavar="EMAIL")
    sub.add_argument("--role", choices=("member", "staff"), required=True)
    sub.add_argument("--password-stdin", action="store_true", help="lit le mot de passe sur l’entrée standard")

    command("check", cmd_check, "vérifie les réglages, le corpus et l’index")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    arguments = spell_out(list(sys.argv[1:] if argv is None else argv))
    args = make_parser().parse_args(arguments)
    try:
        settings = read_settings(os.environ, corpus=args.corpus, index=args.index, data=args.data)
        status: int = args.run(settings, args)
        sys.stdout.flush()  # a broken pipe shows here, not when the interpreter ends
        return status
    except ArchiveError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Interrompu : rien n’est perdu, relancez la même commande pour finir.")
        return 1
    except BrokenPipeError:
        # The reader of our output is gone (run.py … | head): not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def spell_out(arguments: list[str]) -> list[str]:
    """Make what argparse would take for options into values: `--sort -date`, and queries that begin with a hyphen."""
    spelled: list[str] = []
    late: list[str] = []
    searching = False
    for place, argument in enumerate(arguments):
        before = arguments[place - 1] if place else ""
        if before == "--sort" and spelled and spelled[-1] == "--sort":
            spelled[-1] = f"--sort={argument}"
        elif searching and argument.startswith("-") and not argument.startswith("--") and argument != "-h":
            late.append(argument)
        elif not (searching and argument == "--"):
            spelled.append(argument)
        else:
            late += arguments[place + 1 :]
            break
        searching = searching or argument == "search"
    return [*spelled, "--", *late] if late else spelled


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on standard output."""
    try:
        text = json.dumps(value, ensure_ascii=False)
        text.encode(sys.stdout.encoding or "utf-8", "strict")
    except UnicodeEncodeError:  # a file name that is no text, or a terminal that cannot show French
        text = json.dumps(value)
    print(text)


if __name__ == "__main__":
    sys.exit(main())
