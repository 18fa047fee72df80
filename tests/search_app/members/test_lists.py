"""Members' lists of resources: adding, annotating, moving, sharing; and the selection of earlier versions."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from indexer.errors import RequestError
from indexer.storage.database import migrate
from search_app.members import Item, Lists, NamedList
from search_app.members import lists as limits
from search_app.members.schema import DEFAULT_LIST, STEPS
from tests.support.clock import Clock

ANNE, BORIS = "anne", "boris"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "shelf.sqlite"


@pytest.fixture
def lists(path: Path) -> Lists:
    return Lists(path, Clock())


def current(lists: Lists, account: str = ANNE) -> NamedList:
    found = lists.current(account)
    assert found is not None
    return found


def test_nothing_is_kept_before_something_is(lists: Lists, path: Path) -> None:
    assert (lists.of(ANNE), lists.current(ANNE), lists.selected(ANNE), lists.by_share("x")) == ((), None, (), None)
    assert not path.parent.exists()


def test_a_selection(lists: Lists) -> None:
    assert [lists.select(ANNE, resource) for resource in ("a", "b", "c", "a")] == [1, 2, 3, 3]
    lists.select(BORIS, "z")
    assert lists.selected(ANNE) == ("c", "b", "a")
    assert lists.deselect(ANNE, "b") == 2
    assert lists.deselect(ANNE, "jamais") == 2
    assert lists.selected(ANNE) == ("c", "a")
    assert lists.deselect(ANNE) == 0
    assert lists.selected(ANNE) == ()
    assert lists.selected(BORIS) == ("z",)
    assert [one.name for one in lists.of(ANNE)] == [DEFAULT_LIST]


def test_a_full_list_says_so_and_keeps_what_it_has(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_SELECTED", 2)
    for resource in ("a", "b", "a"):
        lists.select(ANNE, resource)
    with pytest.raises(RequestError, match="pleine"):
        lists.select(ANNE, "c")
    assert lists.selected(ANNE) == ("b", "a")
    other = lists.get(ANNE, lists.create(ANNE, "Autre"))
    assert other is not None
    lists.select(ANNE, "d", other)
    first = lists.of(ANNE)[0]
    with pytest.raises(RequestError, match="pleine"):
        lists.move(other, first, "d")
    assert lists.items(other) == (Item("d", ""),), "what has no place elsewhere stays"


def test_resources_go_to_the_list_that_was_chosen_last(lists: Lists) -> None:
    lists.select(ANNE, "a")
    lists.create(ANNE, "Vélo")
    lists.select(ANNE, "b")
    assert (current(lists).name, lists.selected(ANNE)) == ("Vélo", ("b",))
    lists.choose(lists.of(ANNE)[0])
    assert lists.selected(ANNE) == ("a",)
    lists.choose(lists.of(ANNE)[1])
    lists.delete(current(lists))
    assert (current(lists).name, lists.selected(ANNE)) == (DEFAULT_LIST, ("a",))


def test_there_are_only_so_many_lists(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_LISTS", 1)
    lists.create(ANNE, "Vélo")
    with pytest.raises(RequestError, match="supprimez-en"):
        lists.create(ANNE, "Train")
    lists.create(BORIS, "Train")


def test_a_note_stays_with_its_resource(lists: Lists) -> None:
    lists.select(ANNE, "a")
    lists.note(current(lists), "a", "à relire")
    lists.note(current(lists), "b", "n’y est pas")
    other = lists.get(ANNE, lists.create(ANNE, "Vélo"))
    assert other is not None
    lists.move(lists.of(ANNE)[0], other, "a")
    lists.move(lists.of(ANNE)[0], other, "b")
    assert lists.items(other) == (Item("a", "à relire"),)
    assert lists.items(lists.of(ANNE)[0]) == ()
    lists.note(other, "a", "")
    assert lists.items(other) == (Item("a", ""),)


def test_a_list_is_its_owner_s(lists: Lists) -> None:
    lists.select(ANNE, "a")
    assert lists.get(BORIS, current(lists).id) is None


def test_a_link_holds_until_the_next_one_or_its_end(lists: Lists, path: Path) -> None:
    lists.select(ANNE, "a")
    first = lists.share(current(lists))
    assert lists.by_share(first) == current(lists)
    assert current(lists).shared
    assert first.encode() not in path.read_bytes(), "only a hash is stored"
    second = lists.share(current(lists))
    assert lists.by_share(first) is None
    assert lists.by_share(second) is not None
    lists.unshare(current(lists))
    assert lists.by_share(second) is None
    third = lists.share(current(lists))
    lists.delete(current(lists))
    assert lists.by_share(third) is None


def test_the_selection_of_an_earlier_version_is_a_list_of_its_name(lists: Lists, path: Path) -> None:
    path.parent.mkdir()
    database = sqlite3.connect(path, isolation_level=None)
    assert migrate(database, STEPS[:3])
    rows = ((ANNE, "a", 1), (ANNE, "b", 2), (BORIS, "z", 1))
    database.executemany("INSERT INTO selected (account, resource, rank) VALUES (?, ?, ?)", rows)
    database.close()
    assert lists.selected(ANNE) == ("b", "a")
    assert lists.selected(BORIS) == ("z",)
    assert [(one.name, one.size) for one in lists.of(ANNE)] == [(DEFAULT_LIST, 2)]
    lists.select(ANNE, "c")
    assert lists.selected(ANNE) == ("c", "b", "a")
