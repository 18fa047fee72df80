"""The commands `backup` and `restore`."""

from __future__ import annotations

from pathlib import Path

import click

from indexer.backup import BackupReport, back_up, restore
from search_app.cli.command import argument, command, option
from search_app.cli.context import CommandContext
from search_app.cli.options import wait_option, when_free
from search_app.cli.output import say
from search_app.cli.types import FILE


@command("backup")
@argument("file", metavar="FICHIER", type=FILE, help="fichier à écrire, hors de ces dossiers")
@option("--with-index", is_flag=True, help="y joint l’index, pour répondre dès la restauration")
@option("--without-publications", is_flag=True, help="sans les fichiers des publications, que vous gardez ailleurs")
@wait_option
@click.pass_obj
def cmd_backup(context: CommandContext, *, file: Path, with_index: bool, without_publications: bool, wait: bool) -> int:
    """Write a back-up."""
    report = when_free(
        lambda: back_up(context.settings, file, with_index=with_index, with_publications=not without_publications),
        wait=wait,
    )
    print(f"Sauvegarde faite : {_in_words(report)}.")
    if without_publications:
        say("Les fichiers des publications n’y sont pas : après une restauration, importez-les de nouveau.")
    say("Ce fichier contient les comptes et le secret de session : gardez-le en lieu sûr.")
    return 0


@command("restore")
@argument("file", metavar="FICHIER", type=FILE, help="fichier que « backup » a écrit")
@option("--force", is_flag=True, help="remplace ce qui existe déjà")
@click.pass_obj
def cmd_restore(context: CommandContext, *, file: Path, force: bool) -> int:
    """Restore a back-up."""
    print(f"Sauvegarde restaurée : {_in_words(restore(context.settings, file, force=force))}.")
    say("Lancez « python run.py index » pour que les recherches la suivent, puis redémarrez le site.")
    return 0


def _in_words(report: BackupReport) -> str:
    size = f"{report.size / 1e6:.1f} Mo".replace(".", ",")
    return f"{report.files} fichiers, {size}{', index compris' if report.index else ''}"
