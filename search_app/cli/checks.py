"""The checks of `run.py check`: open everything that `serve`, `import` and `index` need, as these commands do."""

from __future__ import annotations

import os
import resource
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from indexer.check import check_corpus, check_index, count_corpus, folder_faults
from indexer.errors import ArchiveError
from indexer.gathering import GATHERING, Registry, has_sources, opened
from indexer.gathering.credentials import credentials_of
from indexer.resource import Audience
from indexer.storage.database import is_sound, reason_at
from indexer.storage.files import try_writing
from indexer.storage.os_errors import reason_of
from search_app.accounts.secret_key import SECRET_FILE, read_secret
from search_app.cli.context import CommandContext, open_engine
from search_app.cli.sentences import VERSION
from search_app.settings import SiteSettings
from search_app.stores import open_stores

_REPLACEABLE = {"throttle.sqlite", "searches.sqlite"}
"""Files of the data folder that may simply be deleted if they are damaged."""
_OTHER_FILES = 64
"""File descriptors that a process needs besides those of the index: stores, logs, templates, some connections."""
_DESCRIPTORS = Path("/proc/self/fd")


def all_faults(context: CommandContext) -> list[str]:
    """Return a French sentence for each fault of the archive and of what the site needs; empty if there is none."""
    settings = context.settings
    return [
        *check_corpus(settings),
        *_source_faults(settings),
        *_index_faults(context),
        *_data_faults(settings),
        *_temporary_faults(),
    ]


def what_is_checked(context: CommandContext) -> list[str]:
    """Return French sentences on what is checked: the version, the folders, and what they hold as far as it can be
    read.
    """
    settings = context.settings
    said = [
        f"rtes-archive {VERSION} ; corpus : « {settings.corpus} » ; index : « {settings.index} » ; "
        f"données : « {settings.data} »."
    ]
    counted = []
    with suppress(ArchiveError):
        pages, publications = count_corpus(settings)
        counted.append(f"corpus : {pages} pages, {publications} publications")
    with suppress(ArchiveError):
        engine = context.open_engine()
        try:
            status = engine.status()
        finally:
            engine.close()
        if status.generation is not None:
            counted.append(
                f"génération {status.generation} : {status.total} ressources, dont {status.public} publiques et "
                f"{status.total - status.public} réservées"
            )
    if counted:
        text = " ; ".join(counted)
        said.append(f"{text[0].upper()}{text[1:]}.")
    return said


@contextmanager
def titles(context: CommandContext) -> Iterator[Callable[[str], str | None]]:
    """Return a context manager around a function that returns the title of a resource by id, or None if there is none.

    Raises:
        EngineError: the index cannot be read.
    """
    engine = context.open_engine()

    def title_of(resource_id: str) -> str | None:
        found = engine.get(resource_id, audience=Audience.STAFF)
        return None if found is None else found.title

    try:
        yield title_of
    finally:
        engine.close()


def _source_faults(settings: SiteSettings) -> Iterator[str]:
    """Yield a French sentence if the database of sources is unusable, and for each source whose credentials are."""
    if not has_sources(settings.corpus):
        return
    path = settings.corpus / GATHERING
    try:
        with opened(settings.corpus) as state:
            sources = Registry(state).all()
        if not is_sound(path):
            yield f"« {path} » est abîmé : restaurez-le d’une sauvegarde."
    except ArchiveError as error:
        yield str(error)
        return
    except sqlite3.Error as error:
        yield f"« {path} » ne peut être lu {reason_at(path, error).then('restaurez-le d’une sauvegarde')}."
        return
    for source in sources:
        try:
            credentials_of(source)
        except ArchiveError as error:
            yield f"Source « {source.name} » : {error}"


def _index_faults(context: CommandContext) -> Iterator[str]:
    before = _open_now()
    try:
        engine = context.open_engine()
    except ArchiveError as error:
        yield str(error)
        try:
            engine = open_engine(context.settings, own_synonyms=False)
        except ArchiveError:
            return  # the program's own files cannot be read; the reason is in the fault above
    try:
        yield from check_index(engine, engine.check)
        taken = max(0, _open_now() - before)
    finally:
        engine.close()
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Twice as many, since requests still read the previous generation when a new one is opened.
    needed = 2 * taken + _OTHER_FILES
    if limit != resource.RLIM_INFINITY and limit < needed:
        yield (
            f"Ce programme peut ouvrir {limit} fichiers à la fois, et il lui en faut environ {needed} : relevez cette "
            "limite (« ulimit -n », ou LimitNOFILE pour systemd)."
        )


def _open_now() -> int:
    """Return the number of files that this process has open; 0 if unknown."""
    try:
        return len(os.listdir(_DESCRIPTORS))
    except OSError:
        return 0


def _data_faults(settings: SiteSettings) -> Iterator[str]:
    folder = settings.data
    of_folder = [*folder_faults(folder)]
    yield from of_folder
    secret = folder / SECRET_FILE
    for path in (*sorted(folder.glob("*.sqlite")), secret):
        if path.is_file() and path.stat().st_mode & 0o077:
            yield f"« {path} » est lisible par d’autres : lancez « chmod 600 {path} »."
    if secret.exists():
        try:
            read_secret(secret)
        except ArchiveError as error:
            yield str(error)
    yield from store_faults(settings, to_write=not of_folder)


def store_faults(settings: SiteSettings, *, to_write: bool = True) -> Iterator[str]:
    """Yield a French sentence for each database of the data folder that the site could not use.

    Args:
        settings: settings of the site.
        to_write: whether to verify that the databases can be written too; False if their folder is already known not
            to be writable.
    """
    known = {database.path: database for database in open_stores(settings).databases()}
    for path in sorted(settings.data.glob("*.sqlite")):
        mend = "supprimez ce fichier, il sera refait" if path.name in _REPLACEABLE else "restaurez-les d’une sauvegarde"
        try:
            if not is_sound(path):
                yield f"Les données de « {path} » sont abîmées : {mend}."
            elif to_write and path in known:
                known[path].examine()
        except sqlite3.Error as error:
            yield f"Les données de « {path} » sont illisibles {reason_at(path, error).then(mend)}."
        except ArchiveError as error:
            yield str(error)


def _temporary_faults() -> Iterator[str]:
    """Yield a French sentence if there is no usable temporary folder, which the server and uploads need."""
    try:
        try_writing(Path(tempfile.gettempdir()))
    except OSError as error:
        yield f"Le dossier temporaire n’est pas accessible en écriture {reason_of(error).then('réglez TMPDIR')}."
