"""One import: pages from sources into the corpus, each read once to see that it is a resource page."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.catalogue import PageRow
from indexer.corpus import Corpus, digest_of
from indexer.errors import SourceError
from indexer.french.folding import fold
from indexer.identified import identify
from indexer.parsed import PageInput, ParsedPages
from indexer.parsing.themes import theme_key
from indexer.progress import Progress
from indexer.settings import Settings
from indexer.sources import Found, SetAside, read_source

CACHE = "pages.sqlite"
_CHUNK = 512
"""Pages held in memory at once while they are parsed."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning on a page (French)."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did.

    Attributes:
        imported: pages new or changed.
        unchanged: pages that the corpus held already.
        set_aside: files that could not be imported.
        warnings: on pages that were.
        failures: paths that do not exist or cannot be opened (French sentences).
        resources: resources on the imported pages.
    """

    imported: int
    unchanged: int
    set_aside: tuple[SetAside, ...]
    warnings: tuple[Notice, ...]
    failures: tuple[str, ...]
    resources: int

    @property
    def succeeded(self) -> bool:
        """Whether every path was read to its end and something could be read."""
        return not self.failures and self.imported + self.unchanged > 0


def import_paths(settings: Settings, paths: Sequence[Path], *, theme: str | None, progress: Progress) -> ImportReport:
    """Import files, folders and zips into the corpus.

    Args:
        settings: where the corpus is.
        paths: what to import.
        theme: theme of everything imported, or None.
        progress: told as pages are read.

    Raises:
        CorpusError: the corpus cannot be written.
        IndexBusyError: another run is at work.
    """
    corpus = Corpus(settings.corpus, create=True)
    try:
        with corpus.lock():
            parsed = ParsedPages(settings.index / CACHE, base=settings.site_url)
            try:
                run = _Run(corpus, parsed, (theme.strip(),) if theme and theme.strip() else (), progress)
                for path in paths:
                    run.read(path)
                return run.finish()
            finally:
                parsed.close()
    finally:
        corpus.close()


class _Run:
    def __init__(self, corpus: Corpus, parsed: ParsedPages, themes: tuple[str, ...], progress: Progress) -> None:
        self._corpus, self._parsed, self._themes, self._progress = corpus, parsed, themes, progress
        self._rows: dict[str, PageRow] = {}
        self._by_digest: dict[str, PageRow] = {}
        self._imported = self._unchanged = self._resources = 0
        self._set_aside: list[SetAside] = []
        self._warnings: list[Notice] = []
        self._failures: list[str] = []

    def read(self, path: Path) -> None:
        """Import everything under one path."""
        self._progress.begin(f"Import de {path.name or path}", 0)
        try:
            entries = read_source(path)
            origin = str(path.resolve())
            source = self._corpus.catalogue.source_name(origin, _source_name(path))
            chunk: list[Found] = []
            for entry in entries:
                if isinstance(entry, SetAside):
                    self._set_aside.append(entry)
                elif isinstance(entry, Found):
                    chunk.append(entry)
                if len(chunk) >= _CHUNK:
                    self._take(source, chunk)
                    chunk = []
            self._take(source, chunk)
        except SourceError as error:
            self._failures.append(str(error))

    def _take(self, source: str, chunk: list[Found]) -> None:
        """Parse a chunk of pages, all cores at once, then keep those that are resource pages."""
        digests = [digest_of(found.raw) for found in chunk]
        inputs = [
            PageInput(digest, found.kind, _reader(found.raw)) for digest, found in zip(digests, chunk, strict=True)
        ]
        self._parsed.parse(inputs, self._progress.advance)
        for digest, found in zip(digests, chunk, strict=True):
            reason = self._parsed.reason(digest)
            if reason is not None:
                self._set_aside.append(SetAside(found.path, reason))
            else:
                self._keep(source, digest, found)

    def _keep(self, source: str, digest: str, found: Found) -> None:
        place = self._corpus.place(source, found.name, found.kind)
        before = self._row_at(place)
        same = self._row_with(digest)
        if same is not None:
            self._add_themes(same)
            return
        if before is not None and self._are_others(before.digest, digest):
            # Browsers give page after page the same name: another resource takes another place.
            found = Found(found.path, found.name.with_stem(f"{found.name.stem}-{digest[:8]}"), found.raw, found.kind)
            before = None
        # What `--theme` once said of a page holds for its next version.
        themes = _add(() if before is None else before.themes, self._themes)
        row = self._corpus.store(source, found.name, found.raw, found.kind, themes)
        self._enter(row)
        self._imported += 1
        page = self._parsed.page(digest)
        self._resources += len(page.nodes)
        self._warnings += [Notice(found.path, f"{n.title} : {w}") for n in page.nodes for w in n.warnings]

    def _add_themes(self, same: PageRow) -> None:
        themes = _add(same.themes, self._themes)
        if themes == same.themes:
            self._unchanged += 1
        else:
            self._enter(PageRow(same.path, same.digest, same.size, same.mtime_ns, same.kind, themes))
            self._imported += 1

    def _are_others(self, before: str, now: str) -> bool:
        """Whether two versions of a page show only resources with addresses, and none in common."""
        if self._parsed.reason(before) is not None:
            return False
        old, new = ([set(keys) for keys in self._parsed.keys_of(digest)] for digest in (before, now))
        return all(old) and all(new) and bool(old) and not set().union(*old) & set().union(*new)

    def _row_at(self, place: str) -> PageRow | None:
        return self._rows.get(place) or self._corpus.catalogue.page(place)

    def _row_with(self, digest: str) -> PageRow | None:
        row = self._by_digest.get(digest) or self._corpus.catalogue.same_content(digest)
        # A page removed from the corpus by hand is imported again.
        return row if row is not None and (self._corpus.folder / row.path).is_file() else None

    def _enter(self, row: PageRow) -> None:
        self._rows[row.path] = row
        self._by_digest[row.digest] = row

    def finish(self) -> ImportReport:
        """Make it last, give ids to new resources, and report."""
        if self._rows:
            self._corpus.record(self._rows.values())
            identify(self._corpus, self._parsed)
        return ImportReport(
            imported=self._imported,
            unchanged=self._unchanged,
            set_aside=tuple(self._set_aside),
            warnings=tuple(self._warnings),
            failures=tuple(self._failures),
            resources=self._resources,
        )


def _reader(raw: bytes) -> Callable[[], bytes]:
    return lambda: raw


def _add(themes: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    keys = {theme_key(theme) for theme in themes}
    return themes + tuple(theme for theme in more if theme_key(theme) not in keys)


def _source_name(path: Path) -> str:
    """Folder of a source: its name, simplified."""
    name = path.resolve().name
    stem = Path(name).stem if path.is_file() else name
    slug = "-".join(re.findall(r"[a-z0-9]+", fold(stem)))[:60].strip("-")
    return slug or hashlib.blake2b(name.encode(errors="replace"), digest_size=4).hexdigest()
