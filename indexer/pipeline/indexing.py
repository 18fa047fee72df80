"""One indexing run: see what changed in the corpus, write that alone into the next generation, switch, report."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from indexer.corpus.catalogue import PageRow
from indexer.corpus.corrections import CORRECTIONS, Correction, Corrections
from indexer.corpus.page_cache import ParsedPages
from indexer.corpus.store import Corpus
from indexer.engine.protocol import Engine, Returning
from indexer.errors import EngineError
from indexer.pipeline.changes import compare
from indexer.pipeline.importing import CACHE, Notice, unusable
from indexer.pipeline.provenance import BUILT, Basis, Built
from indexer.progress import Progress
from indexer.resolution.assembler import Assembler, Ground, Origin
from indexer.resolution.clustering import Group
from indexer.resource import Audience
from indexer.settings import Settings
from indexer.sources import SetAside


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
            built = Built(settings.index / BUILT)
            try:
                # What was corrected before this stage began is in this run: who asks for one may count on it.
                progress.begin("Lecture des corrections", 0)
                corrections = Corrections(settings.corpus / CORRECTIONS)
                assembler = Assembler(parsed, corrections.all(), corrections.renames())
                return _Run(corpus, parsed, assembler, built, engine, progress, began).build(full=full)
            except sqlite3.Error as error:
                raise unusable(settings, error) from error
            finally:
                built.close()
                parsed.close()
    finally:
        corpus.close()


@dataclass(frozen=True, slots=True)
class ReturnReport:
    """What going back did.

    Attributes:
        generation: the generation that answers now.
        like: the one whose resources it holds.
        resources: resources in it; public: those of them that visitors find.
        kept_back: ids of resources that it held and visitors may not see any more: left out, or private as today.
    """

    generation: str
    like: str
    resources: int
    public: int
    kept_back: tuple[str, ...]


def go_back(settings: Settings, engine: Returning) -> ReturnReport:
    """Let the generation before answer again, until the next run, which redoes what changed since.

    What is withdrawn stays out, and what is private today stays private: going back is no way round a correction.

    Args:
        settings: where things are.
        engine: keeps the generation before.

    Raises:
        IndexMissingError: there is none.
        IndexBusyError: a run is at work.
        CorpusError: the corrections cannot be read.
        EngineError: the index cannot be written.
    """
    corpus = Corpus(settings.corpus, create=False)
    try:
        with corpus.lock():
            corrections = Corrections(settings.corpus / CORRECTIONS).all()
            built = Built(settings.index / BUILT)
            try:
                return _go_back(engine, corrections, built)
            except sqlite3.Error as error:
                raise unusable(settings, error) from error
            finally:
                built.close()
    finally:
        corpus.close()


def _go_back(engine: Returning, corrections: Mapping[str, Correction], built: Built) -> ReturnReport:
    withdrawn = {resource_id for resource_id, correction in corrections.items() if correction.withdrawn is True}
    reserved = {resource_id for resource_id, correction in corrections.items() if correction.private is True}
    put: list[str] = []
    with engine.back() as way:
        kept_back = sorted(withdrawn | reserved | set(way.exposed))
        for resource_id in kept_back:
            today = None if resource_id in withdrawn else engine.get(resource_id, audience=Audience.STAFF)
            if today is not None and today.private:
                way.writer.put(today)
                put.append(resource_id)
            else:
                way.writer.remove(resource_id)
    status = engine.status()
    origins = built.origins(way.generation)
    if origins is not None and status.generation is not None:
        # What was touched is as if written from something else: the next run writes it again, or removes it.
        left = {i: origin for i, origin in origins.items() if i not in kept_back} | dict.fromkeys(put, _ELSE)
        built.save(status.generation, Basis(None, Ground("", {})), left)
    return ReturnReport(status.generation or "", way.generation, status.total, status.public, tuple(kept_back))


_ELSE = Origin("", (), "", ())
"""Of a resource that is not what its copies give: never current."""


class _Run:
    def __init__(
        self,
        corpus: Corpus,
        parsed: ParsedPages,
        assembler: Assembler,
        built: Built,
        engine: Engine,
        progress: Progress,
        began: float,
    ) -> None:
        self._corpus, self._parsed, self._assembler, self._built = corpus, parsed, assembler, built
        self._engine, self._progress, self._began = engine, progress, began

    def build(self, *, full: bool) -> IndexReport:
        scan = self._corpus.scan()
        rows = {row.path: row for row in scan.pages}
        self._progress.begin("Lecture des pages", len(rows))
        status = self._engine.status()
        # Nothing is built upon a damaged generation.
        fresh = full or status.stale or status.generation is None or status.degraded is not None
        comparison = compare(
            self._corpus,
            self._parsed,
            self._assembler,
            self._built,
            None if fresh else status.generation,
            scan.pages,
            unread=scan.unread,
            advance=self._progress.advance,
        )
        reasons = self._parsed.reasons()
        set_aside = [*scan.set_aside, *(SetAside(r.path, reasons[r.digest]) for r in scan.pages if r.digest in reasons)]

        before = comparison.before
        if before is None:
            # Nothing to compare with; or a run was killed between the switch and its note of it.
            before, fresh = {}, True
        kept = [group for group in comparison.groups if not self._assembler.is_withdrawn(group.id)]
        now = {group.id: self._assembler.signature(group, rows) for group in kept}
        changed = [group for group in kept if not self._assembler.is_current(before.get(group.id), now[group.id])]
        removed = before.keys() - now.keys()
        switched = fresh or bool(changed) or bool(removed)
        origins: dict[str, Origin] = {}
        shown = self._built.origins(status.generation) or {} if fresh else before
        hidden = self._hidden(comparison.groups, {i: shown[i] for i in shown.keys() - now.keys()})
        warnings = self._write(changed, removed, hidden, rows, origins, fresh=fresh) if switched else []
        since, status = status.generation, self._engine.status()
        if status.generation is None:
            raise EngineError("L’index n’a pas pu être publié : relancez « python run.py index ».")
        if switched:
            marks = self._built.save(
                status.generation, comparison.basis, origins, since=None if fresh else since, gone=removed
            )
            self._corpus.catalogue.forget_before(marks)
            self._parsed.forget_all_but({row.digest for row in (*scan.pages, *scan.unread)})
        elif comparison.whole:
            self._built.rest_on(status.generation, comparison.basis)
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

    def _hidden(self, groups: Iterable[Group], gone: Mapping[str, Origin]) -> list[str]:
        """Resources that are gone since they are withdrawn, or part of a private one: going back may not show them."""
        keys = {key for group in groups if self._assembler.is_hidden(group) for key in (group.id, *group.keys)}
        return [i for i, origin in gone.items() if not keys.isdisjoint((i, *origin.shown_as))]

    def _write(
        self,
        changed: list[Group],
        removed: Iterable[str],
        hidden: Iterable[str],
        rows: Mapping[str, PageRow],
        origins: dict[str, Origin],
        *,
        fresh: bool,
    ) -> list[Notice]:
        """Write the next generation, and note in `origins` what its new resources are made from."""
        self._progress.begin("Indexation", len(changed))
        warnings = []
        with self._engine.writer(fresh=fresh) as writer:
            for resource_id in sorted(removed):
                writer.remove(resource_id)
            for resource_id in hidden:
                writer.remove(resource_id, hidden=True)
            for group in changed:
                resource, origins[group.id] = self._assembler.resource(group, rows)
                writer.put(resource)
                warnings += [
                    Notice(resource.source or resource.id, f"{resource.title} : {w}") for w in resource.warnings
                ]
                self._progress.advance(1)
            self._progress.begin("Écriture de la génération", 0)
        return warnings
