"""The store of the resources that staff put above the results of queries."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from indexer.errors import RequestError
from search_app.errors import StoreError
from search_app.search import curated_store
from search_app.search.curated_store import Curated, CuratedStore

WHO = "equipe@exemple.fr"
NOW = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> CuratedStore:
    return CuratedStore(tmp_path / "curated.sqlite", clock=lambda: NOW)


def found(store: CuratedStore, query: str) -> tuple[str, ...]:
    chosen = store.find(query)
    return chosen.resources if chosen else ()


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("Monnaie locale", True),
        ("monnaies locales", True),
        ("LOCALE, MONNAIE", True),
        ("les monnaies locales", True),
        ("monnaie", False),
        ("monnaie locale complémentaire", False),
        ("", False),
        ("la", False),
    ],
)
def test_queries_are_compared_as_words_are(store: CuratedStore, query: str, same: bool) -> None:
    store.choose("monnaie locale", ["b", "a"], actor=WHO)
    assert found(store, query) == (("b", "a") if same else ())


def test_nothing_is_chosen_before(store: CuratedStore) -> None:
    assert store.chosen() == store.history(10) == ()
    assert store.find("régie") is None
    assert store.undo(1, actor=WHO) is False
    assert store.forget_actor(WHO) == 0


def test_another_choice_replaces_it(store: CuratedStore) -> None:
    store.choose("guide", ["a", "b"], actor=WHO)
    store.choose("guides", ["c", "c"], actor=WHO)
    assert store.chosen() == (Curated("guides", ("c",)),)
    store.choose("Guide", [], actor=WHO)
    assert store.chosen() == ()
    assert [(c.before, c.after) for c in store.history(10)] == [(("c",), ()), (("a", "b"), ("c",)), ((), ("a", "b"))]


def test_the_same_choice_is_no_change(store: CuratedStore) -> None:
    store.choose("guide", ["a"], actor=WHO)
    store.choose("guide", ["a"], actor=WHO)
    assert len(store.history(10)) == 1


def test_a_change_is_undone_unless_another_followed(store: CuratedStore) -> None:
    store.choose("guide", ["a"], actor=WHO)
    store.choose("guide", ["b"], actor=WHO)
    latest, first = store.history(10)
    assert (latest.undoable, first.undoable) == (True, False)
    assert (latest.at, latest.actor) == ("2026-03-16T09:30:00+00:00", WHO)
    assert store.undo(first.number, actor=WHO) is False
    assert store.undo(latest.number, actor=WHO) is True
    assert found(store, "guide") == ("a",)
    assert store.undo(store.history(1)[0].number, actor=WHO) is True, "an undoing can be undone"
    assert found(store, "guide") == ("b",)


@pytest.mark.parametrize(("query", "resources"), [("", ["a"]), ("…", ["a"]), ("guide", ["a", "b", "c", "d"])])
def test_what_cannot_be_chosen(store: CuratedStore, query: str, resources: list[str]) -> None:
    with pytest.raises(RequestError):
        store.choose(query, resources, actor=WHO)
    assert store.history(10) == ()


def test_queries_are_limited(store: CuratedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curated_store, "MOST_QUERIES", 1)
    store.choose("guide", ["a"], actor=WHO)
    store.choose("guides", ["b"], actor=WHO)
    with pytest.raises(RequestError, match="déjà"):
        store.choose("régie", ["a"], actor=WHO)


def test_a_person_is_forgotten(store: CuratedStore) -> None:
    store.choose("guide", ["a"], actor=WHO)
    assert store.forget_actor(WHO) == 1
    assert store.history(1)[0].actor == ""
    assert found(store, "guide") == ("a",)


def test_a_damaged_file_is_said(store: CuratedStore, tmp_path: Path) -> None:
    (tmp_path / "curated.sqlite").write_bytes(b"x" * 5000)
    with pytest.raises(StoreError):
        store.find("guide")
