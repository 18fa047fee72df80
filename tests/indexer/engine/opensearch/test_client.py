"""The client of a cluster: it retries on other hosts, refuses answers that lack shards, and checks every bulk item."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from indexer.engine.opensearch.client import BULK_ATTEMPTS, Access, Client, ClusterError, Item
from indexer.errors import EngineError

Answer = tuple[int, object]
Respond = Callable[[str, str, bytes], Answer]
WHOLE = {"timed_out": False, "_shards": {"total": 3, "successful": 3, "failed": 0}}


class Host:
    """A host of a cluster that answers as a test says, and remembers what it was asked."""

    def __init__(self, respond: Respond) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        self.headers: list[dict[str, str]] = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                host.asked.append((self.command, self.path, body))
                host.headers.append(dict(self.headers))
                status, content = respond(self.command, self.path, body)
                if not status:
                    self.close_connection = True
                    return
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@contextmanager
def hosts(*responds: Respond) -> Iterator[tuple[list[Host], Client]]:
    opened = [Host(respond) for respond in responds]
    client = Client(Access(tuple(host.address for host in opened)), pause=0.0)
    client._preferred = 0
    try:
        yield opened, client
    finally:
        client.close()
        for host in opened:
            host.close()


def always(status: int, content: object) -> Respond:
    return lambda *_: (status, content)


def in_turn(*answers: Answer) -> Respond:
    left = list(answers)
    return lambda *_: left.pop(0) if len(left) > 1 else left[0]


def error(kind: str, reason: str = "") -> dict[str, object]:
    return {"error": {"type": kind, "reason": reason}, "status": 400}


@pytest.mark.parametrize("status", [0, 429, 500, 502, 503])
def test_the_next_host_is_asked_where_one_cannot_answer(status: int) -> None:
    with hosts(always(status, error("busy")), always(200, {"ok": True})) as (opened, client):
        assert client.call("GET", "/x") == {"ok": True}
        assert client.call("GET", "/x") == {"ok": True}
        assert [len(host.asked) for host in opened] == [1, 2]  # the one that answered is preferred from then on


def test_attempts_are_bounded() -> None:
    with hosts(always(0, {}), always(503, error("busy"))) as (opened, client):
        with pytest.raises(ClusterError, match="Une partie de l’index ne répond pas"):
            client.call("GET", "/x")
        assert sum(len(host.asked) for host in opened) == 4


def test_a_cluster_without_room_says_so() -> None:
    with hosts(always(0, {}), always(429, error("circuit_breaking_exception"))) as (opened, client):
        with pytest.raises(ClusterError, match="faute de mémoire ou de temps"):
            client.call("GET", "/x")
        assert sum(len(host.asked) for host in opened) == 4


def test_a_cluster_that_is_down_is_an_error_that_says_what_to_do() -> None:
    with hosts(always(200, {})) as (opened, client):
        opened[0].server.server_close()
        with pytest.raises(EngineError, match="RTES_OPENSEARCH"):
            client.call("GET", "/x")


@pytest.mark.parametrize(
    ("status", "said"), [(400, "a refusé une requête"), (403, "refuse cet utilisateur"), (404, "Un index manque")]
)
def test_a_refusal_is_not_tried_again(status: int, said: str) -> None:
    with hosts(always(status, error("some_exception"))) as (opened, client):
        with pytest.raises(ClusterError, match=said) as raised:
            client.call("GET", "/x")
        assert (raised.value.status, raised.value.kind) == (status, "some_exception")
        assert len(opened[0].asked) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_need_not_be_json(status: int) -> None:
    """The plain text `Unauthorized`, sent for a wrong password, raises the error for a refused user at once."""
    with hosts(always(status, b"Unauthorized")) as (opened, client):
        with pytest.raises(ClusterError, match="refuse cet utilisateur"):
            client.call("GET", "/x")
        assert len(opened[0].asked) == 1


def test_an_answer_that_is_cut_is_asked_for_again() -> None:
    with hosts(in_turn((200, b'{"half": '), (200, {"whole": 1}))) as (_, client):
        assert client.call("GET", "/x") == {"whole": 1}


@pytest.mark.parametrize(
    "partial",
    [
        {"timed_out": True, "_shards": {"total": 3, "successful": 3, "failed": 0}},
        {"timed_out": False, "_shards": {"total": 3, "successful": 2, "failed": 1}},
        {"timed_out": False, "_shards": {"total": 3, "successful": 2, "failed": 0}},
        {"timed_out": False},
    ],
)
def test_an_answer_of_some_shards_is_no_answer(partial: dict[str, object]) -> None:
    if "_shards" not in partial:
        partial = {**partial, "_shards": {"total": 1}}
    with hosts(always(200, {**partial, "hits": {}})) as (opened, client):
        with pytest.raises(ClusterError, match="Une partie de l’index ne répond pas"):
            client.search(["a"], {})
        assert "allow_partial_search_results=false" in opened[0].asked[0][1]
    with hosts(always(200, {"responses": [{**WHOLE, "hits": {}}, partial]})) as (opened, client):
        with pytest.raises(ClusterError, match="Une partie de l’index ne répond pas"):
            client.msearch([(["a"], {}), (["a"], {})])
        lines = [json.loads(line) for line in opened[0].asked[0][2].splitlines()]
        assert [line["allow_partial_search_results"] for line in lines[::2]] == [False, False]


def test_a_search_of_several_that_finds_the_cluster_busy_is_sent_again() -> None:
    busy = {"responses": [{**WHOLE, "hits": 1}, {"status": 429, "error": {"type": "rejected"}}]}
    good = {"responses": [{**WHOLE, "hits": 1}, {**WHOLE, "hits": 2}]}
    with hosts(in_turn((200, busy), (200, good))) as (opened, client):
        assert [one["hits"] for one in client.msearch([(["a"], {}), (["b"], {})])] == [1, 2]
        assert len(opened[0].asked) == 2


def test_a_missing_index_among_several_searches_is_returned() -> None:
    lost = {"status": 404, "error": {"type": "index_not_found_exception"}}
    with hosts(always(200, {"responses": [lost]})) as (_, client):
        assert client.msearch([(["gone"], {})]) == [lost]


def items(*names: str) -> list[Item]:
    return [Item({"index": {"_index": "i", "_id": name}}, {"id": name}) for name in names]


def test_items_of_a_bulk_request_that_were_refused_for_lack_of_room_are_sent_again() -> None:
    taken = iter([[201, 429, 201], [429], [201]])

    def respond(method: str, path: str, body: bytes) -> Answer:
        return 200, {"errors": True, "items": [{"index": {"status": status}} for status in next(taken)]}

    with hosts(respond) as (opened, client):
        client.bulk(items("a", "b", "c"))
        sent = [[json.loads(line)["id"] for line in body.splitlines()[1::2]] for _, _, body in opened[0].asked]
        assert sent == [["a", "b", "c"], ["b"], ["b"]]


def test_an_item_that_is_always_refused_fails_in_the_end() -> None:
    with hosts(always(200, {"items": [{"index": {"status": 429}}]})) as (opened, client):
        with pytest.raises(ClusterError):
            client.bulk(items("a"))
        assert len(opened[0].asked) == BULK_ATTEMPTS


@pytest.mark.parametrize("status", [400, 404, 409])
def test_an_item_that_is_wrong_fails_at_once(status: int) -> None:
    outcome = {"status": status, "error": {"type": "mapper_parsing_exception"}}
    with hosts(always(200, {"items": [{"index": {"status": 201}}, {"index": outcome}]})) as (opened, client):
        with pytest.raises(ClusterError):
            client.bulk(items("a", "b"))
        assert len(opened[0].asked) == 1


def test_items_that_the_answer_leaves_out_are_noticed() -> None:
    with hosts(always(200, {"items": [{"index": {"status": 201}}]})) as (_, client), pytest.raises(ClusterError):
        client.bulk(items("a", "b"))


def test_deleting_what_is_not_there_is_no_error() -> None:
    with hosts(always(200, {"items": [{"delete": {"status": 404, "result": "not_found"}}]})) as (_, client):
        client.bulk([Item({"delete": {"_index": "i", "_id": "a"}}, None)])


def test_long_bulk_requests_are_sent_in_parts() -> None:
    def respond(method: str, path: str, body: bytes) -> Answer:
        return 200, {"items": [{"index": {"status": 201}}] * (len(body.splitlines()) // 2)}

    with hosts(respond) as (opened, client):
        client.bulk(Item({"index": {"_id": str(n)}}, {"text": "x" * 400_000}) for n in range(7))
        assert [len(body.splitlines()) // 2 for _, _, body in opened[0].asked] == [3, 3, 1]


def test_the_user_is_named_and_never_shown() -> None:
    with hosts(always(200, {})) as (opened, _):
        access = Access((opened[0].address,), user="archives", password="sésame")
        client = Client(access)
        client.call("GET", "/x")
        client.close()
        assert opened[0].headers[0]["Authorization"] == "Basic YXJjaGl2ZXM6c8Opc2FtZQ=="
        assert "sésame" not in repr(access)
