"""A thin client of OpenSearch on urllib3: a few calls, each retried over the hosts a bounded number of times.

opensearch-py would do the same with 19 MB of dependencies, and retries in ways that this engine must not. Here, a
response from only some of the shards counts as a failure, and each item of a bulk request is checked.
"""

from __future__ import annotations

import base64
import json
import logging
import random
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import urllib3

from indexer.errors import EngineError

_log = logging.getLogger(__name__)

Json = dict[str, Any]

ATTEMPTS = 4
"""Number of times that a request is sent before it fails, to one host after the other."""
BULK_ATTEMPTS = 8
"""Number of times that an item of a bulk request is sent, if the cluster says that it has too much to do."""
PAUSE = 0.2
"""Seconds before the second attempt; each further pause is twice as long."""
LONGEST_PAUSE = 5.0
TIMEOUT = urllib3.Timeout(connect=3.0, read=30.0)
SLOW = urllib3.Timeout(connect=3.0, read=150.0)
"""Timeouts of requests that may take minutes, since they wait for shards."""
_TOO_MANY = 429
_BUSY = frozenset({_TOO_MANY, 500, 502, 503, 504})
"""Statuses for which another attempt may succeed; a search gets 500 if one of its shards has just been lost."""
_CONFLICT = 409
_MISSING = 404
_BULK = "/_bulk?timeout=10s"
"""Path of bulk requests. They wait only ten seconds for a shard that is missing: an index has no replicas while it is
built, so that the shard rarely comes back.
"""
_BULK_BYTES = 1 << 20
"""Number of bytes from which the collected lines of a bulk request are sent."""


@dataclass(frozen=True, slots=True)
class Access:
    """How the hosts of a cluster are reached.

    Attributes:
        hosts: addresses such as ``https://a:9200``; after a failure, requests go to the next one.
        user, password: for HTTP basic authentication, if a user is given.
        ca: file of the certificate authority that the hosts are checked against; None uses the system's.
        certificate, key: file of a client certificate, and file of its key if the certificate's file does not hold it.
    """

    hosts: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


class ClusterError(EngineError):
    """The cluster refused a request.

    Attributes:
        status: status of the response.
        kind: type of the error as OpenSearch names it.
    """

    def __init__(self, message: str, status: int, kind: str) -> None:
        super().__init__(message)
        self.status = status
        self.kind = kind


class Item(NamedTuple):
    """One operation of a bulk request: its action line, and the document to index (None for a deletion)."""

    action: Json
    document: Json | None


class Client:
    """Sends requests to a cluster. Safe to use from several threads.

    Args:
        access: how the cluster is reached.
        attempts: number of times that a request is sent before it fails.
        pause: seconds before the second attempt.
    """

    def __init__(self, access: Access, *, attempts: int = ATTEMPTS, pause: float = PAUSE) -> None:
        self._hosts = tuple(host.rstrip("/") for host in access.hosts)
        self._attempts, self._pause = attempts, pause
        self._preferred = random.randrange(len(self._hosts))  # noqa: S311  (spreads processes over the hosts)
        self._lock = threading.Lock()
        self.sent = 0
        headers = {}
        if access.user:
            named = f"{access.user}:{access.password}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(named).decode()
        self._pool = urllib3.PoolManager(
            num_pools=len(self._hosts) + 1,
            maxsize=16,
            headers=headers,
            cert_reqs="CERT_REQUIRED",
            ca_certs=None if access.ca is None else str(access.ca),
            cert_file=None if access.certificate is None else str(access.certificate),
            key_file=None if access.key is None else str(access.key),
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    # Requests

    def call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        accept: Iterable[int] = (),
        slow: bool = False,
    ) -> Json:
        """Send a request, and return the JSON of the response.

        Args:
            method: HTTP method.
            path: path and query string.
            body: JSON to send.
            accept: statuses beyond 2xx whose response is returned rather than raised.
            slow: whether the cluster may take minutes to answer.

        Raises:
            ClusterError: the cluster refused the request.
            EngineError: no host answered.
        """
        data = None if body is None else encode(body)
        return self._send(method, path, data, "application/json", frozenset(accept), SLOW if slow else TIMEOUT)

    def _send(
        self, method: str, path: str, data: bytes | None, kind: str, accept: frozenset[int], timeout: urllib3.Timeout
    ) -> Json:
        fault: Exception | None = None
        headers = {**self._pool.headers, **({} if data is None else {"Content-Type": kind})}
        for attempt in range(self._attempts):
            if attempt:
                time.sleep(min(self._pause * 2 ** (attempt - 1), LONGEST_PAUSE))
            number = self._preferred
            try:
                self.sent += 1
                response = self._pool.request(
                    method,
                    self._hosts[number] + path,
                    body=data,
                    headers=headers,
                    retries=False,
                    redirect=False,
                    timeout=timeout,
                )
                parsed = _parsed(response.status, response.data)
            except (urllib3.exceptions.HTTPError, ValueError, OSError) as error:
                fault = error
                self._next_after(number, error)
                continue
            if 200 <= response.status < 300 or response.status in accept:
                return parsed if isinstance(parsed, dict) else {"found": parsed}
            if response.status in _BUSY:
                fault = _refusal(response.status, parsed)
                self._next_after(number, fault)
                continue
            raise _refusal(response.status, parsed)
        if isinstance(fault, ClusterError):
            raise fault
        if isinstance(fault, urllib3.exceptions.SSLError):
            raise EngineError(
                "La liaison chiffrée avec la grappe OpenSearch ne s’établit pas : vérifiez l’autorité de son "
                "certificat (RTES_OPENSEARCH_CA), et celui de l’archive si elle en demande un "
                "(RTES_OPENSEARCH_CERTIFICATE)."
            ) from fault
        raise EngineError(
            "La grappe OpenSearch ne répond pas : vérifiez qu’elle tourne et l’adresse RTES_OPENSEARCH, puis réessayez."
        ) from fault

    def _next_after(self, number: int, fault: Exception) -> None:
        """Log the fault of the host with index `number`, and prefer the next one unless another thread has switched."""
        _log.warning("%s: %s", self._hosts[number], fault)
        with self._lock:
            if self._preferred == number:
                self._preferred = (number + 1) % len(self._hosts)

    # Searches

    def search(self, indexes: Sequence[str], body: Json, arguments: str = "") -> Json:
        """Run a search, and return its response, to which every shard has contributed.

        Args:
            indexes: names of the indexes to search.
            body: the search, as JSON.
            arguments: further query string, which begins with ``&``.

        Raises:
            ClusterError: the cluster refused the search, or a shard did not answer.
            EngineError: no host answered.
        """
        path = f"/{','.join(indexes)}/_search?allow_partial_search_results=false{arguments}"
        return whole(self.call("POST", path, body))

    def msearch(self, searches: Sequence[tuple[Sequence[str], Json]]) -> list[Json]:
        """Return the responses of several searches, sent as one request. Each response is complete, or holds an
        ``error`` if its index does not exist.

        Args:
            searches: for each search, the names of its indexes, and its JSON.

        Raises:
            ClusterError: the cluster refused a search for another reason, or a shard did not answer.
            EngineError: no host answered.
        """
        lines: list[Json] = []
        for indexes, body in searches:
            lines += [{"index": list(indexes), "allow_partial_search_results": False}, body]
        data = b"".join(encode(line) + b"\n" for line in lines)
        found: list[Json] = []
        for attempt in range(self._attempts):
            if attempt:
                time.sleep(min(self._pause * 2 ** (attempt - 1), LONGEST_PAUSE))
            answer = self._send("POST", "/_msearch", data, "application/x-ndjson", frozenset(), TIMEOUT)
            found = answer["responses"]
            if not any(one.get("status", 200) in _BUSY for one in found):
                break
        for one in found:
            if "error" not in one:
                whole(one)
            elif one.get("status") != _MISSING:
                raise _refusal(int(one.get("status", 500)), one)
        return found

    # Writing

    def bulk(self, items: Iterable[Item]) -> None:
        """Send many operations, and check the result of each; those that fail because the cluster is busy are sent
        again.

        Deleting a document that does not exist is no error.

        Raises:
            ClusterError: the cluster refused an operation.
            EngineError: no host answered.
        """
        batch: list[tuple[Item, bytes]] = []
        size = 0
        # While a batch is on its way, the next one is made.
        with ThreadPoolExecutor(1, thread_name_prefix="bulk") as pool:
            sent: Future[None] | None = None
            for item in items:
                text = encode(item.action) + b"\n" + (b"" if item.document is None else encode(item.document) + b"\n")
                batch.append((item, text))
                size += len(text)
                if size >= _BULK_BYTES:
                    if sent is not None:
                        sent.result()
                    sent = pool.submit(self._bulk, batch)
                    batch, size = [], 0
            if sent is not None:
                sent.result()
            if batch:
                self._bulk(batch)

    def _bulk(self, batch: Sequence[tuple[Item, bytes]]) -> None:
        left = list(batch)
        fault: ClusterError | None = None
        for attempt in range(BULK_ATTEMPTS):
            if attempt:
                time.sleep(min(self._pause * 2 ** (attempt - 1), LONGEST_PAUSE))
            data = b"".join(text for _, text in left)
            answer = self._send("POST", _BULK, data, "application/x-ndjson", frozenset(), SLOW)
            again: list[tuple[Item, bytes]] = []
            given = answer.get("items", [])
            if len(given) != len(left):
                raise _refusal(500, {"error": {"type": "bulk_answer_cut", "reason": "items are missing"}})
            for one, result in zip(left, given, strict=True):
                (verb, outcome), *_ = result.items()
                status = int(outcome.get("status", 500))
                if 200 <= status < 300 or (verb == "delete" and status == _MISSING and "error" not in outcome):
                    continue
                fault = _refusal(status, outcome)
                if status not in _BUSY:
                    raise fault
                again.append(one)
            if not again:
                return
            left = again
        if fault is not None:
            raise fault


def _parsed(status: int, data: bytes) -> object:
    """Return the JSON of a response. A refusal need not be JSON: the security plugin says `Unauthorized`.

    Raises:
        ValueError: a response that is no refusal is not JSON.
    """
    try:
        return json.loads(data) if data else {}
    except ValueError:
        if 200 <= status < 300 or status in _BUSY:
            raise
        return {}


def whole(answer: Json) -> Json:
    """Return the response of a search if it is complete.

    Raises:
        ClusterError: a shard did not answer in time.
    """
    shards = answer.get("_shards", {})
    if answer.get("timed_out") or shards.get("failed") or shards.get("successful") != shards.get("total"):
        raise _refusal(503, {"error": {"type": "partial_answer", "reason": str(shards)}})
    return answer


def encode(body: Mapping[str, Any]) -> bytes:
    """Return JSON in UTF-8; lone surrogates, which are no text, become question marks."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def conflicts(error: EngineError) -> bool:
    """Return whether an error says that a document was not written because it had changed meanwhile."""
    return isinstance(error, ClusterError) and error.status == _CONFLICT


def is_missing(error: EngineError) -> bool:
    """Return whether an error says that an index does not exist."""
    return isinstance(error, ClusterError) and error.status == _MISSING


def _refusal(status: int, answer: object) -> ClusterError:
    """Return the error for a refusal; its French message says what to do, and the cluster's own words are logged."""
    error = answer.get("error") if isinstance(answer, dict) else None
    kind = str(error.get("type", "")) if isinstance(error, dict) else str(error or "")
    reason = _deepest(error) if isinstance(error, dict) else ""
    _log.warning("OpenSearch: %s %s %s", status, kind, reason)
    if status in {401, 403}:
        sentence = (
            "La grappe OpenSearch refuse cet utilisateur : vérifiez RTES_OPENSEARCH_USER, le fichier de son mot de "
            "passe et ses droits."
        )
    elif status == _TOO_MANY:
        sentence = (
            "La grappe OpenSearch refuse des requêtes, faute de mémoire ou de temps : réessayez dans un moment ; si "
            "cela dure, donnez plus de mémoire ou de processeurs à ses nœuds."
        )
    elif status in _BUSY:
        sentence = (
            "Une partie de l’index ne répond pas sur la grappe OpenSearch : attendez que ses nœuds soient revenus, "
            "ou vérifiez leur état."
        )
    elif status == _MISSING:
        sentence = "Un index manque sur la grappe OpenSearch : relancez « python run.py index --full »."
    else:
        sentence = f"La grappe OpenSearch a refusé une requête ({status} {kind}) : consultez son journal."
    return ClusterError(sentence, status, kind)


def _deepest(error: Mapping[str, Any]) -> str:
    cause: Any = error
    while isinstance(cause, dict) and isinstance(cause.get("caused_by"), dict):
        cause = cause["caused_by"]
    roots = error.get("failed_shards") or [{}]
    shard = roots[0].get("reason", {}) if isinstance(roots[0], dict) else {}
    return f"{cause.get('reason', '')} {shard.get('reason', '') if isinstance(shard, dict) else ''}".strip()[:500]
