"""The cache of texts holds what was asked for last, within its bound."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.engine.embedded.storage.text_cache import TextCache
from tests.support.threads import at_once


class Source:
    """Texts of a given length, and how often each was read."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.read: list[int] = []

    def get(self, cache: TextCache[str], number: int) -> str:
        def read() -> tuple[str, int]:
            self.read.append(number)
            return f"texte {number}", self.length

        return cache.get(number, read)


def test_what_was_asked_for_least_recently_leaves_first() -> None:
    source, cache = Source(10), TextCache[str](30)
    for number in (1, 2, 3, 1, 4, 1, 3, 2):
        assert source.get(cache, number) == f"texte {number}"
    assert source.read == [1, 2, 3, 4, 2]
    cache.forget()
    source.get(cache, 1)
    assert source.read[-1] == 1


def test_a_text_beyond_the_bound_is_returned_and_not_kept() -> None:
    source, cache = Source(31), TextCache[str](30)
    assert [source.get(cache, 1), source.get(cache, 1)] == ["texte 1"] * 2
    assert source.read == [1, 1]


@given(st.lists(st.integers(0, 9)), st.integers(0, 5))
def test_it_never_holds_more_than_its_bound(asked: list[int], room: int) -> None:
    source, cache = Source(1), TextCache[str](room)
    for number in asked:
        assert source.get(cache, number) == f"texte {number}"
        assert len(cache._held) == cache._characters <= room
    last = list(dict.fromkeys(reversed(asked)))[:room]
    assert set(cache._held) == set(last)


def test_threads_share_it() -> None:
    source, cache = Source(1), TextCache[str](3)

    def ask(thread: int) -> list[str]:
        return [source.get(cache, number % 7) for number in range(thread, thread + 200)]

    for thread, found in enumerate(at_once(6, ask)):
        assert found == [f"texte {number % 7}" for number in range(thread, thread + 200)]
    assert len(cache._held) == cache._characters <= 3
