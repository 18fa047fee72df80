"""Generations (states of the index) on a cluster: the lock, the switch, and what killed runs leave behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from typing import Any, cast

import pytest

from indexer.engine.opensearch.client import Client, ClusterError
from indexer.engine.opensearch.generations import Generation, Generations, Lock, State
from indexer.errors import EngineError, IndexBusyError, IndexDamagedError
from tests.support.fake_cluster import FakeCluster
from tests.support.waiting import wait_until


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()


def on(cluster: FakeCluster, *, lease: float = 60.0, prefix: str = "rtes") -> Generations:
    return Generations(cast(Client, cluster), prefix, shards=1, replicas=1, lease=lease)


def write(generations: Generations, *, before_switch: Any = None) -> Generation:
    """Write and publish the next generation; `before_switch` is called just before searches use it."""
    with generations.lock() as lock:
        state = generations.state()
        stem = generations.begin(state)
        names = {half: f"{stem}-{half}" for half in ("public", "private")}
        for name in names.values():
            generations.create(name, {})
            generations.create(f"{name}-words", {})
        made = Generation(stem.split("-")[-2], names, {"public": 2, "private": 1}, "f")
        generations.complete(made.every_index())
        if before_switch is not None:
            before_switch()
        generations.publish(made, state, lock)
    return made


def state_of(generations: Generations) -> State:
    state = generations.state()
    assert state is not None
    return state


def test_a_generation_becomes_current_and_two_are_kept(cluster: FakeCluster) -> None:
    generations = on(cluster)
    assert generations.state() is None
    made = [write(generations) for _ in range(3)]
    state = state_of(generations)
    assert made[0].name < made[1].name < made[2].name
    assert (state.current, state.previous) == (made[2], made[1])
    kept = {"rtes-state", *made[1].every_index(), *made[2].every_index()}
    assert set(cluster.indexes) == kept


def test_a_number_is_never_given_again(cluster: FakeCluster) -> None:
    first = write(on(cluster))
    cluster.indexes.clear()
    cluster.indexes["rtes-state"] = {}
    number = int(write(on(cluster)).name)
    assert number >= int(first.name) > 20_000_000
    assert first.name.isdecimal()


def test_what_a_killed_run_left_goes_with_the_next_and_nothing_else(cluster: FakeCluster) -> None:
    write(on(cluster))
    others = {"rtes-000001-x", "rtes-other-state", "rtes-other-000004-ab-public", "elsewhere", "rtesx-000009-ab-public"}
    cluster.indexes |= {name: {} for name in {"rtes-000002-dead-public", "rtes-000002-dead-public-words"} | others}
    write(on(cluster))
    assert not any("dead" in name for name in cluster.indexes)
    assert others - {"rtes-000001-x"} <= set(cluster.indexes)


def test_one_run_at_a_time(cluster: FakeCluster) -> None:
    generations, other = on(cluster), on(cluster)
    with generations.lock(), pytest.raises(IndexBusyError), other.lock():
        pass
    with other.lock():
        pass


def test_the_lock_of_a_machine_that_went_silent_is_free_after_its_lease(cluster: FakeCluster) -> None:
    write(on(cluster))
    held = {"host": "another", "pid": 1, "token": "t", "until": time.time() + 3600}
    cluster.indexes["rtes-state"]["lock"] = 999, {"state": held}
    with pytest.raises(IndexBusyError), on(cluster).lock():
        pass
    cluster.indexes["rtes-state"]["lock"] = 999, {"state": {**held, "until": time.time() - 1}}
    with on(cluster).lock():
        pass


def test_the_lock_of_a_killed_run_of_this_machine_is_free_at_once(cluster: FakeCluster) -> None:
    write(on(cluster))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    held = {"host": socket.gethostname(), "token": "t", "until": time.time() + 3600}
    cluster.indexes["rtes-state"]["lock"] = 999, {"state": {**held, "pid": os.getpid()}}
    with pytest.raises(IndexBusyError), on(cluster).lock():
        pass
    cluster.indexes["rtes-state"]["lock"] = 999, {"state": {**held, "pid": ended.pid}}
    with on(cluster).lock():
        pass


def test_the_lock_is_renewed_and_given_back(cluster: FakeCluster) -> None:
    on(cluster)._make_state_index()
    lock = Lock(cast(Client, cluster), "rtes-state", lease=0.04)
    lock.acquire()
    first = cluster.indexes["rtes-state"]["lock"][0]
    wait_until(lambda: cluster.indexes["rtes-state"]["lock"][0] > first + 1)
    lock.check()
    lock.release()
    assert "lock" not in cluster.indexes["rtes-state"]


def test_a_run_that_lost_its_lock_publishes_nothing(cluster: FakeCluster) -> None:
    first = write(on(cluster))
    generations = on(cluster, lease=0.04)

    def taken() -> None:
        held = {"host": "another", "pid": 1, "token": "theirs", "until": time.time() + 3600}
        cluster.indexes["rtes-state"]["lock"] = 999, {"state": held}
        wait_until(lambda: not any(thread.name == "index-lock" for thread in threading.enumerate()))

    with pytest.raises(IndexBusyError):
        write(generations, before_switch=taken)
    assert state_of(generations).current == first
    assert cluster.indexes["rtes-state"]["lock"][1]["state"]["token"] == "theirs"


def test_two_switches_from_one_state_cannot_both_happen(cluster: FakeCluster) -> None:
    generations = on(cluster)
    write(generations)

    def another_switch() -> None:
        number, body = cluster.indexes["rtes-state"]["current"]
        cluster.indexes["rtes-state"]["current"] = number + 500, body

    with pytest.raises(IndexBusyError):
        write(generations, before_switch=another_switch)


def test_a_switch_whose_answer_was_lost_has_happened(cluster: FakeCluster) -> None:
    generations = on(cluster)
    write(generations)
    lost: list[str] = []

    def lose(method: str, path: str) -> None:
        if method == "PUT" and "/current" in path and not lost:
            lost.append(path)
            raise ClusterError("refusé", 409, "version_conflict_engine_exception")

    cluster.after = lose
    second = write(generations)
    assert lost
    assert state_of(generations).current == second


def test_replicas_without_a_node_stop_the_run(cluster: FakeCluster) -> None:
    generations = on(cluster)
    first = write(generations)
    cluster.health = "yellow"
    with pytest.raises(EngineError, match="RTES_OPENSEARCH_REPLICAS"):
        write(generations)
    assert state_of(generations).current == first


@pytest.mark.parametrize("state", [{}, {"current": {}, "previous": None}, {"current": {"name": 1}, "previous": None}])
def test_a_state_that_cannot_be_understood_is_damage(cluster: FakeCluster, state: dict[str, object]) -> None:
    write(on(cluster))
    cluster.indexes["rtes-state"]["current"] = 5, {"state": state}
    with pytest.raises(IndexDamagedError):
        on(cluster).state()
