"""Sets of documents as rising arrays: the same whether they are searched or spread over all documents."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.engine.embedded import arrays, matching
from indexer.engine.embedded.arrays import IntArray
from indexer.engine.embedded.matching import Matches

SIZE = 4_000
DOCS = st.one_of(
    st.sets(st.integers(0, SIZE - 1), max_size=6),
    st.builds(range, st.integers(0, 50), st.integers(50, SIZE), st.integers(1, 4)).map(set),
).map(lambda docs: np.array(sorted(docs), dtype=np.int32))


def values_of(docs: IntArray) -> IntArray:
    return (docs + 1).astype(np.float32)


@given(DOCS, DOCS)
def test_sets_are_what_numpy_says(held: IntArray, wanted: IntArray) -> None:
    inside = np.isin(wanted, held)
    assert arrays.union([held, wanted], SIZE).tolist() == np.union1d(held, wanted).tolist()
    assert arrays.contains(held, wanted, SIZE).tolist() == inside.tolist()
    assert arrays.places_in(held, wanted, SIZE).tolist() == np.flatnonzero(np.isin(held, wanted)).tolist()
    found = arrays.look_up(held, values_of(held), wanted, SIZE)
    assert found.tolist() == np.where(inside, values_of(wanted), 0).tolist()


@pytest.mark.parametrize("spread", [True, False])
@given(st.lists(DOCS, min_size=2, max_size=3))
def test_scores_add_up_alike(spread: bool, parts: list[IntArray]) -> None:
    class World:
        size = SIZE

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "spreads", lambda total, size: spread)
        found = matching._any([Matches(docs, values_of(docs)) for docs in parts], World())  # type: ignore[arg-type]
    wanted = sorted({doc for docs in parts for doc in docs.tolist()})
    assert found.docs.tolist() == wanted
    held = np.array([np.isin(wanted, docs) for docs in parts]).sum(axis=0)
    assert found.scores.tolist() == (values_of(np.array(wanted, dtype=np.int32)) * held).tolist()
