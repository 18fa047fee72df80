"""The commands `backup` and `restore`."""

from __future__ import annotations

from pathlib import Path

import click

from indexer.backup import BackupReport, back_up, restore
from indexer.backup_rotation import RotationReport, back_up_in_turn
from indexer.errors import BackupError
from search_app.cli.command import argument, command, option
from search_app.cli.context import CommandContext
from search_app.cli.options import wait_option, when_free
from search_app.cli.output import say
from search_app.cli.types import FILE, Number
from search_app.settings import OPENSEARCH


@command(
    "backup",
    examples=(
        "python run.py backup /ailleurs/archive.tar.gz",
        "python run.py backup --keep-daily 7 --keep-weekly 5 /var/backups/rtes-archive",
    ),
)
@argument("file", metavar="FICHIER", type=FILE, help="à écrire, hors de ces dossiers ; un dossier avec --keep-daily")
@option(
    "--keep-daily",
    metavar="N",
    type=Number(1, 1000),
    help="garde celles des N derniers jours, efface les plus vieilles",
)
@option("--keep-weekly", metavar="N", type=Number(0, 1000), help="et une par semaine, des N dernières semaines")
@option("--with-index", is_flag=True, help="y joint l’index, pour répondre dès la restauration")
@option("--without-publications", is_flag=True, help="sans les fichiers des publications, que vous gardez ailleurs")
@wait_option
@click.pass_obj
def cmd_backup(
    context: CommandContext,
    *,
    file: Path,
    keep_daily: int | None,
    keep_weekly: int | None,
    with_index: bool,
    without_publications: bool,
    wait: bool,
) -> int:
    """Write a back-up of the corpus and the data; with `--keep-daily`, add one to a folder and delete old ones there.

    Raises:
        BackupError: the back-up cannot be written, or the index that it should contain is on a cluster.
        IndexBusyError: another import or indexing run holds the corpus.
    """
    if with_index and context.settings.engine == OPENSEARCH:
        raise BackupError(
            "L’index est sur la grappe OpenSearch, et non dans le dossier de l’index : relancez sans --with-index. "
            "Après une restauration, « python run.py index --full » le refait ; pour ne pas attendre, gardez aussi un "
            "instantané de la grappe."
        )
    if keep_daily is None and keep_weekly is not None:
        say("--keep-weekly ne va pas sans --keep-daily : ajoutez-le.")
        return 2

    def work() -> RotationReport | BackupReport:
        if keep_daily is None:
            return back_up(context.settings, file, with_index=with_index, with_publications=not without_publications)
        return back_up_in_turn(
            context.settings,
            file,
            daily=keep_daily,
            weekly=keep_weekly or 0,
            with_index=with_index,
            with_publications=not without_publications,
        )

    done = when_free(work, wait=wait)
    if isinstance(done, BackupReport):
        print(f"Sauvegarde faite : {_in_words(done)}.")
    else:
        print(f"Sauvegarde faite et relue : {done.made} ({_in_words(done.report)}).")
        print(f"Sauvegardes gardées : {done.kept} ; effacées : {len(done.deleted)}.")
    if without_publications:
        say("Les fichiers des publications n’y sont pas : après une restauration, importez-les de nouveau.")
    say("Ce fichier contient les comptes et le secret de session : gardez-le en lieu sûr.")
    return 0


@command("restore")
@argument("file", metavar="FICHIER", type=FILE, help="fichier que « backup » a écrit")
@option("--force", is_flag=True, help="remplace ce qui existe déjà")
@click.pass_obj
def cmd_restore(context: CommandContext, *, file: Path, force: bool) -> int:
    """Restore a back-up: corpus, data and, if it holds one, the index; `force` replaces what exists already."""
    print(f"Sauvegarde restaurée : {_in_words(restore(context.settings, file, force=force))}.")
    say("Lancez « python run.py index » pour que les recherches la suivent, puis redémarrez le site.")
    return 0


def _in_words(report: BackupReport) -> str:
    size = f"{report.size / 1e6:.1f} Mo".replace(".", ",")
    return f"{report.files} fichiers, {size}{', index compris' if report.index else ''}"
