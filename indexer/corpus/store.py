"""The corpus on disk: pages as they were imported, one folder for each source, and the catalogue.

corpus/
catalogue.sqlite     ids and digests
exemple/…            a source: pages in any depth of folders
exemple/profile.toml its import profile, where it has one
public.sqlite        what was public, and since when (see `public_records`)
_publications/       files of publications (see `originals`)
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from indexer.corpus.catalogue import CATALOGUE, Catalogue, FileRow, PageRow, Sighting
from indexer.corpus.file_names import path_of_file
from indexer.corpus.originals import PUBLICATIONS, Originals
from indexer.corpus.page_cache import PageInput
from indexer.errors import CorpusError, ProfileError
from indexer.parsing.node import PageKind
from indexer.parsing.profile import Profile
from indexer.parsing.profile_file import ProfileFile, read_profile
from indexer.sources.entry import MAX_PAGE_BYTES, TOO_LARGE, SetAside
from indexer.sources.publication_files import describe_no_publication, is_named_as_publication, publication_type
from indexer.storage.files import write_atomically
from indexer.storage.locks import holding
from indexer.storage.os_errors import because, lacks_resources, reason_of

PROFILE = "profile.toml"
"""Name of an import profile in the folder of its source."""
RESTORING = ".restoring"
COMPLETE = ".complete.json"
"""File that a restore writes, in the folder where it unpacks, once everything is unpacked and verified."""
_SUFFIX = {PageKind.HTML: ".html", PageKind.EXPORT: ".txt"}
_KIND = {".html": PageKind.HTML, ".htm": PageKind.HTML, ".xhtml": PageKind.HTML, ".txt": PageKind.EXPORT}
_DRAFT = re.compile(r"\.([0-9a-f]{32}|.+\.(html?|xhtml|txt))\.new", re.IGNORECASE)
"""Matches the name of a page being written, or left unfinished by a killed import."""
_HEAD, _PIECE = 4096, 1 << 20
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan of the corpus on disk found.

    Attributes:
        pages: every page, by path.
        set_aside: files that cannot be read, with reasons.
        unread: files among these that the catalogue knows from an earlier scan.
    """

    pages: tuple[PageRow, ...]
    set_aside: tuple[SetAside, ...]
    unread: tuple[PageRow, ...]


class Corpus:
    """An open corpus folder.

    Args:
        folder: the corpus folder.
        create: create the folder if it does not exist.

    Raises:
        CorpusError: it does not exist, or cannot be read or written.
    """

    def __init__(self, folder: Path, *, create: bool) -> None:
        self.folder = folder
        with _reporting(folder):
            if (folder / RESTORING / COMPLETE).exists():
                raise CorpusError("Une restauration n’est pas finie : relancez « python run.py restore » avec --force.")
            if create:
                folder.mkdir(parents=True, exist_ok=True)
            elif not folder.is_dir():
                raise CorpusError(f"Le dossier « {folder} » n’existe pas : importez d’abord des pages.")
        self.catalogue = Catalogue(folder / CATALOGUE)
        self.originals = Originals(folder / PUBLICATIONS)
        self._profiles: dict[str, Profile | None] = {}

    def lock(self) -> AbstractContextManager[None]:
        """Return a context manager that locks the corpus for changes. On entry, it raises IndexBusyError if another run
        holds the lock, and CorpusError if the corpus cannot be written.
        """
        return locked(self.folder)

    def store(self, path: str, raw: bytes, kind: PageKind, themes: tuple[str, ...]) -> PageRow:
        """Store a page's bytes at a path that `place` returned, atomically replacing a page already there.

        The catalogue lists it only after `record`. If a run is killed in between, the next scan finds the page.

        Raises:
            CorpusError: it cannot be written.
        """
        target = self.folder / path
        with _reporting(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, raw, mode=0o666, flushed=False)
            stat = target.stat()
        profile = self._digest_for(path)
        return PageRow(path, digest_of(raw, profile), len(raw), stat.st_mtime_ns, kind, themes, profile=profile)

    def profile_of(self, source: str) -> Profile | None:
        """Return the import profile (how to read the pages) of a source, or None if it has none; it is read once a run.

        Raises:
            CorpusError: it cannot be read, or used.
        """
        if source not in self._profiles:
            path = self.folder / source / PROFILE
            try:
                held = read_profile(path).profile if source and path.exists() else None
            except ProfileError as error:
                raise CorpusError(str(error)) from error
            self._profiles[source] = held
        return self._profiles[source]

    def set_profile(self, source: str, file: ProfileFile) -> bool:
        """Store the import profile of a source, and return whether it has changed.

        A `scan` must follow, since every page of the source is then read differently.

        Raises:
            CorpusError: it cannot be written.
        """
        path = self.folder / source / PROFILE
        with _reporting(path):
            if path.exists() and path.read_bytes() == file.raw:
                return False
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, file.raw, mode=0o666)
        self._profiles.pop(source, None)
        return True

    def page_input(self, row: PageRow) -> PageInput:
        """Return what the page cache needs to parse a page.

        Raises:
            CorpusError: the import profile of its source cannot be read, or used.
        """
        profile = self.profile_of(_source_of(row.path))
        # A profile edited while a run reads pages is for the next run, which finds it by its digest.
        return PageInput(row.digest, row.kind, partial(self.read, row.path), profile)

    def _digest_for(self, path: str) -> str:
        profile = self.profile_of(_source_of(path))
        return "" if profile is None else profile.digest

    def record(self, rows: Iterable[PageRow]) -> None:
        """Flush stored pages to disk, then add them all to the catalogue in one transaction.

        Raises:
            CorpusError: the catalogue cannot be written.
        """
        # One flush of the whole disk is cheaper than flushing thousands of files one by one.
        os.sync()
        with self.catalogue.transaction():
            for row in rows:
                self.catalogue.put_page(row)

    @staticmethod
    def place(source: str, name: PurePosixPath, kind: PageKind) -> str:
        """Return the path of a page within the corpus: its source's folder, and its own name made safe, with the suffix
        of its kind.
        """
        parts = [_safe(part) for part in name.parts if part.strip("/") not in {"", ".", ".."}] or ["page"]
        if _KIND.get(PurePosixPath(parts[-1]).suffix.lower()) is not kind:
            parts[-1] += _SUFFIX[kind]
        return PurePosixPath(source, *parts).as_posix()

    def read(self, path: str) -> bytes:
        """Return the bytes of a page.

        Raises:
            CorpusError: it cannot be read.
        """
        with _reporting(self.folder / path):
            return (self.folder / path).read_bytes()

    def holds(self, row: PageRow) -> bool:
        """Return whether a page is on disk with the content that the catalogue lists."""
        try:
            return digest_of((self.folder / row.path).read_bytes(), row.profile) == row.digest
        except OSError:
            return False

    def scan(self) -> Scan:
        """List every page on disk, update the catalogue for those whose size or time changed, and remove missing ones
        from it. Publications that somebody put beside pages are stored with the others.

        Raises:
            CorpusError: a folder cannot be listed, the catalogue cannot be read or written, or no file can be opened.
        """
        self._profiles.clear()
        self.originals.sweep()
        known = {row.path: row for row in self.catalogue.pages()}
        pages: dict[str, PageRow] = {}
        changed: list[PageRow] = []
        set_aside: list[SetAside] = []
        beside: list[tuple[str, os.DirEntry[str]]] = []
        for path, kind, entry in self._files(beside):
            try:
                stat = entry.stat(follow_symlinks=False)
                row = known.get(path)
                profile = self._digest_for(path)
                seen = (stat.st_size, stat.st_mtime_ns, kind, profile)
                if row is None or (row.size, row.mtime_ns, row.kind, row.profile) != seen:
                    if stat.st_size > MAX_PAGE_BYTES:
                        set_aside.append(SetAside(path, TOO_LARGE))
                        continue
                    themes = () if row is None else row.themes
                    raw = Path(entry.path).read_bytes()
                    # A page that was edited by hand no longer counts as a capture.
                    same = row is not None and digest_of(raw, row.profile) == row.digest
                    captured = row.captured if row is not None and same else None
                    digest = digest_of(raw, profile)
                    row = PageRow(path, digest, stat.st_size, stat.st_mtime_ns, kind, themes, captured, profile)
                    changed.append(row)
                pages[path] = row
            except OSError as error:
                if lacks_resources(error):  # nothing is wrong with this page
                    raise _unusable(self.folder / path, error) from error
                set_aside.append(SetAside(path, f"fichier illisible ({because(error)})."))
        with self.catalogue.transaction():
            for row in changed:
                self.catalogue.put_page(row)
            # Pages that cannot be read stay in the catalogue, so that they keep their themes.
            self.catalogue.drop_pages(known.keys() - pages.keys() - {entry.path for entry in set_aside})
        unread = tuple(known[entry.path] for entry in set_aside if entry.path in known)
        set_aside += self._take_up(beside)
        return Scan(tuple(pages[path] for path in sorted(pages)), tuple(set_aside), unread)

    def _take_up(self, beside: Iterable[tuple[str, os.DirEntry[str]]]) -> Iterator[SetAside]:
        """Store publications that somebody put beside pages, unless they are stored already; yield those that cannot be
        read. `beside` gives the path in the corpus and the directory entry of each.
        """
        if not beside:
            return
        sizes = {file.digest: file.size for file in self.catalogue.files()}
        known = {(one.source, one.path): sizes.get(one.digest) for one in self.catalogue.sightings()}
        for path, entry in beside:
            source, _, inner = path.partition("/")
            place = path_of_file(inner)
            try:
                if not inner or known.get((source, place)) == entry.stat(follow_symlinks=False).st_size:
                    continue
                with open(entry.path, "rb") as file:
                    head = file.read(_HEAD)
                    media_type = publication_type(entry.name, head)
                    if media_type is None:
                        yield SetAside(path, describe_no_publication(entry.name, head) or "")
                        continue
                    file.seek(0)
                    stored = self.originals.store(iter(partial(file.read, _PIECE), b""))
            except OSError as error:
                yield SetAside(path, f"fichier illisible ({because(error)}).")
                continue
            row = FileRow(stored.digest, stored.size, media_type)
            self.catalogue.put_sighting(Sighting(source, place, stored.digest), row, replacing=True)

    def _files(self, beside: list[tuple[str, os.DirEntry[str]]]) -> Iterator[tuple[str, PageKind, os.DirEntry[str]]]:
        """Yield the page files of the corpus, with path and kind; hidden files, links and files of other kinds are
        skipped, and publications added to `beside`.

        Drafts left by a killed import are deleted. Scanning needs the lock, so no draft is being written.
        """
        folders = [self.folder]
        outer = len(str(self.folder).rstrip(os.sep)) + 1
        while folders:
            with _reporting(folders[-1]), os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        if _DRAFT.fullmatch(entry.name):
                            os.unlink(entry.path)
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if entry.path[outer:] != PUBLICATIONS:
                            folders.append(Path(entry.path))
                        continue
                    # Plain strings, because Path objects took most of the time of scanning a large corpus.
                    kind = _KIND.get(entry.name[entry.name.rfind(".") :].lower())
                    if kind is not None and entry.is_file(follow_symlinks=False):
                        yield entry.path[outer:].replace(os.sep, "/"), kind, entry
                    elif is_named_as_publication(entry.name) and entry.is_file(follow_symlinks=False):
                        beside.append((entry.path[outer:].replace(os.sep, "/"), entry))

    def close(self) -> None:
        """Close the catalogue."""
        self.catalogue.close()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a corpus for changes; the system releases the lock when the run ends, however it ends.

    Raises:
        IndexBusyError: another run holds it.
        CorpusError: it cannot be written.
    """
    with ExitStack() as stack:
        with _reporting(folder):
            stack.enter_context(
                holding(folder / ".lock", busy="Un import ou une indexation est en cours : attendez sa fin.")
            )
        yield


def digest_of(raw: bytes, profile: str = "") -> str:
    """Return the BLAKE2b digest of a page's bytes, as 32 hexadecimal digits.

    Args:
        raw: the bytes.
        profile: digest of the import profile by which they are read, empty for the shipped one. The same bytes under
            another profile count as another page.
    """
    return hashlib.blake2b(raw, digest_size=16, key=profile.encode()).hexdigest()


def _source_of(path: str) -> str:
    source, slash, _ = path.partition("/")
    return source if slash else ""


def _safe(part: str) -> str:
    """Return a file name that any system accepts: never hidden, and shortened if it has more than 150 bytes."""
    name = _UNSAFE.sub("_", part).lstrip(".") or "_"
    if len(name.encode()) > 150:
        stem, dot, suffix = name.rpartition(".")
        name = f"{(stem or suffix)[:40]}-{digest_of(part.encode(errors='replace'))[:12]}" + (dot + suffix)[:12] * bool(
            stem
        )
    return name


@contextmanager
def _reporting(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _unusable(path, error) from error


def _unusable(path: Path, error: OSError) -> CorpusError:
    return CorpusError(
        f"Impossible de lire ou d’écrire « {path} » {reason_of(error).then('vérifiez les droits et l’espace disque')}."
    )
