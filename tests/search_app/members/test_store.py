"""The members' store: saved searches, new results, feeds, and deletion."""

from __future__ import annotations

import hashlib
import sqlite3
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest

from indexer.errors import RequestError
from indexer.storage.database import migrate
from search_app.errors import StoreError
from search_app.members import FEED_DAYS, Lists, MembersStore, SavedSearch
from search_app.members import store as limits
from search_app.members.schema import STEPS
from search_app.members.store import VISIT
from tests.support.clock import Clock

ANNE, BORIS = "anne", "boris"
SHELF_FILE = "shelf.sqlite"
DAY = 24 * 3600


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> MembersStore:
    return MembersStore(tmp_path / "data" / SHELF_FILE, clock)


def saved(store: MembersStore, *found: str, account: str = ANNE, name: str = "Vélo") -> SavedSearch:
    search = store.search(account, store.save(account, name, "q=velo", found, "g1"))
    assert search is not None
    return search


def again(store: MembersStore, search: SavedSearch) -> SavedSearch:
    found = store.search(search.account, search.id)
    assert found is not None
    return found


def fresh(store: MembersStore, search: SavedSearch) -> list[str]:
    found = [one.resource for one in store.fresh(search, 10)]
    assert len(found) == again(store, search).fresh
    return found


def test_nothing_is_kept_before_something_is(store: MembersStore, tmp_path: Path) -> None:
    assert store.searches(ANNE) == ()
    assert store.by_token("x") is None
    store.forget(ANNE)
    assert not (tmp_path / "data").exists()


def test_the_file_is_for_its_owner_alone(store: MembersStore, tmp_path: Path) -> None:
    saved(store)
    assert stat.S_IMODE((tmp_path / "data" / SHELF_FILE).stat().st_mode) == 0o600


def test_what_was_there_when_a_search_was_saved_is_not_new(store: MembersStore, clock: Clock) -> None:
    search = saved(store, "a", "b")
    assert search.fresh == 0
    clock.now += 10
    store.note(search, ["a", "b", "c"], "g2")
    assert fresh(store, search) == ["c"]
    assert again(store, search).generation == "g2"


def test_news_last_as_long_as_the_visit(store: MembersStore, clock: Clock) -> None:
    search = saved(store, "a")
    clock.now += VISIT + 1
    store.note(search, ["a", "b"], "g2")
    store.visit(search)
    assert fresh(store, search) == ["b"]
    clock.now += VISIT - 1
    store.visit(search)  # still the same visit: reloading shows the same results as new
    assert fresh(store, search) == ["b"]
    clock.now += VISIT + 1
    assert fresh(store, search) == ["b"]  # until the next visit
    store.visit(search)
    assert fresh(store, search) == []
    assert [one.resource for one in store.since_saved(search, 10)] == ["b"]


def test_what_came_between_two_visits_is_new_at_the_second(store: MembersStore, clock: Clock) -> None:
    search = saved(store, "a")
    clock.now += 1000
    store.note(search, ["a", "b"], "g2")  # a feed reader fetched the feed
    clock.now += VISIT + 1
    store.visit(search)
    assert fresh(store, search) == ["b"]


def test_what_is_gone_is_no_news_and_what_comes_back_is_none_either(store: MembersStore, clock: Clock) -> None:
    search = saved(store, "a")
    clock.now += 10
    store.note(search, ["a", "b", "c"], "g2")
    clock.now += 10
    store.note(search, ["b"], "g3")
    assert fresh(store, search) == ["b"]
    clock.now += 10
    store.note(search, ["a", "b", "d"], "g4")
    assert fresh(store, search) == ["d", "b"]


def test_searches_are_named_counted_and_deleted(store: MembersStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_SEARCHES", 2)
    search, other = saved(store, "a"), saved(store, name="Achats")
    assert [one.name for one in store.searches(ANNE)] == ["Achats", "Vélo"]
    with pytest.raises(RequestError, match="suivez déjà 2 recherches"):
        saved(store)
    saved(store, account=BORIS)
    store.rename(search, "x" * 300)
    assert again(store, search).name == "x" * 100
    store.delete(search)
    assert store.search(ANNE, search.id) is None
    assert store.search(BORIS, other.id) is None
    assert store.searches(ANNE) == (other,)


def test_feeds_are_known_by_their_hash_alone(store: MembersStore, tmp_path: Path) -> None:
    search = saved(store)
    first = store.open_feed(search, 0)
    assert store.by_token(first) == again(store, search)
    assert again(store, search).feed is not None
    assert first.encode() not in (tmp_path / "data" / SHELF_FILE).read_bytes()
    second = store.open_feed(search, 0)
    assert first != second
    assert len(first) >= 43
    assert store.by_token(first) is None
    store.close_feed(search)
    assert store.by_token(second) is None
    assert again(store, search).feed is None
    assert store.by_token("\ud800") is None


def test_a_feed_counts_the_days_without_a_reader(store: MembersStore, clock: Clock) -> None:
    search = saved(store)
    store.open_feed(search, 3)
    feed = again(store, search).feed
    assert feed is not None
    assert (feed.epoch, feed.made, feed.used, feed.expires) == (3, "1970-01-12", None, "1971-01-12")
    clock.now += 300 * DAY
    store.note_feed_use(again(store, search))
    feed = again(store, search).feed
    assert feed is not None
    assert (feed.used, feed.expires, feed.expired) == ("1970-11-08", "1971-11-08", False)
    clock.now += FEED_DAYS * DAY
    assert not again(store, search).feed.expired
    clock.now += DAY
    assert again(store, search).feed.expired
    store.open_feed(search, 3)
    assert not again(store, search).feed.expired


def test_a_day_of_use_is_noted_once_and_never_in_the_way(store: MembersStore, clock: Clock, tmp_path: Path) -> None:
    search = saved(store)
    store.open_feed(search, 0)
    writer = sqlite3.connect(tmp_path / "data" / SHELF_FILE, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    MembersStore(tmp_path / "data" / SHELF_FILE, clock, wait=0.01).note_feed_use(again(store, search))
    writer.close()
    assert again(store, search).feed.used is None
    store.note_feed_use(again(store, search))
    clock.now += 3600
    used = again(store, search)
    before = (tmp_path / "data" / SHELF_FILE).read_bytes()
    store.note_feed_use(used)
    assert (tmp_path / "data" / SHELF_FILE).read_bytes() == before


def test_feeds_of_an_earlier_version_go_on(store: MembersStore, tmp_path: Path) -> None:
    path, token = tmp_path / "data" / SHELF_FILE, "un jeton"
    path.parent.mkdir()
    database = sqlite3.connect(path, isolation_level=None)
    assert migrate(database, STEPS[:1])
    for number, feed in enumerate((hashlib.sha256(token.encode()).hexdigest(), None), start=1):
        database.execute(
            "INSERT INTO searches (id, account, name, arguments, saved, since, visited, feed) "
            "VALUES (?, ?, 'Vélo', 'q=velo', 0, 0, 0, ?)",
            (number, ANNE, feed),
        )
    database.close()
    found = store.by_token(token)
    assert found is not None
    assert found.feed is not None
    assert (found.feed.epoch, found.feed.made, found.feed.used, found.feed.expired) == (0, None, None, False)
    assert date.today() + timedelta(days=360) < date.fromisoformat(found.feed.expires)
    other = store.search(ANNE, 2)
    assert other is not None
    assert other.feed is None


def test_forgetting_leaves_nothing(store: MembersStore, tmp_path: Path) -> None:
    lists = Lists(tmp_path / "data" / SHELF_FILE)
    lists.select(ANNE, "zanzibar-selection")
    search = saved(store, "zanzibar-ressource", name="zanzibar-nom")
    token = store.open_feed(search, 0)
    lists.select(BORIS, "b")
    store.forget(ANNE)
    assert lists.selected(ANNE) == ()
    assert store.searches(ANNE) == ()
    assert store.by_token(token) is None
    assert lists.selected(BORIS) == ("b",)
    assert b"zanzibar" not in (tmp_path / "data" / SHELF_FILE).read_bytes()


def test_a_damaged_file_is_told(store: MembersStore, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / SHELF_FILE).write_bytes(b"x" * 5000)
    with pytest.raises(StoreError, match="ne peut pas être utilisé"):
        store.searches(ANNE)


def test_news_are_marked_as_seen_even_after_the_clock_was_set_back(store: MembersStore, clock: Clock) -> None:
    one, other = saved(store), saved(store, account=BORIS)
    clock.now += 3600
    for search in (one, other):
        store.note(search, ["r-1", "r-2"], "g2")
    clock.now -= 1800
    store.mark_seen(ANNE)
    assert (store.fresh_total(ANNE), store.fresh_total(BORIS)) == (0, 2)
    clock.now += 7200
    store.note(one, ["r-1", "r-2", "r-3"], "g3")
    assert fresh(store, one) == ["r-3"]
