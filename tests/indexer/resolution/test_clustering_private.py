"""Clustering and privacy: public resources and their ids are the same as if private resources had never existed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.resolution.clustering import Mention, Resolution, resolve
from tests.indexer.resolution.test_clustering import TITLE, Memory, id_of, parted, see

PUBLIC = see("page.html", TITLE, "/compte-rendu")
PRIVATE = see("interne.html", TITLE, "/compte-rendu-interne", private=True)
EXPORT = see("export.txt")


@pytest.fixture
def memory() -> Memory:
    return Memory()


def visible(resolution: Resolution) -> set[frozenset[str]]:
    return parted(cluster for cluster in resolution.clusters if not cluster.private)


def test_one_copy_that_is_private_makes_the_resource_private() -> None:
    (cluster,) = resolve([PUBLIC, see("copie.html", TITLE, "/compte-rendu", private=True)], []).clusters
    assert cluster.private


def test_a_public_export_joins_the_public_namesake_as_if_the_private_one_were_not_there() -> None:
    found = resolve([PUBLIC, PRIVATE, EXPORT], [])
    assert visible(found) == visible(resolve([PUBLIC, EXPORT], [])) == {frozenset({"page.html", "export.txt"})}


def test_a_private_export_joins_the_private_namesake() -> None:
    found = resolve([PUBLIC, PRIVATE, see("export.txt", private=True)], [])
    assert visible(found) == {frozenset({"page.html"})}
    assert parted(found.clusters) == {frozenset({"page.html"}), frozenset({"interne.html", "export.txt"})}


def test_an_export_whose_only_namesake_is_of_the_other_kind_is_private_with_it() -> None:
    assert visible(resolve([PRIVATE, EXPORT], [])) == set()
    assert visible(resolve([PUBLIC, see("export.txt", private=True)], [])) == set()


def test_an_export_that_may_be_one_of_several_private_resources_is_private() -> None:
    other = see("autre.html", TITLE, "/compte-rendu-annexe", private=True)
    found = resolve([PRIVATE, other, EXPORT], [])
    assert visible(found) == set()
    assert len(found.clusters) == 3


def test_a_private_namesake_does_not_change_an_id(memory: Memory) -> None:
    alone = id_of(resolve([PUBLIC], []), "page.html")
    assert id_of(memory.imports(PRIVATE), "interne.html") != alone
    assert id_of(memory.imports(PRIVATE, PUBLIC), "page.html") == alone


def test_an_id_tells_nothing_of_the_title_that_a_resource_had_while_private(memory: Memory) -> None:
    before = id_of(memory.imports(see("a.html", "Plan social de Zanzibar", "/a", private=True)), "a.html")
    after = memory.imports(see("a.html", TITLE, "/a"))
    assert before.startswith("plan-social")
    assert id_of(after, "a.html") == id_of(resolve([see("a.html", TITLE, "/a")], []), "a.html")


def test_the_address_that_members_know_stays_when_a_resource_becomes_public(memory: Memory) -> None:
    before = id_of(memory.imports(see("a.html", TITLE, "/a", private=True)), "a.html")
    assert id_of(memory.imports(see("a.html", TITLE, "/a")), "a.html") == before


def test_an_id_that_was_public_stays_through_a_time_in_private(memory: Memory) -> None:
    first = id_of(memory.imports(see("a.html", TITLE, "/a")), "a.html")
    hidden = memory.imports(see("a.html", "Autre titre", "/a", "/node/1", private=True))
    assert id_of(hidden, "a.html") == first
    assert id_of(memory.imports(see("a.html", "Autre titre", "/a")), "a.html") == first


def test_a_private_page_that_joined_two_public_ones_leaves_no_trace(memory: Memory) -> None:
    bridge = see("pont.html", TITLE, "/a", "/b", private=True)
    one, two = see("a.html", TITLE, "/a"), see("b.html", TITLE, "/b")
    assert visible(memory.imports(bridge, one, two)) == set()
    assert memory.imports(one, two).clusters == resolve([one, two], []).clusters


# Decisions of staff


def test_what_staff_opened_does_not_open_a_part_that_left_it(memory: Memory) -> None:
    joined = memory.imports(see("export.txt"), see("a.html", TITLE, "/a"))
    decided = {id_of(joined, "a.html"): False}
    apart = (see("export.txt", private=True), see("a.html", "Autre titre", "/a"))
    for _ in range(2):  # and the second time, when each has its own id
        resolution = memory.imports(*apart, decided=decided)
        hidden = {cluster.id: cluster.private for cluster in resolution.clusters}
        assert hidden == {id_of(resolution, "a.html"): False, id_of(resolution, "export.txt"): True}


def test_what_staff_hid_stays_hidden_when_it_joins_another(memory: Memory) -> None:
    decided = {id_of(memory.imports(see("export.txt", private=True)), "export.txt"): True}
    page = see("a.html", TITLE, "/a")
    memory.imports(page, decided=decided)
    for _ in range(2):
        (cluster,) = memory.imports(see("export.txt"), page, decided=decided).clusters
        assert cluster.private


# Random histories

NODES = st.lists(
    st.builds(
        lambda title, addresses, private: (title, tuple(addresses), private),
        st.sampled_from(("Bilan", "Charte")),
        st.lists(st.sampled_from(("/a", "/b", "/c", "/node/1")), max_size=2, unique=True),
        st.booleans(),
    ),
    max_size=7,
)


def mentions(nodes: list[tuple[str, tuple[str, ...], bool]]) -> list[Mention]:
    return [see(f"{n}.html", title, *addresses, private=private) for n, (title, addresses, private) in enumerate(nodes)]


@given(st.lists(NODES, min_size=1, max_size=4))
@settings(max_examples=400, derandomize=True, deadline=None)
def test_visitors_never_see_a_trace_of_private_nodes(states: list[list[tuple[str, tuple[str, ...], bool]]]) -> None:
    """After any history, public clusters and ids are those of an archive that never had private resources."""
    memory, public_memory = Memory(), Memory()
    for state in states:
        public = [cluster for cluster in memory.imports(*mentions(state)).clusters if not cluster.private]
        only = public_memory.imports(*(mention for cluster in public for mention in cluster.mentions))
        assert list(only.clusters) == public
