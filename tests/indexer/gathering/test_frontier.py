"""The frontier: in whatever order pages are discovered, the same set of addresses is fetched."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.gathering.addresses import canonical, is_page_of
from indexer.gathering.frontier import Frontier
from indexer.gathering.source import Source, checked
from indexer.gathering.state import State
from indexer.gathering.traps import LONGEST_CHAIN
from tests.support.depth import examples as examples_at

HOME = "https://exemple.fr/"
Graph = dict[str, tuple[list[str], bool]]
"""For each address, what it links to and whether it shows a resource."""

# A family of addresses with a resource is never closed as a whole, so only chains decide which pages are left out.
_PATHS = [f"{HOME}{name}/{number}" for name in ("a", "b") for number in range(8)]
_graphs = st.fixed_dictionaries(
    {address: st.tuples(st.lists(st.sampled_from(_PATHS), max_size=4), st.booleans()) for address in [HOME, *_PATHS]}
)


def fetched(graph: Graph, depth: int | None, seed: int, folder: Path) -> set[str]:
    """Return the addresses that are fetched from a site, in a random order instead of the frontier's own.

    Args:
        graph: the pages of the site.
        depth: largest depth, or None.
        seed: seed of the random order.
        folder: an empty folder for the state.
    """
    state = State(folder)
    rng = random.Random(seed)
    try:
        with state.changing() as db:
            # In every family a resource is known from the start.
            frontier = Frontier(db, "essai", 1, depth=depth)
            frontier.listed((f"{HOME}{name}/fiche-0", "") for name in ("a", "b"))
            for name in ("a", "b"):
                known = frontier.known(f"{HOME}{name}/fiche-0")
                assert known is not None
                frontier.read(known.id, [], resource=True, echo=False)
                frontier.settle(known.id, "page")
            frontier.start(HOME)
            done: set[str] = set()
            while True:
                waiting = []
                while (known := frontier.next()) is not None:
                    waiting.append(known)
                    db.execute("UPDATE addresses SET tries = 99 WHERE id = ?", (known.id,))
                db.executemany("UPDATE addresses SET tries = 0 WHERE id = ?", ((one.id,) for one in waiting))
                if not waiting:
                    return done
                chosen = rng.choice(waiting)
                links, resource = graph[chosen.url]
                frontier.read(chosen.id, links, resource=resource, echo=False)
                frontier.settle(chosen.id, "page")
                done.add(chosen.url)
    finally:
        state.close()


@examples_at(light=25, full=600)
def test_any_order_of_discovery_gives_the_same_set(examples: int) -> None:
    @settings(max_examples=examples)
    @given(graph=_graphs, depth=st.sampled_from([None, 2]), seeds=st.tuples(st.integers(0), st.integers(0)))
    def same(graph: Graph, depth: int | None, seeds: tuple[int, int]) -> None:
        found = []
        for seed in seeds:
            with TemporaryDirectory() as folder:
                found.append(fetched(graph, depth, seed, Path(folder)))
        assert found[0] == found[1]

    same()


def test_a_chain_of_barren_pages_is_left_and_a_resource_on_it_goes_on(tmp_path: Path) -> None:
    chain: Graph = {HOME: ([f"{HOME}a/1"], False)}
    chain |= {f"{HOME}a/{n}": ([f"{HOME}a/{n + 1}"], False) for n in range(1, 12)}
    chain[f"{HOME}a/12"] = ([], False)
    assert len(fetched(chain, None, 1, tmp_path)) == 1 + LONGEST_CHAIN
    chain[f"{HOME}a/3"] = ([f"{HOME}a/4"], True)
    (tmp_path / "other").mkdir()
    assert len(fetched(chain, None, 1, tmp_path / "other")) == 1 + 3 + LONGEST_CHAIN


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("/a?page=1&amp;amp;amp;page=2", "https://exemple.fr/a?page=1&page=2"),
        ("/a?amp;amp;page=2", "https://exemple.fr/a?page=2"),
        ("/a?PHPSESSID=abc&page=1", "https://exemple.fr/a?page=1"),
        ("/a;jsessionid=12AB?utm_source=x", "https://exemple.fr/a"),
        ("HTTPS://EXEMPLE.FR/A b#c", "https://exemple.fr/A%20b"),
        ("//exemple.fr", "https://exemple.fr/"),
        ("mailto:a@exemple.fr", None),
        ("javascript:void(0)", None),
        ("http://[oops/", None),
        ("/" + "a" * 2000, None),
    ],
)
def test_one_spelling_of_an_address(written: str, expected: str | None) -> None:
    assert canonical(written, base="https://exemple.fr/dossier/") == expected


@pytest.mark.parametrize(
    ("address", "read"),
    [
        ("https://www.exemple.fr/a", True),
        ("http://exemple.fr/a?page=2", True),
        ("https://exemple.fr/a?tri=titre", False),
        ("https://autre.fr/a", False),
        ("https://exemple.fr.autre.fr/", False),
        ("https://exemple.fr:8443/a", False),
        ("https://exemple.fr/a.pdf", False),
        ("https://exemple.fr/x/x/x/x", False),
    ],
)
def test_what_belongs_to_a_source(address: str, read: bool) -> None:
    assert is_page_of(checked(Source("essai", "https://exemple.fr/")), address) is read
