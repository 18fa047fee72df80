"""Preview an import: what it would change, without changing the corpus or the index."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from indexer.pipeline.importing import ImportReport, Rehearsal, rehearse
from indexer.pipeline.rehearsed import RehearsedCatalogue
from indexer.pipeline.workspace import Workspace
from indexer.progress import Progress
from indexer.resolution import Assembler, Cluster, Documents, resolve_known
from indexer.resource import Resource
from indexer.settings import Settings


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A resource that an import would add or change.

    Attributes:
        id: the id that it has or would get.
        title: its title after the import.
        new: whether the import would add it.
        private: whether it would be private; was_private: whether it is private now, None for a new one.
        type, year, themes: as they would be after the import.
        changes: names of the fields that would differ from today's; empty for a new resource.
        path: path in the corpus of the page that its content would come from.
    """

    id: str
    title: str
    new: bool
    private: bool
    was_private: bool | None
    type: str | None = None
    year: int | None = None
    themes: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    path: str = ""

    @property
    def turns_private(self) -> bool:
        """Return whether visitors see the resource now and no longer would."""
        return self.private and self.was_private is False

    @property
    def turns_public(self) -> bool:
        """Return whether visitors would see the resource and do not see it now."""
        return not self.private and self.was_private is True


@dataclass(frozen=True, slots=True)
class Holder:
    """A resource that would hold a publication."""

    id: str
    title: str
    private: bool
    new: bool


@dataclass(frozen=True, slots=True)
class PlannedPublication:
    """A publication that an import would add.

    Attributes:
        path: its path in what is imported.
        holders: the resources that it would belong to; none if no page leads to it for sure, so that staff attach it.
    """

    path: str
    holders: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The preview of an import.

    Attributes:
        pages: the report of the rehearsed import.
        resources: the resources that it would add or change, by id.
        publications: the publications that it would add, by path.
    """

    pages: ImportReport
    resources: tuple[PlannedChange, ...]
    publications: tuple[PlannedPublication, ...] = ()


def preview_import(
    settings: Settings,
    paths: Sequence[Path],
    *,
    theme: str | None,
    origin: str,
    progress: Progress,
    names: Mapping[str, str] | None = None,
    keep: Callable[[Resource], None] = lambda _: None,
) -> Preview:
    """Rehearse an import, and compare the resources of the corpus with those after the import.

    Args:
        settings: settings of the archive.
        paths: files, folders and zips that would be imported.
        theme: theme of everything imported, or None.
        origin: as for `indexer.pipeline.importing.import_paths`.
        progress: shows how far the reading is.
        names: as for `indexer.pipeline.importing.import_paths`.
        keep: called with each planned resource as it would be, in the order of the preview.

    Raises:
        CorpusError: the corpus cannot be read.
        IndexBusyError: another run holds the corpus.
    """
    with Workspace(settings, create=True) as workspace:
        done = rehearse(workspace, paths, theme=theme, progress=progress, origin=origin, names=names)
        progress.begin("Comparaison des ressources", 0)
        return _Comparison(workspace, done).preview(keep)


class _Comparison:
    """The resources of the corpus beside those after an import."""

    def __init__(self, workspace: Workspace, done: Rehearsal) -> None:
        self._done, self._workspace = done, workspace
        corpus, cache = workspace.corpus, workspace.cache
        self._today = {row.path: row for row in corpus.catalogue.pages()}
        self._then = {**self._today, **done.rows}
        self._now = workspace.assembler
        listed = RehearsedCatalogue(corpus.catalogue, self._then.values(), done.files)
        self._after = Assembler(
            cache,
            workspace.corrections.all(),
            workspace.corrections.renames(),
            Documents(listed, cache, workspace.texts),
        )

    def preview(self, keep: Callable[[Resource], None]) -> Preview:
        """Return the preview, and call `keep` with each planned resource."""
        if not self._done.rows and not self._done.files:
            return Preview(self._done.report, ())
        corpus, cache = self._workspace.corpus, self._workspace.cache
        # Also parse pages that are on disk but not yet in the cache, so that both sides of the comparison are complete.
        cache.parse([corpus.page_input(row) for row in self._today.values()], lambda _: None)
        before = resolve_known(corpus, cache, self._today.values(), self._now.decided()).clusters
        old = {cluster.id: cluster for cluster in before}
        planned: list[PlannedChange] = []
        holders: dict[str, list[Holder]] = {one.file.digest: [] for one in self._done.files}
        for cluster in resolve_known(corpus, cache, self._then.values(), self._after.decided()).clusters:
            if self._after.is_withdrawn(cluster.id):
                continue
            self._note_holder(cluster, holders, new=cluster.id not in old)
            change = self._change(cluster, old.get(cluster.id))
            if change is not None:
                resource, plan = change
                planned.append(plan)
                keep(resource)
        files = sorted(self._done.files, key=lambda one: one.path)
        publications = tuple(PlannedPublication(one.path, tuple(holders[one.file.digest])) for one in files)
        return Preview(self._done.report, tuple(planned), publications)

    def _note_holder(self, cluster: Cluster, holders: dict[str, list[Holder]], *, new: bool) -> None:
        if not holders:
            return
        for document in self._after.documents(cluster, self._then):
            if document.digest in holders:
                resource = self._after.resource(cluster, self._then)[0]
                holders[document.digest].append(Holder(cluster.id, resource.title, resource.private, new))

    def _change(self, cluster: Cluster, old: Cluster | None) -> tuple[Resource, PlannedChange] | None:
        if old is not None and self._now.signature(old, self._today) == self._after.signature(cluster, self._then):
            return None
        resource = self._after.resource(cluster, self._then)[0]
        former = None if old is None else self._now.resource(old, self._today)[0]
        changes = () if former is None else _differences(former, resource)
        if former is not None and not changes:
            return None
        return resource, PlannedChange(
            id=cluster.id,
            title=resource.title,
            new=former is None,
            private=resource.private,
            was_private=None if former is None else former.private,
            type=resource.type,
            year=resource.year,
            themes=resource.themes,
            changes=changes,
            path=resource.source or "",
        )


def _differences(former: Resource, resource: Resource) -> tuple[str, ...]:
    """Return the names of the fields that differ; the same content from another page is no difference."""
    return tuple(
        field.name
        for field in fields(Resource)
        if field.name != "source" and getattr(former, field.name) != getattr(resource, field.name)
    )
