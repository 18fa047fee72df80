"""Withdrawal: a public resource that turns out to be private leaves the visitors' world at once, before the next index.

The corpus is compared with the generation that answers, not with what one import changed: an import that was killed is
thus made good by the next, whatever that imports.
"""

from __future__ import annotations

from indexer.corpus.catalogue import PageRow
from indexer.corpus.page_cache import ParsedPages
from indexer.corpus.store import Corpus
from indexer.engine.protocol import Engine
from indexer.errors import EngineError
from indexer.pipeline.changes import compare
from indexer.pipeline.provenance import Built
from indexer.resolution.assembler import Assembler, Origin
from indexer.resolution.clustering import Group
from indexer.resource import Resource


def withdraw(
    engine: Engine,
    corpus: Corpus,
    parsed: ParsedPages,
    assembler: Assembler,
    built: Built,
    unread: tuple[PageRow, ...] = (),
) -> list[Resource]:
    """Publish a generation in which what is private now is private, if visitors still see any of it.

    Ids are given to new resources first, and kept.

    Members keep what visitors lose. All other changes wait for the next indexing run.

    Args:
        engine: its generation is compared; without one there is nothing to withdraw.
        corpus: its catalogue is read and added to (the caller holds its lock).
        parsed: pages that it does not hold yet are parsed.
        assembler: makes resources.
        built: what that generation was written from.
        unread: pages that cannot be read now.

    Returns:
        The resources that visitors no longer see.

    Raises:
        EngineError: the generation cannot be written; visitors still see the old one.
    """
    status = engine.status()
    # Where nobody knows what visitors see, or other code wrote it, everything is written again.
    sound = status.generation is not None and not status.stale and status.degraded is None
    out = {row.path for row in unread}
    pages = tuple(row for row in corpus.catalogue.pages() if row.path not in out)
    comparison = compare(corpus, parsed, assembler, built, status.generation if sound else None, pages, unread=unread)
    groups, before = comparison.groups, comparison.before
    hidden = {key: group for group in groups if assembler.is_hidden(group) for key in (group.id, *group.keys)}
    if status.generation is None or not hidden:
        return []
    if not sound:
        before = built.origins(status.generation)
    known = {} if before is None else before
    leaving: dict[str, list[Group]] = {}
    for resource_id, origin in known.items():
        now = [hidden[key] for key in (resource_id, *origin.shown_as) if key in hidden]
        if origin.shown_as and now:
            leaving[resource_id] = now
    if before is not None and not leaving:
        return []
    touched = {group.id: group for now in leaving.values() for group in now}
    fresh = before is None or not sound
    changed = [group for group in (groups if fresh else touched.values()) if not assembler.is_withdrawn(group.id)]
    origins: dict[str, Origin] = {}
    rows = {row.path: row for row in pages}
    withdrawn: list[Resource] = []
    with engine.writer(fresh=fresh) as writer:
        for resource_id in leaving:
            writer.remove(resource_id, hidden=True)
        for group in changed:
            resource, origins[group.id] = assembler.resource(group, rows)
            writer.put(resource)
            if group.id in touched:
                withdrawn.append(resource)
    generation = engine.status().generation
    if generation is None:
        raise EngineError("L’index n’a pas pu être publié : relancez « python run.py index ».")
    # All other changes are still to come: the basis stays what it was.
    basis = comparison.basis if fresh else built.basis(status.generation) or comparison.basis
    built.save(generation, basis, origins, since=None if fresh else status.generation, gone=leaving)
    return withdrawn
