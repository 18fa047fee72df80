"""What members keep, as a store: selections, saved searches, what is new, feeds, and forgetting."""

from __future__ import annotations

import sqlite3
import stat
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from indexer.errors import AccountError, RequestError
from search_app.members import FEED_DAYS, SavedSearch, Shelf
from search_app.members import store as limits
from search_app.members.store import VISIT

ANNE, BORIS = "anne", "boris"
SHELF_FILE = "shelf.sqlite"
DAY = 24 * 3600


@dataclass
class Clock:
    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelf(tmp_path: Path, clock: Clock) -> Shelf:
    return Shelf(tmp_path / "data" / SHELF_FILE, clock)


def saved(shelf: Shelf, *found: str, account: str = ANNE, name: str = "Vélo") -> SavedSearch:
    search = shelf.search(account, shelf.save(account, name, "q=velo", found, "g1"))
    assert search is not None
    return search


def again(shelf: Shelf, search: SavedSearch) -> SavedSearch:
    found = shelf.search(search.account, search.id)
    assert found is not None
    return found


def fresh(shelf: Shelf, search: SavedSearch) -> list[str]:
    found = [one.resource for one in shelf.fresh(search, 10)]
    assert len(found) == again(shelf, search).fresh
    return found


def test_nothing_is_kept_before_something_is(shelf: Shelf, tmp_path: Path) -> None:
    assert shelf.selected(ANNE) == ()
    assert shelf.searches(ANNE) == ()
    assert shelf.by_token("x") is None
    shelf.forget(ANNE)
    assert not (tmp_path / "data").exists()


def test_a_selection(shelf: Shelf) -> None:
    for resource in ("a", "b", "c", "a"):
        shelf.select(ANNE, resource)
    shelf.select(BORIS, "z")
    assert shelf.selected(ANNE) == ("c", "b", "a")
    shelf.deselect(ANNE, "b")
    shelf.deselect(ANNE, "jamais")
    assert shelf.selected(ANNE) == ("c", "a")
    shelf.deselect(ANNE)
    assert shelf.selected(ANNE) == ()
    assert shelf.selected(BORIS) == ("z",)


def test_a_full_selection_says_so_and_keeps_what_it_has(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_SELECTED", 2)
    shelf.select(ANNE, "a")
    shelf.select(ANNE, "b")
    shelf.select(ANNE, "a")
    with pytest.raises(RequestError, match="pleine"):
        shelf.select(ANNE, "c")
    assert shelf.selected(ANNE) == ("b", "a")


def test_the_file_is_for_its_owner_alone(shelf: Shelf, tmp_path: Path) -> None:
    shelf.select(ANNE, "a")
    assert stat.S_IMODE((tmp_path / "data" / SHELF_FILE).stat().st_mode) == 0o600


def test_what_was_there_when_a_search_was_saved_is_not_new(shelf: Shelf, clock: Clock) -> None:
    search = saved(shelf, "a", "b")
    assert search.fresh == 0
    clock.now += 10
    shelf.note(search, ["a", "b", "c"], "g2")
    assert fresh(shelf, search) == ["c"]
    assert again(shelf, search).generation == "g2"


def test_news_last_as_long_as_the_visit(shelf: Shelf, clock: Clock) -> None:
    search = saved(shelf, "a")
    clock.now += VISIT + 1
    shelf.note(search, ["a", "b"], "g2")
    shelf.visit(search)
    assert fresh(shelf, search) == ["b"]
    clock.now += VISIT - 1
    shelf.visit(search)  # still the same visit: a page read again shows the same
    assert fresh(shelf, search) == ["b"]
    clock.now += VISIT + 1
    assert fresh(shelf, search) == ["b"]  # until the next visit
    shelf.visit(search)
    assert fresh(shelf, search) == []
    assert [one.resource for one in shelf.since_saved(search, 10)] == ["b"]


def test_what_came_between_two_visits_is_new_at_the_second(shelf: Shelf, clock: Clock) -> None:
    search = saved(shelf, "a")
    clock.now += 1000
    shelf.note(search, ["a", "b"], "g2")  # a feed reader looked
    clock.now += VISIT + 1
    shelf.visit(search)
    assert fresh(shelf, search) == ["b"]


def test_what_is_gone_is_no_news_and_what_comes_back_is_none_either(shelf: Shelf, clock: Clock) -> None:
    search = saved(shelf, "a")
    clock.now += 10
    shelf.note(search, ["a", "b", "c"], "g2")
    clock.now += 10
    shelf.note(search, ["b"], "g3")
    assert fresh(shelf, search) == ["b"]
    clock.now += 10
    shelf.note(search, ["a", "b", "d"], "g4")
    assert fresh(shelf, search) == ["d", "b"]


def test_searches_are_named_counted_and_deleted(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_SEARCHES", 2)
    search, other = saved(shelf, "a"), saved(shelf, name="Achats")
    assert [one.name for one in shelf.searches(ANNE)] == ["Achats", "Vélo"]
    with pytest.raises(RequestError, match="suivez déjà 2 recherches"):
        saved(shelf)
    saved(shelf, account=BORIS)
    shelf.rename(search, "x" * 300)
    assert again(shelf, search).name == "x" * 100
    shelf.delete(search)
    assert shelf.search(ANNE, search.id) is None
    assert shelf.search(BORIS, other.id) is None
    assert shelf.searches(ANNE) == (other,)


def test_feeds_are_known_by_their_hash_alone(shelf: Shelf, tmp_path: Path) -> None:
    search = saved(shelf)
    first = shelf.open_feed(search, 0)
    assert shelf.by_token(first) == again(shelf, search)
    assert again(shelf, search).feed is not None
    assert first.encode() not in (tmp_path / "data" / SHELF_FILE).read_bytes()
    second = shelf.open_feed(search, 0)
    assert first != second
    assert len(first) >= 43
    assert shelf.by_token(first) is None
    shelf.close_feed(search)
    assert shelf.by_token(second) is None
    assert again(shelf, search).feed is None
    assert shelf.by_token("\ud800") is None


def test_a_feed_counts_the_days_without_a_reader(shelf: Shelf, clock: Clock) -> None:
    search = saved(shelf)
    shelf.open_feed(search, 3)
    feed = again(shelf, search).feed
    assert feed is not None
    assert (feed.epoch, feed.made, feed.used, feed.expires) == (3, "1970-01-12", None, "1971-01-12")
    clock.now += 300 * DAY
    shelf.note_feed_use(again(shelf, search))
    feed = again(shelf, search).feed
    assert feed is not None
    assert (feed.used, feed.expires, feed.expired) == ("1970-11-08", "1971-11-08", False)
    clock.now += FEED_DAYS * DAY
    assert not again(shelf, search).feed.expired
    clock.now += DAY
    assert again(shelf, search).feed.expired
    shelf.open_feed(search, 3)
    assert not again(shelf, search).feed.expired


def test_a_day_of_use_is_noted_once_and_never_in_the_way(shelf: Shelf, clock: Clock, tmp_path: Path) -> None:
    search = saved(shelf)
    shelf.open_feed(search, 0)
    writer = sqlite3.connect(tmp_path / "data" / SHELF_FILE, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    shelf._store._wait = 0.01
    shelf.note_feed_use(again(shelf, search))
    writer.close()
    assert again(shelf, search).feed.used is None
    shelf.note_feed_use(again(shelf, search))
    clock.now += 3600
    used = again(shelf, search)
    before = (tmp_path / "data" / SHELF_FILE).read_bytes()
    shelf.note_feed_use(used)
    assert (tmp_path / "data" / SHELF_FILE).read_bytes() == before


def test_feeds_of_an_earlier_version_go_on(shelf: Shelf, tmp_path: Path) -> None:
    search = saved(shelf)
    token = shelf.open_feed(search, 0)
    other = saved(shelf, name="sans flux")
    database = sqlite3.connect(tmp_path / "data" / SHELF_FILE)
    columns = "".join(f"ALTER TABLE searches DROP COLUMN feed_{name};" for name in ("epoch", "made", "used", "counted"))
    database.executescript(f"{columns} PRAGMA user_version=1")
    database.close()
    shelf._clock = time.time
    found = shelf.by_token(token)
    assert found is not None
    assert found.feed is not None
    assert (found.feed.epoch, found.feed.made, found.feed.used, found.feed.expired) == (0, None, None, False)
    assert date.today() + timedelta(days=360) < date.fromisoformat(found.feed.expires)
    assert again(shelf, other).feed is None


def test_forgetting_leaves_nothing(shelf: Shelf, tmp_path: Path) -> None:
    shelf.select(ANNE, "zanzibar-selection")
    search = saved(shelf, "zanzibar-ressource", name="zanzibar-nom")
    token = shelf.open_feed(search, 0)
    shelf.select(BORIS, "b")
    shelf.forget(ANNE)
    assert shelf.selected(ANNE) == ()
    assert shelf.searches(ANNE) == ()
    assert shelf.by_token(token) is None
    assert shelf.selected(BORIS) == ("b",)
    assert b"zanzibar" not in (tmp_path / "data" / SHELF_FILE).read_bytes()


def test_a_damaged_file_is_told(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / SHELF_FILE).write_bytes(b"x" * 5000)
    with pytest.raises(AccountError, match="ne peut pas être utilisé"):
        shelf.selected(ANNE)
