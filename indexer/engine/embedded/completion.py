"""Completion of what is being typed, from the titles of the reader's own world."""

from __future__ import annotations

from indexer.engine.embedded.world import World
from indexer.french.folding import fold


def complete(prefix: str, world: World, limit: int) -> tuple[str, ...]:
    """Titles that begin with what is typed, then titles with a word that does, shorter ones first.

    Args:
        prefix: what is typed; accents and capitals do not matter.
        world: the reader's.
        limit: how many at most.
    """
    wanted = fold(prefix).strip()
    if not wanted:
        return ()
    found: dict[str, tuple[bool, int, str]] = {}
    for doc, folded in world.titles:
        if wanted in folded and (folded.startswith(wanted) or f" {wanted}" in folded):
            segment, number = world.place(doc)
            title = segment.hit(number).title
            found.setdefault(title, (not folded.startswith(wanted), len(title), title))
    return tuple(sorted(found, key=found.__getitem__)[:limit])
