"""Detect what changed in the corpus since a generation (a version of the index) was written.

If the catalogue's journal (its list of changes) reaches back to that generation, only the resources related to those
changes are compared, whatever the size of the archive; otherwise all are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from indexer.corpus import Changes, Corpus, NodeKeys, PageCache, PageRow
from indexer.pipeline.provenance import SourceState
from indexer.pipeline.workspace import Workspace
from indexer.resolution import (
    Assembler,
    AssemblyInputs,
    Cluster,
    NodeRef,
    Provenance,
    keep_ids,
    mention,
    neighbourhood_of,
    parse_all,
    resolve,
    resolve_all,
)


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """The resources that may differ between the corpus and a generation; any other is the same in both.

    Attributes:
        clusters: resources of the corpus to compare.
        before: what the generation's resources to compare were made from, by id; None if that is not known.
        whole: whether `clusters` and `before` hold all resources.
        source_state: state of the corpus when it was compared, and what else resources depend on.
    """

    clusters: tuple[Cluster, ...]
    before: Mapping[str, Provenance] | None
    whole: bool
    source_state: SourceState


def detect_changes(
    workspace: Workspace,
    generation: str | None,
    pages: tuple[PageRow, ...],
    *,
    unread: tuple[PageRow, ...] = (),
    advance: Callable[[int], None] = lambda _: None,
) -> ChangeSet:
    """Compare the corpus with a generation; ids given for the first time are stored before this returns.

    Args:
        workspace: the locked corpus.
        generation: name of the generation, or None to return the whole corpus without comparing it.
        pages: all pages of the catalogue that can be read.
        unread: pages that cannot be read now.
        advance: called with the number of pages parsed since its last call.

    Raises:
        CorpusError: the catalogue cannot be read or written.
        EngineError: the provenance of the generation cannot be read.
    """
    corpus, cache, assembler = workspace.corpus, workspace.cache, workspace.assembler
    inputs = assembler.inputs()
    new = parse_all(corpus, cache, pages, advance)
    changes = None
    if generation is not None and not unread:
        changes = _changes(corpus, workspace.provenance.source_state(generation), inputs, new)
    before: dict[str, Provenance] | None
    if generation is not None and changes is not None and _are_known(changes, cache):
        clusters, node_refs = _around(corpus, cache, assembler, changes)
        before = workspace.provenance.provenances_at(generation, node_refs)
    else:
        changes = None
        clusters = resolve_all(corpus, cache, assembler.decided(), pages, unread=unread)
        before = workspace.provenance.provenances(generation)
    # The journal does not record when an unreadable page becomes readable again, so the next run must compare
    # everything.
    mark = None if unread else corpus.catalogue.mark()
    return ChangeSet(clusters, before, whole=changes is None, source_state=SourceState(mark, inputs))


def _changes(corpus: Corpus, source_state: SourceState | None, inputs: AssemblyInputs, new: set[str]) -> Changes | None:
    """Return what changed since a generation was written from `source_state`, or None if that is unknown.

    It is unknown, for example, if a page of `new` (digests of the pages that were not parsed before) is not in the
    journal. `inputs` is what resources depend on now besides their pages, such as corrections.
    """
    if source_state is None or source_state.mark is None or source_state.inputs.version != inputs.version:
        return None
    changes = corpus.catalogue.changes_since(source_state.mark)
    if changes is None or not new <= {digest for _, digest in changes.pages}:
        return None
    corrected = {resource_id for resource_id, _ in source_state.inputs.corrections.items() ^ inputs.corrections.items()}
    keys = {identity.key for resource_id in corrected for identity in corpus.catalogue.known_as(resource_id)}
    return replace(changes, keys=changes.keys | keys)


def _are_known(changes: Changes, cache: PageCache) -> bool:
    """Return whether both versions of every changed page are in the cache."""
    return all(cache.knows(digest) for _, digest in changes.pages)


def _around(
    corpus: Corpus, cache: PageCache, assembler: Assembler, changes: Changes
) -> tuple[tuple[Cluster, ...], set[NodeRef]]:
    """Return the resources that the changes may affect, and references to all their nodes, current and former. A node
    is a resource as one page shows it.
    """
    catalogue = corpus.catalogue
    changed = {(path, node) for path, digest in changes.pages for node in cache.keys_of(digest)}
    changed |= _nodes_with_files(corpus, cache, changes)
    around = neighbourhood_of(catalogue, cache, (node for _, node in changed), changes.keys)
    mentions = [mention(row.path, node) for node in around.nodes for row in catalogue.with_content(node.digest)]
    resolution = resolve(mentions, around.identities, assembler.decided(), catalogue.is_taken)
    keep_ids(corpus, resolution)
    return resolution.clusters, {NodeRef(path, node.ordinal) for path, node in changed} | {s.place for s in mentions}


def _nodes_with_files(corpus: Corpus, cache: PageCache, changes: Changes) -> set[tuple[str, NodeKeys]]:
    """Return the nodes whose links may lead to other files than before, each with the path of its page.

    These are the nodes that link to a file which changed or, since several links may mean one file, to a file that a
    page which changed links to, or linked to.
    """
    linked = {
        link.name_key
        for _, digest in changes.pages
        for node in cache.keys_of(digest)
        for link in cache.document_links(digest, node.ordinal)
    }
    names = changes.files | (linked & corpus.catalogue.names_of_files() if linked else frozenset())
    found = {(link.digest, link.ordinal) for name in names for link in cache.links_named(name)}
    return {
        (row.path, node)
        for digest, ordinal in found
        if (node := cache.node(digest, ordinal)) is not None
        for row in corpus.catalogue.with_content(digest)
    }
