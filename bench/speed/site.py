"""The site end to end: the API and the page, in process and over HTTP; throughput; memory of the workers."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

from flask.testing import FlaskClient

from bench.speed.base import Answer, Contestant, Query
from bench.speed.measuring import interleaved, percentile
from bench.speed.ours import Ours
from bench.speed.pages import ROOT, Archive, command
from bench.speed.processes import Memory, children, memory
from bench.speed.report import Report, shown
from indexer.analysis import default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from search_app import create_app
from search_app.accounts.store import Accounts
from search_app.settings import SiteSettings

API, PAGE = "/api/v1/search", "/"
API_MS, PAGE_MS = 5.0, 15.0
WORKERS = 2
WRK_S = 10
_WRK_CONNECTIONS = 8
_CLIENTS = 4
_EMAIL, _PASSWORD = "banc@example.org", "Un mot de passe pour le banc 1"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
HOW = (
    "Site: searches of a signed-in member, with the snippets and spelling corrections of the site, compared with the "
    "engine alone without snippets (but with corrections), every query in turn. In process: Flask’s test client. Over "
    f"HTTP: `run.py serve --workers {WORKERS}`, with a new connection for each request."
)
HOW_MUCH = (
    f"Throughput: `wrk -t1 -c{_WRK_CONNECTIONS} -d{WRK_S}s` on the same machine, all queries in turn. Memory: of each "
    "worker, from /proc/PID/smaps_rollup, after it has answered every query both in the API and as a page."
)


def address(path: str, query: Query) -> str:
    """Return the path and arguments that request a query with its filters; `path` is that of the search page or API."""
    pairs = [("q", query.text)]
    if query.type is not None:
        pairs.append(("type", query.type))
    if query.year is not None:
        pairs.append(("year", str(query.year)))
    return f"{path}?{urlencode(pairs)}"


class _Asked:
    """A way of querying the site, which is timed like an engine."""

    def __init__(self, name: str, path: str) -> None:
        self.name, self._path = name, path

    def answer(self, found: object, /) -> Answer:
        """Raise an error: results of the site are not compared."""
        raise NotImplementedError

    def forget(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class InProcess(_Asked):
    """The site queried in process, with Flask's test client, signed in."""

    def __init__(self, name: str, path: str, client: FlaskClient) -> None:
        super().__init__(name, path)
        self._client = client

    def search(self, query: Query, /) -> object:
        """Request the answer to a query, and read it completely."""
        response = self._client.get(address(self._path, query))
        assert response.status_code == 200, response.status
        return response.data


class OverHttp(_Asked):
    """The site queried over HTTP, with a new connection for each request, as gunicorn's workers close connections."""

    def __init__(self, name: str, path: str, port: int, cookie: str) -> None:
        super().__init__(name, path)
        self._port, self._cookie = port, cookie

    def search(self, query: Query, /) -> object:
        """Request the answer to a query, and read it completely."""
        return get(self._port, address(self._path, query), self._cookie)


def get(port: int, path: str, cookie: str) -> bytes:
    """Request a path on a port of this machine, and return the body of the response, whose status must be 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers={"Cookie": cookie})
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    assert response.status == 200, f"{path}: {response.status}"
    return body


@contextmanager
def member(archive: Archive) -> Iterator[tuple[SiteSettings, FlaskClient, str]]:
    """Return a context manager that signs a member in. It yields settings with a new data folder, the member's test
    client, and the value of the Cookie header that identifies the member.
    """
    with tempfile.TemporaryDirectory() as data:
        settings = replace(archive.settings, data=Path(data))
        Accounts(settings.data / "accounts.sqlite").add(_EMAIL, "member", _PASSWORD)
        engine = EmbeddedEngine(settings.index, default_analyzer())
        client = create_app(settings, engine).test_client()
        token = _TOKEN.search(client.get("/connexion").get_data(as_text=True))
        assert token is not None, "the sign-in form has no token"
        form = {"csrf_token": token[1], "email": _EMAIL, "password": _PASSWORD, "next": ""}
        assert client.post("/connexion", data=form).status_code == 303
        cookie = client.get_cookie("session")
        assert cookie is not None
        try:
            # Cookies are signed with the secret in the data folder, so the server accepts them too.
            yield settings, client, f"session={cookie.value}"
        finally:
            engine.close()


@contextmanager
def served(settings: SiteSettings) -> Iterator[tuple[int, int]]:
    """Return a context manager that serves the site with gunicorn on a free port; it yields process id and port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    process = subprocess.Popen(
        command(settings, "serve", "--workers", str(WORKERS), "--port", str(port)), cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(timeout=60)


def measure(archive: Archive, report: Report, rounds: int) -> None:
    """Measure the API, the page, throughput and memory; add the results to the report."""
    queries = archive.queries()
    with member(archive) as (settings, client, cookie), served(settings) as (pid, port):
        ways: list[Contestant] = [
            Ours(settings.index, corrections=True),
            InProcess("API in process", API, client),
            InProcess("page in process", PAGE, client),
            OverHttp("API over HTTP", API, port, cookie),
            OverHttp("page over HTTP", PAGE, port, cookie),
        ]
        interleaved(ways, queries, 2)
        timings = interleaved(ways, queries, rounds)
        ways[0].close()
        shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
        taken = {way.name: {m: percentile(timings.typical(way.name), s) for m, s in shares.items()} for way in ways}
        _tell_latency(archive.size, report, taken)
        throughput = {path: _wrk(port, cookie, queries, path) for path in (API, PAGE)}
        _ask_all(port, cookie, queries)
        workers = [memory(worker) for worker in children(pid)]
    report.note(HOW)
    report.note(HOW_MUCH)
    _tell_load(archive.size, report, throughput, workers)


def _tell_latency(size: int, report: Report, taken: dict[str, dict[str, float]]) -> None:
    for name, values in taken.items():
        for measure, value in values.items():
            report.add("site", size, name, measure, value, "ms")
    engine = taken["ours"]["p95"]
    rows = [
        (
            "engine alone" if name == "ours" else name,
            *(shown(v) for v in values.values()),
            shown(values["p95"] - engine),
        )
        for name, values in taken.items()
    ]
    report.table(f"The site, {size:,} pages, ms", ("", "p50", "p95", "p99", "p95 minus the engine’s"), rows)
    if size != 10_000:
        return
    for name, limit in (("API", API_MS), ("page", PAGE_MS)):
        for where in ("in process", "over HTTP"):
            beyond = taken[f"{name} {where}"]["p95"] - engine
            report.aim(f"{name} {where}: p95 minus the engine’s", size, beyond, limit, "ms")


@dataclass(frozen=True, slots=True)
class _Throughput:
    """The result of wrk: requests per second, and the 99th percentile of latency in ms."""

    rate: float
    p99: float


def _wrk(port: int, cookie: str, queries: Sequence[Query], path: str) -> _Throughput | None:
    """Return the throughput of all queries on one path of the site, or None if wrk is not installed."""
    program = shutil.which("wrk")
    if program is None:
        return None
    paths = ", ".join('"' + address(path, query) + '"' for query in queries)  # percent-encoded: no quote in them
    script = f"""local paths, place = {{{paths}}}, 0
wrk.headers["Cookie"] = "{cookie}"
request = function()
  place = place % #paths + 1
  return wrk.format("GET", paths[place])
end
"""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        asked = [program, "-t1", f"-c{_WRK_CONNECTIONS}", f"-d{WRK_S}s", "--latency", "-s", file.name]
        said = subprocess.run([*asked, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in said, said
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    if rate is None or slow is None:
        raise ValueError(said)
    return _Throughput(float(rate[1]), float(slow[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[slow[2]])


def _ask_all(port: int, cookie: str, queries: Sequence[Query]) -> None:
    """Request every query as API call and as page, from several clients at once, so that each worker handles many."""

    def ask() -> None:
        for query in queries:
            for path in (API, PAGE):
                get(port, address(path, query), cookie)

    clients = [threading.Thread(target=ask) for _ in range(_CLIENTS)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()


def _tell_load(size: int, report: Report, throughput: dict[str, _Throughput | None], workers: Sequence[Memory]) -> None:
    rows = []
    for path, found in throughput.items():
        called = "API" if path == API else "page"
        if found is None:
            report.note("wrk is not installed (apt-get install wrk): throughput left out.")
            continue
        report.add("site", size, called, f"requests a second, {WORKERS} workers", found.rate, "/s")
        report.add("site", size, called, f"p99 under {_WRK_CONNECTIONS} connections", found.p99, "ms")
        rows.append(
            (f"{called}, {WORKERS} workers", f"{shown(found.rate)} requests/s (99 % within {shown(found.p99)} ms)")
        )
    for number, worker in enumerate(workers, 1):
        shared = worker.resident - worker.private
        rows.append(
            (
                f"memory of worker {number}",
                f"{shown(worker.resident)} MB resident, of which {shown(worker.private)} MB private and "
                f"{shown(shared)} MB shared or mapped files; proportional (PSS) {shown(worker.proportional)} MB",
            )
        )
    largest = max(workers, key=lambda worker: worker.resident)
    report.add("site", size, "ours", "memory of a worker, resident", largest.resident, "MB")
    report.add("site", size, "ours", "memory of a worker, its own", largest.private, "MB")
    report.add("site", size, "ours", "memory of a worker, its part", largest.proportional, "MB")
    report.table(f"Under load, {size:,} pages", ("", "measured"), rows)
    limit = 250.0 if size <= 10_000 else 1_200.0
    report.aim("memory of a serving process, resident", size, largest.resident, limit, "MB")
    report.aim("private share of that memory", size, largest.private / largest.resident, 0.5, "×")
