"""Commands on the archive: import, index, check."""

from __future__ import annotations

import gc
import sys
from dataclasses import asdict
from pathlib import Path

import click

from indexer.engine.embedded import COMPILED, NOT_COMPILED
from indexer.pipeline import ImportReport, IndexReport, assess_quality, import_paths, index_corpus, roll_back
from search_app.cli.command import argument, command, option
from search_app.cli.context import CommandContext
from search_app.cli.options import json_option
from search_app.cli.output import print_json, progress_for, say
from search_app.cli.types import FILE


@command(
    "import",
    examples=(
        "python run.py import ~/pages-du-site export.txt",
        'python run.py import liste.html --theme "Mobilité solidaire"',
    ),
)
@argument("paths", nargs=-1, required=True, metavar="CHEMIN …", type=FILE, help="fichier, dossier ou zip")
@option("--theme", metavar="T", help="thème de tout ce qui est importé")
@json_option("rapport en JSON")
@click.pass_obj
def cmd_import(context: CommandContext, *, paths: tuple[Path, ...], theme: str | None, as_json: bool) -> int:
    """Import pages into the corpus."""
    progress = progress_for(sys.stderr)
    engine = context.open_engine()
    try:
        report = import_paths(context.settings, paths, theme=theme, progress=progress, engine=engine)
    finally:
        progress.close()
        engine.close()
    if as_json:
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
    """Print the report of an import, for people."""
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


_ALLOCATIONS = 100_000
"""New objects between two looks of the garbage collector: a run holds a row a page, and none of them is garbage."""


@command(
    "index",
    examples=("python run.py index", "python run.py index --full --json", "python run.py index --previous"),
    exclusive=("full", "previous"),
)
@option("--full", is_flag=True, help="réécrit tout, même ce qui n’a pas changé")
@option("--previous", is_flag=True, help="revient à la génération d’avant, jusqu’à la prochaine")
@option("--survey", is_flag=True, help="refait aussi le relevé : doublons possibles, liens morts")
@json_option("rapport en JSON")
@click.pass_obj
def cmd_index(context: CommandContext, *, full: bool, previous: bool, survey: bool, as_json: bool) -> int:
    """Bring the index up to date, or go back."""
    if previous:
        return go_back(context, as_json=as_json)
    return bring_up_to_date(context, full=full, survey=survey, as_json=as_json)


def bring_up_to_date(
    context: CommandContext, *, full: bool = False, survey: bool = False, as_json: bool = False
) -> int:
    """Bring the index up to date and return the exit status."""
    progress = progress_for(sys.stderr)
    engine = context.open_engine()
    usual = gc.get_threshold()
    gc.set_threshold(_ALLOCATIONS, *usual[1:])
    try:
        report = index_corpus(context.settings, engine, full=full, progress=progress)
        if survey:
            assess_quality(context.settings)
    finally:
        gc.set_threshold(*usual)
        progress.close()
        engine.close()
    if as_json:
        print_json(asdict(report))
    else:
        print_index(report)
    return 0


def go_back(context: CommandContext, *, as_json: bool) -> int:
    """Go back to the generation before and return the exit status."""
    engine = context.open_engine()
    try:
        report = roll_back(context.settings, engine)
    finally:
        engine.close()
    if as_json:
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


@command("check")
@click.pass_obj
def cmd_check(context: CommandContext) -> int:
    """Verify settings, corpus and index."""
    from search_app.accounts.store import addresses_that_no_longer_fit
    from search_app.cli.checks import all_faults
    from search_app.cli.sentences import email_no_longer_fits
    from search_app.stores import open_stores

    faults = all_faults(context)
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
