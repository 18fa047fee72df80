"""The SQLite files of the data folder: how they are opened, and the error messages if one cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from indexer.storage.database import WAIT, Database, Durability, Step
from indexer.storage.os_errors import Reason
from search_app.errors import StoreError
from search_app.messages import typeset

_MEND = "vérifiez ce qui est à cette place, ou restaurez-le d’une sauvegarde"


def open_data_file(
    path: Path, steps: Sequence[Step], *, wait: float = WAIT, durability: Durability = Durability.EXTRA
) -> Database:
    """Return a database of the data folder, all of whose errors are `StoreError`. Its file is opened on first use.

    Args:
        path: the file; created by the first change to the database.
        steps: schema of the database: for each version, SQL or a function that migrates from the version before.
        wait: seconds to wait for another process that is writing.
        durability: how much a power cut may undo (``synchronous`` of SQLite); nothing by default.
    """

    def unusable(reason: Reason) -> StoreError:
        return StoreError(typeset(f"Le fichier {path} ne peut pas être utilisé {reason.then(_MEND)}."))

    return Database(
        path,
        steps,
        unusable=unusable,
        newer=lambda: StoreError(written_by_newer(path)),
        wait=wait,
        durability=durability,
    )


def written_by_newer(path: Path) -> str:
    """Return the French error message for a file that a newer version of the program wrote."""
    return typeset(
        f"Le fichier {path} vient d’une version plus récente du programme : mettez le programme à jour, "
        "ou restaurez la sauvegarde faite avant la mise à jour."
    )
