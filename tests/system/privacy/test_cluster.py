"""The same bytes for visitors where an OpenSearch cluster answers; see `test_bytes` for the proof itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from search_app.settings import ClusterSettings
from tests.support.cluster import HOSTS, needs_cluster, new_prefix, opened
from tests.support.privacy_archive import IMPORTED, STATES, Places, State, without_private
from tests.support.privacy_compare import Pair, Site
from tests.support.privacy_routes import CLOSED, Known, every_route
from tests.system.privacy.conftest import curate

pytestmark = [needs_cluster, pytest.mark.slow]

FIRST, HIDDEN, *_ = STATES


@contextmanager
def on_cluster(folder: Path) -> Iterator[tuple[Places, ClusterSettings]]:
    """Yield an archive, and the settings with which its index is on the cluster, under a prefix of its own."""
    prefix = new_prefix()
    with opened(prefix):  # which deletes the indexes
        yield Places(folder), ClusterSettings(HOSTS, prefix=prefix, shards=3, replicas=0)


def run(places: Places, cluster: ClusterSettings, state: State | None, *, indexed: bool) -> None:
    """Import the pages of a state, if there is one, and index them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RTES_ENGINE", "opensearch")
        patch.setenv("RTES_OPENSEARCH", ",".join(cluster.hosts))
        patch.setenv("RTES_OPENSEARCH_PREFIX", cluster.prefix)
        patch.setenv("RTES_OPENSEARCH_SHARDS", str(cluster.shards))
        patch.setenv("RTES_OPENSEARCH_REPLICAS", str(cluster.replicas))
        if state is not None:
            places.fill(state)
        if indexed:
            places.command("index")


@pytest.fixture(scope="module")
def pair_on_cluster(
    tmp_path_factory: pytest.TempPathFactory, plain_environment: None
) -> Iterator[Callable[[str], Pair]]:
    """A function that brings an archive with private resources to its next state, and returns its site beside that of
    an archive that never had any.
    """
    folder = tmp_path_factory.mktemp("grappe")
    with ExitStack() as stack:
        living = stack.enter_context(on_cluster(folder / "complète"))

        def at(state: str) -> Pair:
            entries = STATES[HIDDEN if state == IMPORTED else state]
            run(*living, None if state == HIDDEN else entries, indexed=state != IMPORTED)
            public = stack.enter_context(on_cluster(folder / f"publique-{state}"))
            run(*public, without_private(entries), indexed=True)
            sites = [Site(places, cluster=cluster) for places, cluster in (living, public)]
            for site in sites:
                stack.callback(site.close)
            pair = Pair(*sites)
            curate(pair)
            return pair

        yield at


def test_every_route_gives_the_same_bytes(pair_on_cluster: Callable[[str], Pair]) -> None:
    """What an import has made private is hidden at once, before the cluster knows of it."""
    for state in (FIRST, IMPORTED, HIDDEN):
        pair = pair_on_cluster(state)
        known = Known(pair.public.ids(private=False), pair.full.ids(private=True))
        assert len(known.private_ids) > 8
        for asked in every_route(pair.full.app, known, thorough=False):
            pair.ask(asked)
        assert not pair.differences, f"{state}: {len(pair.differences)} differences\n" + "\n\n".join(
            pair.differences[:3]
        )
        never = {rule.endpoint for rule in pair.full.app.url_map.iter_rules()} - CLOSED
        never -= {endpoint for endpoint, statuses in pair.reached().items() if min(statuses) < 400}
        assert never == set(), "routes that gave errors only: nothing was proved of them"
