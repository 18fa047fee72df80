"""Going back to the previous generation (state of the index) on a cluster, and what must not come back with it."""

from __future__ import annotations

import time

import pytest

from indexer.errors import IndexMissingError
from tests.support.cluster import needs_cluster, new_prefix, opened
from tests.support.engines import MEMBER, fill, found, private, resource

pytestmark = [needs_cluster, pytest.mark.slow]


def test_the_previous_generation_comes_back_without_what_is_hidden_since() -> None:
    with opened() as engine:
        with pytest.raises(IndexMissingError), engine.rollback():
            pass
        fill(engine, resource("a", "ancien"), resource("b", "ancien"), resource("c", "ancien"), resource("d", "ancien"))
        before = engine.status().generation
        with engine.writer(fresh=False) as writer:
            writer.put(resource("a", "nouveau"))
            writer.put(private("b", "nouveau"))
            writer.remove("c", hidden=True)
            writer.remove("d")
        with engine.previous() as previous:
            assert (previous.name, previous.current) == (before, engine.status().generation)
            assert (previous.public, previous.private) == ({"a", "b", "c", "d"}, set())
            assert (previous.current_public, previous.current_private) == ({"a"}, {"b"})
            assert previous.exposed == {"b", "c"}
            assert 0 < previous.written <= time.time()
            shown = previous.get("b")
            assert shown is not None
            assert shown.body == "ancien"
        with engine.rollback() as rollback:
            assert rollback.generation == before
            assert rollback.exposed == ("b", "c")
            kept = rollback.before("a")
            assert kept is not None
            assert kept.body == "ancien"
            assert rollback.before("unknown") is None
            for each in rollback.exposed:
                rollback.writer.remove(each)
            rollback.writer.put(private("b", "nouveau"))
        assert found(engine) == {"a", "d"}
        assert found(engine, audience=MEMBER) == {"a", "b", "d"}
        assert found(engine, "ancien", audience=MEMBER) == {"a", "d"}


def test_a_rollback_that_fails_changes_nothing() -> None:
    prefix = new_prefix()
    with opened(prefix) as engine:
        fill(engine, resource("a", "ancien"))
        fill(engine, resource("a", "nouveau"))
        now = engine.status()
        with pytest.raises(ValueError, match="panne"), engine.rollback() as rollback:  # noqa: PT012
            rollback.writer.remove("a")
            raise ValueError("panne")
        assert engine.status() == now
        assert found(engine, "nouveau") == {"a"}
        assert engine.check() == []
