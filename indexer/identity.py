"""Identity: which nodes of which pages are one resource, and what its id is.

A node with addresses is known by them: nodes that share one, spelling apart, are one resource. A node without (a text
export has none) is known by its title and type, and joins an addressed resource when exactly one has the same.
Equal text alone never brings two addresses together: archives hold true namesakes.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexer.catalogue import Identity
from indexer.french.folding import fold

_NODE_NUMBER = re.compile(r"/node/\d+$")
_TITLE_KEY = "titre:"


@dataclass(frozen=True, slots=True)
class Sighting:
    """A node on a page of the corpus.

    Attributes:
        path: of the page.
        ordinal: place of the node on it.
        title: as written.
        namesake: folded title and type.
        keys: normalised addresses, its own first; empty if it has none.
    """

    path: str
    ordinal: int
    title: str
    namesake: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The sightings of one resource, by path and place, and its id."""

    id: str
    sightings: tuple[Sighting, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """All resources of the corpus.

    Attributes:
        groups: by id.
        fresh: keys that were not known yet, or that moved, and their ids.
    """

    groups: tuple[Group, ...]
    fresh: dict[str, str]


def resolve(sightings: Iterable[Sighting], known: Sequence[Identity]) -> Resolution:
    """Bring sightings together into resources.

    Args:
        sightings: every node of every page.
        known: identities given before, the first given first.
    """
    ordered = sorted(sightings, key=lambda s: (s.path, s.ordinal))
    sets = _Sets()
    for sighting in ordered:
        keys = _keys(sighting)
        for key in keys[1:]:
            sets.join(keys[0], key)
    ids = {identity.key: identity for identity in known}
    doubts = _join_namesakes(ordered, sets, ids)
    members: defaultdict[str, list[Sighting]] = defaultdict(list)
    keys_of: defaultdict[str, set[str]] = defaultdict(set)
    for sighting in ordered:
        root = sets.find(_keys(sighting)[0])
        members[root].append(sighting)
        keys_of[root].update(_keys(sighting))
    groups, fresh = [], {}
    taken = {identity.id for identity in known}
    given: set[str] = set()
    # Who was known first chooses first, so that an id never passes to another resource.
    for root in sorted(members, key=lambda r: (_first_number(keys_of[r], ids), r)):
        remembered = [ids[key] for key in keys_of[root] if key in ids and ids[key].id not in given]
        chosen = min(remembered, key=lambda i: i.number).id if remembered else _new_id(members[root], taken)
        taken.add(chosen)
        given.add(chosen)
        fresh.update({key: chosen for key in sorted(keys_of[root]) if key not in ids or ids[key].id != chosen})
        warnings = tuple(doubts[s.namesake] for s in members[root] if not s.keys and s.namesake in doubts)
        groups.append(Group(chosen, tuple(members[root]), tuple(dict.fromkeys(warnings))))
    return Resolution(tuple(sorted(groups, key=lambda g: g.id)), fresh)


def _keys(sighting: Sighting) -> tuple[str, ...]:
    return sighting.keys or (_TITLE_KEY + sighting.namesake,)


def _join_namesakes(ordered: list[Sighting], sets: _Sets, ids: dict[str, Identity]) -> dict[str, str]:
    """Join nodes without address to the one addressed resource of their name; name those that have several."""
    addressed: defaultdict[str, set[str]] = defaultdict(set)
    for sighting in ordered:
        if sighting.keys:
            addressed[sighting.namesake].add(sets.find(sighting.keys[0]))
    doubts: dict[str, str] = {}
    for namesake in dict.fromkeys(s.namesake for s in ordered if not s.keys):
        title_key = _TITLE_KEY + namesake
        roots = {sets.find(root) for root in addressed[namesake]}
        if len(roots) > 1:
            # Once joined, always joined: a namesake that comes later changes nothing.
            before = ids.get(title_key)
            roots = {r for r in roots if before is not None and _had_id(r, before.id, ordered, sets, ids)}
        if len(roots) == 1:
            sets.join(roots.pop(), title_key)
        elif len(addressed[namesake]) > 1:
            doubts[namesake] = (
                "Doublon possible : plusieurs ressources ont ce titre et ce type, "
                "et cette page ne dit pas par son adresse laquelle elle est."
            )
    return doubts


def _had_id(root: str, wanted: str, ordered: list[Sighting], sets: _Sets, ids: dict[str, Identity]) -> bool:
    keys = (key for s in ordered if s.keys and sets.find(s.keys[0]) == root for key in s.keys)
    return any(key in ids and ids[key].id == wanted for key in keys)


def _first_number(keys: set[str], ids: dict[str, Identity]) -> int:
    return min((ids[key].number for key in keys if key in ids), default=1 << 62)


def _new_id(sightings: list[Sighting], taken: set[str]) -> str:
    """A slug of the title and a short hash of the resource's own key: nothing that another resource could change."""
    own = min((_keys(s)[0] for s in sightings), key=lambda key: (bool(_NODE_NUMBER.search(key)), key))
    title = next(s.title for s in sightings if _keys(s)[0] == own)
    slug = "-".join(re.findall(r"[a-z0-9]+", fold(title)))
    while len(slug) > 60 and "-" in slug[1:]:
        slug = slug.rpartition("-")[0]
    digest = hashlib.blake2b(own.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()
    candidates = (f"{slug[:60]}-{digest[:size]}".strip("-") for size in range(8, 41))
    return next(candidate for candidate in candidates if candidate not in taken)


class _Sets:
    """Disjoint sets of keys, with path halving (R. E. Tarjan, J. van Leeuwen, 1984)."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, key: str) -> str:
        """The key that stands for a set."""
        parent = self._parent
        here = parent.setdefault(key, key)
        while here != parent[here]:
            parent[here] = parent[parent[here]]
            here = parent[here]
        parent[key] = here
        return here

    def join(self, a: str, b: str) -> None:
        """Make two sets one; the smaller key stands for it, whatever the order of joins."""
        a, b = sorted((self.find(a), self.find(b)))
        self._parent[b] = a
