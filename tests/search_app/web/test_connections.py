"""Requests that two servers may read in two ways, or that cost more to read than to send, are refused as they come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from waitress.parser import HTTPRequestParser

from tests.support.connections import connections

POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
AFTER = b"0\r\n\r\nGET /cachee HTTP/1.1\r\nHost: a\r\n\r\n"
TWO_READINGS = {
    "a chunked body in HTTP/1.0": b"POST / HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a chunked body with a length": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a chunked body twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a coding without a name": POST + b"Transfer-Encoding:\r\n\r\n",
    "a space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n",
    "a folded coding": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n",
    "a coding folded into another header": POST + b"A: b\r\n\tTransfer-Encoding: chunked\r\n\r\n",
    "two lengths": POST + b"Content-Length: 5\r\nContent-Length: 0\r\n\r\n",
    "a length with a sign": POST + b"Content-Length: +5\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "another version": b"POST / HTTP/1.2\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "a tab in the address": b"GET /\ta HTTP/1.1\r\nHost: a\r\n\r\n",
}
COSTLY = {
    "digits after a scheme": b"GET a://" + b"1" * 30_000 + b" b HTTP/1.1\r\nHost: a\r\n\r\n",
    "letters after a scheme": b"GET a://" + b"x" * 30_000 + b" b\r\n\r\n",
    "spaces before a value": b"GET / HTTP/1.1\r\nA:" + b" " * 15_000 + b"b" + b"\t" * 15_000 + b"\r\n\r\n",
    "spaces before a control": b"GET / HTTP/1.1\r\nA:" + b" " * 30_000 + b"\0\r\n\r\n",
    "spaces in folded lines": b"GET / HTTP/1.1\r\nA:" + b"\r\n " * 9_000 + b"\r\n\r\n",
}


def answer(environ: Any, start: Any) -> Iterable[bytes]:
    start("200 OK", [("Content-Length", "0")])
    return []


@pytest.mark.parametrize("sent", TWO_READINGS.values(), ids=TWO_READINGS.keys())
def test_a_request_with_two_readings_is_refused_and_nothing_after_it_is_read(sent: bytes) -> None:
    with connections(answer) as ask:
        told = ask(sent + AFTER)
    assert told.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    assert told.count(b"HTTP/1.") == 1
    assert b"\r\nConnection: close\r\n" in told


@pytest.mark.parametrize("sent", COSTLY.values(), ids=COSTLY.keys())
def test_a_costly_line_is_refused_before_its_parts_are_looked_for(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that would take minutes to parse, in the one loop that serves all clients, get 400 and are not parsed."""
    searched: list[bytes] = []
    monkeypatch.setattr(HTTPRequestParser, "parse_header", lambda self, head: searched.append(head))
    with connections(answer) as ask:
        assert b" 400 " in ask(sent)[:20]
    assert not searched


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"\r\nGET http://a/?b=%20c HTTP/1.1\r\nHost: a\r\nA:b  c\t\r\nB:\r\nConnection: close\r\n\r\n",
        POST + b"Content-Length: 5\r\nConnection: close\r\n\r\nab\r\nc",
        POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_has_one_reading_is_answered(sent: bytes) -> None:
    with connections(answer) as ask:
        assert b" 200 OK\r\n" in ask(sent)[:20]
