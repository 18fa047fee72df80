"""Generations (complete versions of the index) on a cluster: each has indexes of its own, and becomes current by one
compare-and-swap of a state document.

    PREFIX-state                      documents "current" (names the indexes of two generations) and "lock"
    PREFIX-NUMBER-NONCE-public        resources that visitors see; -private: the others; -placeholders: their stand-ins
    PREFIX-NUMBER-NONCE-public-words  lexicon, titles and themes of that half (public, private or placeholders)

An index that the document "current" does not name was left behind by a run that was killed; the next run deletes it.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from indexer.engine.opensearch.client import Client, ClusterError, Json, conflicts, is_missing
from indexer.engine.opensearch.mapping import STATE_BODY
from indexer.errors import EngineError, IndexBusyError, IndexDamagedError, IndexMissingError

_log = logging.getLogger(__name__)

PUBLIC, PRIVATE, PLACEHOLDERS = "public", "private", "placeholders"
WORDS = "-words"
LEASE = 60.0
"""Seconds after which a lock that its owner has not renewed is free; the clocks of all machines must differ by less."""
_DELETED = 20
"""Largest number of indexes that one request deletes."""
GREEN_WITHIN = 120
"""Seconds that a new generation may take to have all its replicas."""

NOTHING_INDEXED = "Rien n’est encore indexé : lancez « python run.py index »."
BUSY = "Une autre indexation est en cours : attendez qu’elle finisse."


@dataclass(frozen=True, slots=True)
class Generation:
    """A complete version of the index, in halves: public, private and perhaps placeholders.

    Attributes:
        name: its number, nine digits.
        indexes: name of the index of resources of each half, by half.
        counts: number of resources of each half.
        fingerprint: version of the schema and analysis.
        written: when it was written, in seconds since the epoch.
    """

    name: str
    indexes: Mapping[str, str]
    counts: Mapping[str, int]
    fingerprint: str
    written: float = 0.0

    def every_index(self) -> list[str]:
        """Return the names of all indexes of the generation, of resources and of words."""
        return [name + tail for name in self.indexes.values() for tail in ("", WORDS)]

    def has_placeholders(self) -> bool:
        """Return whether the generation has placeholders, which stand for private resources in what visitors see."""
        return PLACEHOLDERS in self.indexes


@dataclass(frozen=True, slots=True)
class State:
    """The content of the state document, which names the generations of the index.

    Attributes:
        current: the generation that answers searches.
        previous: the generation before it, kept for rollbacks; None after the first one.
        version: sequence number and primary term of the document, which the next switch must find unchanged.
    """

    current: Generation
    previous: Generation | None
    version: tuple[int, int]


class Generations:
    """The generations of one prefix on a cluster.

    Args:
        client: sends the requests.
        prefix: what the names of all indexes begin with.
        shards: number of primary shards of an index of resources.
        replicas: number of copies of each shard.
        lease: seconds after which a write lock that its owner has not renewed is free.
    """

    def __init__(self, client: Client, prefix: str, *, shards: int, replicas: int, lease: float = LEASE) -> None:
        self.client = client
        self.prefix = prefix
        self.shards = shards
        self.replicas = replicas
        self.state_index = f"{prefix}-state"
        self._lease = lease

    # Reading

    def state(self) -> State | None:
        """Return the state document, which names the generations of the archive, or None before the first generation.

        Raises:
            IndexDamagedError: the state document cannot be understood.
            EngineError: the cluster cannot answer.
        """
        try:
            found = self.client.call("GET", f"/{self.state_index}/_doc/current", accept=(404,))
        except ClusterError as error:
            if is_missing(error):
                return None
            raise
        return state_of(found)

    def state_search(self) -> tuple[list[str], Json]:
        """Return the indexes and body of the search for the state document, to send along with other searches."""
        body: Json = {"query": {"ids": {"values": ["current"]}}, "size": 1, "seq_no_primary_term": True}
        return [self.state_index], body

    @staticmethod
    def found_state(answer: Json) -> State | None:
        """Return the state in the response to the search of `state_search`, or None before the first generation."""
        hits = answer.get("hits", {}).get("hits", [])
        return state_of({"found": True, **hits[0]}) if hits else None

    # Writing

    @contextmanager
    def lock(self) -> Iterator[Lock]:
        """Return a context manager that holds the write lock of the prefix; indexes that killed runs left are
        deleted first.

        Raises:
            IndexBusyError: another run holds the lock.
            EngineError: the cluster cannot answer.
        """
        self._make_state_index()
        lock = Lock(self.client, self.state_index, self._lease)
        lock.acquire()
        try:
            self.sweep(self.state())
            yield lock
        finally:
            lock.release()

    def _make_state_index(self) -> None:
        body = {**STATE_BODY, "settings": {**STATE_BODY["settings"], "number_of_replicas": self.replicas}}
        made = self.client.call("PUT", f"/{self.state_index}", body, accept=(400,))
        error = made.get("error")
        if isinstance(error, dict) and error.get("type") != "resource_already_exists_exception":
            raise EngineError(
                f"L’index « {self.state_index} » ne peut être créé sur la grappe OpenSearch : vérifiez le préfixe "
                "RTES_OPENSEARCH_PREFIX et les droits de l’utilisateur."
            )

    def sweep(self, state: State | None) -> None:
        """Delete the indexes that belong to neither generation of a state. Needs the lock.

        Raises:
            EngineError: the cluster cannot answer.
        """
        kept = {self.state_index}
        for generation in () if state is None else (state.current, state.previous):
            kept.update(() if generation is None else generation.every_index())
        listed = self.client.call("GET", f"/{self.prefix}-*/_settings?filter_path=*.settings.index.uuid")
        left = [name for name in listed if name not in kept and self._is_ours(name)]
        for start in range(0, len(left), _DELETED):
            some = ",".join(left[start : start + _DELETED])
            self.client.call("DELETE", f"/{some}?ignore_unavailable=true", slow=True)

    def _is_ours(self, name: str) -> bool:
        """Return whether an index belongs to a generation of this prefix, not of a longer one that begins with it."""
        return name.removeprefix(f"{self.prefix}-").split("-")[0].isdecimal()

    def begin(self, state: State | None) -> str:
        """Return the prefix of the names of the next generation's indexes.

        The number of a generation is the time in minutes, or the previous number plus one if that is greater. So no
        number is used twice, even if the cluster lost everything or the archive changed its engine; a run could
        otherwise mistake one generation for another.
        """
        number = int(time.time() / 60)
        if state is not None:
            number = max(number, int(state.current.name) + 1)
        return f"{self.prefix}-{number:09}-{secrets.token_hex(4)}"

    def create(self, name: str, body: Json) -> None:
        """Create an index; it is no error if an earlier attempt has created it.

        Args:
            name: name of the index.
            body: its settings and mapping.

        Raises:
            EngineError: the cluster cannot create it.
        """
        made = self.client.call("PUT", f"/{name}?wait_for_active_shards=1&timeout=60s", body, accept=(400,), slow=True)
        error = made.get("error")
        # An earlier attempt, whose response was lost, has created it.
        if isinstance(error, dict) and error.get("type") != "resource_already_exists_exception":
            raise EngineError(
                f"L’index « {name} » ne peut être créé sur la grappe OpenSearch : {error.get('reason', '')}"
            )

    def clone(self, source: str, name: str) -> None:
        """Create the index `name` with the content of the index `source`, whose files it shares: `source` must not be
        written any more.

        Raises:
            EngineError: the cluster cannot create it.
        """
        body = {"settings": {"index.number_of_replicas": 0, "index.blocks.write": None}}
        path = f"/{source}/_clone/{name}?wait_for_active_shards=1&timeout=60s"
        made = self.client.call("PUT", path, body, accept=(400,), slow=True)
        error = made.get("error")
        if isinstance(error, dict) and error.get("type") != "resource_already_exists_exception":
            raise EngineError(
                f"L’index « {source} » ne peut être copié sur la grappe OpenSearch : {error.get('reason', '')}"
            )

    def merge(self, names: Iterable[str]) -> None:
        """Merge each shard of some indexes into one segment, since every segment costs each search some time. If the
        cluster takes too long, it finishes the merge on its own.
        """
        try:
            self.client.call("POST", f"/{','.join(names)}/_forcemerge?max_num_segments=1", slow=True)
        except EngineError as error:
            _log.warning("the segments of the index were not merged: %s", error)

    def complete(self, names: list[str]) -> None:
        """Make indexes visible and unchangeable, with all their replicas.

        Raises:
            EngineError: the cluster cannot; if replicas find no node, the message says what to do.
        """
        joined = ",".join(names)
        answer = self.client.call("POST", f"/{joined}/_refresh", slow=True)
        if answer.get("_shards", {}).get("failed"):
            raise EngineError(
                "L’index n’a pu être écrit en entier sur la grappe OpenSearch : vérifiez l’état de ses nœuds, puis "
                "relancez la commande."
            )
        # Clones inherit the last setting, so that changes add few segments to them.
        settings = {
            "index.blocks.write": True,
            "index.number_of_replicas": self.replicas,
            "index.merge.policy.segments_per_tier": 2,
        }
        self.client.call("PUT", f"/{joined}/_settings", settings, slow=True)
        path = f"/_cluster/health/{joined}?wait_for_status=green&timeout={GREEN_WITHIN}s"
        health = self.client.call("GET", path, accept=(408,), slow=True)
        if health.get("status") != "green":
            raise EngineError(
                "Les copies de l’index n’ont pas trouvé de nœud sur la grappe OpenSearch : ajoutez un nœud, ou baissez "
                "RTES_OPENSEARCH_REPLICAS (0 pour un seul nœud), puis relancez la commande."
            )

    def count(self, name: str) -> int:
        """Return the number of resources of an index.

        Raises:
            EngineError: the cluster cannot answer.
        """
        found = self.client.search([name], {"size": 0, "track_total_hits": True})
        return int(found["hits"]["total"]["value"])

    def publish(self, generation: Generation, before: State | None, lock: Lock) -> None:
        """Make a complete generation the current one, and delete those that are no longer kept. Needs the lock.

        Args:
            generation: the new generation.
            before: the state to replace, which must not have changed meanwhile; None for the first generation.
            lock: the lock that this run holds.

        Raises:
            IndexBusyError: another run has published meanwhile, or taken the lock.
            EngineError: the cluster cannot be written.
        """
        lock.check()
        previous = None if before is None else before.current
        state = {"current": asdict(generation), "previous": None if previous is None else asdict(previous)}
        if before is None:
            arguments = "op_type=create"
        else:
            arguments = f"if_seq_no={before.version[0]}&if_primary_term={before.version[1]}"
        try:
            path = f"/{self.state_index}/_doc/current?refresh=true&{arguments}"
            self.client.call("PUT", path, {"state": state})
        except ClusterError as error:
            # After a lost response the second attempt finds what the first one wrote.
            now = self.state() if conflicts(error) else None
            if now is None or now.current != generation:
                raise IndexBusyError(BUSY) if conflicts(error) else error from error
        self.sweep(self.state())


def state_of(found: Json) -> State | None:
    """Return the state in a response to a request for the state document, or None if there is no document.

    Raises:
        IndexDamagedError: the state document cannot be understood.
    """
    if not found.get("found"):
        return None
    try:
        state = found["_source"]["state"]
        previous = state["previous"]
        return State(
            Generation(**state["current"]),
            None if previous is None else Generation(**previous),
            (int(found["_seq_no"]), int(found["_primary_term"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise IndexDamagedError(
            "L’état de l’index est abîmé sur la grappe OpenSearch : relancez « python run.py index --full »."
        ) from error


def missing() -> IndexMissingError:
    """Return the error for an archive of which nothing was indexed."""
    return IndexMissingError(NOTHING_INDEXED)


class Lock:
    """A leased lock: a document that its owner renews, and that anybody may take once the lease is over.

    Args:
        client: sends the requests.
        index: the index of the document.
        lease: seconds for which the lock holds without being renewed.
    """

    def __init__(self, client: Client, index: str, lease: float) -> None:
        self._client, self._path, self._lease = client, f"/{index}/_doc/lock", lease
        self._owner = {"host": socket.gethostname(), "pid": os.getpid(), "token": secrets.token_hex(8)}
        self._version: tuple[int, int] | None = None
        self._lost = False
        self._ended = threading.Event()
        self._renewing: threading.Thread | None = None

    def acquire(self) -> None:
        """Take the lock, and renew it in the background.

        Raises:
            IndexBusyError: another run holds the lock.
            EngineError: the cluster cannot answer.
        """
        found = self._client.call("GET", self._path, accept=(404,))
        arguments = "op_type=create"
        if found.get("found"):
            if not self._is_free(found["_source"]["state"]):
                raise IndexBusyError(BUSY)
            arguments = f"if_seq_no={found['_seq_no']}&if_primary_term={found['_primary_term']}"
        self._write(arguments)
        self._renewing = threading.Thread(target=self._renew, name="index-lock", daemon=True)
        self._renewing.start()

    def _is_free(self, held: Mapping[str, Any]) -> bool:
        if held["until"] < time.time():
            return True
        # A run of this machine that was killed need not be waited for.
        return bool(held["host"] == self._owner["host"]) and not _runs(int(held["pid"]))

    def _write(self, arguments: str) -> None:
        state = {**self._owner, "until": time.time() + self._lease}
        try:
            answer = self._client.call("PUT", f"{self._path}?{arguments}", {"state": state})
        except ClusterError as error:
            if not conflicts(error):
                raise
            found = self._client.call("GET", self._path, accept=(404,))
            # After a lost response the second attempt finds what the first one wrote.
            if not found.get("found") or found["_source"]["state"]["token"] != self._owner["token"]:
                raise IndexBusyError(BUSY) from error
            answer = found
        self._version = int(answer["_seq_no"]), int(answer["_primary_term"])

    def _renew(self) -> None:
        last = time.monotonic()
        while not self._ended.wait(self._lease / 4):
            try:
                if self._version is not None:
                    self._write(f"if_seq_no={self._version[0]}&if_primary_term={self._version[1]}")
                last = time.monotonic()
            except IndexBusyError:
                self._lost = True
                return
            except EngineError as error:
                _log.warning("the lock of the index could not be renewed: %s", error)
                if time.monotonic() - last > self._lease:
                    self._lost = True

    def check(self) -> None:
        """Make sure that the lock is still held.

        Raises:
            IndexBusyError: another run may have taken the lock.
        """
        if self._lost:
            raise IndexBusyError(
                "La grappe OpenSearch n’a pas répondu assez longtemps pour que cette indexation la garde pour elle : "
                "relancez la commande."
            )

    def release(self) -> None:
        """Free the lock; if it cannot be deleted, it becomes free when the lease is over."""
        self._ended.set()
        if self._renewing is not None:
            self._renewing.join()
        if self._version is not None and not self._lost:
            arguments = f"if_seq_no={self._version[0]}&if_primary_term={self._version[1]}"
            try:
                self._client.call("DELETE", f"{self._path}?{arguments}", accept=(404, 409))
            except EngineError as error:
                _log.warning("the lock of the index could not be deleted: %s", error)


def _runs(pid: int) -> bool:
    """Return whether a process with this id runs on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
