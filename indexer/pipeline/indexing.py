"""Index the corpus: detect changes, write only the changed resources into a new generation, publish it, report."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from indexer.corpus import PageRow, PublicState, public_state
from indexer.engine import Engine
from indexer.errors import EngineError
from indexer.pipeline.changes import ChangeSet, detect_changes
from indexer.pipeline.importing import Notice
from indexer.pipeline.publications import apply_recognised, erase_released, lost_files, not_read, read_texts, store_held
from indexer.pipeline.publishing import record_published
from indexer.pipeline.workspace import Workspace
from indexer.progress import Progress
from indexer.publications import text_key
from indexer.resolution import Cluster, Provenance
from indexer.settings import Settings
from indexer.sources import SetAside

MAX_NAMED = 1_000
"""Largest number of resources that a report names."""


@dataclass(frozen=True, slots=True)
class WrittenResource:
    """A resource that an indexing run wrote, and whether for the first time."""

    id: str
    title: str
    private: bool
    new: bool


@dataclass(frozen=True, slots=True)
class IndexReport:
    """The report of an indexing run.

    Attributes:
        generation: name of the current generation.
        switched: whether this run published that generation; if not, nothing had changed.
        pages: number of pages in the corpus.
        resources: number of resources in the index; public: number of public ones.
        added: number of resources written for the first time.
        updated: number of resources written again.
        removed: number of resources removed from the index.
        set_aside: pages, and publications of resources, that could not be read, with reasons.
        warnings: warnings about resources written in this run.
        seconds: duration of the run.
        publications: number of files of publications that resources hold.
        recognised: number of pages whose text was recognised before this run, if that was asked for.
        written: the first `MAX_NAMED` resources that were added or written again, in the order of the run.
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
    publications: int = 0
    recognised: int = 0
    written: tuple[WrittenResource, ...] = ()


def index_corpus(settings: Settings, engine: Engine, *, full: bool, progress: Progress) -> IndexReport:
    """Bring the index up to date with the corpus.

    Args:
        settings: settings of the archive.
        engine: the engine whose index is written.
        full: write every resource again, changed or not.
        progress: shows the stages of the run and how far each of them is.

    Raises:
        CorpusError: the corpus cannot be read.
        EngineError: the index cannot be written; the old generation stays current.
        PublicationError: images of pages cannot be deleted; the new generation is current.
    """
    began = time.monotonic()
    with Workspace(settings) as workspace:
        report = _IndexingRun(workspace, engine, progress, began).run(full=full)
        erase_released(workspace, days=settings.publication_grace_days)
        return report


class _IndexingRun:
    def __init__(self, workspace: Workspace, engine: Engine, progress: Progress, began: float) -> None:
        self._workspace, self._engine, self._progress, self._began = workspace, engine, progress, began
        # Corrections made before this stage begins are part of this run, so that a job which waits here serves them
        # too.
        progress.begin("Lecture des corrections", 0)
        self._assembler = workspace.assembler
        self._reserved_files: set[str] = set()
        self._written: list[WrittenResource] = []
        self._states: dict[str, PublicState | None] = {}

    def run(self, *, full: bool) -> IndexReport:
        scan = self._workspace.corpus.scan()
        apply_recognised(self._workspace)
        rows = {row.path: row for row in scan.pages}
        self._progress.begin("Lecture des pages", len(rows))
        status = self._engine.status()
        # Never build on a damaged generation.
        fresh = full or status.stale or status.generation is None or status.degraded is not None
        change_set = detect_changes(
            self._workspace,
            None if fresh else status.generation,
            scan.pages,
            unread=scan.unread,
            advance=self._progress.advance,
        )
        refusals = self._workspace.cache.refusals()
        refused = [(row.path, refusals[row.digest]) for row in scan.pages if row.digest in refusals]
        set_aside = [*scan.set_aside, *(SetAside(path, one.reason, one.no_resource) for path, one in refused)]

        before = change_set.before
        if before is None:
            # There is nothing to compare with, or a run was killed between publishing a generation and storing its
            # provenance.
            before, fresh = {}, True
        kept = [cluster for cluster in change_set.clusters if not self._assembler.is_withdrawn(cluster.id)]
        self._read_publications(change_set, kept, rows)
        now = {cluster.id: self._assembler.signature(cluster, rows) for cluster in kept}
        changed = [
            cluster for cluster in kept if not self._assembler.is_current(before.get(cluster.id), now[cluster.id])
        ]
        removed = before.keys() - now.keys()
        switched = fresh or bool(changed) or bool(removed)
        provenances: dict[str, Provenance] = {}
        shown = self._workspace.provenance.provenances(status.generation) or {} if fresh else before
        hidden = self._hidden(change_set.clusters, {i: shown[i] for i in shown.keys() - now.keys()})
        warnings = self._write(changed, removed, hidden, rows, provenances, fresh=fresh) if switched else []
        self._written = [replace(one, new=one.id not in before) for one in self._written]
        since, status = status.generation, self._engine.status()
        if status.generation is None:
            raise EngineError("L’index n’a pas pu être publié : relancez « python run.py index ».")
        if switched:
            marks = self._workspace.provenance.save(
                status.generation, change_set.source_state, provenances, since=None if fresh else since, gone=removed
            )
            self._workspace.corpus.catalogue.forget_before(marks)
            self._workspace.cache.forget_all_but({row.digest for row in (*scan.pages, *scan.unread)})
        elif change_set.whole:
            self._workspace.provenance.rest_on(status.generation, change_set.source_state)
        states = dict.fromkeys(removed) | self._states if switched else None
        record_published(self._workspace, self._engine, states, since=None if fresh else since)
        files = self._workspace.corpus.catalogue.files()
        # Only now, since the generation before may still be read, whose texts may be of another version.
        self._workspace.texts.forget_all_but(
            text_key(file.digest, file.recognised) for file in files if file.released is None
        )
        # Delete images of files that are gone, and of files that only private resources hold now.
        self._workspace.images.forget_all_but(file.digest for file in files if file.released is None)
        self._workspace.images.forget(self._reserved_files)
        set_aside += not_read(self._workspace, files)
        added = sum(1 for cluster in changed if cluster.id not in before)
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
            publications=len(self._workspace.corpus.catalogue.held_files()),
            written=tuple(self._written),
        )

    def _read_publications(self, change_set: ChangeSet, kept: list[Cluster], rows: Mapping[str, PageRow]) -> None:
        """Store which files the resources in `kept` hold, then read all files that were not read yet."""
        catalogue = self._workspace.corpus.catalogue
        store_held(self._workspace, kept, rows, gone=change_set.before or (), whole=change_set.whole)
        files = [file for file in catalogue.files() if file.released is None]
        interrupted = read_texts(self._workspace, files, self._progress)
        if interrupted:
            catalogue.read_again(interrupted)

    def _hidden(self, clusters: Iterable[Cluster], gone: Mapping[str, Provenance]) -> list[str]:
        """Return the ids of removed resources that rollbacks must not show: withdrawn, or merged into a private one."""
        keys = {
            key for cluster in clusters if self._assembler.is_hidden(cluster) for key in (cluster.id, *cluster.keys)
        }
        return [i for i, provenance in gone.items() if not keys.isdisjoint((i, *provenance.shown_as))]

    def _write(
        self,
        changed: list[Cluster],
        removed: Iterable[str],
        hidden: Iterable[str],
        rows: Mapping[str, PageRow],
        provenances: dict[str, Provenance],
        *,
        fresh: bool,
    ) -> list[Notice]:
        """Write the next generation, with `fresh` from an empty one; return warnings about the resources written.

        What these were made from is added to `provenances`. Rollbacks will not show removed resources in `hidden`.
        """
        self._progress.begin("Indexation", len(changed))
        warnings = []
        catalogue = self._workspace.corpus.catalogue
        published = set(catalogue.ids_with_documents())
        with self._engine.writer(fresh=fresh) as writer:
            for resource_id in sorted(removed):
                writer.remove(resource_id)
            for resource_id in hidden:
                writer.remove(resource_id, hidden=True)
            for cluster in changed:
                resource, provenances[cluster.id] = self._assembler.resource(cluster, rows)
                if cluster.id in published and not resource.private and lost_files(resource, self._engine, catalogue):
                    writer.remove(cluster.id, hidden=True)
                writer.put(resource, self._assembler.pages(resource))
                self._states[resource.id] = public_state(resource)
                if len(self._written) < MAX_NAMED:
                    self._written.append(WrittenResource(resource.id, resource.title, resource.private, new=True))
                if resource.private:
                    self._reserved_files.update(document.digest for document in resource.documents)
                said = (*resource.warnings, *(f"« {d.name} » : {d.reason}" for d in resource.documents if d.reason))
                warnings += [Notice(resource.source or resource.id, f"{resource.title} : {one}") for one in said]
                self._progress.advance(1)
            self._progress.begin("Écriture de la génération", 0)
        return warnings
