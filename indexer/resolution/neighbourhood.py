"""Closure: with some nodes, all others that may bear on who is who among them, and all that is remembered of them.

Nodes are bound by an address that they share, by addresses that one id was given to, and by their name where one of
them has nothing else. Identity resolved over a closure is what it is over the whole corpus.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from indexer.corpus.catalogue import Catalogue, Identity
from indexer.corpus.page_cache import NodeKeys, ParsedPages
from indexer.resolution.clustering import keys_of


@dataclass(frozen=True, slots=True)
class Closure:
    """Nodes, of pages that the corpus holds or once held, and identities, first given first."""

    nodes: tuple[NodeKeys, ...]
    identities: tuple[Identity, ...]


def closure(catalogue: Catalogue, parsed: ParsedPages, nodes: Iterable[NodeKeys], keys: Iterable[str]) -> Closure:
    """The closure of some nodes and of all that has some keys.

    Args:
        catalogue: tells the ids given before.
        parsed: holds all pages.
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
            open_keys += keys_of(node.keys, node.namesake)
            if node.namesake not in names:
                names.add(node.namesake)
                alike = parsed.nodes_named(node.namesake)
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
            open_nodes += parsed.nodes_known_by(key)
    ordered = sorted(identities.values(), key=lambda identity: identity.number)
    return Closure(tuple(met.values()), tuple(ordered))
