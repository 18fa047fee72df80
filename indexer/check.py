"""`run.py check`: verifies the settings, the corpus, the data folder and the index."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from indexer.corpus import CATALOGUE, CORRECTIONS, PROFILE, Catalogue, Corrections, digest_of
from indexer.engine import Engine
from indexer.errors import ArchiveError, ProfileError
from indexer.parsing.profile_file import read_profile
from indexer.settings import Settings
from indexer.storage.database import is_sound
from indexer.storage.os_errors import because

_REPLACEABLE = {"throttle.sqlite", "searches.sqlite"}
"""Files of the data folder that may simply be deleted if they are damaged."""


def check(settings: Settings, engine: Engine, verify: Callable[[], list[str]]) -> list[str]:
    """Check settings, corpus, data folder and index.

    Args:
        settings: settings of the archive.
        engine: the engine in use.
        verify: reads every byte of the index, and returns a French sentence for each fault.

    Returns:
        A French sentence for each fault; empty if there is none.
    """
    return [*_corpus_faults(settings.corpus), *_index_faults(engine, verify), *_data_faults(settings.data)]


def _corpus_faults(folder: Path) -> list[str]:
    if not folder.is_dir():
        return [f"Le corpus « {folder} » n’existe pas : importez des pages, ou corrigez RTES_CORPUS."]
    if not (folder / CATALOGUE).exists():
        return []
    faults = []
    try:
        Corrections(folder / CORRECTIONS).all()
        catalogue = Catalogue(folder / CATALOGUE)
        try:
            rows = catalogue.pages()
        finally:
            catalogue.close()
    except ArchiveError as error:
        return [str(error)]
    for path in sorted(folder.glob(f"*/{PROFILE}")):
        try:
            read_profile(path)
        except ProfileError as error:
            faults.append(str(error))
    for row in rows:
        path = folder / row.path
        try:
            raw = path.read_bytes()
        except OSError as error:
            faults.append(f"La page {row.path} est illisible ({because(error)}) : restaurez-la ou relancez l’index.")
            continue
        # An edited page has a new modification time, and the next run indexes it; a page damaged on disk has the old
        # one.
        if path.stat().st_mtime_ns == row.mtime_ns and digest_of(raw, row.profile) != row.digest:
            faults.append(f"La page {row.path} est abîmée : réimportez-la.")
    return faults


def _index_faults(engine: Engine, verify: Callable[[], list[str]]) -> list[str]:
    try:
        # Verify the bytes first, so that damaged files are reported and never opened.
        if faults := verify():
            return [*faults, "L’index est abîmé : lancez « python run.py index --full »."]
        status = engine.status()
    except ArchiveError as error:
        return [str(error)]
    if status.degraded is not None:
        return [status.degraded]
    if status.generation is None:
        return ["Rien n’est encore indexé : lancez « python run.py index »."]
    if status.stale:
        return ["L’index vient d’une autre version du programme : lancez « python run.py index »."]
    return []


def _data_faults(folder: Path) -> list[str]:
    databases = sorted(folder.glob("*.sqlite"))
    faults = [
        f"« {path} » est lisible par d’autres : lancez « chmod 600 {path} »."
        for path in (*databases, folder / "secret.key")
        if path.exists() and path.stat().st_mode & 0o077
    ]
    for path in databases:
        mend = "supprimez ce fichier, il sera refait" if path.name in _REPLACEABLE else "restaurez-les d’une sauvegarde"
        try:
            sound = is_sound(path)
        except sqlite3.Error as error:
            faults.append(f"Les données de « {path} » sont illisibles ({because(error)}) : {mend}.")
        else:
            if not sound:
                faults.append(f"Les données de « {path} » sont abîmées : {mend}.")
    if folder.exists() and not os.access(folder, os.W_OK):
        faults.append(f"Le dossier « {folder} » n’est pas accessible en écriture : corrigez ses droits.")
    return faults
