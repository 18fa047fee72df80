"""Preview an import: what it would change, without changing the corpus or the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.corpus import PageRow
from indexer.pipeline.importing import ImportReport, rehearse
from indexer.pipeline.workspace import Workspace
from indexer.progress import Progress
from indexer.resolution import Assembler, Cluster, resolve_known
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
    """

    id: str
    title: str
    new: bool
    private: bool
    was_private: bool | None

    @property
    def turns_private(self) -> bool:
        """Return whether visitors see it now and no longer would."""
        return self.private and self.was_private is False

    @property
    def turns_public(self) -> bool:
        """Return whether visitors would see it and do not see it now."""
        return not self.private and self.was_private is True


@dataclass(frozen=True, slots=True)
class Preview:
    """The preview of an import.

    Attributes:
        pages: the report of the rehearsed import.
        resources: the resources that it would add or change, by id.
    """

    pages: ImportReport
    resources: tuple[PlannedChange, ...]


def preview_import(
    settings: Settings,
    paths: Sequence[Path],
    *,
    theme: str | None,
    origin: str,
    progress: Progress,
    names: Mapping[str, str] | None = None,
) -> Preview:
    """Rehearse an import, and compare the resources of the corpus with those after the import.

    Args:
        settings: settings of the archive.
        paths: files, folders and zips that would be imported.
        theme: theme of everything imported, or None.
        origin: as for `indexer.pipeline.importing.import_paths`.
        progress: shows how far the reading is.
        names: as for `indexer.pipeline.importing.import_paths`.

    Raises:
        CorpusError: the corpus cannot be read.
        IndexBusyError: another run holds the corpus.
    """
    with Workspace(settings, create=True) as workspace:
        report, rows = rehearse(workspace, paths, theme=theme, progress=progress, origin=origin, names=names)
        progress.begin("Comparaison des ressources", 0)
        return Preview(report, _compare(workspace, rows))


def _compare(workspace: Workspace, entered: Mapping[str, PageRow]) -> tuple[PlannedChange, ...]:
    corpus, cache, assembler = workspace.corpus, workspace.cache, workspace.assembler
    if not entered:
        return ()
    today = {row.path: row for row in corpus.catalogue.pages()}
    then = {**today, **entered}
    # Also parse pages that are on disk but not yet in the cache, so that both sides of the comparison are complete.
    cache.parse([corpus.page_input(row) for row in today.values()], lambda _: None)
    before = {
        cluster.id: cluster for cluster in resolve_known(corpus, cache, today.values(), assembler.decided()).clusters
    }
    planned = []
    for cluster in resolve_known(corpus, cache, then.values(), assembler.decided()).clusters:
        if assembler.is_withdrawn(cluster.id):
            continue
        old = before.get(cluster.id)
        if old is not None and assembler.signature(old, today) == assembler.signature(cluster, then):
            continue
        resource = _content(assembler, cluster, then)
        former = None if old is None else _content(assembler, old, today)
        if resource != former:
            was = None if former is None else former.private
            planned.append(PlannedChange(cluster.id, resource.title, former is None, resource.private, was))
    return tuple(planned)


def _content(assembler: Assembler, cluster: Cluster, rows: Mapping[str, PageRow]) -> Resource:
    """Return the resource without the path of its page, so that the same content from another page is no change."""
    return replace(assembler.resource(cluster, rows)[0], source=None)
