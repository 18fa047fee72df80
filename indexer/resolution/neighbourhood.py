"""The neighbourhood of some nodes (entries on pages): every node that could be the same resource as one of them, and
the known identities of all these nodes: their keys (addresses or names), each with the id of its resource.

It is a connected component. Nodes are connected by a common address, by addresses that have the same id, and by a
common name if one of them has no address. Clustering a neighbourhood gives the same result as clustering the whole
corpus.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from indexer.corpus import Catalogue, Identity, NodeKeys, PageCache, keys_of_node


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Nodes on pages that the corpus holds or held, and the known identities of their keys, oldest first."""

    nodes: tuple[NodeKeys, ...]
    identities: tuple[Identity, ...]


def neighbourhood_of(
    catalogue: Catalogue, cache: PageCache, nodes: Iterable[NodeKeys], keys: Iterable[str]
) -> Neighbourhood:
    """Return the neighbourhood of some nodes and of all nodes with some keys.

    Args:
        catalogue: holds the ids given before.
        cache: holds all pages, parsed.
        nodes: nodes of pages, both present and former versions.
        keys: addresses, or names of nodes without an address.
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
