"""Harvesters (OAI-PMH clients) get what visitors see, what visitors saw before marked as deleted, and nothing else."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import quote

import pytest

from indexer.corpus import PUBLIC_RECORDS, PublicRecords, Selection
from indexer.resource import Audience
from tests.support.privacy_archive import IMPORTED, STATES, Places
from tests.support.privacy_compare import Pair, Site
from tests.support.privacy_routes import Asked

PairAt = Callable[[str], Pair]
LIVED = [next(iter(STATES)), IMPORTED, *list(STATES)[1:]]
"""The states in the order in which the archive goes through them."""


def harvested(site: Site) -> dict[str, bool]:
    """Return the ids that a harvester gets, and whether each is deleted."""
    listed = site.client.get("/oai?verb=ListRecords&metadataPrefix=oai_dc", buffered=True).get_data(as_text=True)
    found = re.findall(r"<header([^>]*)>\s*<identifier>oai:127.0.0.1:([^<]+)<", listed)
    assert len({name for _, name in found}) == len(found)
    return {name: "deleted" in status for status, name in found}


@pytest.fixture(scope="module")
def sites(living: dict[str, Places]) -> Iterator[dict[str, Site]]:
    sites = {state: Site(living[state]) for state in LIVED}
    yield sites
    for site in sites.values():
        site.close()


def test_deleted_is_what_visitors_saw_before(sites: dict[str, Site]) -> None:
    seen: set[str] = set()
    counts = []
    for state in LIVED:
        site = sites[state]
        public = set(site.ids(private=False))
        told = harvested(site)
        assert {name for name, deleted in told.items() if not deleted} == public, state
        assert {name for name, deleted in told.items() if deleted} == seen - public, state
        seen |= public
        counts.append(len(seen - public))
        for name in site.ids(private=True):
            one = f"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier={quote(f'oai:127.0.0.1:{name}')}"
            body = site.client.get(one, buffered=True).get_data(as_text=True)
            assert ('code="idDoesNotExist"' in body) == (name not in seen), (state, name)
            assert "<metadata>" not in body
    assert counts[0] == 0
    assert counts[1] == counts[2] >= 5


def test_the_record_holds_no_word_of_what_was_never_public(living: dict[str, Places]) -> None:
    raw = b"".join(
        path.read_bytes() for path in (living[LIVED[0]].folder / "corpus").glob(f"{PUBLIC_RECORDS}*")
    ).decode("utf-8", "replace")
    assert "fiche" in raw or "cooperative" in raw
    for word in ("zanzibar", "quetsche", "xylophone", "gouvernaille", "tontinage", "arbitrages", "confidentielle"):
        assert word not in raw.casefold()


def test_what_stays_public_keeps_its_time(living: dict[str, Places]) -> None:
    """A record that stays public keeps its time of change, although other resources became private."""

    def times(state: str) -> dict[str, tuple[int, bool]]:
        records = PublicRecords(living[state].folder / "corpus" / PUBLIC_RECORDS)
        return {one.id: (one.changed, one.deleted) for one in records.page(Selection(), limit=999)}

    before, after = times(LIVED[0]), times(LIVED[1])
    hidden = {name for name, (_, deleted) in after.items() if deleted}
    assert {name: told for name, told in after.items() if name not in hidden} == {
        name: told for name, told in before.items() if name not in hidden
    }
    assert all(after[name][0] > before[name][0] - 1 for name in hidden)


def test_a_whole_run_changes_no_time_and_an_old_archive_gets_its_record(
    living: dict[str, Places], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = Places(tmp_path_factory.mktemp("ancienne") / "archive")
    shutil.copytree(living[LIVED[2]].folder, place.folder)
    path = place.folder / "corpus" / PUBLIC_RECORDS

    def rows() -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(path)) as database:
            return database.execute("SELECT id, changed, deleted, digest FROM records ORDER BY id").fetchall()

    before = rows()
    place.command("index", "--full")
    assert rows() == before
    path.unlink()
    # As an archive of an earlier version: an indexing run with nothing to do records what is public.
    place.command("index")
    assert [(one[0], one[3]) for one in rows()] == [(one[0], one[3]) for one in before if not one[2]]
    # A run that was killed before it recorded its generation.
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE state SET generation = 'une autre'")
        database.execute("DELETE FROM records WHERE id = (SELECT min(id) FROM records)")
    place.command("index")
    assert [(one[0], one[3]) for one in rows()] == [(one[0], one[3]) for one in before if not one[2]]
    # A rollback shows what was public then, except what is private now.
    place.command("index", "--previous")
    site = Site(place)
    try:
        told = harvested(site)
        assert {name for name, deleted in told.items() if not deleted} == set(site.ids(private=False))
        assert not [n for n, gone in told.items() if gone != (site.engine.get(n, audience=Audience.VISITOR) is None)]
    finally:
        site.close()


@pytest.mark.slow
@pytest.mark.parametrize("state", list(STATES))
def test_records_are_the_same_bytes(pair_at: PairAt, state: str) -> None:
    pair = pair_at(state)
    for name in pair.public.ids(private=False):
        one = f"/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier={quote(f'oai:127.0.0.1:{name}')}"
        assert b"<metadata>" in pair.ask(Asked(one)).body
    assert pair.differences == []
