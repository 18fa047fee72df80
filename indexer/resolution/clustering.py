"""Cluster the nodes (entries that each show a resource) of all pages into resources, and give each resource its id.

A node with addresses is identified by them: nodes that share an address, normalised, are one resource. A node without
an address (as in a text export) is identified by its title and type, and joins a resource with an address if exactly
one has the same title and type. Equal titles alone never join two different addresses: archives hold different
resources of the same name.

What visitors see depends on public nodes alone: public nodes are joined, and public resources get their ids, as if
there were no private ones. When a resource that was always private becomes public, it gets a new id, so that its id
does not show that it was private.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from indexer.analysis import slug
from indexer.corpus import Identity, key_of_title, keys_of_node

_NODE_NUMBER = re.compile(r"/node/\d+$")


class NodeRef(NamedTuple):
    """A reference to a node: the path of its page, and its ordinal on it."""

    path: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A node on a page of the corpus.

    Attributes:
        path: path of its page.
        ordinal: number of the node on the page, in page order.
        title: as written.
        namesake: folded title and type; nodes with the same may be one resource.
        keys: normalised addresses, that of the resource itself first; empty if it has none.
        private: True unless the node says clearly that it is public.
    """

    path: str
    ordinal: int
    title: str
    namesake: str
    keys: tuple[str, ...]
    private: bool

    @property
    def place(self) -> NodeRef:
        """Reference to the node."""
        return NodeRef(self.path, self.ordinal)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The mentions of one resource, ordered by path and ordinal, its id, and whether it is private."""

    id: str
    mentions: tuple[Mention, ...]
    private: bool
    warnings: tuple[str, ...] = ()

    @property
    def node_refs(self) -> tuple[NodeRef, ...]:
        """References to its mentions."""
        return tuple(s.place for s in self.mentions)

    @property
    def keys(self) -> frozenset[str]:
        """All keys that the resource is known by."""
        return frozenset(key for s in self.mentions for key in keys_of_node(s.keys, s.namesake))


@dataclass(frozen=True, slots=True)
class Resolution:
    """All resources of the corpus.

    Attributes:
        clusters: the resources, ordered by id.
        fresh: id of each key that is new or whose id changed, by key.
        published: keys among those in `fresh` that belong to a public resource for the first time.
    """

    clusters: tuple[Cluster, ...]
    fresh: dict[str, str]
    published: frozenset[str]


def resolve(
    mentions: Iterable[Mention],
    known: Sequence[Identity],
    decided: Mapping[str, bool] | None = None,
    taken: Callable[[str, bool], bool] = lambda _id, _private: False,
) -> Resolution:
    """Cluster mentions into resources.

    Args:
        mentions: every node of every page.
        known: identities (keys with the ids of their resources) of earlier runs, oldest first.
        decided: privacy decided by staff, whatever the pages say: by id, whether the resource is private.
        taken: given an id and whether the resource is private, returns whether the id is taken, besides those in
            `known`: a private resource never gets an id that was ever given, a public one never an id that another
            public resource ever had.
    """
    decided = decided or {}
    ordered = sorted(mentions, key=lambda s: (s.path, s.ordinal))
    ids = {identity.key: identity for identity in known}
    elsewhere: set[str] = set()
    while True:
        resolution = _give_ids(_gather(ordered, ids, decided, elsewhere), ids, decided, taken)
        # A decision to publish a resource must not publish another resource that once had the same id.
        misled = {
            key
            for cluster in resolution.clusters
            for key in cluster.keys
            if key in ids and ids[key].id != cluster.id and decided.get(ids[key].id) is False
        }
        if misled <= elsewhere:
            return resolution
        elsewhere |= misled


def _gather(
    ordered: list[Mention], ids: dict[str, Identity], decided: Mapping[str, bool], elsewhere: Collection[str]
) -> list[Cluster]:
    """Return the clusters, still without ids.

    Args:
        ordered: all mentions, ordered by path and ordinal.
        ids: the known identity (key and resource id) of each key.
        decided: privacy decided by staff: by id, whether the resource is private.
        elsewhere: keys that now belong to another resource, so that a decision to publish does not apply to them.
    """
    sets = _Sets()
    for mention in ordered:
        keys = _keys(mention)
        for key in keys:
            sets.join(keys[0], key)
        if mention.private:
            sets.hide(keys[0])
    for identity in ids.values():
        if identity.id in decided and identity.key in sets and identity.key not in elsewhere:
            sets.decide(identity.key, hidden=decided[identity.id])
    doubts = _join_namesakes(ordered, sets, ids)
    members: defaultdict[str, list[Mention]] = defaultdict(list)
    for mention in ordered:
        members[sets.find(_keys(mention)[0])].append(mention)
    found = []
    for root, mine in members.items():
        warnings = dict.fromkeys(doubts[s.namesake] for s in mine if not s.keys and s.namesake in doubts)
        found.append(Cluster("", tuple(mine), sets.is_hidden(root), tuple(warnings)))
    return found


def _give_ids(
    found: list[Cluster], ids: dict[str, Identity], decided: Mapping[str, bool], taken: Callable[[str, bool], bool]
) -> Resolution:
    """Return the resolution in which each cluster has the id that it had before, or a new one.

    Args:
        found: the clusters, without ids.
        ids: the known identity of each key.
        decided: privacy decided by staff: by id, whether the resource is private.
        taken: given an id and whether the resource is private, returns whether the id may not be given.
    """
    clusters: list[Cluster] = []
    fresh: dict[str, str] = {}
    published: set[str] = set()
    given: set[str] = set()

    had = {False: {i.id for i in ids.values() if i.public}, True: {i.id for i in ids.values()}}

    def turn(cluster: Cluster) -> tuple[bool, int, str]:
        # Public clusters come first, as if there were no private ones; then the longest known, so that a resource keeps
        # its id.
        numbers = (i.number for i in _remembered(cluster, ids, decided))
        return cluster.private, min(numbers, default=1 << 62), min(cluster.keys)

    for cluster in sorted(found, key=turn):
        remembered = [identity for identity in _remembered(cluster, ids, decided) if identity.id not in given]
        if remembered:
            chosen = min(remembered, key=lambda i: (not i.public, i.number)).id
        else:
            chosen = next(
                new
                for new in _new_ids(cluster.mentions)
                if new not in given and new not in had[cluster.private] and not taken(new, cluster.private)
            )
        given.add(chosen)
        for key in sorted(cluster.keys):
            before = ids.get(key)
            if before is None or (not before.public and not cluster.private):
                published |= set() if cluster.private else {key}
                fresh[key] = chosen
            elif before.id != chosen and before.public is not cluster.private and not decided.get(before.id):
                # While a key is private, the id under which visitors knew it is kept, and so is a decision by staff to
                # hide it.
                fresh[key] = chosen
        clusters.append(replace(cluster, id=chosen))
    return Resolution(tuple(sorted(clusters, key=lambda g: g.id)), fresh, frozenset(published))


def _remembered(cluster: Cluster, ids: dict[str, Identity], decided: Collection[str]) -> list[Identity]:
    """Return the known identities of a cluster; of a public one, only those once public or decided on by staff."""
    known = [ids[key] for key in cluster.keys if key in ids]
    return known if cluster.private else [identity for identity in known if identity.public or identity.id in decided]


def _keys(mention: Mention) -> tuple[str, ...]:
    return keys_of_node(mention.keys, mention.namesake)


def _join_namesakes(ordered: list[Mention], sets: _Sets, ids: dict[str, Identity]) -> dict[str, str]:
    """Join nodes without an address to the only resource that has an address and the same title and type. Return a
    warning, by folded title and type, for nodes that several resources could be.

    A public node is joined to a public namesake, a private node to a private one; to a namesake of the other kind only
    if there is none of its own. Private nodes are joined first: what they join becomes private, and is then no
    candidate for public nodes.
    """
    addressed: defaultdict[str, set[str]] = defaultdict(set)
    for mention in ordered:
        if mention.keys:
            addressed[mention.namesake].add(mention.keys[0])
    doubts: dict[str, str] = {}
    names = dict.fromkeys(s.namesake for s in ordered if not s.keys)
    for namesake in sorted(names, key=lambda name: not sets.is_hidden(key_of_title(name))):
        title_key = key_of_title(namesake)
        private = sets.is_hidden(title_key)
        roots = {sets.find(key) for key in addressed[namesake]}
        alike = {root for root in roots if sets.is_hidden(root) is private} or roots
        if len(alike) == 1:
            sets.join(alike.pop(), title_key)
            continue
        # A node that was joined before stays joined, even if a namesake appears later.
        before = ids.get(title_key)
        if before is not None and (before.public or private):
            ours = [identity for identity in ids.values() if identity.id == before.id and (identity.public or private)]
            had = {sets.find(identity.key) for identity in ours if sets.find(identity.key) in alike}
            if len(had) == 1:
                sets.join(had.pop(), title_key)
                continue
        if alike:
            doubts[namesake] = (
                "Doublon possible : plusieurs ressources ont ce titre et ce type, "
                "et cette page ne dit pas par son adresse laquelle elle est."
            )
            if not private and all(map(sets.is_hidden, alike)):
                sets.hide(title_key)  # it is a copy of one of several private resources, so it is private too
    return doubts


def _new_ids(mentions: Sequence[Mention]) -> Iterator[str]:
    """Yield candidate ids: a slug of the title and a hash of the resource's key, which do not depend on other
    resources.

    Each candidate has a longer hash than the one before.
    """
    own = min((_keys(s)[0] for s in mentions), key=lambda key: (bool(_NODE_NUMBER.search(key)), key))
    title = next(s.title for s in mentions if _keys(s)[0] == own)
    name = slug(title, whole_words=True)
    digest = hashlib.blake2b(own.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()
    return (f"{name}-{digest[:size]}".strip("-") for size in range(8, 41))


class _Sets:
    """Disjoint sets of keys, some of which are private; union-find with path halving (R. E. Tarjan, J. van Leeuwen,
    1984).
    """

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._hidden: set[str] = set()
        self._decided: dict[str, bool] = {}

    def find(self, key: str) -> str:
        """Return the key that represents the set of a key; a new key becomes a set of its own."""
        parent = self._parent
        here = parent.setdefault(key, key)
        while here != parent[here]:
            parent[here] = parent[parent[here]]
            here = parent[here]
        parent[key] = here
        return here

    def join(self, a: str, b: str) -> None:
        """Join the sets of two keys. The smallest key represents the new set, whatever the order of joins."""
        a, b = sorted((self.find(a), self.find(b)))
        self._parent[b] = a
        if a == b:
            return
        if b in self._hidden:
            self._hidden.add(a)
        if b in self._decided:
            self._decided[a] = self._decided[b] or self._decided.get(a, False)

    def hide(self, key: str) -> None:
        """Make the set of a key private; whatever joins the set becomes private too."""
        self._hidden.add(self.find(key))

    def decide(self, key: str, *, hidden: bool) -> None:
        """Decide whether the set of a key is private, which overrides `hide`; of two decisions, private wins."""
        root = self.find(key)
        self._decided[root] = hidden or self._decided.get(root, False)

    def is_hidden(self, key: str) -> bool:
        """Return whether the set of a key is private."""
        root = self.find(key)
        return self._decided.get(root, root in self._hidden)

    def __contains__(self, key: str) -> bool:
        return key in self._parent
