"""Resolve the resources of a corpus: mentions from parsed pages, clustered, with new ids stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from indexer.corpus import Corpus, NodeKeys, PageCache, PageRow
from indexer.resolution.clustering import Cluster, Mention, Resolution, resolve


def resolve_all(
    corpus: Corpus,
    cache: PageCache,
    decided: Mapping[str, bool],
    pages: tuple[PageRow, ...],
    *,
    unread: tuple[PageRow, ...] = (),
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[Cluster, ...]:
    """Return all resources of the corpus; ids given for the first time are stored before the function returns.

    Args:
        corpus: its catalogue is read and added to.
        cache: the parsed pages; pages that it lacks are parsed.
        decided: privacy decided by staff: by resource id, whether the resource is private.
        pages: the pages to look at.
        unread: pages that cannot be read now. Their content is not used, but their last known privacy still applies.
        advance: called with the number of pages parsed since its last call.
    """
    hidden = {row.path for row in unread}
    rows = [row for row in pages if row.path not in hidden]
    parse_all(corpus, cache, rows, advance)
    resolution = resolve_known(corpus, cache, (*rows, *unread), decided)
    keep_ids(corpus, resolution)
    if not unread:
        return resolution.clusters
    shown = (
        replace(cluster, mentions=tuple(s for s in cluster.mentions if s.path not in hidden))
        for cluster in resolution.clusters
    )
    return tuple(cluster for cluster in shown if cluster.mentions)


def parse_all(corpus: Corpus, cache: PageCache, rows: Sequence[PageRow], advance: Callable[[int], None]) -> set[str]:
    """Parse the pages that the cache lacks. If the cache was deleted, every page is parsed, since any may hold a
    namesake.

    Args:
        corpus: holds the pages.
        cache: the parsed pages.
        rows: the pages.
        advance: called with the number of pages done since its last call.

    Returns:
        Digests of the pages that were not in the cache.
    """
    new = cache.unknown(row.digest for row in rows)
    inputs = [corpus.page_input(row) for row in rows if row.digest in new]
    advance(len(rows) - len(inputs))
    cache.parse(inputs, advance)
    cache.rest()
    return new


def keep_ids(corpus: Corpus, resolution: Resolution) -> None:
    """Store the new ids of a resolution in the catalogue."""
    if resolution.fresh:
        with corpus.catalogue.transaction():
            corpus.catalogue.put_identities(resolution.fresh, resolution.published)


def mention(path: str, node: NodeKeys) -> Mention:
    """Return a node as it is mentioned on the page with a path."""
    return Mention(path, node.ordinal, node.title, node.namesake, node.keys, node.private)


def resolve_known(corpus: Corpus, cache: PageCache, rows: Iterable[PageRow], decided: Mapping[str, bool]) -> Resolution:
    """Return the resources of pages that are in the cache, without storing new ids.

    Args:
        corpus: holds the ids given before.
        cache: holds the pages.
        rows: the pages to look at.
        decided: privacy decided by staff: by resource id, whether the resource is private.
    """
    paths: dict[str, list[str]] = {}
    for row in rows:
        paths.setdefault(row.digest, []).append(row.path)
    mentions = (mention(path, node) for node in cache.node_keys() for path in paths.get(node.digest, ()))
    return resolve(mentions, corpus.catalogue.identities(), decided)
