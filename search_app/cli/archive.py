"""Commands on the archive: import, index, search, check."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from indexer.engine.embedded import COMPILED, NOT_COMPILED
from indexer.errors import RequestError
from indexer.pipeline import ImportReport, IndexReport, assess_quality, import_paths, index_corpus, roll_back
from indexer.resource import Audience
from indexer.sources import SetAside
from search_app.cli.context import AddCommand, CommandContext
from search_app.cli.output import print_json, progress_for, result_lines, say


def register(command: AddCommand) -> None:
    """Add these commands to the command line."""
    sub = command(
        "import",
        cmd_import,
        "importe des pages (HTML, MHTML, WARC), des exports texte, des dossiers ou des zips dans le corpus",
        (
            "python run.py import ~/pages-du-site export.txt",
            'python run.py import liste.html --theme "Mobilité solidaire"',
        ),
    )
    sub.add_argument("paths", nargs="+", metavar="CHEMIN", help="page, MHTML, WARC, export texte, dossier ou zip")
    sub.add_argument("--theme", metavar="T", help="thème de tout ce qui est importé")
    sub.add_argument("--profile", metavar="FICHIER", help="profil d’import (TOML) : où sont les champs sur ces pages")
    sub.add_argument("--json", action="store_true", help="rapport en JSON")

    sub = command(
        "index",
        cmd_index,
        "met l’index à jour d’après le corpus",
        ("python run.py index", "python run.py index --full --json", "python run.py index --previous"),
    )
    how = sub.add_mutually_exclusive_group()
    how.add_argument("--full", action="store_true", help="réécrit tout, même ce qui n’a pas changé")
    how.add_argument("--previous", action="store_true", help="revient à la génération d’avant, jusqu’à la prochaine")
    sub.add_argument("--survey", action="store_true", help="refait aussi le relevé : doublons possibles, liens morts")
    sub.add_argument("--json", action="store_true", help="rapport en JSON")

    sub = command(
        "search",
        cmd_search,
        "cherche dans l’archive",
        (
            "python run.py search 'tiers-lieux -coworking'",
            "python run.py search '\"commande publique\" titre:guide' --year 2024 --year 2025",
            "python run.py search --theme none --as staff --json",
        ),
    )
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

    command("check", cmd_check, "vérifie les réglages, le corpus et l’index")


_NAMED = 3
"""Pages without a resource that are named one by one; of more, the first ones."""


def cmd_import(context: CommandContext, args: argparse.Namespace) -> int:
    """Import pages into the corpus."""
    progress = progress_for(sys.stderr)
    engine = context.open_engine()
    try:
        paths = [Path(p) for p in args.paths]
        profile = None if args.profile is None else Path(args.profile)
        report = import_paths(
            context.settings, paths, theme=args.theme, progress=progress, engine=engine, profile=profile
        )
    finally:
        progress.close()
        engine.close()
    if args.json:
        print_json(
            {
                "imported": report.imported,
                "unchanged": report.unchanged,
                "set_aside": _listed(report.set_aside),
                "warnings": [asdict(notice) for notice in report.warnings],
                "passed_over": report.passed_over,
            }
        )
    else:
        print_import(report)
    for failure in report.failures:
        say(failure)
    if not report.failures and not report.succeeded:
        say(_nothing_came_in(report))
    return 0 if report.succeeded else 1


def _listed(set_aside: Iterable[SetAside]) -> list[dict[str, str]]:
    return [{"path": entry.path, "reason": entry.reason} for entry in set_aside]


def _nothing_came_in(report: ImportReport) -> str:
    """Return why an import read no page that holds a resource, in the order in which one would look."""
    empty = sum(entry.no_resource for entry in report.set_aside)
    unread = len(report.set_aside) - empty
    if empty:
        also = f" ; fichiers qui n’ont pas pu être lus : {unread}" if unread else ""
        return (
            f"Aucune ressource : pages lues qui n’en contiennent pas : {empty}{also}. Vérifiez que ces pages montrent "
            "« Type de ressource » et « Ressource privée »."
        )
    if unread:
        return (
            f"Aucune page n’a pu être lue (fichiers mis de côté : {unread}) : voyez les motifs ci-dessus, et vérifiez "
            "ce que vous importez."
        )
    if report.passed_over:
        return (
            f"Aucune page ici : les fichiers trouvés ({report.passed_over}) sont des images, des styles, des scripts "
            "ou des fichiers cachés. Vérifiez le chemin."
        )
    return "Aucun fichier ici : vérifiez le chemin."


def print_set_aside(set_aside: Sequence[SetAside]) -> None:
    """Print what was set aside: each file that could not be read, and one line for all pages that hold no resource."""
    for entry in set_aside:
        if not entry.no_resource:
            say(f"Mis de côté : {entry.path} : {entry.reason}")
    empty = [entry for entry in set_aside if entry.no_resource]
    if len(empty) <= _NAMED:
        for entry in empty:
            say(f"Sans ressource : {entry.path} : {entry.reason}")
    else:
        named = ", ".join(entry.path for entry in empty[:_NAMED])
        say(f"Sans ressource : {len(empty)} pages lues, dont {named} (la liste et les motifs : --json).")


def print_import(report: ImportReport) -> None:
    """Print the report of an import, for people."""
    print_set_aside(report.set_aside)
    for notice in report.warnings:
        say(f"À vérifier : {notice.path} : {notice.message}")
    empty = sum(entry.no_resource for entry in report.set_aside)
    print(
        f"Pages importées : {report.imported} ({report.resources} ressources) ; inchangées : {report.unchanged} ; "
        f"sans ressource : {empty} ; non lus : {len(report.set_aside) - empty} ; "
        f"ignorés (images, styles…) : {report.passed_over} ; avertissements : {len(report.warnings)}."
    )
    if report.imported:
        say("Lancez « python run.py index » pour que les recherches les trouvent.")


_ALLOCATIONS = 100_000
"""New objects between two looks of the garbage collector: a run holds a row a page, and none of them is garbage."""


def cmd_index(context: CommandContext, args: argparse.Namespace) -> int:
    """Bring the index up to date, or go back."""
    if args.previous:
        return cmd_previous(context, args)
    progress = progress_for(sys.stderr)
    engine = context.open_engine()
    usual = gc.get_threshold()
    gc.set_threshold(_ALLOCATIONS, *usual[1:])
    try:
        report = index_corpus(context.settings, engine, full=args.full, progress=progress)
        if args.survey:
            assess_quality(context.settings)
    finally:
        gc.set_threshold(*usual)
        progress.close()
        engine.close()
    if args.json:
        print_json({**asdict(report), "set_aside": _listed(report.set_aside)})
    else:
        print_index(report)
    return 0


def cmd_previous(context: CommandContext, args: argparse.Namespace) -> int:
    """Go back to the generation before."""
    engine = context.open_engine()
    try:
        report = roll_back(context.settings, engine)
    finally:
        engine.close()
    if args.json:
        print_json(asdict(report))
        return 0
    print(
        f"Génération {report.generation}, comme la {report.like} : {report.resources} ressources, "
        f"dont {report.public} publiques."
    )
    if report.kept_back:
        say(f"Restées retirées ou réservées : {', '.join(report.kept_back)}.")
    say("La prochaine indexation refera ce qui a changé depuis : corrigez-en d’abord la cause.")
    return 0


def print_index(report: IndexReport) -> None:
    """Print the report of an indexing run, for people."""
    print_set_aside(report.set_aside)
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


def cmd_search(context: CommandContext, args: argparse.Namespace) -> int:
    """Search from the terminal."""
    from werkzeug.datastructures import MultiDict

    from search_app.api import search_json
    from search_app.search.params import parse

    pairs = [("q", args.query), ("sort", args.sort or ""), ("page", args.page or "")]
    for name in ("type", "year", "theme", "private"):
        pairs += [(name, value) for value in getattr(args, name) or []]
    try:
        request = parse(MultiDict(pairs), Audience(args.audience))
    except RequestError as error:
        say(str(error))
        return 2
    engine = context.open_engine()
    try:
        response = engine.search(request)
    finally:
        engine.close()
    if args.json:
        print_json(search_json(response))
        return 0
    for line in result_lines(response, colours=sys.stdout.isatty()):
        print(line)
    return 0


def cmd_check(context: CommandContext, args: argparse.Namespace) -> int:
    """Verify settings, corpus and index."""
    from indexer.check import check
    from search_app.accounts.store import addresses_that_no_longer_fit
    from search_app.cli.sentences import email_no_longer_fits
    from search_app.stores import open_stores

    engine = context.open_engine()
    try:
        faults = check(context.settings, engine, engine.check)
    finally:
        engine.close()
    for fault in faults:
        say(fault)
    # No fault: these people sign in with their password as they always did.
    for address in addresses_that_no_longer_fit(open_stores(context.settings).accounts):
        say(email_no_longer_fits(address))
    if not COMPILED:
        say(NOT_COMPILED)
    if not faults:
        print("Tout est en ordre : réglages, corpus et index.")
    return 1 if faults else 0
