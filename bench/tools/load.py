"""`python -m bench.tools.load`: the site under load while it is reindexed and restarted. Loopback only, about a minute.

Three periods of mixed searches over several connections: nothing else going on; full reindexes one after the other with
a graceful restart (SIGHUP) in between; nothing else again. Then a stop (SIGTERM) under load. Prints a table.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from bench.speed import own_pages
from bench.speed.measuring import percentile
from bench.speed.pages import ROOT, command, run, settings_in
from bench.speed.processes import children, memories
from indexer.analysis import default_analyzer
from indexer.engine.embedded import EmbeddedEngine
from indexer.query import SearchRequest
from indexer.resource import Audience
from search_app.settings import SiteSettings

CONNECTIONS = 8
_TIMEOUT_S = 20


@dataclass(slots=True)
class Spell:
    """The results of a period of load.

    Attributes:
        name: what else was going on.
        seconds: its duration.
        answers: number of responses with status 200.
        p50, p99: percentiles of their latency in milliseconds.
        faults: number of faults of each kind.
        reindexes: number of full reindexes that ended in it.
        resident: memory of the largest worker at the end of the period, in megabytes (RSS).
        proportional: memory of all workers together at the end of the period, in megabytes (PSS).
    """

    name: str
    seconds: float = 0.0
    answers: int = 0
    p50: float = 0.0
    p99: float = 0.0
    faults: dict[str, int] = field(default_factory=dict)
    reindexes: int = 0
    resident: float = 0.0
    proportional: float = 0.0


Client = Callable[[int, Sequence[str], float, Spell], None]
"""A function that requests given paths from a port, one after the other, for some seconds; it adds the results to a
period (`Spell`).
"""


def with_wrk(port: int, paths: Sequence[str], seconds: float, spell: Spell) -> None:
    """Send requests with wrk (a Debian package) for some seconds, and add the results to a period."""
    listed = ", ".join(f'"{path}"' for path in paths)  # percent-encoded: no quote in them
    script = f"""local paths, place = {{{listed}}}, 0
request = function()
  place = place % #paths + 1
  return wrk.format("GET", paths[place])
end
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d %f %f %d\\n", summary.requests, e.connect, e.read, e.write,
    e.status, e.timeout, latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.duration))
end
"""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        asked = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{round(seconds)}s", f"--timeout={_TIMEOUT_S}s", "-s", file.name]
        said = subprocess.run([*asked, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"RESULT (.*)", said)
    if found is None:
        raise ValueError(said)
    numbers = [float(text) for text in found[1].split()]
    counts = dict(zip(("connect", "read", "write", "status", "timeout"), map(int, numbers[1:6]), strict=True))
    spell.faults = {name: count for name, count in counts.items() if count}
    spell.answers = int(numbers[0]) - counts["status"]
    spell.p50, spell.p99, spell.seconds = numbers[6], numbers[7], numbers[8] / 1e6


def with_python(port: int, paths: Sequence[str], seconds: float, spell: Spell) -> None:
    """Send requests from threads of this process for some seconds, and add the results to a period. This is slower than
    wrk, but needs no other program.
    """
    began = time.monotonic()
    taken: list[float] = []
    lock = threading.Lock()

    def ask(first: int) -> None:
        place = first
        while True:  # at least one request, even if the thread starts late
            sent = time.perf_counter()
            fault = _ask(port, paths[place % len(paths)])
            milliseconds = (time.perf_counter() - sent) * 1000
            place += 1
            with lock:
                if fault is None:
                    taken.append(milliseconds)
                else:
                    spell.faults[fault] = spell.faults.get(fault, 0) + 1
            if fault == "refused" or time.monotonic() >= began + seconds:
                return

    threads = [threading.Thread(target=ask, args=(7 * number,)) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spell.seconds = time.monotonic() - began
    spell.answers = len(taken)
    if taken:
        spell.p50, spell.p99 = percentile(taken, 0.5), percentile(taken, 0.99)


def _ask(port: int, path: str) -> str | None:
    """Send one request over a new connection; return the fault, or None."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    try:
        connection.connect()
    except ConnectionRefusedError:
        return "refused"
    except OSError:
        return "connect"
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        return "timeout" if isinstance(error, TimeoutError) else "dropped"
    finally:
        connection.close()
    return None if response.status == 200 else f"status {response.status}"


@contextmanager
def served(
    settings: SiteSettings, workers: int, port: int | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Return a context manager that serves the site on this machine and yields its process and its port.

    Args:
        settings: settings of an indexed archive.
        workers: number of worker processes.
        port: the port; a free one if None.
    """
    if port is None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = int(free.getsockname()[1])
    with open(settings.data.parent / "serveur.log", "wb") as log:
        process = subprocess.Popen(
            command(settings, "serve", "--workers", str(workers), "--port", str(port)), cwd=ROOT, stderr=log
        )
    try:
        for _ in range(3000):
            if _ask(port, "/healthz") is None:
                break
            time.sleep(0.1)
        yield process, port
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=300)


def addresses(settings: SiteSettings) -> list[str]:
    """Return the addresses of mixed searches of a visitor: words of titles, phrases, filters, a later page, prefixes,
    half of them in the JSON API; and of two other pages.
    """
    engine = EmbeddedEngine(settings.index, default_analyzer())
    try:
        hits = engine.search(SearchRequest(audience=Audience.VISITOR, per_page=60, snippets=False)).hits
    finally:
        engine.close()
    asked: list[dict[str, str]] = [{}, {"sort": "title", "page": "2"}]
    for place, hit in enumerate(hits):
        words = re.findall(r"\w+", hit.title)[:3]
        asked.append({"q": " ".join(words[:2])})
        if place % 3 == 0:
            asked.append({"q": f'"{" ".join(words)}"'})
        if hit.year is not None and place % 4 == 0:
            asked.append({"q": words[0], "year": str(hit.year)})
        if place % 5 == 0:
            asked.append({"q": words[0][:4] + "*"})
    paths = [f"{('/', '/api/v1/search')[place % 2]}?{urlencode(pairs)}" for place, pairs in enumerate(asked)]
    return [*paths, "/healthz", "/themes"]


def under_load(
    settings: SiteSettings,
    client: Client,
    *,
    workers: int,
    spells: tuple[float, float, float],
    reindexes: int,
    port: int | None = None,
) -> list[Spell]:
    """Put the site under load, and return the results of each period.

    Args:
        settings: settings of an indexed archive.
        client: sends the requests.
        workers: number of worker processes of the site.
        spells: duration of each period in seconds.
        reindexes: number of full reindexes in the second period.
        port: port of the site; a free one if None.
    """
    paths = addresses(settings)
    found = [Spell("nothing else"), Spell("full reindexes, SIGHUP"), Spell("nothing else"), Spell("SIGTERM")]
    with served(settings, workers, port) as (process, listening):
        for spell, seconds in zip(found, spells, strict=False):
            busy = spell is found[1]
            other = threading.Thread(target=_disturb, args=(settings, process.pid, spell, reindexes)) if busy else None
            if other is not None:
                other.start()
            client(listening, paths, seconds, spell)
            if other is not None:
                other.join()
            used = memories(children(process.pid))
            spell.resident = max((each.resident for each in used), default=0.0)
            spell.proportional = sum(each.proportional for each in used)
        # Python's client distinguishes a refused connection, which is right after a stop, from a dropped one.
        stop = threading.Timer(1.0, process.send_signal, (signal.SIGTERM,))
        stop.start()
        with_python(listening, paths, 5.0, found[3])
        stop.join()
        process.wait(timeout=300)
    found[3].faults.pop("refused", None)
    if process.returncode != 0:
        found[3].faults["exit status"] = process.returncode
    return found


def _disturb(settings: SiteSettings, server: int, spell: Spell, reindexes: int) -> None:
    for number in range(reindexes):
        if number == reindexes // 2:
            time.sleep(0.5)
            os.kill(server, signal.SIGHUP)
        run(settings, "index", "--full")
        spell.reindexes += 1


def prepare(folder: Path, pages: int) -> SiteSettings:
    """Create an archive with this number of pages, index it, and return its settings."""
    settings = settings_in(folder)
    own_pages.make(folder / "pages", pages)
    run(settings, "import", str(folder / "pages"))
    run(settings, "index")
    return settings


def main() -> int:
    """Run the tool, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.tools.load", description=__doc__)
    parser.add_argument("--pages", type=int, default=500, help="pages of the archive (500)")
    parser.add_argument("--workers", type=int, default=2, help="processes of the site (2)")
    parser.add_argument("--python", action="store_true", help="ask from Python even where wrk is installed")
    args = parser.parse_args()
    client: Client = with_wrk
    if args.python or shutil.which("wrk") is None:
        print("Asking from Python" + ("" if args.python else ": wrk is not installed (apt-get install wrk)"))
        client = with_python
    with tempfile.TemporaryDirectory() as folder:
        settings = prepare(Path(folder), args.pages)
        busy = os.getloadavg()[0]
        found = under_load(settings, client, workers=args.workers, spells=(8.0, 35.0, 8.0), reindexes=3)
    print(f"{args.pages} pages, {args.workers} workers, {CONNECTIONS} connections; ", end="")
    print(f"{os.cpu_count()} cores, load of the machine before: {busy:.1f}\n")
    print("| meanwhile | s | answers | per s | p50 ms | p99 ms | faults | reindexes | largest worker MB | all MB |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for s in found:
        faults = ", ".join(f"{count} {name}" for name, count in s.faults.items()) or "0"
        print(
            f"| {s.name} | {s.seconds:.0f} | {s.answers} | {s.answers / s.seconds:.0f} | {s.p50:.1f} | {s.p99:.1f} | "
            f"{faults} | {s.reindexes} | {s.resident:.0f} | {s.proportional:.0f} |"
        )
    return 1 if any(s.faults for s in found) else 0


if __name__ == "__main__":
    sys.exit(main())
