"""Clients that send nothing, half a header or half a body do not delay others, even with one process.

The tests check only the order: a search gets its response while all slow clients are still waiting.
"""

from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bench.tools.load import prepare, served
from bench.tools.slow_clients import KINDS, hold, wait_for_search
from search_app.accounts.store import Accounts
from tests.support.nginx import proxied
from tests.support.site import PASSWORD, STAFF
from tests.support.waiting import PATIENCE, free_port

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a site with one process."""
    settings = prepare(tmp_path_factory.mktemp("archive"), pages=3)
    Accounts(settings.data / "accounts.sqlite").add(STAFF, "staff", PASSWORD)
    with served(settings, workers=1, port=free_port()) as (_, listening):
        yield listening


def unanswered(clients: list[socket.socket]) -> int:
    """Return how many of the connections are open and have received nothing yet."""
    count = 0
    for one in clients:
        one.setblocking(False)
        try:
            one.recv(1)
        except (BlockingIOError, OSError) as error:
            count += not isinstance(error, ConnectionError)  # nothing to read yet; TLS raises another exception
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
        assert body.recv(12) == b"HTTP/1.1 400"  # a form without its CSRF token


def test_a_body_that_the_site_refuses_is_not_waited_for(port: int) -> None:
    """A body of 300 MB is announced, and the response comes before any of it is sent."""
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


def send(port: int, path: str, body: bytes, kind: str, cookie: str) -> tuple[int, str, str]:
    """Send a body with content type `kind`, or a GET if it is empty; return status, cookie and text of the response."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    method = "POST" if body else "GET"
    connection.request(
        method, path, body or None, {"Content-Type": kind, "Cookie": cookie} if body else {"Cookie": cookie}
    )
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, (answer.headers["Set-Cookie"] or cookie).partition(";")[0], text


def test_what_staff_send_is_read_whole_however_large(port: int) -> None:
    """Staff send a file that is larger than others may send and than memory buffers; the site reads all of it."""
    form = "application/x-www-form-urlencoded"
    _, cookie, page = send(port, "/connexion", b"", form, "")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    fields = urlencode({"email": STAFF, "password": PASSWORD, "csrf_token": token[1]}).encode()
    status, cookie, _ = send(port, "/connexion", fields, form, cookie)
    assert status == 303
    _, cookie, page = send(port, "/gestion/import", b"", form, cookie)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    head = f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token[1]}\r\n--x\r\n'
    head += 'Content-Disposition: form-data; name="files"; filename="grand.zip"\r\nContent-Type: text/html\r\n\r\n'
    body = head.encode() + b"x" * 3_000_000 + b"\r\n--x--\r\n"
    status, _, page = send(port, "/gestion/import", body, "multipart/form-data; boundary=x", cookie)
    assert status == 400
    assert "grand.zip" in page, "read, and no zip"
