"""Withdraw resources that have become private from visitors at once, before the next indexing run.

The whole corpus is compared with the current generation, not only what one import changed. If an import is killed, the
next one therefore completes the withdrawal, whatever it imports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from indexer.corpus import PageRow, PublicState, public_state
from indexer.engine import Engine
from indexer.errors import EngineError
from indexer.pipeline.changes import detect_changes
from indexer.pipeline.provenance import SourceState
from indexer.pipeline.publications import store_held
from indexer.pipeline.publishing import record_published
from indexer.pipeline.workspace import Workspace
from indexer.resolution import Cluster, Provenance
from indexer.resource import Audience, Resource


def withdraw(workspace: Workspace, engine: Engine, unread: tuple[PageRow, ...] = ()) -> list[Resource]:
    """Publish a generation in which all resources that are private now are private, if visitors still see any of them.

    Ids are given to new resources first, and stored.

    Members still find these resources. All other changes wait for the next indexing run.

    Args:
        workspace: the locked corpus.
        engine: the engine whose current generation is compared; if it has none, there is nothing to withdraw.
        unread: pages that cannot be read now.

    Returns:
        The resources that visitors no longer see.

    Raises:
        CorpusError: what is public now cannot be recorded; visitors see the new generation.
        EngineError: the generation cannot be written; visitors still see the old one.
        PublicationError: images of pages cannot be deleted; no visitor gets them any more.
    """
    corpus, assembler, provenance_store = workspace.corpus, workspace.assembler, workspace.provenance
    status = engine.status()
    # If the provenance of the generation is unknown, or another version wrote it, everything is written again.
    sound = status.generation is not None and not status.stale and status.degraded is None
    out = {row.path for row in unread}
    pages = tuple(row for row in corpus.catalogue.pages() if row.path not in out)
    change_set = detect_changes(workspace, status.generation if sound else None, pages, unread=unread)
    clusters, before = change_set.clusters, change_set.before
    hidden = {
        key: cluster for cluster in clusters if assembler.is_hidden(cluster) for key in (cluster.id, *cluster.keys)
    }
    if status.generation is None or not hidden:
        return []
    if not sound:
        before = provenance_store.provenances(status.generation)
    known = {} if before is None else before
    leaving: dict[str, list[Cluster]] = {}
    for resource_id, provenance in known.items():
        now = [hidden[key] for key in (resource_id, *provenance.shown_as) if key in hidden]
        if provenance.shown_as and now:
            leaving[resource_id] = now
    rows = {row.path: row for row in pages}
    taken = {} if before is None or not sound else _without_taken_files(workspace, engine, clusters, rows)
    if before is not None and not leaving and not taken:
        return []
    touched = {cluster.id: cluster for now in leaving.values() for cluster in now}
    fresh = before is None or not sound
    changed = [
        cluster for cluster in (clusters if fresh else touched.values()) if not assembler.is_withdrawn(cluster.id)
    ]
    provenances: dict[str, Provenance] = {}
    store_held(workspace, changed, rows)
    withdrawn: list[Resource] = []
    states: dict[str, PublicState | None] = dict.fromkeys(leaving)
    with engine.writer(fresh=fresh) as writer:
        for resource_id in leaving:
            writer.remove(resource_id, hidden=True)
        for cluster in changed:
            resource, provenances[cluster.id] = assembler.resource(cluster, rows)
            writer.put(resource, assembler.pages(resource))
            states[resource.id] = public_state(resource)
            if cluster.id in touched:
                withdrawn.append(resource)
        for resource_id in taken.keys() - leaving.keys() - touched.keys():
            writer.remove(resource_id, hidden=True)  # an earlier generation shows the file
            writer.put(taken[resource_id], assembler.pages(taken[resource_id]))
            states[resource_id] = public_state(taken[resource_id])
            if resource_id in known:
                provenances[resource_id] = replace(known[resource_id], signature="")
    generation = engine.status().generation
    if generation is None:
        raise EngineError("L’index n’a pas pu être publié : relancez « python run.py index ».")
    source_state = change_set.source_state
    if not fresh and (old := provenance_store.source_state(status.generation)) is not None:
        source_state = _with_corrections_of(old, source_state, {*leaving, *touched})
    provenance_store.save(
        generation, source_state, provenances, since=None if fresh else status.generation, gone=leaving
    )
    record_published(workspace, engine, states, since=None if fresh else status.generation)
    workspace.images.forget(document.digest for resource in withdrawn for document in resource.documents)
    return withdrawn


def _without_taken_files(
    workspace: Workspace, engine: Engine, clusters: Iterable[Cluster], rows: Mapping[str, PageRow]
) -> dict[str, Resource]:
    """Return, by id, the resources that lose a file: visitors see it there, but only private resources hold it now.

    Apart from the file, each is as visitors see it: all other changes wait for the next indexing run.
    """
    assembler, catalogue = workspace.assembler, workspace.corpus.catalogue
    shown: dict[str, set[str]] = {}
    reserved: set[str] = set()
    for cluster in clusters:
        held = {document.digest for document in assembler.documents(cluster, rows)}
        if assembler.is_hidden(cluster):
            reserved |= set() if assembler.is_withdrawn(cluster.id) else held
        else:
            shown[cluster.id] = held
    reserved -= set().union(*shown.values())
    taken: dict[str, Resource] = {}
    for digest in reserved:
        # Resources that did not change hold what they held.
        before = {i: engine.get(i, audience=Audience.VISITOR) for i in catalogue.holders(digest)}
        if any(resource is not None and i not in shown for i, resource in before.items()):
            continue
        for i, resource in before.items():
            if resource is not None and any(document.digest == digest for document in resource.documents):
                left = taken.get(i, resource).documents
                taken[i] = replace(resource, documents=tuple(d for d in left if d.digest != digest))
    return taken


def _with_corrections_of(old: SourceState, new: SourceState, ids: set[str]) -> SourceState:
    """Return the state `old` of the corpus, but with the corrections of `new` for the resources with the given ids.

    Other changes stay unknown, since they are not written yet. The corrections must be known: if they are undone before
    the next indexing run, that run must see a change.
    """
    corrections = {name: value for name, value in old.inputs.corrections.items() if name not in ids}
    corrections |= {name: value for name, value in new.inputs.corrections.items() if name in ids}
    return replace(old, inputs=replace(old.inputs, corrections=corrections))
