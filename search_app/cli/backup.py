"""Commands that keep the archive safe: backup, restore."""

from __future__ import annotations

import argparse
from pathlib import Path

from indexer.backup import BackupReport, back_up, restore
from search_app.cli.context import AddCommand, CommandContext
from search_app.cli.output import say


def register(command: AddCommand) -> None:
    """Add these commands to the command line."""
    sub = command("backup", cmd_backup, "sauvegarde le corpus et les données dans un fichier .tar.gz")
    sub.add_argument("file", metavar="FICHIER", type=Path, help="fichier à écrire, hors de ces dossiers")
    sub.add_argument("--with-index", action="store_true", help="y joint l’index, pour répondre dès la restauration")

    sub = command("restore", cmd_restore, "remet le corpus et les données d’une sauvegarde")
    sub.add_argument("file", metavar="FICHIER", type=Path, help="fichier que « backup » a écrit")
    sub.add_argument("--force", action="store_true", help="remplace ce qui existe déjà")


def cmd_backup(context: CommandContext, args: argparse.Namespace) -> int:
    """Write a backup."""
    print(f"Sauvegarde faite : {_in_words(back_up(context.settings, args.file, with_index=args.with_index))}.")
    say("Ce fichier contient les comptes et le secret de session : gardez-le en lieu sûr.")
    return 0


def cmd_restore(context: CommandContext, args: argparse.Namespace) -> int:
    """Restore a backup."""
    print(f"Sauvegarde restaurée : {_in_words(restore(context.settings, args.file, force=args.force))}.")
    say("Lancez « python run.py index » pour que les recherches la suivent, puis redémarrez le site.")
    return 0


def _in_words(report: BackupReport) -> str:
    size = f"{report.size / 1e6:.1f} Mo".replace(".", ",")
    return f"{report.files} fichiers, {size}{', index compris' if report.index else ''}"
