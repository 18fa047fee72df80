"""On an OpenSearch cluster too, visitors get the same responses as if private resources did not exist."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from search_app.settings import ClusterSettings
from tests.support.cluster import HOSTS, delete_all, needs_cluster, new_prefix
from tests.support.privacy_archive import STATES, Places, State, without_private
from tests.support.privacy_compare import Pair, Site
from tests.support.privacy_routes import CLOSED, Known, every_route
from tests.system.privacy.conftest import curate

pytestmark = [needs_cluster, pytest.mark.slow]

ENTRIES = next(iter(STATES.values()))


def site(folder: Path, state: State, *, ends: ExitStack) -> Site:
    """Index an archive on the cluster, and return its site; its indexes are deleted when `ends` is closed."""
    prefix = new_prefix()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "RTES_ENGINE": "opensearch",
            "RTES_OPENSEARCH": ",".join(HOSTS),
            "RTES_OPENSEARCH_PREFIX": prefix,
            "RTES_OPENSEARCH_SHARDS": "2",
            "RTES_OPENSEARCH_REPLICAS": "0",
        }.items():
            environment.setenv(name, value)
        places = Places(folder)
        places.fill(state)
        places.command("index")
    made = Site(places, cluster=ClusterSettings(HOSTS, prefix=prefix, shards=2, replicas=0))
    ends.callback(made.close)
    ends.callback(delete_all, made.engine, prefix)
    return made


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, plain_environment: None) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("grappe")
    with ExitStack() as ends:
        full = site(folder / "complète", ENTRIES, ends=ends)
        public = site(folder / "publique", without_private(ENTRIES), ends=ends)
        both = Pair(full, public)
        curate(both)
        yield both


def test_every_route_gives_the_same_bytes(pair: Pair) -> None:
    ids = pair.full.ids(private=True)
    assert len(ids) > 8
    assert pair.public.ids(private=True) == ()
    for asked in every_route(pair.full.app, Known(pair.public.ids(private=False), ids), thorough=False):
        pair.ask(asked)
    assert pair.differences == []
    never = {rule.endpoint for rule in pair.full.app.url_map.iter_rules()} - CLOSED
    never -= {endpoint for endpoint, statuses in pair.reached().items() if min(statuses) < 400}
    assert never == set(), "routes that gave errors only: nothing was proved of them"


def test_every_link_gives_the_same_bytes(pair: Pair) -> None:
    assert pair.crawl(["/", "/?q=note", "/themes", "/territoires", "/sitemap.xml"], 150) > 50
    assert pair.differences == []
