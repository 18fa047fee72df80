"""The access log: what a line contains, when and where it is written; with any WSGI server."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, abort, request
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import create_environ, run_wsgi_app

from search_app.web import access_log
from search_app.web.access_log import AccessLog, LogFile
from search_app.web.error_pages import ArchiveFlask
from search_app.web.logging import METHODS
from tests.support.waiting import PATIENCE

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d (\S+) (\S+) (\d{3}) (\d+) (\d+)ms")


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def app(lines: list[str]) -> Flask:
    app = ArchiveFlask(__name__)
    app.static_folder = str(Path(__file__).parent)

    @app.route("/ressources/<name>", methods=["GET", "POST", "DELETE"])
    def resource(name: str) -> str:
        return "é" * 10

    @app.get("/flux")
    def stream() -> Response:
        return Response(iter([b"a" * 1000, b"b" * 234]), mimetype="text/plain")

    @app.get("/casse")
    def broken() -> str:
        raise RuntimeError("zanzibar")

    @app.get("/interdit")
    def refused() -> str:
        abort(403)

    @app.before_request
    def early() -> None:
        if "trop" in request.args:
            abort(429)

    access_log.install(app, lines.append)
    return app


def noted(lines: list[str]) -> list[tuple[str, str, int, int]]:
    """Return method, route, status and bytes of each line, after checking its format."""
    found = [LINE.fullmatch(line) for line in lines]
    assert None not in found, lines
    return [(one[1], one[2], int(one[3]), int(one[4])) for one in found if one is not None]


def test_a_line_has_the_route_and_no_word_of_the_client(app: Flask, lines: list[str]) -> None:
    headers = {"User-Agent": "espion", "Referer": "https://ailleurs.example/zanzibar", "X-Forwarded-For": "192.0.2.7"}
    client = app.test_client()
    for path, route, status in [
        ("/ressources/plan-social-de-zanzibar?q=zanzibar", "resource", 200),
        ("/ressources/%0a2026-01-01T00:00:00+00:00 GET x 200 1 1ms", "resource", 200),
        ("/ressources/%1b[31mrouge%0d", "resource", 200),
        ("/ressources/x?trop", "resource", 429),
        ("/zanzibar%0aFORGED", "unknown", 404),
        ("/flux/", "unknown", 404),
        ("/interdit", "refused", 403),
        ("/casse", "broken", 500),
        ("/static/zanzibar", "static", 404),
    ]:
        lines.clear()
        client.get(path, headers=headers, buffered=True)
        ((method, *rest, _),) = noted(lines)
        assert (method, *rest) == ("GET", route, status)
        assert not re.search(r"zanzibar|FORGED|espion|ailleurs|192|127\.|%|\x1b|\n", lines[0])


@pytest.mark.parametrize("method", [*sorted(METHODS), "PROPFIND", "ZANZIBAR", "GET%0aX", "get", "", "É"])
def test_only_methods_that_are_known_are_named(app: Flask, lines: list[str], method: str) -> None:
    environ = create_environ("/ressources/x")
    environ["REQUEST_METHOD"] = method
    run_wsgi_app(app.wsgi_app, environ, buffered=True)[0]
    assert noted(lines)[0][0] == (method if method in METHODS else "OTHER")


def test_bytes_are_those_of_the_body_and_the_line_comes_at_its_end(app: Flask, lines: list[str]) -> None:
    environ = create_environ("/flux")
    body, *_ = run_wsgi_app(app.wsgi_app, environ)
    assert lines == []
    assert b"".join(body) == b"a" * 1000 + b"b" * 234
    assert lines == [], "it is not closed yet"
    body.close()
    body.close()
    assert noted(lines) == [("GET", "stream", 200, 1234)]
    lines.clear()
    client = app.test_client()
    client.head("/flux", buffered=True)
    client.get("/ressources/x", buffered=True)
    whole = Path(__file__).read_bytes()
    assert client.get(f"/static/{Path(__file__).name}", buffered=True).data == whole
    part = client.get(f"/static/{Path(__file__).name}", headers={"Range": "bytes=5-14"}, buffered=True)
    assert part.data == whole[5:15]
    assert noted(lines) == [
        ("HEAD", "stream", 200, 0),
        ("GET", "resource", 200, 20),
        ("GET", "static", 200, len(whole)),
        ("GET", "static", 206, 10),
    ]


def test_what_a_client_leaves_half_read_is_noted_as_far_as_it_went(app: Flask, lines: list[str]) -> None:
    body, *_ = run_wsgi_app(app.wsgi_app, create_environ("/flux"))
    next(iter(body))
    body.close()
    assert noted(lines) == [("GET", "stream", 200, 1000)]


def wsgi(body: Callable[[], Iterator[bytes]], *, early: bytes = b"") -> Any:
    """Return a WSGI application whose response is `body`, after `early`, sent with the old callable `write`."""

    def application(environ: Any, start_response: Any) -> Any:
        write = start_response("200 OK", [])
        if early:
            write(early)
        return body()

    return application


def test_what_is_written_the_old_way_counts(lines: list[str]) -> None:
    run_wsgi_app(AccessLog(wsgi(lambda: iter([b"bc"]), early=b"a"), lines.append), create_environ(), buffered=True)
    assert noted(lines) == [("GET", "unknown", 200, 3)]


def test_an_application_that_falls_is_noted_once(lines: list[str]) -> None:
    def fall(environ: Any, start_response: Any) -> Any:
        raise SystemExit(1)

    with pytest.raises(SystemExit):
        AccessLog(fall, lines.append)(create_environ(), lambda *_: lambda _: None)
    assert noted(lines) == [("GET", "unknown", 500, 0)]
    lines.clear()

    def halfway() -> Iterator[bytes]:
        yield b"abc"
        raise RuntimeError("zanzibar")

    body = AccessLog(wsgi(halfway), lines.append)(create_environ(), lambda *_: lambda _: None)
    with pytest.raises(RuntimeError):
        list(body)
    body.close()  # type: ignore[attr-defined]
    assert noted(lines) == [("GET", "unknown", 200, 3)]


def test_time_is_until_the_end_of_the_answer(lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 10.25])
    monkeypatch.setattr(access_log.time, "perf_counter", lambda: next(clock))
    run_wsgi_app(AccessLog(wsgi(lambda: iter([b"a"])), lines.append), create_environ(), buffered=True)
    assert lines[0].endswith(" 250ms")


def test_another_server_writes_the_same(app: Flask, lines: list[str]) -> None:
    class Silent(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: object) -> None:
            pass

    import http.client

    # The server handles one request at a time, and writes its line before it reads the next one or stops.
    server = make_server("127.0.0.1", 0, app, threaded=False, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        for method, path in (("GET", "/flux"), ("HEAD", "/flux"), ("FORGE", "/ressources/x")):
            connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=PATIENCE)
            connection.request(method, path)
            connection.getresponse().read()
            connection.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert [line[:3] for line in noted(lines)] == [
        ("GET", "stream", 200),
        ("HEAD", "stream", 200),
        ("OTHER", "unknown", 405),
    ]


# The file


def test_a_log_follows_its_name(tmp_path: Path) -> None:
    path = tmp_path / "acces.log"
    logs = [LogFile(str(path)) for _ in range(3)]  # one per worker
    for number, log in enumerate(logs):
        log.note(f"avant {number}")
    path.rename(tmp_path / "acces.log.1")
    for number, log in enumerate(logs):
        log.note(f"après {number}")
    assert (tmp_path / "acces.log.1").read_text("utf-8") == "avant 0\navant 1\navant 2\n"
    assert path.read_text("utf-8") == "après 0\naprès 1\naprès 2\n"
    assert path.stat().st_mode & 0o777 & ~0o640 == 0
    path.write_bytes(b"")  # copytruncate
    logs[0].note("encore")
    assert path.read_text("utf-8") == "encore\n"
    for log in logs:
        log.close()


def test_lines_of_many_processes_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "acces.log"
    children = []
    for number in range(4):
        child = os.fork()
        if child == 0:
            log = LogFile(str(path))
            for _ in range(500):
                log.note(str(number) * 80)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    assert sorted(path.read_text().splitlines()) == sorted(str(number) * 80 for number in range(4) for _ in range(500))


def test_a_log_that_cannot_be_written_stops_no_answer_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = LogFile("/dev/full")
    for _ in range(3):
        log.note("une ligne")
    assert caplog.messages == ["journal des accès non écrit (il n’y a plus de place sur le disque)"]
    log.close()
    caplog.clear()
    log = LogFile(str(tmp_path / "rien" / "acces.log"))
    log.note("une ligne")
    (tmp_path / "rien").mkdir()
    log.note("une autre")
    log.close()
    assert (tmp_path / "rien" / "acces.log").read_text("utf-8") == "une autre\n"
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
