"""One indexing run: see what changed in the corpus, write that alone into the next generation, switch, report."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from indexer.catalogue import PageRow
from indexer.corpus import Corpus
from indexer.engine.base import Engine
from indexer.errors import EngineError
from indexer.identified import identify
from indexer.identity import Group
from indexer.importing import CACHE, Notice, unusable
from indexer.merging import Copy, merge_copies
from indexer.parsed import ParsedPages
from indexer.parsing.node import ParsedPage
from indexer.parsing.page import PARSER_VERSION
from indexer.progress import Progress
from indexer.resource import Resource
from indexer.scratch import open_scratch
from indexer.settings import Settings
from indexer.sources import SetAside

_STATE = "built.sqlite"
_MERGE_VERSION = 2
"""Bump when merging copies gives another resource: everything is then written again."""


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an indexing run did.

    Attributes:
        generation: the generation that answers now.
        switched: whether it is a new one.
        pages: pages in the corpus.
        resources: resources in the index; public: those of them that visitors find.
        added: resources written for the first time.
        updated: written again.
        removed: gone.
        set_aside: pages that could not be read.
        warnings: on resources written in this run.
        seconds: how long it took.
    """

    generation: str
    switched: bool
    pages: int
    resources: int
    public: int
    added: int
    updated: int
    removed: int
    set_aside: tuple[SetAside, ...]
    warnings: tuple[Notice, ...]
    seconds: float


def build(settings: Settings, engine: Engine, *, full: bool, progress: Progress) -> IndexReport:
    """Bring the index up to date with the corpus.

    Args:
        settings: where things are.
        engine: writes the index.
        full: write everything again, changed or not.
        progress: told of the stages.

    Raises:
        CorpusError: the corpus cannot be read.
        EngineError: the index cannot be written; the old generation goes on answering.
    """
    began = time.monotonic()
    corpus = Corpus(settings.corpus, create=False)
    try:
        with corpus.lock():
            parsed = ParsedPages(settings.index / CACHE, base=settings.site_url)
            state = _State(settings.index / _STATE)
            try:
                return _Run(corpus, parsed, state, engine, progress, began).build(full=full)
            except sqlite3.Error as error:
                raise unusable(settings, error) from error
            finally:
                state.close()
                parsed.close()
    finally:
        corpus.close()


class _Run:
    def __init__(
        self,
        corpus: Corpus,
        parsed: ParsedPages,
        state: _State,
        engine: Engine,
        progress: Progress,
        began: float,
    ) -> None:
        self._corpus, self._parsed, self._state = corpus, parsed, state
        self._engine, self._progress, self._began = engine, progress, began
        self._pages: dict[str, ParsedPage] = {}

    def build(self, *, full: bool) -> IndexReport:
        scan = self._corpus.scan()
        rows = {row.path: row for row in scan.pages}
        self._progress.begin("Lecture des pages", len(rows))
        groups = identify(self._corpus, self._parsed, scan.pages, advance=self._progress.advance)
        reasons = self._parsed.reasons()
        set_aside = [*scan.set_aside, *(SetAside(r.path, reasons[r.digest]) for r in scan.pages if r.digest in reasons)]

        status = self._engine.status()
        # Nothing is built upon a damaged generation.
        fresh = full or status.stale or status.generation is None or status.degraded is not None
        before = {} if fresh else self._state.signatures(status.generation)
        if before is None:
            # The state tells of another generation: a run was killed between the switch and its note of it.
            before, fresh = {}, True
        now = {group.id: _signature(group, rows, self._parsed.base) for group in groups}
        changed = [group for group in groups if before.get(group.id) != now[group.id]]
        removed = before.keys() - now.keys()
        switched = fresh or bool(changed) or bool(removed)
        warnings = self._write(changed, removed, rows, fresh=fresh) if switched else []
        status = self._engine.status()
        if status.generation is None:
            raise EngineError("L’index n’a pas pu être publié : relancez « python run.py index ».")
        if switched:
            self._state.save(status.generation, now)
            self._parsed.forget_all_but({row.digest for row in scan.pages})
        added = sum(1 for group in changed if group.id not in before)
        return IndexReport(
            generation=status.generation,
            switched=switched,
            pages=len(rows),
            resources=status.total,
            public=status.public,
            added=added,
            updated=len(changed) - added,
            removed=len(removed),
            set_aside=tuple(set_aside),
            warnings=tuple(warnings),
            seconds=round(time.monotonic() - self._began, 2),
        )

    def _write(
        self, changed: list[Group], removed: Iterable[str], rows: Mapping[str, PageRow], *, fresh: bool
    ) -> list[Notice]:
        self._progress.begin("Indexation", len(changed))
        warnings = []
        with self._engine.writer(fresh=fresh) as writer:
            for resource_id in sorted(removed):
                writer.remove(resource_id)
            for group in changed:
                resource = self._resource(group, rows)
                writer.put(resource)
                warnings += [
                    Notice(resource.source or resource.id, f"{resource.title} : {w}") for w in resource.warnings
                ]
                self._progress.advance(1)
            self._progress.begin("Écriture de la génération", 0)
        return warnings

    def _resource(self, group: Group, rows: Mapping[str, PageRow]) -> Resource:
        copies = []
        for sighting in group.sightings:
            row = rows[sighting.path]
            page = self._page(row.digest)
            listed = (page.theme,) if page.theme is not None else ()
            copies.append(Copy(page.nodes[sighting.ordinal], row.path, row.themes or listed))
        return merge_copies(group.id, copies, group.warnings, private=group.private)

    def _page(self, digest: str) -> ParsedPage:
        page = self._pages.get(digest)
        if page is None:
            if len(self._pages) >= 64:  # listings are asked for once a node
                self._pages.clear()
            page = self._pages[digest] = self._parsed.page(digest)
        return page


def _signature(group: Group, rows: Mapping[str, PageRow], base: str) -> str:
    """Changes whenever the resource that a group gives may change."""
    copies = [(s.path, s.ordinal, rows[s.path].digest, rows[s.path].themes) for s in group.sightings]
    text = json.dumps([PARSER_VERSION, _MERGE_VERSION, base, copies, group.warnings, group.private])
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


class _State:
    """What the generation that answers was written from: resource ids and signatures. Safe to delete."""

    def __init__(self, path: Path) -> None:
        self._db = open_scratch(
            path,
            """CREATE TABLE IF NOT EXISTS generation (name TEXT);
            CREATE TABLE IF NOT EXISTS resources (id TEXT PRIMARY KEY, signature TEXT) WITHOUT ROWID;""",
        )

    def signatures(self, generation: str | None) -> dict[str, str] | None:
        """Signatures by id, or None if they are of another generation."""
        if self._db.execute("SELECT name FROM generation").fetchone() != (generation,):
            return None
        return dict(self._db.execute("SELECT id, signature FROM resources"))

    def save(self, generation: str, signatures: Mapping[str, str]) -> None:
        """Note what a generation was written from."""
        self._db.execute("BEGIN")
        self._db.execute("DELETE FROM generation")
        self._db.execute("DELETE FROM resources")
        self._db.execute("INSERT INTO generation VALUES (?)", (generation,))
        self._db.executemany("INSERT INTO resources VALUES (?, ?)", signatures.items())
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Release the file."""
        self._db.close()
