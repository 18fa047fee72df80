"""FakeCluster: the client of an OpenSearch cluster, replaced by one that keeps indexes and documents in memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from indexer.engine.opensearch.client import ClusterError

Json = dict[str, Any]


class FakeCluster:
    """A client for the OpenSearch engine's `Generations` and `Lock`; it checks sequence numbers as OpenSearch does.

    Attributes:
        indexes: for each index, its documents by id, each with its sequence number.
        health: health that the cluster reports; waiting for it times out if it is not "green".
        asked: method and path of each request so far.
        after: called with method and path once a request was carried out; an error that it raises reaches the caller
            instead of the response.
    """

    def __init__(self) -> None:
        self.indexes: dict[str, dict[str, tuple[int, Json]]] = {}
        self.health = "green"
        self.asked: list[str] = []
        self.after: Callable[[str, str], None] = lambda method, path: None
        self._next = 0

    def call(
        self, method: str, path: str, body: Json | None = None, *, accept: Iterable[int] = (), slow: bool = False
    ) -> Json:
        self.asked.append(f"{method} {path}")
        parts = urlsplit(path)
        arguments = {name: values[0] for name, values in parse_qs(parts.query).items()}
        status, answer = self._answer(method, parts.path.strip("/").split("/"), arguments, body or {})
        self.after(method, path)
        if status >= 300 and status not in accept:
            raise ClusterError("refusé", status, str(answer.get("error", {}).get("type", "")))
        return answer

    def _answer(self, method: str, parts: list[str], arguments: dict[str, str], body: Json) -> tuple[int, Json]:
        match method, parts:
            case "GET", [pattern, "_settings"]:
                wanted = re.compile(pattern.replace("*", ".*"))
                return 200, {name: {} for name in self.indexes if wanted.fullmatch(name)}
            case "GET", ["_cluster", "health", _]:
                return (200 if self.health == "green" else 408), {"status": self.health}
            case "POST", [_, "_refresh"]:
                return 200, {"_shards": {"failed": 0}}
            case "PUT", [_, "_settings"]:
                return 200, {}
            case "PUT", [source, "_clone", name]:
                self.indexes[name] = dict(self.indexes[source])
                return 200, {}
            case "DELETE", [names]:
                for name in names.split(","):
                    self.indexes.pop(name, None)
                return 200, {}
            case "PUT", [name]:
                if name in self.indexes:
                    return 400, {"error": {"type": "resource_already_exists_exception"}}
                self.indexes[name] = {}
                return 200, {}
            case _, [name, "_doc", key]:
                return self._document(method, name, key, arguments, body)
        raise AssertionError((method, parts))

    def _document(self, method: str, name: str, key: str, arguments: dict[str, str], body: Json) -> tuple[int, Json]:
        if name not in self.indexes:
            return 404, {"error": {"type": "index_not_found_exception"}}
        held = self.indexes[name].get(key)
        if method == "GET":
            if held is None:
                return 404, {"found": False}
            return 200, {"found": True, "_seq_no": held[0], "_primary_term": 1, "_source": held[1]}
        expected = arguments.get("if_seq_no")
        created = arguments.get("op_type") == "create"
        if (created and held is not None) or (expected is not None and (held is None or held[0] != int(expected))):
            return 409, {"error": {"type": "version_conflict_engine_exception"}}
        if method == "DELETE":
            self.indexes[name].pop(key, None)
            return 200, {}
        self._next += 1
        self.indexes[name][key] = self._next, body
        return 200, {"_seq_no": self._next, "_primary_term": 1}
