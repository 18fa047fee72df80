"""Withdrawal: a public resource that turns out to be private leaves the visitors' world at once, before the next index.

The corpus is compared with the generation that answers, not with what one import changed: an import that was killed is
thus made good by the next, whatever that imports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexer.assembling import Assembler
from indexer.built import Built
from indexer.catalogue import PageRow
from indexer.engine.base import Engine
from indexer.errors import EngineError
from indexer.identity import Group
from indexer.resource import Resource


def withdraw(
    engine: Engine, built: Built, assembler: Assembler, groups: Sequence[Group], rows: Mapping[str, PageRow]
) -> list[Resource]:
    """Publish a generation in which what is private now is private, if visitors still see any of it.

    Members keep what visitors lose. All other changes wait for the next indexing run.

    Args:
        engine: its generation is compared; without one there is nothing to withdraw.
        built: what that generation was written from.
        assembler: makes resources.
        groups: all resources of the corpus.
        rows: its pages, by path.

    Returns:
        The resources that visitors no longer see.

    Raises:
        EngineError: the generation cannot be written; visitors still see the old one.
    """
    status = engine.status()
    hidden = {key: group for group in groups if assembler.is_hidden(group) for key in (group.id, *group.keys)}
    if status.generation is None or not hidden:
        return []
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
    # Where nobody knows what visitors see, or other code wrote it, everything is written again.
    fresh = before is None or status.stale or status.degraded is not None
    changed = [group for group in (groups if fresh else touched.values()) if not assembler.is_withdrawn(group.id)]
    origins = {} if fresh else {name: origin for name, origin in known.items() if name not in leaving}
    withdrawn: list[Resource] = []
    with engine.writer(fresh=fresh) as writer:
        for resource_id in leaving:
            writer.remove(resource_id)
        for group in changed:
            resource, origins[group.id] = assembler.resource(group, rows)
            writer.put(resource)
            if group.id in touched:
                withdrawn.append(resource)
    generation = engine.status().generation
    if generation is None:
        raise EngineError("L’index n’a pas pu être publié : relancez « python run.py index ».")
    built.save(generation, origins)
    return withdrawn
