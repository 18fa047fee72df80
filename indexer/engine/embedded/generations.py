"""Generations on disk: built in a folder of their own, flushed, then made current by one atomic rename.

index/
  lock                     held while a generation is written; freed by the system if the run dies
  current.json             {"generation": "000012", "checksum": …}: the only thing that a switch changes
  generations/000012/      manifest.json, records/, segments/
  generations/building-…/  the one being written; the next run deletes what a killed run left
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from indexer.engine.embedded.checksums import (
    FileEntry,
    by_inode,
    damaged,
    forget_cached,
    keep_to_ourselves,
    list_files,
    refused,
    seal,
    unreadable,
    unseal,
    verify_bytes,
    verify_files,
)
from indexer.errors import EngineError, IndexDamagedError, IndexMissingError
from indexer.storage.files import flush, write_atomically
from indexer.storage.locks import holding
from indexer.storage.os_errors import lacks_resources, reason_of

_BUILDING = "building"
KEPT = 2
"""Number of generations kept: the current and the previous one."""

IDS = "ids.json"
"""File of a generation that lists resource ids: the public ones, the private ones, the private ones whose titles
visitors see (`told`), and those that were removed when it was written because visitors must no longer see them.
"""


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment of a generation: its folder under segments/, whether its resources are private, and whether they are
    placeholders (`stub`), which visitors find in place of private resources. `live` names the file of the mask of its
    documents that are not deleted; None if none is deleted.
    """

    name: str
    private: bool
    live: str | None
    stub: bool = False


@dataclass(frozen=True, slots=True)
class StoreEntry:
    """A document store of a generation: its number, which names its folder under records/, whether its resources are
    private, and whether they are placeholders (`stub`), which visitors find in place of private ones.
    """

    number: int
    private: bool
    stub: bool = False

    @property
    def name(self) -> str:
        """Name of the store's folder under records/."""
        return f"{self.number:06}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of a generation.

    Its fields, and those of its entries, are the keys of manifest.json. Some keys keep an older name, so that existing
    indexes stay readable: `records` lists document stores, `stub` marks placeholders, `live` names the file of an alive
    mask.
    """

    generation: str
    fingerprint: str
    public: int
    total: int
    segments: tuple[SegmentEntry, ...]
    records: tuple[StoreEntry, ...]
    files: tuple[FileEntry, ...] = ()
    stubs: int = 0


class Generations:
    """The generations of one index folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._generations = folder / "generations"
        self.current_file = folder / "current.json"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the lock of the index folder, so that only this run writes.

        Raises:
            IndexBusyError: another run has locked it.
            EngineError: the folder cannot be written. An unfinished generation is deleted.
        """
        with ExitStack() as stack:
            try:
                self._generations.mkdir(parents=True, exist_ok=True)
                stack.enter_context(
                    holding(self.folder / "lock", busy="Une autre indexation est en cours : attendez qu’elle finisse.")
                )
                try:
                    yield
                except BaseException:
                    self._sweep()  # frees space if the disk is full
                    raise
            except OSError as error:
                raise _unwritable(self.folder, error) from error

    def current(self) -> str | None:
        """Return the name of the current generation, or None before the first.

        Raises:
            IndexDamagedError: the pointer cannot be read.
            IndexRefusedError: the system refuses to read it.
        """
        try:
            name = unseal(self.current_file.read_text("utf-8"))["generation"]
            if not (isinstance(name, str) and name.isdecimal()):
                raise ValueError(name)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise unreadable(self.current_file, error) from error
        return name

    def path(self, generation: str) -> Path:
        """Return the folder of a generation."""
        return self._generations / generation

    def names(self) -> list[str]:
        """Return the names of complete generations, oldest first.

        Raises:
            OSError: the folder cannot be read.
        """
        if not self._generations.is_dir():
            return []
        return sorted(p.name for p in self._generations.iterdir() if p.name.isdigit())

    def previous(self) -> str | None:
        """Return the name of the generation published before the current one, or None if none is kept.

        Raises:
            IndexDamagedError: the pointer to the current generation cannot be read.
        """
        current = self.current()
        return max((name for name in self.names() if current is not None and name < current), default=None)

    def manifest(self, generation: str) -> Manifest:
        """Read a generation's manifest.

        Raises:
            IndexMissingError: there is no such generation.
            IndexDamagedError: it cannot be read.
            IndexRefusedError: the system refuses to read it.
        """
        try:
            return self._manifest(self.path(generation) / "manifest.json")
        except FileNotFoundError as error:
            raise IndexMissingError(f"La génération {generation} de l’index n’existe pas.") from error

    def fingerprint(self, generation: str) -> str | None:
        """Return the fingerprint (digest of schema, analysis and constants) of the program that wrote a generation.

        None is returned if the manifest is sound, but holds none since another version of the program wrote it.

        Raises:
            IndexMissingError: there is no such generation.
            IndexDamagedError: its manifest cannot be read.
            IndexRefusedError: the system refuses to read it.
        """
        path = self.path(generation) / "manifest.json"
        try:
            found = unseal(path.read_text("utf-8")).get("fingerprint")
        except FileNotFoundError as error:
            raise IndexMissingError(f"La génération {generation} de l’index n’existe pas.") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise unreadable(path, error) from error
        return found if isinstance(found, str) else None

    def written(self, generation: str) -> float:
        """Return when a generation was written, in seconds since the epoch.

        Raises:
            OSError: it cannot be read.
        """
        return (self.path(generation) / "manifest.json").stat().st_mtime

    def ids(self, generation: str) -> tuple[frozenset[str], frozenset[str]]:
        """Return the ids of a generation's public resources, and of its private ones.

        Raises:
            IndexDamagedError: they cannot be read.
            IndexRefusedError: the system refuses to read them.
        """
        try:
            return _ids(self.path(generation), "public"), _ids(self.path(generation), "private")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise unreadable(self.path(generation) / IDS, error) from error

    @staticmethod
    def _manifest(path: Path) -> Manifest:
        try:
            held = unseal(path.read_text("utf-8"))
            return Manifest(
                **{
                    **held,
                    "segments": tuple(SegmentEntry(**s) for s in held["segments"]),
                    "records": tuple(StoreEntry(**r) for r in held["records"]),
                    "files": tuple(FileEntry(**f) for f in held["files"]),
                }
            )
        except FileNotFoundError:
            raise
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise unreadable(path, error) from error

    def begin(self) -> Path:
        """Make an empty folder for the next generation. Needs the lock.

        Raises:
            OSError: it cannot be made.
        """
        self._sweep()
        # A random name, because worker processes of a killed run may go on writing for a moment.
        building = self._generations / f"{_BUILDING}-{os.getpid()}-{time.time_ns()}"
        building.mkdir(parents=True)
        return building

    def _sweep(self) -> None:
        """Delete every unfinished generation. Needs the lock."""
        for left in self._generations.glob(f"{_BUILDING}*"):
            shutil.rmtree(left, ignore_errors=True)

    def next_name(self) -> str:
        """Return the name of the next generation."""
        names = self.names()
        return f"{int(names[-1]) + 1 if names else 1:06}"

    def publish(
        self,
        building: Path,
        manifest: Manifest,
        base: tuple[Path, Manifest] | None,
        open_: Callable[[Path, Manifest], None],
    ) -> None:
        """Flush and verify a finished generation, make it current, and delete old ones. Needs the lock.

        Args:
            building: folder of the finished generation.
            manifest: its manifest, without the list of files.
            base: folder and manifest of the generation that it shares files with, or None if it shares none.
            open_: opens a generation as a reader would, and raises an error if that fails.

        Raises:
            IndexDamagedError: what is on the disk is not what was written.
            OSError: a file cannot be read, written or flushed.
        """
        known = {} if base is None else by_inode(base[0], base[1].files)
        complete = replace(manifest, files=tuple(list_files(building, known)))
        write_atomically(building / "manifest.json", seal(asdict(complete)).encode(), mode=0o644)
        for path in (building, *(p for p in building.rglob("*") if p.is_dir())):
            keep_to_ourselves(path)
            flush(path)
        if base is not None:
            _verify_taken(*base, complete)
        shared = {entry.digest for entry in known.values()}
        for entry in complete.files:
            if entry.digest not in shared:
                forget_cached(building / entry.path)
                if not verify_bytes(building, entry):
                    raise damaged(building / entry.path)
        open_(building, self._manifest(building / "manifest.json"))
        final = self.path(manifest.generation)
        os.rename(building, final)
        flush(self._generations)
        write_atomically(self.current_file, seal({"generation": manifest.generation}).encode(), mode=0o644)
        for name in self.names():
            if name not in (*self.names()[-KEPT:], manifest.generation):
                shutil.rmtree(self.path(name), ignore_errors=True)

    def hidden(self, generation: str) -> frozenset[str]:
        """Return the ids of resources that a generation hides from visitors: those that are private in it, and those
        that were removed when it was written because visitors must no longer see them.

        Raises:
            IndexDamagedError: they cannot be read.
            IndexRefusedError: the system refuses to read them.
        """
        try:
            return _ids(self.path(generation), "private", "hidden")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise unreadable(self.path(generation) / IDS, error) from error

    def may_answer(self, generation: str) -> bool:
        """Return whether a generation may answer in place of damaged newer ones: not if it shows visitors a resource
        that one of these hides.
        """
        newer = (name for name in self.names() if name > generation)
        return not any(_shows_more(self.path(generation), self.path(name)) for name in newer)

    def verify(self, generation: str) -> list[str]:
        """Read every byte of a generation, and return a French sentence for each difference from its manifest.

        Raises:
            IndexMissingError: there is no such generation.
            IndexDamagedError: its manifest cannot be read.
            IndexRefusedError: the system refuses to read any file.
        """
        folder, faults = self.path(generation), []
        manifest = self.manifest(generation)
        for entry in manifest.files:
            name = f"Le fichier {entry.path} de la génération {generation}"
            try:
                if not (folder / entry.path).is_file():
                    faults.append(f"{name} manque.")
                elif not verify_bytes(folder, entry):
                    faults.append(f"{name} est abîmé.")
            except OSError as error:
                if lacks_resources(error):
                    raise refused(error) from error
                faults.append(f"{name} ne peut être lu {reason_of(error).then('vérifiez ce fichier')}.")
        if not faults:
            try:
                verify_files(folder, manifest.files)
            except IndexDamagedError as error:
                faults.append(str(error))
        return faults


def _verify_taken(folder: Path, base: Manifest, new: Manifest) -> None:
    """Check every byte of the base generation's files that were rewritten rather than shared, so that damaged content
    never gets a valid new checksum.

    Raises:
        IndexDamagedError: a file of the base generation is damaged.
    """
    shared = {entry.path: entry.digest for entry in new.files}
    for entry in base.files:
        read = entry.path.startswith(("segments/", "records/"))
        if read and shared.get(entry.path) != entry.digest and not verify_bytes(folder, entry):
            raise damaged(folder / entry.path)


def link_tree(source: Path, target: Path) -> None:
    """Hard-link every file of a folder into another. Neither copy can damage the other, since files are replaced and
    never changed in place.

    Raises:
        OSError: a link cannot be made.
    """
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, place)


def _shows_more(older: Path, newer: Path) -> bool:
    """Return whether an older generation shows visitors a resource, or a title, that a newer one hides from them.

    Args:
        older: folder of the older generation.
        newer: folder of the newer one; if the ids of either cannot be read, the answer is yes.
    """
    try:
        hidden = _ids(newer, "hidden")
        shown = _ids(older, "public") & (hidden | _ids(newer, "private"))
        return bool(shown or _ids(older, "told") & hidden)
    except (OSError, ValueError, KeyError, TypeError):
        return True


def write_ids(
    folder: Path, *, public: Iterable[str], private: Iterable[str], told: Iterable[str], hidden: Iterable[str]
) -> None:
    """Write the file `IDS` of a generation, which lists its resource ids.

    Args:
        folder: folder of the generation.
        public: ids of the public resources.
        private: ids of the private ones.
        told: ids of the private ones whose titles visitors see.
        hidden: ids of the resources removed because visitors must no longer see them, not even in an older generation.

    Raises:
        OSError: the file cannot be written.
    """
    ids = {"public": sorted(public), "private": sorted(private), "told": sorted(told), "hidden": sorted(hidden)}
    (folder / IDS).write_text(seal(ids), "utf-8")


def _ids(folder: Path, *names: str) -> frozenset[str]:
    held = unseal((folder / IDS).read_text("utf-8"))
    return frozenset(one for name in names for one in held[name])


def _unwritable(folder: Path, error: OSError) -> EngineError:
    return EngineError(
        f"Impossible d’écrire dans « {folder} » {reason_of(error).then('vérifiez les droits et l’espace disque')}, "
        "puis relancez la commande. L’index d’avant, s’il y en a un, continue de répondre."
    )
