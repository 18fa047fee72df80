"""`run.py check`: verifies the corpus and the index, and that an import or an indexing run could write to them.

`search_app.cli.checks` verifies what else the site needs.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from indexer.corpus import (
    CATALOGUE,
    CORRECTIONS,
    PROFILE,
    PUBLIC_RECORDS,
    PUBLICATIONS,
    Catalogue,
    Corrections,
    FileRow,
    Originals,
    PublicRecords,
    RecognisedTexts,
    StoredFile,
    digest_of,
)
from indexer.engine import Engine
from indexer.errors import ArchiveError, ProfileError
from indexer.parsing.profile_file import read_profile
from indexer.publications import PDF, PUBLICATION_CACHE, CachedPageTexts, text_key
from indexer.settings import Settings
from indexer.storage.database import open_as_sqlite_does
from indexer.storage.files import try_writing
from indexer.storage.os_errors import lacks_resources, reason_of

SPARE_BYTES = 1024 * 1024
"""Free space below which a disk counts as full."""

_LOCKS = ("lock", ".lock")
_NAMED = 5
"""Largest number of files or resources that one sentence names."""


def check_corpus(settings: Settings) -> list[str]:
    """Check the corpus and the folder of the index, as `import` and `index` open them.

    Returns:
        A French sentence for each fault; empty if there is none.
    """
    corpus, index = settings.corpus, settings.index
    of_corpus = [*folder_faults(corpus)] if corpus.is_dir() else []
    of_index = [*folder_faults(index, needed=_size_of_generation(index))]
    return [*_corpus_faults(corpus), *of_corpus, *(of_index or _cache_faults(index))]


def check_index(engine: Engine, verify: Callable[[], list[str]]) -> list[str]:
    """Check that the index exists, is sound, and was written by this version of the program.

    Args:
        engine: the engine in use.
        verify: reads every byte of the index, and returns a French sentence for each fault.

    Returns:
        A French sentence for each fault; empty if there is none.
    """
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


def folder_faults(folder: Path, *, needed: int = 0) -> Iterator[str]:
    """Yield a French sentence for each reason why a run (import or indexing) cannot write to a folder or those in it.

    Args:
        folder: the folder; if it does not exist, a run would have to create it.
        needed: number of bytes that a run may have to write.
    """
    try:
        if not folder.exists():
            place = next(each for each in folder.parents if each.exists())
            if not os.access(place, os.W_OK | os.X_OK, effective_ids=True):
                yield f"Le dossier « {folder} » ne pourra pas être créé : vérifiez les droits de « {place} »."
            return
        try_writing(folder)
        for each in sorted(folder.iterdir()):
            if each.is_dir() and not os.access(each, os.R_OK | os.W_OK | os.X_OK, effective_ids=True):
                yield f"Le dossier « {each} » n’est pas accessible en écriture : corrigez ses droits."
            if each.name in _LOCKS:
                os.close(os.open(each, os.O_RDWR))
        free = shutil.disk_usage(folder).free
    except OSError as error:
        place = Path(os.fsdecode(error.filename)) if error.filename else folder
        shown = folder if place.name.endswith(".new") else place
        yield f"« {shown} » n’est pas accessible en écriture {reason_of(error).then('remettez un dossier à sa place')}."
        return
    if free < max(needed, SPARE_BYTES):
        yield (
            f"Il ne reste que {_megabytes(free)} Mo pour « {folder} », et il en faut jusqu’à "
            f"{_megabytes(max(needed, SPARE_BYTES))} : libérez de l’espace disque."
        )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}".replace(".", ",")


def _size_of_generation(index: Path) -> int:
    """Return the size in bytes of the largest generation, an estimate of the next one; 0 if none is found."""
    try:
        generations = [each for each in (index / "generations").iterdir() if each.name.isdecimal()]
        return max(
            (sum(path.lstat().st_size for path in each.rglob("*") if path.is_file()) for each in generations), default=0
        )
    except OSError:
        return 0  # the other checks report why


def _cache_faults(folder: Path) -> Iterator[str]:
    """Yield a French sentence for each SQLite file of the index folder that a run could neither use nor replace.

    Damaged files are no fault, since a run replaces them.
    """
    for path in sorted(folder.glob("*.sqlite")):
        try:
            open_as_sqlite_does(path)
        except OSError as error:
            yield f"« {path} » ne peut être lu ou écrit {reason_of(error).then('supprimez-le, il sera refait')}."


def _name_of(catalogue: Catalogue, digest: str) -> str:
    met = next(iter(catalogue.sightings_of(digest)), None)
    return digest if met is None else met.name


def _corpus_faults(folder: Path) -> list[str]:
    if not folder.is_dir():
        return [f"Le corpus « {folder} » n’existe pas : importez des pages, ou corrigez RTES_CORPUS."]
    if not (folder / CATALOGUE).exists():
        return []
    faults: list[str] = []
    try:
        Corrections(folder / CORRECTIONS).all()
        PublicRecords(folder / PUBLIC_RECORDS).examine()
        RecognisedTexts(folder).examine()
        catalogue = Catalogue(folder / CATALOGUE)
        try:
            rows = catalogue.pages()
            publications = [(file, _name_of(catalogue, file.digest)) for file in catalogue.files()]
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
            modified = path.stat().st_mtime_ns
        except OSError as error:
            reason = reason_of(error)
            if lacks_resources(error):
                return [*faults, f"Le corpus « {folder} » ne peut être lu {reason.then('remédiez-y')}."]
            faults.append(f"La page {row.path} est illisible {reason.then('restaurez-la ou relancez l’index')}.")
            continue
        # An edited page has a new modification time, and the next run indexes it; a page damaged on disk has the old
        # one.
        if modified == row.mtime_ns and digest_of(raw, row.profile) != row.digest:
            faults.append(f"La page {row.path} est abîmée : réimportez-la.")
    return [*faults, *_publication_faults(folder, publications)]


def _publication_faults(folder: Path, files: Iterable[tuple[FileRow, str]]) -> Iterator[str]:
    """Yield a French sentence for each damaged original, and one for all missing ones; `files` gives rows and names."""
    originals = Originals(folder / PUBLICATIONS)
    absent = []
    for file, name in files:
        if not originals.path(file.digest).exists():
            absent.append(name)
        elif not originals.holds(StoredFile(file.digest, file.size)):
            yield f"La publication « {name} » ({originals.path(file.digest)}) est abîmée : importez-la de nouveau."
    if absent:
        shown = ", ".join(f"« {name} »" for name in absent[:_NAMED]) + (" …" if len(absent) > _NAMED else "")
        yield (
            f"Fichiers de publications qui manquent au corpus : {len(absent)} ({shown}). Importez-les de nouveau, ou "
            "restaurez une sauvegarde qui les contient."
        )


def count_corpus(settings: Settings) -> tuple[int, int]:
    """Return the number of pages and of publications in the corpus.

    Raises:
        CorpusError: the catalogue cannot be read.
    """
    if not (settings.corpus / CATALOGUE).exists():
        return 0, 0
    with closing(Catalogue(settings.corpus / CATALOGUE)) as catalogue:
        return len(catalogue.pages()), sum(file.released is None for file in catalogue.files())


def describe_publications(settings: Settings, title_of: Callable[[str], str | None]) -> list[str]:
    """Return French sentences about publications that are not faults: how much disk space they take, which ones were
    not read yet or have pages without text, and which resources link to missing ones.

    Args:
        settings: settings of the archive.
        title_of: returns the title of a resource, or None if the index has no such resource.

    Raises:
        CorpusError: the catalogue cannot be read.
        EngineError: the system refuses to read the cache of the texts of publications.
    """
    if not (settings.corpus / CATALOGUE).exists():
        return []
    catalogue = Catalogue(settings.corpus / CATALOGUE)
    try:
        files, lacks = catalogue.files(), catalogue.lacks()
    finally:
        catalogue.close()
    said = []
    if files:
        plural = "s" if len(files) > 1 else ""
        said.append(f"Publications : {len(files)} fichier{plural}, {_megabytes(sum(file.size for file in files))} Mo.")
        said += _described_texts(settings.index, [file for file in files if file.released is None])
    if lacks:
        holders = list(dict.fromkeys(resource_id for resource_id, _ in lacks))
        named = (f"« {title_of(one) or one} »" for one in holders[:_NAMED])
        shown = ", ".join(named) + (" …" if len(holders) > _NAMED else "")
        said.append(
            f"Publications absentes : {len(lacks)}, que citent ces ressources : {shown} ; importez-les de nouveau (la "
            "liste : /gestion/publications)."
        )
    return said


def _described_texts(index: Path, files: Iterable[FileRow]) -> Iterator[str]:
    """Yield French sentences about files not read yet, pages without text, and pages whose text was recognised."""
    unread = 0
    without, recognised = [], []
    with closing(CachedPageTexts(index / PUBLICATION_CACHE)) as texts:
        for file in files:
            facts = texts.facts(text_key(file.digest, file.recognised))
            if facts is None:
                unread += 1
            elif facts.media_type == PDF:
                without.append(0 if file.recognised else len(facts.empty_pages))
                recognised.append(len(facts.recognised_pages))
    if unread:
        yield f"Publications à lire : {unread} ; lancez « python run.py index »."
    if any(without):
        yield (
            f"Pages sans texte : {_in_publications(without)} ; « python run.py index --ocr » reconnaît celles qui en "
            "montrent un."
        )
    if any(recognised):
        yield f"Pages dont le texte a été reconnu : {_in_publications(recognised)}."


def _in_publications(pages: Sequence[int]) -> str:
    """Return in French the sum of `pages` (a number of pages for each publication), and how many are not zero."""
    files = sum(1 for one in pages if one)
    return f"{sum(pages)}, dans {files} publication{'s' if files > 1 else ''}"
