"""The neighbourhood of some nodes: the connected component of all that could be the same resources, and the ids known.


Nodes are bound by an address that they share, by addresses that one id was given to, and by their name where one of
them has nothing else. Identity resolved over a closure is what it is over the whole corpus.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from indexer.corpus.catalogue import Catalogue, Identity
from indexer.corpus.page_cache import NodeKeys, PageCache, keys_of_node


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Nodes, of pages that the corpus holds or once held, and identities, first given first."""

    nodes: tuple[NodeKeys, ...]
    identities: tuple[Identity, ...]


def neighbourhood(
    catalogue: Catalogue, cache: PageCache, nodes: Iterable[NodeKeys], keys: Iterable[str]
) -> Neighbourhood:
    """The closure of some nodes and of all that has some keys.

    Args:
        catalogue: tells the ids given before.
        cache: holds all pages.
        nodes: nodes of pages as they are and as they were.
        keys: addresses, or names of nodes without.
    """
    met: dict[tuple[str, int], NodeKeys] = {}
    identities: dict[str, Identity] = {}
    open_keys, open_nodes = list(keys), list(nodes)
    seen: set[str] = set()
    names: set[str] = set()
    while open_keys or open_nodes:
        while open_nodes:
            node = open_nodes.pop()
            if (node.digest, node.ordinal) in met:
                continue
            met[node.digest, node.ordinal] = node
            open_keys += keys_of_node(node.keys, node.namesake)
            if node.namesake not in names:
                names.add(node.namesake)
                alike = cache.nodes_named(node.namesake)
                if not all(other.keys for other in alike):
                    open_nodes += alike
        while open_keys:
            key = open_keys.pop()
            if key in seen:
                continue
            seen.add(key)
            identity = catalogue.identity(key)
            if identity is not None:
                for other in catalogue.known_as(identity.id):
                    identities[other.key] = other
                    open_keys.append(other.key)
            open_nodes += cache.nodes_known_by(key)
    ordered = sorted(identities.values(), key=lambda identity: identity.number)
    return Neighbourhood(tuple(met.values()), tuple(ordered))
