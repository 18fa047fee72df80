"""Clustering: which nodes are one resource, and which id it gets and keeps."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.analysis.theme_key import theme_key
from indexer.corpus.catalogue import Identity
from indexer.parsing.urls import normalise
from indexer.resolution.clustering import Cluster, Mention, Resolution, resolve

SITE = "https://reseau.example"
TITLE = "Compte rendu de la commission ESS"


def see(
    path: str, title: str = TITLE, *addresses: str, type: str = "Guide", ordinal: int = 0, private: bool = False
) -> Mention:
    """Return a mention (a node on the page at `path`), with its addresses made absolute and normalised."""
    absolute = [a if "://" in a else SITE + a for a in addresses]
    namesake = f"{theme_key(title)}\t{theme_key(type)}"
    return Mention(path, ordinal, title, namesake, tuple(dict.fromkeys(map(normalise, absolute))), private)


class Memory:
    """The identities that the catalogue keeps from one run to the next."""

    def __init__(self) -> None:
        self._ids: dict[str, Identity] = {}
        self._last = 0

    @property
    def known(self) -> list[Identity]:
        return sorted(self._ids.values(), key=lambda i: i.number)

    def imports(self, *mentions: Mention, decided: Mapping[str, bool] | None = None) -> Resolution:
        """Resolve all mentions in the corpus, with the decisions of staff, and remember the identities."""
        resolution = resolve(mentions, self.known, decided)
        for key, id in resolution.fresh.items():
            before = None if key in resolution.published else self._ids.get(key)
            if before is None:
                self._last += 1
                before = Identity(self._last, key, id, key in resolution.published)
            self._ids[key] = replace(before, id=id)
        return resolution


def parted(clusters: Iterable[Cluster]) -> set[frozenset[str]]:
    """Return the sets of pages that are one resource."""
    return {
        frozenset(f"{s.path}#{s.ordinal}" if s.ordinal else s.path for s in cluster.mentions) for cluster in clusters
    }


def id_of(resolution: Resolution, path: str) -> str:
    """Return the id of the resource on a page."""
    return next(g.id for g in resolution.clusters if any(s.path == path for s in g.mentions))


@pytest.fixture
def memory() -> Memory:
    return Memory()


# One or two?

ONE = [
    pytest.param(["https://reseau.example/guide"], ["http://reseau.example/guide"], id="http and https"),
    pytest.param(["https://www.reseau.example/guide"], ["https://reseau.example/guide"], id="www"),
    pytest.param(["/guide?page=0"], ["/guide"], id="page=0"),
    pytest.param(["/guide/"], ["/guide#haut"], id="slash and fragment"),
    pytest.param(["/Un-dossier?debut_mmthm_mots_autres_art=30"], ["/Un-dossier"], id="SPIP"),
    pytest.param(["/guide", "/node/6862"], ["/node/6862"], id="node number beside an alias"),
    pytest.param(["/guide", "/node/6862"], ["/guide-de-2024", "/node/6862"], id="two aliases, one node number"),
    pytest.param(["/guide?utm_source=lettre"], ["/guide"], id="tracking"),
    pytest.param(["/r%C3%A9gie"], ["/régie"], id="percent-encoding"),
    pytest.param([], [], id="no address, same title and type"),
]
TWO = [
    pytest.param(["/compte-rendu"], ["/compte-rendu-0"], id="namesakes"),
    pytest.param(["/guide?page=1"], ["/guide"], id="another page of a listing"),
    pytest.param(["https://autre.example/guide"], ["/guide"], id="another site"),
]


@pytest.mark.parametrize(("one", "other"), ONE)
def test_spellings_of_an_address_are_one_resource(one: list[str], other: list[str]) -> None:
    clusters = resolve([see("a.html", TITLE, *one), see("b.html", TITLE, *other)], []).clusters
    assert parted(clusters) == {frozenset({"a.html", "b.html"})}
    assert clusters[0].warnings == ()


@pytest.mark.parametrize(("one", "other"), ONE[:-1])
def test_an_address_decides_whatever_the_title(one: list[str], other: list[str]) -> None:
    clusters = resolve([see("a.html", TITLE, *one), see("b.html", "Un tout autre titre", *other)], []).clusters
    assert len(clusters) == 1


@pytest.mark.parametrize(("one", "other"), TWO)
def test_equal_text_never_brings_two_addresses_together(one: list[str], other: list[str]) -> None:
    clusters = resolve([see("a.html", TITLE, *one), see("b.html", TITLE, *other)], []).clusters
    assert parted(clusters) == {frozenset({"a.html"}), frozenset({"b.html"})}
    assert [cluster.warnings for cluster in clusters] == [(), ()]


def test_a_listing_and_the_own_page_are_one() -> None:
    clusters = resolve(
        [
            see("theme.html", TITLE, "/compte-rendu", ordinal=0),
            see("theme.html", "Autre chose", "/autre", ordinal=1),
            see("compte-rendu.html", TITLE, "http://www.reseau.example/compte-rendu", "/node/12"),
        ],
        [],
    ).clusters
    assert parted(clusters) == {frozenset({"theme.html", "compte-rendu.html"}), frozenset({"theme.html#1"})}


def test_without_address_title_and_type_decide_spelling_apart() -> None:
    clusters = resolve(
        [
            see("a.txt", "Bilan d’activité 2022"),
            see("b.txt", "BILAN D'ACTIVITE, 2022"),
            see("c.txt", "Bilan d’activité 2022", type="Autres"),
            see("d.txt", "Bilan d’activité 2023"),
        ],
        [],
    ).clusters
    assert parted(clusters) == {frozenset({"a.txt", "b.txt"}), frozenset({"c.txt"}), frozenset({"d.txt"})}


# A resource of an export is joined to the one with an address, and ids do not change

EXPORT = see("export.txt")
ADDRESSED = see("page.html", TITLE, "/compte-rendu")
NAMESAKE = see("autre.html", TITLE, "/compte-rendu-0")


def test_an_export_that_comes_after_joins_and_keeps_the_id(memory: Memory) -> None:
    first = id_of(memory.imports(ADDRESSED), "page.html")
    both = memory.imports(ADDRESSED, EXPORT)
    assert parted(both.clusters) == {frozenset({"page.html", "export.txt"})}
    assert both.clusters[0].id == first


def test_an_export_that_came_before_is_joined_and_keeps_its_id(memory: Memory) -> None:
    first = id_of(memory.imports(EXPORT), "export.txt")
    both = memory.imports(ADDRESSED, EXPORT)
    assert parted(both.clusters) == {frozenset({"page.html", "export.txt"})}
    assert both.clusters[0].id == first
    assert memory.imports(ADDRESSED).clusters[0].id == first  # also after the export is removed


def test_an_export_of_another_type_does_not_join() -> None:
    assert len(resolve([ADDRESSED, see("export.txt", TITLE, type="Autres")], []).clusters) == 2


def test_two_addressed_namesakes_leave_the_export_apart_with_a_warning() -> None:
    clusters = resolve([ADDRESSED, NAMESAKE, EXPORT], []).clusters
    assert parted(clusters) == {frozenset({"page.html"}), frozenset({"autre.html"}), frozenset({"export.txt"})}
    warned = {cluster.mentions[0].path: cluster.warnings for cluster in clusters}
    assert warned["page.html"] == warned["autre.html"] == ()
    (warning,) = warned["export.txt"]
    assert warning.startswith("Doublon possible")


def test_a_namesake_that_comes_later_does_not_part_what_was_joined(memory: Memory) -> None:
    joined = memory.imports(ADDRESSED, EXPORT).clusters[0].id
    later = memory.imports(ADDRESSED, EXPORT, NAMESAKE)
    assert parted(later.clusters) == {frozenset({"page.html", "export.txt"}), frozenset({"autre.html"})}
    assert id_of(later, "page.html") == joined
    assert all(cluster.warnings == () for cluster in later.clusters)


def test_an_export_alone_that_meets_two_namesakes_at_once_stays_apart(memory: Memory) -> None:
    alone = memory.imports(EXPORT).clusters[0].id
    later = memory.imports(EXPORT, ADDRESSED, NAMESAKE)
    assert len(later.clusters) == 3
    assert id_of(later, "export.txt") == alone


# Ids are permanent


def test_an_id_is_a_slug_of_the_title_and_a_short_hash() -> None:
    (cluster,) = resolve([see("a.html", "Économie sociale & solidaire : l’été des élu·es", "/a")], []).clusters
    assert re.fullmatch(r"economie-sociale-solidaire-l-ete-des-elu-es-[0-9a-f]{8}", cluster.id)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Œuvrer à l’Île-d’Yeu", "oeuvrer-a-l-ile-d-yeu"),
        ("2024", "2024"),
        ("« … »", ""),
        ("", ""),
        ("社会的経済", "shehuidejingji"),
        ("Coopération " * 12, "cooperation-cooperation-cooperation-cooperation-cooperation"),
        ("a" * 200, "a" * 60),
    ],
)
def test_any_title_gives_an_id_that_an_address_can_hold(title: str, slug: str) -> None:
    (cluster,) = resolve([see("a.html", title, "/a")], []).clusters
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", cluster.id)
    assert len(cluster.id) <= 69
    assert cluster.id.rpartition("-")[0] == slug


def test_an_id_stays_when_the_title_changes(memory: Memory) -> None:
    first = memory.imports(see("a.html", TITLE, "/a")).clusters[0].id
    assert memory.imports(see("a.html", "Tout autre titre", "/a")).clusters[0].id == first


def test_an_id_stays_when_a_new_alias_appears_and_the_old_one_goes(memory: Memory) -> None:
    first = memory.imports(see("a.html", TITLE, "/a", "/node/7")).clusters[0].id
    assert memory.imports(see("a.html", TITLE, "/nouveau", "/node/7")).clusters[0].id == first
    assert memory.imports(see("a.html", TITLE, "/nouveau")).clusters[0].id == first
    assert memory.imports(see("a.html", TITLE, "/a")).clusters[0].id == first


def test_two_known_resources_that_turn_out_to_be_one_keep_the_first_id(memory: Memory) -> None:
    alias, number = see("z.html", TITLE, "/z"), see("a.html", TITLE, "/node/7")
    first = id_of(memory.imports(alias), "z.html")
    assert id_of(memory.imports(alias, number), "z.html") == first
    bridge = see("m.html", TITLE, "/z", "/node/7")
    (cluster,) = memory.imports(alias, number, bridge).clusters
    assert cluster.id == first
    # After the page that joined them is removed, the resource known first keeps the id and the other gets a new one; no
    # id is reused.
    parted_again = memory.imports(alias, number)
    assert id_of(parted_again, "z.html") == first
    assert id_of(parted_again, "a.html") != first


def test_the_alias_names_the_resource_before_its_node_number(memory: Memory) -> None:
    together = resolve([see("a.html", TITLE, "/node/7", "/z"), see("b.html", TITLE, "/z")], []).clusters[0].id
    assert together == resolve([see("b.html", TITLE, "/z")], []).clusters[0].id


def test_nothing_is_fresh_the_second_time(memory: Memory) -> None:
    assert memory.imports(ADDRESSED, EXPORT, NAMESAKE).fresh
    assert memory.imports(NAMESAKE, ADDRESSED, EXPORT).fresh == {}


def test_an_id_that_another_resource_took_is_made_longer(memory: Memory) -> None:
    """Two short hashes may be equal: a new resource whose id is taken gets one with one more character."""
    (cluster,) = resolve([see("a.html", TITLE, "/a")], []).clusters
    taken = [Identity(1, "https://ailleurs.example/x", cluster.id, True)]
    (other,) = resolve([see("a.html", TITLE, "/a")], taken).clusters
    assert other.id.startswith(cluster.id)
    assert len(other.id) == len(cluster.id) + 1


# Random histories

TITLES = ("Bilan", "bilan !", "Convention", "Charte")
ADDRESSES = ("/a", "/b", "/c", "/node/1", "/node/2", "http://www.reseau.example/a?page=0")
RESOURCES = st.builds(
    lambda title, type, addresses: (title, type, tuple(addresses)),
    st.sampled_from(TITLES),
    st.sampled_from(("Guide", "Autres")),
    st.lists(st.sampled_from(ADDRESSES), max_size=2, unique=True),
)


def mentions(resources: Sequence[tuple[str, str, tuple[str, ...]]]) -> list[Mention]:
    return [see(f"{n}.html", title, *addresses, type=type) for n, (title, type, addresses) in enumerate(resources)]


@given(st.lists(RESOURCES, max_size=7).flatmap(lambda r: st.tuples(st.just(r), st.permutations(range(len(r))))))
def test_the_order_of_sightings_does_not_matter(
    drawn: tuple[list[tuple[str, str, tuple[str, ...]]], list[int]],
) -> None:
    resources, order = drawn
    seen = mentions(resources)
    assert resolve([seen[n] for n in order], []) == resolve(seen, [])


@given(st.lists(RESOURCES, max_size=7))
def test_each_sighting_is_in_one_group_and_each_group_has_its_own_id(
    resources: list[tuple[str, str, tuple[str, ...]]],
) -> None:
    seen = mentions(resources)
    clusters = resolve(seen, []).clusters
    assert sorted(s.path for cluster in clusters for s in cluster.mentions) == sorted(s.path for s in seen)
    assert len({cluster.id for cluster in clusters}) == len(clusters)
    assert list(clusters) == sorted(clusters, key=lambda cluster: cluster.id)


@given(st.lists(RESOURCES, max_size=6), st.data())
def test_a_second_run_over_the_same_pages_gives_the_same(
    resources: list[tuple[str, str, tuple[str, ...]]], data: st.DataObject
) -> None:
    memory, seen = Memory(), mentions(resources)
    first = memory.imports(*seen)
    again = memory.imports(*data.draw(st.permutations(seen)))
    assert again.clusters == first.clusters
    assert again.fresh == {}


OWN = st.integers(0, 9)
"""Numbers for resources that each have an address of their own, but often the same title as others."""


@given(st.lists(st.sets(OWN, max_size=8), min_size=1, max_size=5))
@settings(max_examples=60)
def test_ids_do_not_change_when_others_come_and_go(states: list[set[int]]) -> None:
    """The corpus goes through states with different resources; each has the id that it would have alone."""
    memory = Memory()
    everyone = {n: see(f"{n}.html", TITLES[n % 3], f"/ressource-{n}", f"/node/{n}") for n in range(10)}
    alone = {n: resolve([mention], []).clusters[0].id for n, mention in everyone.items()}
    for state in states:
        resolution = memory.imports(*(everyone[n] for n in state))
        assert {cluster.mentions[0].path: cluster.id for cluster in resolution.clusters} == {
            f"{n}.html": alone[n] for n in state
        }


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_ids_do_not_depend_on_the_order_of_imports(order: tuple[int, ...], memory: Memory) -> None:
    everyone = [see(f"{n}.html", TITLE, f"/ressource-{n}") for n in range(3)]
    for step in range(1, 4):
        last = memory.imports(*(everyone[n] for n in order[:step]))
    assert last.clusters == resolve(everyone, []).clusters
