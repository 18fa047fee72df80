"""Commands on the archive: import, index, check."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import click

from indexer.check import describe_publications
from indexer.engine import ShowsPrevious
from indexer.engine.embedded import COMPILED, NOT_COMPILED
from indexer.pipeline import (
    ImportReport,
    IndexReport,
    RollbackChange,
    RollbackPreview,
    assess_quality,
    import_paths,
    index_corpus,
    preview_rollback,
    recognise_scans,
    reports_together,
    roll_back,
)
from indexer.publications import find_tesseract
from indexer.sources import SetAside
from search_app.cli.command import argument, command, option
from search_app.cli.context import CommandContext
from search_app.cli.options import json_option, wait_option, when_free
from search_app.cli.output import print_json, progress_for, say
from search_app.cli.types import FILE

_TITLED = 20
"""Largest number of resources that a report names."""
_NAMED = 3
"""Largest number of pages without a resource that are named in a report."""


@command(
    "import",
    examples=(
        "python run.py import ~/pages-du-site export.txt",
        'python run.py import liste.html --theme "Mobilité solidaire"',
        "python run.py import copie-du-site --profile site.toml",
    ),
)
@argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="CHEMIN …",
    type=FILE,
    help="page, MHTML, WARC, export texte, publication (PDF, DOCX, ODT, PPTX), dossier ou zip",
)
@option("--theme", metavar="T", help="thème de tout ce qui est importé")
@option("--profile", metavar="FICHIER", type=FILE, help="profil d’import (TOML) : où sont les champs sur ces pages")
@json_option("rapport en JSON")
@click.pass_obj
def cmd_import(
    context: CommandContext, *, paths: tuple[Path, ...], theme: str | None, profile: Path | None, as_json: bool
) -> int:
    """Import pages and publications into the corpus; return 1 if a path was not fully read or nothing was found."""
    progress = progress_for(sys.stderr)
    engine = context.open_engine()
    try:
        report = import_paths(context.settings, paths, theme=theme, progress=progress, engine=engine, profile=profile)
    finally:
        progress.close()
        engine.close()
    if as_json:
        print_json(
            {
                "imported": report.imported,
                "unchanged": report.unchanged,
                **({} if theme is None else {"rethemed": report.rethemed}),
                "set_aside": _listed(report.set_aside),
                "warnings": [asdict(notice) for notice in report.warnings],
                "passed_over": report.passed_over,
                "publications": report.publications + report.known_publications,
            }
        )
    else:
        print_import(report)
    for failure in report.failures:
        say(failure)
    if not report.failures and not report.succeeded:
        say(_nothing_came_in(report))
    return 0 if report.succeeded else 1


def rethemed_in_words(pages: int) -> str:
    """Return a French sentence for the number of known pages that were given a theme."""
    return f"{pages} déjà connue{'s' if pages > 1 else ''} qui reçoi{'vent' if pages > 1 else 't'} le thème"


def _listed(set_aside: Iterable[SetAside]) -> list[dict[str, str]]:
    return [{"path": entry.path, "reason": entry.reason} for entry in set_aside]


def _nothing_came_in(report: ImportReport) -> str:
    """Return a French sentence that says why an import found no resource."""
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
    """Print the files set aside: each one that could not be read, and one line for all pages without a resource."""
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


def print_import(report: ImportReport, *, next_step: bool = True) -> None:
    """Print the report of an import as text.

    Args:
        report: the report.
        next_step: whether to print how to index what was imported.
    """
    print_set_aside(report.set_aside)
    for notice in report.warnings:
        say(f"À vérifier : {notice.path} : {notice.message}")
    known = f", dont {rethemed_in_words(report.rethemed)}" if report.rethemed else ""
    empty = sum(entry.no_resource for entry in report.set_aside)
    publications = report.publications + report.known_publications
    known_ones = f", dont {report.known_publications} déjà connues" if report.known_publications else ""
    of_publications = f"publications : {publications}{known_ones} ; " if publications else ""
    print(
        f"Pages importées : {report.imported} ({report.resources} ressources){known} ; "
        f"inchangées : {report.unchanged} ; {of_publications}"
        f"sans ressource : {empty} ; non lus : {len(report.set_aside) - empty} ; "
        f"ignorés (images, styles…) : {report.passed_over} ; avertissements : {len(report.warnings)}."
    )
    if (report.imported or report.publications) and next_step:
        say("Lancez « python run.py index » pour que les recherches les trouvent.")


_ALLOCATIONS = 100_000
"""Number of new objects between two garbage collections; high, since a run keeps many objects (a row for each page)."""


@command(
    "index",
    examples=(
        "python run.py index",
        "python run.py index --full --json",
        "python run.py index --ocr",
        "python run.py index --previous",
    ),
    exclusive=("full", "previous"),
)
@option("--full", is_flag=True, help="réécrit tout, même ce qui n’a pas changé")
@option("--previous", is_flag=True, help="revient à la génération d’avant, jusqu’à la prochaine")
@option("--ocr", is_flag=True, help="reconnaît aussi le texte des pages numérisées (demande tesseract)")
@option("--survey", is_flag=True, help="refait aussi le relevé : doublons possibles, liens morts")
@wait_option
@json_option("rapport en JSON")
@click.pass_obj
def cmd_index(
    context: CommandContext, *, full: bool, previous: bool, ocr: bool, survey: bool, wait: bool, as_json: bool
) -> int:
    """Bring the index up to date or, with `previous`, go back to the generation (version of the index) before."""
    if previous:
        return go_back(context, as_json=as_json)
    return bring_up_to_date(context, full=full, ocr=ocr, survey=survey, as_json=as_json, wait=wait)


def bring_up_to_date(
    context: CommandContext,
    *,
    full: bool = False,
    ocr: bool = False,
    survey: bool = False,
    as_json: bool = False,
    show_warnings: bool = True,
    quiet: bool = False,
    wait: bool = False,
) -> int:
    """Bring the index up to date, print the report and return the exit status.

    Args:
        context: settings and engine.
        full: write everything, even what has not changed.
        ocr: recognise the text of pages that are images, too.
        survey: assess the quality of the archive too (possible duplicates, dead links).
        as_json: print the report as JSON.
        show_warnings: print the warnings about pages, in a report for people.
        quiet: print no report, unless `as_json` is set.
        wait: wait for another run that holds the archive, rather than fail.
    """
    recogniser = find_tesseract() if ocr else None
    progress = progress_for(sys.stderr)
    engine = context.open_engine()
    usual = gc.get_threshold()
    gc.set_threshold(_ALLOCATIONS, *usual[1:])
    try:
        report = when_free(lambda: index_corpus(context.settings, engine, full=full, progress=progress), wait=wait)
        if recogniser is not None:
            done = recognise_scans(context.settings, recogniser, progress=progress)
            if done.interrupted:
                say(f"Pages que la machine n’a pas pu finir : {done.interrupted} ; relancez la même commande.")
            again = lambda: index_corpus(context.settings, engine, full=False, progress=progress)  # noqa: E731
            report = reports_together(report, when_free(again, wait=wait) if done.files else None, done)
        if survey:
            assess_quality(context.settings)
    finally:
        gc.set_threshold(*usual)
        progress.close()
        engine.close()
    if as_json:
        print_json({**index_as_json(report), "set_aside": _listed(report.set_aside)})
    elif not quiet:
        print_index(report if show_warnings else replace(report, warnings=()))
    return 0


def index_as_json(report: IndexReport) -> dict[str, object]:
    """Return the report of an indexing run for `--json`, without the list of resources that were written."""
    return {name: value for name, value in asdict(report).items() if name != "written"}


def go_back(context: CommandContext, *, as_json: bool) -> int:
    """Make the previous generation of the index the current one, and return the exit status."""
    engine = context.open_engine()
    try:
        expected = None
        if isinstance(engine, ShowsPrevious):
            seen = preview_rollback(context.settings, engine)
            say(rollback_in_words(seen))
            expected = seen.generation
        report = roll_back(context.settings, engine, expected=expected)
    finally:
        engine.close()
    if as_json:
        print_json(asdict(report))
        return 0
    print(
        f"Génération {report.generation}, comme la {report.like} : {report.resources} ressources, "
        f"dont {report.public} publiques."
    )
    if report.kept:
        named = [f"{one.title} ({one.id})" for one in report.kept[:_TITLED]]
        more = f" et {len(report.kept) - _TITLED} autres" if len(report.kept) > _TITLED else ""
        say(f"Restées retirées ou réservées : {' ; '.join(named)}{more}.")
    say("La prochaine indexation refera ce qui a changé depuis : corrigez-en d’abord la cause.")
    return 0


def rollback_in_words(seen: RollbackPreview) -> str:
    """Return a French sentence on the generation to go back to, and on what that changes."""
    when = datetime.fromtimestamp(seen.written).astimezone()
    words = {
        RollbackChange.ADDED: "reviennent",
        RollbackChange.REMOVED: "partent",
        RollbackChange.PUBLIC: "deviennent publiques",
        RollbackChange.PRIVATE: "deviennent réservées",
        RollbackChange.CHANGED: "retrouvent leur contenu d’avant",
        RollbackChange.KEPT: "restent retirées ou réservées",
    }
    counted = [f"{words[what]} : {count}" for what, count in seen.counts.items() if count]
    return (
        f"Retour de la génération {seen.current} à la {seen.generation}, écrite le {when:%d/%m/%Y à %H h %M} "
        f"({seen.resources} ressources, dont {seen.public} publiques) ; {' ; '.join(counted) or 'rien ne change'}."
    )


def print_index(report: IndexReport) -> None:
    """Print the report of an indexing run as text."""
    print_set_aside(report.set_aside)
    for notice in report.warnings:
        say(f"À vérifier : {notice.path} : {notice.message}")
    done = (
        f"ajoutées : {report.added} ; modifiées : {report.updated} ; retirées : {report.removed}"
        if report.switched
        else "rien n’a changé"
    )
    publications = f", publications : {report.publications}" if report.publications else ""
    if report.recognised:
        print(f"Pages dont le texte vient d’être reconnu : {report.recognised}.")
    print(
        f"Génération {report.generation} : {report.resources} ressources, dont {report.public} publiques "
        f"({report.pages} pages{publications}) ; {done} ; {report.seconds:.1f} s.".replace(".", ",", 1)
    )


@command("check")
@click.pass_obj
def cmd_check(context: CommandContext) -> int:
    """Verify settings, corpus and index; return 1 if there is a fault."""
    from search_app.accounts.store import addresses_that_no_longer_fit
    from search_app.cli.checks import all_faults, titles, what_is_checked
    from search_app.cli.sentences import email_no_longer_fits
    from search_app.stores import open_stores

    for sentence in what_is_checked(context):
        say(sentence)
    faults = all_faults(context)
    for fault in faults:
        say(fault)
    # Not a fault, since these people can still sign in with their passwords.
    for address in addresses_that_no_longer_fit(open_stores(context.settings).accounts):
        say(email_no_longer_fits(address))
    if not COMPILED:
        say(NOT_COMPILED)
    if not faults:
        with titles(context) as title_of:
            for sentence in describe_publications(context.settings, title_of):
                say(sentence)
        print("Tout est en ordre : réglages, corpus et index.")
    return 1 if faults else 0
