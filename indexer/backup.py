"""Back-up and restore: corpus and data in one file, with the checksum of everything in it.

name.tar.gz
corpus/…, data/…     as on disk; each SQLite file as a consistent copy; publications may be left out
index/…              the current generation, and the texts of publications, if requested
manifest.json        last: path and BLAKE2b digest of each of the other files

The file ends with a seal, an empty gzip member whose comment is the digest of every byte before it:
see `indexer.storage.sealed_file`.
A restore first unpacks and verifies everything in hidden folders beside what it will replace, and only then moves it
into place. If it is killed before the move, nothing has changed. If it is killed during the move, the next restore
completes the move first, and imports and indexing runs refuse to start until then.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from indexer.corpus import COMPLETE, PUBLICATIONS, RESTORING, locked
from indexer.engine.embedded import Generations
from indexer.errors import BackupError, IndexDamagedError
from indexer.publications import PUBLICATION_CACHE
from indexer.settings import Settings
from indexer.storage.database import copy_database
from indexer.storage.files import draft_of, flush, write_atomically
from indexer.storage.os_errors import Reason, reason_of
from indexer.storage.sealed_file import DamagedFileError, SealedReader, SealedWriter

_MANIFEST = "manifest.json"
_REPLACED = ".replaced"
_BESIDE_GENERATIONS = {"current.json", "built.sqlite", PUBLICATION_CACHE}
"""Files directly in the index folder that are backed up with the current generation. The texts of publications are in
`PUBLICATION_CACHE`, not in the generation.
"""
_BESIDE_SQLITE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a back-up contains, or what a restore put back.

    Attributes:
        files: number of files.
        size: their size in bytes, before compression.
        index: whether an index is among them.
    """

    files: int
    size: int
    index: bool


def back_up(settings: Settings, target: Path, *, with_index: bool, with_publications: bool = True) -> BackupReport:
    """Write a back-up atomically, readable only by its owner.

    Args:
        settings: settings of the archive, which name its folders.
        target: the file; an existing one is replaced once the new one is complete.
        with_index: include the current generation of the index, so that searches work right after a restore.
        with_publications: include the original files of publications, which can be imported again.

    Raises:
        BackupError: the file cannot be written, or something to back up is missing or cannot be read.
        IndexBusyError: another import or indexing run holds the corpus.
    """
    places = {"corpus": settings.corpus, "data": settings.data} | ({"index": settings.index} if with_index else {})
    if any(target.resolve().is_relative_to(folder) for folder in (*places.values(), settings.index)):
        raise BackupError("La sauvegarde ne peut pas être dans ce qu’elle sauvegarde : choisissez un autre dossier.")
    if not settings.corpus.is_dir():
        raise BackupError(f"Le dossier « {settings.corpus} » n’existe pas : il n’y a rien à sauvegarder.")
    draft, copy = draft_of(target), draft_of(target.with_name(f"{target.name}.sqlite"))
    try:
        with locked(settings.corpus):
            report = _write(draft, copy, places, with_publications=with_publications)
        os.replace(draft, target)
        flush(target.parent)
    except (OSError, sqlite3.Error, tarfile.TarError) as error:
        changed = Reason("un fichier change de nature", "relancez la même commande")
        reason = reason_of(error) if isinstance(error, OSError | sqlite3.Error) else changed
        raise BackupError(
            f"La sauvegarde « {target} » n’a pas pu être faite "
            f"{reason.then('vérifiez son dossier, et ce qu’elle sauvegarde, par « python run.py check »')}."
        ) from error
    finally:
        for path in (draft, copy):
            with suppress(OSError):
                path.unlink(missing_ok=True)
    return report


def _write(draft: Path, copy: Path, places: Mapping[str, Path], *, with_publications: bool) -> BackupReport:
    digests: dict[str, str] = {}
    size = 0
    with open(draft, "wb", opener=_for_owner) as file:
        whole = SealedWriter(file)
        with tarfile.open(fileobj=cast(IO[bytes], whole), mode="w|", format=tarfile.PAX_FORMAT) as archive:
            for place, folder in places.items():
                generation = _generation_of(folder) if place == "index" else None
                left_out = folder / PUBLICATIONS if place == "corpus" and not with_publications else None
                for path in sorted(_kept(folder, generation, left_out)):
                    name = PurePosixPath(place, path.relative_to(folder).as_posix()).as_posix()
                    source = _copied(path, copy) if path.suffix == ".sqlite" else path
                    digests[name] = _add(archive, source, name)
                    size += source.stat().st_size
            manifest = json.dumps(digests, ensure_ascii=True).encode()
            copy.write_bytes(manifest)
            os.utime(copy, (0, 0))  # a fixed time, so that the same archive gives the same manifest
            _add(archive, copy, _MANIFEST)
        whole.close()
        file.flush()
        os.fsync(file.fileno())
    return BackupReport(len(digests), size, any(name.startswith("index/") for name in digests))


def _kept(folder: Path, generation: str | None, left_out: Path | None) -> Iterator[Path]:
    """Yield the files of a folder to back up: neither hidden files, nor SQLite journals, whose content the copies
    include, nor what is in the folder `left_out`.

    With `generation`, the folder is that of the index: only this generation and `_BESIDE_GENERATIONS` are kept of it.
    """
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = [name for name in folders if not name.startswith(".") and here / name != left_out]
        if generation is not None:
            if here == folder / "generations":
                folders[:] = [name for name in folders if name == generation]
            elif here == folder:
                folders[:] = ["generations"]
        for name in files:
            if generation is not None and here == folder and name not in _BESIDE_GENERATIONS:
                continue
            path = here / name
            if not name.startswith(".") and not name.endswith(_BESIDE_SQLITE) and path.is_file():
                yield path


def _generation_of(index: Path) -> str:
    try:
        current = Generations(index).current()
    except IndexDamagedError:
        current = None
    if current is None:
        raise BackupError(
            "Il n’y a pas d’index à sauvegarder : lancez « python run.py index », ou sauvegardez sans --with-index."
        )
    return current


def _copied(path: Path, copy: Path) -> Path:
    """Write a consistent copy of the SQLite file `path` to `copy`, and return `copy`."""
    copy.unlink(missing_ok=True)
    os.close(_for_owner(str(copy), os.O_WRONLY | os.O_CREAT))
    copy_database(path, copy)
    return copy


def _add(archive: tarfile.TarFile, path: Path, name: str) -> str:
    with path.open("rb") as file:
        found = os.fstat(file.fileno())
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = found.st_size, found.st_mtime, found.st_mode & 0o644
        reading = _Digesting(file)
        archive.addfile(member, reading)
        return reading.digest.hexdigest()


class _Digesting:
    """A reader of a file that computes its digest on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.blake2b(digest_size=16)

    def read(self, size: int = -1) -> bytes:
        raw = self._file.read(size)
        self.digest.update(raw)
        return raw


def restore(settings: Settings, source: Path, *, force: bool) -> BackupReport:
    """Restore the content of a back-up.

    Args:
        settings: settings of the archive, which name its folders.
        source: the back-up.
        force: replace existing data, which is then lost.

    Raises:
        BackupError: the file is damaged or not a back-up, or there is data already and `force` is not set.
        IndexBusyError: another import or indexing run holds the corpus.
    """
    places = {"data": settings.data, "index": settings.index, "corpus": settings.corpus}
    try:
        for place, folder in places.items():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700 if place == "data" else 0o755)
        with locked(settings.corpus):
            _put_in_place(places)  # completes a restore that was killed
            if not force:
                _refuse_occupied(places)
            report = _unfold(source, places)
            _put_in_place(places)
            return report
    except OSError as error:
        raise BackupError(
            f"La sauvegarde « {source} » n’a pas pu être restaurée "
            f"{reason_of(error).then('vérifiez le chemin')}, puis relancez la même commande."
        ) from error


def verify_backup(source: Path) -> None:
    """Read every byte of a back-up, as `restore` does, without unpacking anything.

    Raises:
        BackupError: it is damaged, or cannot be read.
    """
    digests: dict[str, str] = {}
    manifest: bytes | None = None
    try:
        with (
            _reading(source),
            source.open("rb") as raw,
            tarfile.open(fileobj=cast(IO[bytes], SealedReader(raw)), mode="r|") as archive,
        ):
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                if file is None or member.name in digests:
                    raise ValueError(member.name)
                if member.name == _MANIFEST:
                    manifest = file.read()
                    _read_to_the_end(archive)
                    break
                reading = _Digesting(file)
                while reading.read(1 << 20):
                    pass
                digests[member.name] = reading.digest.hexdigest()
            if manifest is None or json.loads(manifest) != digests:
                raise ValueError(_MANIFEST)
    except OSError as error:
        raise BackupError(
            f"La sauvegarde « {source} » ne peut être relue {reason_of(error).then('vérifiez le disque')}."
        ) from error


def _refuse_occupied(places: Mapping[str, Path]) -> None:
    for place in ("corpus", "data"):
        if any(True for _ in _visible(places[place])):
            raise BackupError(
                f"Le dossier « {places[place]} » n’est pas vide : ajoutez --force pour remplacer ce qu’il contient."
            )


def _visible(folder: Path) -> Iterator[Path]:
    return (path for path in folder.iterdir() if not path.name.startswith("."))


def _unfold(source: Path, places: Mapping[str, Path]) -> BackupReport:
    """Unpack a back-up into hidden folders and verify it; existing data is not changed.

    `places` gives the folder to restore for each first part of a path in the back-up, such as ``corpus``.
    """
    try:
        with _reading(source):
            digests, size, manifest = _extract(source, places)
            if manifest is None or json.loads(manifest) != digests:
                raise ValueError(_MANIFEST)
        present = {"corpus", "data"} | {name.partition("/")[0] for name in digests}
        names = {}
        for place in present:
            aside = places[place] / RESTORING
            aside.mkdir(exist_ok=True)
            (places[place] / _REPLACED).mkdir(exist_ok=True)  # now, so that the move needs no disk space
            names[place] = sorted(path.name for path in _visible(aside))
        _note(places["corpus"] / RESTORING, names)
    except BaseException:
        _sweep(places)
        raise
    return BackupReport(len(digests), size, "index" in present)


@contextmanager
def _reading(source: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, DamagedFileError, EOFError, ValueError, OverflowError) as error:
        raise _damaged(source) from error


def _damaged(source: Path) -> BackupError:
    return BackupError(
        f"« {source} » est abîmé, ou n’est pas une sauvegarde de cette archive : rien n’a été changé ; "
        "essayez une autre sauvegarde."
    )


def _extract(source: Path, places: Mapping[str, Path]) -> tuple[dict[str, str], int, bytes | None]:
    digests: dict[str, str] = {}
    size, manifest = 0, None
    with source.open("rb") as raw, tarfile.open(fileobj=cast(IO[bytes], SealedReader(raw)), mode="r|") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            if file is None:
                raise ValueError(member.name)
            if member.name == _MANIFEST:
                manifest = file.read()
                _read_to_the_end(archive)
                break
            path = _destination(member.name, places)
            if member.name in digests:
                raise ValueError(member.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            reading = _Digesting(file)
            mode = 0o600 if member.name.startswith("data/") else 0o644
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as target:
                shutil.copyfileobj(reading, target)
            os.utime(path, (member.mtime, member.mtime))
            digests[member.name] = reading.digest.hexdigest()
            size += member.size
    return digests, size, manifest


def _read_to_the_end(archive: tarfile.TarFile) -> None:
    """Check that only zeros follow the last member, as at the end of any tar file.

    tarfile itself takes anything that it cannot read for the end of the archive.

    Raises:
        ValueError: something else follows, or there are too few zeros.
        DamagedFileError: the file was damaged since it was written.
    """
    left = 0
    while archive.fileobj is not None and (block := archive.fileobj.read(1 << 16)):
        if block.count(0) != len(block):
            raise ValueError("something follows the manifest")
        left += len(block)
    if left < 2 * tarfile.BLOCKSIZE:
        raise ValueError("the end of the archive is missing")


def _destination(name: str, places: Mapping[str, Path]) -> Path:
    """Return the path to which a member of the back-up is unpacked; `places` is as for `_unfold`.

    Raises:
        ValueError: the name leads out of its folder or to a hidden file, or is malformed.
    """
    parts = name.split("/")
    if len(parts) < 2 or parts[0] not in places or any(part.startswith(".") or not part for part in parts):
        raise ValueError(name)
    if any(ord(char) < 32 or char == "\\" for char in name):
        raise ValueError(name)
    return places[parts[0]].joinpath(RESTORING, *parts[1:])


def _note(aside: Path, names: Mapping[str, list[str]]) -> None:
    """Flush all data, then note in the folder `aside` that what was unpacked is verified and may be moved into place.

    `names` lists the files and folders to move, by the folder to restore (a key of `places`, such as ``corpus``).
    """
    os.sync()
    write_atomically(aside / COMPLETE, json.dumps(names).encode())


def _put_in_place(places: Mapping[str, Path]) -> None:
    """Replace existing data in `places` by the unpacked data, if `_note` was called.

    `places` is as for `_unfold`. If this function is killed, calling it again completes the replacement.
    """
    note = places["corpus"] / RESTORING / COMPLETE
    if note.exists():
        for place, names in json.loads(note.read_text("utf-8")).items():
            _swap(places[place], set(names))
        os.sync()
        note.unlink()
        flush(note.parent)
    _sweep(places)


def _swap(folder: Path, new: set[str]) -> None:
    aside, replaced = folder / RESTORING, folder / _REPLACED
    for path in list(_visible(folder)):
        if path.name not in new or (aside / path.name).exists():  # otherwise it was already moved into place
            os.rename(path, replaced / path.name)
    for path in list(_visible(aside)):
        os.rename(path, folder / path.name)


def _sweep(places: Mapping[str, Path]) -> None:
    for folder in places.values():
        for left in (RESTORING, _REPLACED):
            shutil.rmtree(folder / left, ignore_errors=True)


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
