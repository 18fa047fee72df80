"""Clients that send nothing, half a header or half a body hold up nobody, on one process of the site.

What counts is the order: a search is answered while each of them still waits for an answer.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.tools.load import prepare, served
from bench.tools.slow_clients import KINDS, hold, wait_for_search
from tests.support.nginx import proxied
from tests.support.waiting import free_port


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a site with one process."""
    settings = prepare(tmp_path_factory.mktemp("archive"), pages=3)
    with served(settings, workers=1, port=free_port()) as (_, listening):
        yield listening


def unanswered(clients: list[socket.socket]) -> int:
    """Return how many connections are open and have been sent nothing."""
    count = 0
    for one in clients:
        one.setblocking(False)
        try:
            one.recv(1)
        except (BlockingIOError, OSError) as error:
            count += not isinstance(error, ConnectionError)  # nothing to read yet, over TLS too
    return count


def test_slow_clients_without_a_proxy(port: int) -> None:
    with ExitStack() as stack:
        slow = [one for sent in KINDS.values() for one in hold(port, sent, 64, stack)]
        assert wait_for_search(port) is not None
        assert unanswered(slow) == 3 * 64


def test_slow_clients_of_nginx(port: int, tmp_path: Path) -> None:
    with proxied(f"http://127.0.0.1:{port}", tmp_path) as proxy, ExitStack() as stack:
        slow = [one for sent in KINDS.values() for one in hold(proxy.secure, sent, 64, stack, tls=True)]
        assert proxy.ask("GET", "/?q=epicerie").status == 200
        assert unanswered(slow) == 3 * 64


def test_a_slow_client_is_answered_in_the_end(port: int) -> None:
    with ExitStack() as stack:
        (header,) = hold(port, KINDS["half a header"], 1, stack)
        (body,) = hold(port, KINDS["half a body"], 1, stack)
        assert wait_for_search(port) is not None
        header.sendall(b"x\r\n\r\n")
        body.sendall(b"a" * 993)
        assert header.recv(12) == b"HTTP/1.1 200"
        assert body.recv(12) == b"HTTP/1.1 400"  # without its token


def test_a_body_that_the_site_refuses_is_not_waited_for(port: int) -> None:
    """Neither on disk nor in memory: 300 MB are announced, and the answer comes before any of them."""
    for headers in (b"Content-Length: 300000000\r\n", b"Transfer-Encoding: chunked\r\n"):
        for path in (b"/connexion", b"/gestion/import"):
            with ExitStack() as stack:
                start = b"POST " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers
                kind = b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
                (client,) = hold(port, start + kind, 1, stack)
                answer = b""
                while part := client.recv(65536):
                    answer += part
                assert answer[9:12] == (b"413" if b"Length" in headers else b"411")
                assert b"\r\nConnection: close\r\n" in answer
