"""Import pages and publications from sources into the corpus; each page is parsed to check that it shows resources."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from indexer.analysis import slug, theme_key
from indexer.corpus import FileRow, NodeKeys, PageInput, PageRow, Sighting, digest_of, digest_of_pieces
from indexer.corpus.file_names import address_of_place, path_of_file
from indexer.engine import Engine
from indexer.errors import EngineError, PageError, SourceError
from indexer.parsing.profile_file import ProfileFile, read_profile
from indexer.parsing.urls import normalise
from indexer.pipeline.withdrawal import withdraw
from indexer.pipeline.workspace import Workspace
from indexer.progress import Progress
from indexer.settings import Settings
from indexer.sources import Found, FoundPublication, Passed, SetAside, read_source, under_their_names
from indexer.storage.os_errors import reason_of

_WITHDRAWN = "Ressource devenue privée : les visiteurs ne la voient plus, sans attendre la prochaine indexation."
_CHECK = "lancez « python run.py check »"
_CHUNK = 512
"""Largest number of pages held in memory at once while they are parsed."""
_CHUNK_BYTES = 32 * 1024**2
"""Size in bytes from which the pages held in memory are parsed, however few; it bounds the memory of an import."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning about a page (French)."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The report of an import.

    Attributes:
        imported: number of pages that are new or changed.
        unchanged: number of pages that the corpus already held.
        set_aside: files that could not be imported: not read, or read and without a resource.
        warnings: warnings about pages that were imported.
        failures: paths that do not exist or cannot be opened (French sentences).
        resources: number of resources on the imported pages.
        rethemed: number of imported pages that the corpus already held and that only get a theme.
        passed_over: number of files that are no pages (images, styles, scripts), and of outdated captures of pages.
        publications: number of publications that are new, or were found at another place.
        known_publications: number of publications that the corpus already held at their place.
    """

    imported: int
    unchanged: int
    set_aside: tuple[SetAside, ...]
    warnings: tuple[Notice, ...]
    failures: tuple[str, ...]
    resources: int
    rethemed: int = 0
    passed_over: int = 0
    publications: int = 0
    known_publications: int = 0

    @property
    def succeeded(self) -> bool:
        """Return whether every path was read completely, and at least one page or publication could be read."""
        taken = self.imported + self.unchanged + self.publications + self.known_publications
        return not self.failures and taken > 0


def import_paths(
    settings: Settings,
    paths: Sequence[Path],
    *,
    theme: str | None,
    progress: Progress,
    engine: Engine,
    origin: str | None = None,
    names: Mapping[str, str] | None = None,
    profile: Path | None = None,
) -> ImportReport:
    """Import files, folders and zips into the corpus, and withdraw resources that thereby become private.

    Args:
        settings: settings of the archive.
        paths: files, folders and zips to import.
        theme: theme of everything imported, or None.
        progress: shows how far the reading is.
        origin: name of the source, for paths that do not identify one, such as files sent by a browser. A page imported
            later from the same origin under the same name replaces this one.
        names: original names of uploaded files, by their names on disk; the paths are then folders of such files.
        engine: the engine to withdraw resources from; its index need not exist yet.
        profile: file of the import profile that the pages of these sources are read by from now on, those imported
            before included; with None, each source keeps the profile that it has.

    Raises:
        ProfileError: the profile cannot be read, or used.
        CorpusError: the corpus cannot be written.
        EngineError: the pages are in the corpus, but visitors may still see resources that became private.
        IndexBusyError: another run holds the corpus.
    """
    held = None if profile is None else read_profile(profile)
    with Workspace(settings, create=True) as workspace:
        run = ImportRun(workspace, _given(theme), progress, origin=origin, names=names, profile=held)
        run.begin()
        for path in paths:
            run.read(path)
        run.keep()
        run.withdraw(engine)
        return run.report()


@dataclass(frozen=True, slots=True)
class RehearsedFile:
    """A publication that an import would store.

    Attributes:
        path: its path in what is imported, as people know it.
        sighting: the place at which the catalogue would list it.
        file: the file.
    """

    path: str
    sighting: Sighting
    file: FileRow


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What an import would do.

    Attributes:
        report: the report that it would return.
        rows: the pages that it would add to the catalogue, by path.
        files: the publications that are new, or would be listed at another place.
    """

    report: ImportReport
    rows: Mapping[str, PageRow]
    files: tuple[RehearsedFile, ...]


def rehearse(
    workspace: Workspace,
    paths: Sequence[Path],
    *,
    theme: str | None,
    progress: Progress,
    origin: str,
    names: Mapping[str, str] | None = None,
) -> Rehearsal:
    """Run an import without changing the corpus.

    Args:
        workspace: the locked corpus; pages that its cache lacks are parsed.
        paths: files, folders and zips that would be imported.
        theme: theme of everything imported, or None.
        progress: shows how far the reading is.
        origin: as for `import_paths`.
        names: as for `import_paths`.

    Returns:
        What `import_paths` would report, and add to the catalogue.

    Raises:
        CorpusError: the corpus cannot be read.
    """
    run = ImportRun(workspace, _given(theme), progress, origin=origin, names=names, dry=True)
    run.begin()
    for path in paths:
        run.read(path)
    return Rehearsal(run.report(), run.rows, tuple(run.files.values()))


class ImportRun:
    """One import into the locked corpus. Call `begin`, `read` or `read_entries`, `keep`, `withdraw`, `report` in order.

    Arguments are as for `import_paths`, the profile already read; with `dry`, nothing in the corpus is changed.
    """

    def __init__(
        self,
        workspace: Workspace,
        themes: tuple[str, ...],
        progress: Progress,
        *,
        origin: str | None,
        names: Mapping[str, str] | None,
        profile: ProfileFile | None = None,
        dry: bool = False,
    ) -> None:
        self._workspace, self._corpus, self._cache = workspace, workspace.corpus, workspace.cache
        self._themes, self._progress = themes, progress
        self._origin, self._names, self._profile, self._dry = origin, names, profile, dry
        self.rows: dict[str, PageRow] = {}
        self._met: set[str] = set()  # paths in the corpus of pages that this run has read
        self._by_digest: dict[str, PageRow] = {}
        self._imported = self._unchanged = self._resources = self._rethemed = self._passed_over = 0
        self._publications = self._known_publications = 0
        self.files: dict[tuple[str, str], RehearsedFile] = {}  # of a rehearsal, which adds nothing to the catalogue
        self._told: dict[str, tuple[int, list[Notice]]] = {}  # resources and warnings of what was imported, by place
        self._set_aside: list[SetAside] = []
        self._warnings: list[Notice] = []
        self._failures: list[str] = []
        self._unread: tuple[PageRow, ...] = ()

    def begin(self) -> None:
        """Scan the disk, so that pages that the catalogue does not list are not overwritten."""
        self._unread = self._corpus.scan().unread

    def read(self, path: Path) -> None:
        """Import all pages of one path."""
        self._progress.begin(f"Import de {path.name or path}", 0)
        try:
            entries = read_source(path)
            if self._names is not None:
                entries = under_their_names(entries, path, self._names)
            origin = self._origin or os.fsencode(path.resolve()).decode("utf-8", "backslashreplace")
            source = self._corpus.catalogue.source_name(origin, _source_name(path), keep=not self._dry)
            # A folder that is the copy of a site bears the site's name; a zip or page does not.
            self.read_entries(source, entries, root=path.resolve().name if path.is_dir() else "")
        except SourceError as error:
            self._failures.append(str(error))

    def read_entries(
        self, source: str, entries: Iterable[Found | FoundPublication | SetAside | Passed], *, root: str = ""
    ) -> None:
        """Import what a source yields, into the folder of that name.

        Args:
            source: name of the folder.
            entries: what the source yields.
            root: name of the folder that was read, empty if none was.
        """
        if self._profile is not None and self._corpus.set_profile(source, self._profile):
            self.begin()
        chunk: list[Found] = []
        size = 0
        for entry in entries:
            if isinstance(entry, SetAside):
                self._set_aside.append(entry)
            elif isinstance(entry, FoundPublication):
                self._keep_publication(source, root, entry)
            elif isinstance(entry, Found):
                chunk.append(entry)
                size += len(entry.raw)
            else:
                self._passed_over += 1
            if len(chunk) >= _CHUNK or size >= _CHUNK_BYTES:
                self._take(source, chunk)
                chunk, size = [], 0
        self._take(source, chunk)

    def _take(self, source: str, chunk: list[Found]) -> None:
        """Parse a chunk of pages on all cores, then store those that show resources."""
        profile = self._corpus.profile_of(source)
        digests = [digest_of(found.raw, "" if profile is None else profile.digest) for found in chunk]
        inputs = [
            PageInput(digest, found.kind, _reader(found.raw), profile)
            for digest, found in zip(digests, chunk, strict=True)
        ]
        self._cache.parse(inputs, self._progress.advance)
        for digest, found in zip(digests, chunk, strict=True):
            refusal = self._cache.refusal(digest)
            if refusal is not None:
                self._set_aside.append(SetAside(found.path, refusal.reason, refusal.no_resource))
            elif found.captured is None:
                self._keep(source, digest, found)
            else:
                self._keep_capture(source, digest, found, found.captured)

    def _keep_publication(self, source: str, root: str, found: FoundPublication) -> None:
        """Store a publication and the place where it was found; what it contains is read when it is indexed."""
        try:
            store = digest_of_pieces if self._dry else self._corpus.originals.store
            stored = store(found.pieces)
        except PageError as error:
            self._set_aside.append(SetAside(found.path, str(error)))
            return
        path = path_of_file(found.name.as_posix())
        address = found.address or address_of_place(PurePosixPath(path), root=root)
        sighting = Sighting(
            source, path, stored.digest, None if address is None else normalise(address), found.captured
        )
        file = FileRow(stored.digest, stored.size, found.media_type)
        if self._dry:
            rehearsed = RehearsedFile(found.path, sighting, file)
            known = sighting in self._corpus.catalogue.sightings_of(stored.digest)
            new = not known and self.files.get((source, path)) != rehearsed
            if new:
                self.files[source, path] = rehearsed
        else:
            # Files that people send have no place of their own: another one of the same name may be another document.
            replacing = self._origin is None or found.captured is not None
            new = self._corpus.catalogue.put_sighting(sighting, file, replacing=replacing)
        self._publications += new
        self._known_publications += not new
        self._progress.advance(1)

    def _keep(self, source: str, digest: str, found: Found) -> None:
        same = self._row_with(digest)
        if same is not None and self._corpus.holds(same):
            self._met.add(same.path)
            self._add_themes(same)
            return
        if same is not None:  # the stored page is damaged or missing: store it again
            place = same.path
            before: PageRow | None = same
        else:
            place, before = self._free_place(source, digest, found)
        self._store(place, before, digest, found)

    def _keep_capture(self, source: str, digest: str, found: Found, captured: str) -> None:
        """Keep the latest capture of an address, in whichever order its captures come."""
        place = self._corpus.place(source, found.name, found.kind)
        before = self._row_at(place) or self._row_with(digest)
        if before is not None and (before.path in self.rows or self._corpus.holds(before)):
            if before.digest == digest:
                later = replace(before, captured=max(captured, before.captured or ""))
                if later != before:
                    self._enter(later)
                if before.path in self._met:
                    self._passed_over += 1
                else:
                    self._met.add(before.path)
                    self._add_themes(later)
                return
            if (before.captured or "") >= captured:
                self._passed_over += 1
                return
        self._store(place, self._row_at(place), digest, found)

    def _store(self, place: str, before: PageRow | None, digest: str, found: Found) -> None:
        # The next version of a page keeps the themes given by an earlier `--theme`.
        themes = _add(() if before is None else before.themes, self._themes)
        if self._dry:
            row = PageRow(place, digest, len(found.raw), 0, found.kind, themes)
        else:
            row = self._corpus.store(place, found.raw, found.kind, themes)
        self._enter(replace(row, captured=found.captured))
        self._met.add(place)
        if place in self._told:  # a later capture of the same address
            self._passed_over += 1
        else:
            self._imported += 1
        page = self._cache.page(digest)
        warnings = [Notice(found.path, f"{n.title} : {w}") for n in page.nodes for w in n.warnings]
        self._told[place] = (len(page.nodes), warnings)

    def _free_place(self, source: str, digest: str, found: Found) -> tuple[str, PageRow | None]:
        """Return the path at which to store a page, and the row of the version that it replaces there, if any."""
        place = self._corpus.place(source, found.name, found.kind)
        before = self._row_at(place)
        if before is None:
            return place, None
        # Browsers save different pages under the same name: another resource gets another path, and keeps it.
        path = PurePosixPath(place)
        elsewhere = re.compile(re.escape(f"{path.parent}/{path.stem}") + "-[0-9a-f]{8}" + re.escape(path.suffix))
        rows = [row for row in self._rows_from(f"{path.parent}/{path.stem}-") if elsewhere.fullmatch(row.path)]
        for row in (before, *rows):
            if row.path not in self._met and not self._are_others(row, digest):
                return row.path, row
        return path.with_stem(f"{path.stem}-{digest[:8]}").as_posix(), None

    def _add_themes(self, same: PageRow) -> None:
        themes = _add(same.themes, self._themes)
        if themes == same.themes:
            self._unchanged += 1
        else:
            self._enter(replace(same, themes=themes))
            self._imported += 1
            self._rethemed += 1
            self._resources += len(self._cache.page(same.digest).nodes)

    def _are_others(self, before: PageRow, now: str) -> bool:
        """Return whether an earlier page and the one with the digest `now` have no resource in common: none with the
        same address or, without an address, the same title and type.
        """
        if not self._cache.knows(before.digest):  # the cache was deleted
            self._cache.parse([self._corpus.page_input(before)], _ignore)
        old, new = self._cache.keys_of(before.digest), self._cache.keys_of(now)
        return bool(old) and not any(_may_be_one(a, b) for a in old for b in new)

    def _row_at(self, place: str) -> PageRow | None:
        return self.rows.get(place) or self._corpus.catalogue.page(place)

    def _row_with(self, digest: str) -> PageRow | None:
        return self._by_digest.get(digest) or next(iter(self._corpus.catalogue.with_content(digest)), None)

    def _rows_from(self, prefix: str) -> list[PageRow]:
        rows = {row.path: row for row in self._corpus.catalogue.pages_from(prefix)}
        rows |= {path: row for path, row in self.rows.items() if path.startswith(prefix)}
        return [rows[path] for path in sorted(rows)]

    def _enter(self, row: PageRow) -> None:
        before = self.rows.get(row.path)
        if before is not None and before.digest != row.digest:  # an earlier capture: its content is no longer there
            self._by_digest.pop(before.digest, None)
        self.rows[row.path] = row
        self._by_digest[row.digest] = row

    def keep(self) -> None:
        """Flush the imported pages to disk, and add them to the catalogue."""
        if self.rows:
            self._corpus.record(self.rows.values())

    def withdraw(self, engine: Engine) -> None:
        """Give ids to new resources, and withdraw resources that are private now from visitors.

        Raises:
            CorpusError: the corrections cannot be read.
            EngineError: the resources could not be withdrawn.
        """
        unread = tuple(row for row in self._unread if row.path not in self.rows)
        self._workspace.assembler  # noqa: B018 - corrections that cannot be read are an error of their own
        try:
            withdrawn = withdraw(self._workspace, engine, unread)
        except (EngineError, OSError, sqlite3.Error) as error:
            ending = (
                f"({error}) : lancez"
                if isinstance(error, EngineError)
                else f"{reason_of(error).then(_CHECK)}, puis lancez"
            )
            raise EngineError(
                "Les pages sont dans le corpus, mais l’index n’a pas pu être mis à jour : ce qu’elles rendent privé "
                f"s’y trouve peut-être encore pour les visiteurs {ending} « python run.py index »."
            ) from error
        self._warnings += [Notice(r.source or r.id, f"{r.title} : {_WITHDRAWN}") for r in withdrawn]

    def report(self) -> ImportReport:
        """Return the report of this run."""
        return ImportReport(
            imported=self._imported,
            unchanged=self._unchanged,
            set_aside=tuple(self._set_aside),
            warnings=(*(one for _, warnings in self._told.values() for one in warnings), *self._warnings),
            failures=tuple(self._failures),
            resources=self._resources + sum(resources for resources, _ in self._told.values()),
            rethemed=self._rethemed,
            passed_over=self._passed_over,
            publications=self._publications,
            known_publications=self._known_publications,
        )


def _may_be_one(a: NodeKeys, b: NodeKeys) -> bool:
    if a.keys and b.keys:
        return not set(a.keys).isdisjoint(b.keys)
    return a.namesake == b.namesake


def _given(theme: str | None) -> tuple[str, ...]:
    return (theme.strip(),) if theme and theme.strip() else ()


def _ignore(_: int) -> None:
    """Ignore a progress report."""


def _reader(raw: bytes) -> Callable[[], bytes]:
    return lambda: raw


def _add(themes: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    keys = {theme_key(theme) for theme in themes}
    return themes + tuple(theme for theme in more if theme_key(theme) not in keys)


def _source_name(path: Path) -> str:
    """Return the name of a source's folder: the name of its path, simplified."""
    name = path.resolve().name
    stem = Path(name).stem if path.is_file() else name
    return slug(stem) or hashlib.blake2b(name.encode(errors="replace"), digest_size=4).hexdigest()
