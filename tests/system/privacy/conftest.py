"""Pairs of sites for every state that an archive goes through, built once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.privacy_archive import IMPORTED, STATES, Places, fresh, history
from tests.support.privacy_compare import Pair, Site


def curate(pair: Pair) -> None:
    """Choose resources to stand above the results of queries, and share a list, on both sites; on the site that has
    private resources, some of these too.
    """
    for site in (pair.full, pair.public):
        site.share()
    (public, *_), private = pair.public.ids(private=False), pair.full.ids(private=True)
    full, alone = (site.app.extensions["archive"].stores.curated for site in (pair.full, pair.public))
    full.choose("coopérative", (private[0], public, private[1]), actor="equipe@exemple.fr")
    alone.choose("coopérative", (public,), actor="equipe@exemple.fr")
    for query in ("zanzibar", "note", "bilan de la"):
        full.choose(query, private[:2], actor="equipe@exemple.fr")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("intimité")


@pytest.fixture(scope="session")
def living(folder: Path, plain_environment: None) -> dict[str, Places]:
    """The archive with private resources, in each state."""
    return history(folder / "complète", STATES)


@pytest.fixture(scope="session")
def pair_at(living: dict[str, Places], folder: Path) -> Iterator[Callable[[str], Pair]]:
    """Yield a function that returns two sites for a state of the archive: with private resources, and without."""
    pairs: dict[str, Pair] = {}

    def at(state: str) -> Pair:
        if state not in pairs:
            known = list(STATES)[1] if state == IMPORTED else state
            public = fresh(folder / f"publique-{len(pairs)}", STATES[known])
            pairs[state] = Pair(Site(living[state]), Site(public))
            curate(pairs[state])
        pairs[state].differences.clear()
        return pairs[state]

    yield at
    for pair in pairs.values():
        pair.full.close()
        pair.public.close()
