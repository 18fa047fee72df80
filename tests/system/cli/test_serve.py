"""`serve`, and `run.py` without a command: requests to a real server on loopback."""

from __future__ import annotations

import io
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from search_app.cli import serve as commands
from tests.support.archive import page, write
from tests.support.places import CHECKOUT
from tests.support.waiting import PATIENCE, free_port, reserve


def get(address: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@contextmanager
def serving(
    site: Any, *arguments: str, port: int, host: str = "127.0.0.1"
) -> Iterator[tuple[str, Callable[[], tuple[int, str]]]]:
    """Run a server; yield its address and a function that stops it and returns its exit status and output."""
    with Path(site.folder / "serveur.txt").open("w+") as said:
        command = [sys.executable, str(CHECKOUT / "run.py"), *site.places, *arguments]
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)

        def stop() -> tuple[int, str]:
            process.send_signal(signal.SIGTERM)
            status = process.wait(PATIENCE)
            said.seek(0)
            return status, said.read()

        try:
            address = f"http://{host}:{port}"
            wait_for(address, process)
            yield address, stop
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server stopped by itself"
        try:
            get(f"{address}/healthz")
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the server never answered")


def test_serve_answers_sees_a_new_generation_and_stops(cli: Callable[..., Any], indexed: Any) -> None:
    port = free_port()
    with serving(indexed, "serve", "--port", str(port), "--workers", "2", port=port) as (address, stop):
        assert get(f"{address}/healthz") == (200, {"status": "ok"})
        search = f"{address}/api/v1/search"
        assert get(search)[1]["total"] == 2  # as a visitor
        assert get(f"{search}?page=x")[0] == 400

        indexed.write_page("jardin.html", "Jardins partagés")
        assert cli("import", str(indexed.pages)).status == 0
        assert cli("index").status == 0
        # Every worker sees the new generation at once, without a restart.
        assert {get(search)[1]["total"] for _ in range(12)} == {3}

        status, said = stop()
        assert status == 0
        assert f"http://127.0.0.1:{port}/" in said
        assert "Traceback" not in said


def test_serve_on_an_ipv6_address(indexed: Any) -> None:
    port = free_port()
    if not commands.is_free("::1", port):
        pytest.skip("this machine has no IPv6 on loopback")
    arguments = ("serve", "--host", "::1", "--port", str(port), "--workers", "1")
    with serving(indexed, *arguments, port=port, host="[::1]") as (address, stop):
        assert get(f"{address}/healthz") == (200, {"status": "ok"})
        status, said = stop()
        assert status == 0
        assert f"http://[::1]:{port}/" in said


def test_serve_before_any_index_says_so_and_answers_once_there_is_one(cli: Callable[..., Any], site: Any) -> None:
    port = free_port()
    with serving(site, "serve", "--port", str(port), "--workers", "1", port=port) as (address, stop):
        assert get(f"{address}/healthz") == (503, {"status": "degraded"})
        cli("import", str(site.pages))
        cli("index")
        assert get(f"{address}/healthz") == (200, {"status": "ok"})
        status, said = stop()
        assert status == 0
        assert "lancez « python run.py index »" in said


def test_serve_on_a_port_that_is_taken_is_1_and_says_what_to_do(cli: Callable[..., Any], indexed: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        outcome = cli("serve", "--port", str(taken.getsockname()[1]))
    assert (outcome.status, outcome.out) == (1, "")
    assert "choisissez --port ou --host" in outcome.err


def test_the_first_run_says_how_to_become_member_and_staff(
    cli: Callable[..., Any], site: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At its start, `run.py` prints one line for each role that nobody has yet, with the command that gives it.

    Warnings about pages are left out if the corpus contains only the demonstration archive.
    """
    monkeypatch.setattr(commands, "cmd_serve", lambda _context, _options: 0)
    demonstration = site.corpus / "exemple"
    demonstration.mkdir(parents=True)
    write(demonstration / "charte.html", page("Charte des achats", address="https://reseau.example/1", private=None))
    first = cli()
    assert first.status == 0
    lines = first.plain_err.splitlines()
    for role in ("member", "staff"):
        assert len([line for line in lines if "run.py user add" in line and f"--role {role}" in line]) == 1
    assert "À vérifier" not in first.err
    assert "À vérifier" in cli("index", "--full").err

    monkeypatch.setattr("sys.stdin", io.StringIO("un mot de passe assez long\n"))
    cli("user", "add", "equipe@exemple.fr", "--role", "staff", "--password-stdin")
    second = cli()
    assert "--role staff" not in second.err
    assert "--role member" in second.err

    write(site.corpus / "pages" / "bilan.html", page("Bilan", address="https://reseau.example/2", private=None))
    assert "À vérifier" in cli().err  # no longer the demonstration alone


def test_run_alone_indexes_then_serves(site: Any) -> None:
    port = commands.DEFAULT_PORT
    if not reserve(port) or not commands.is_free("127.0.0.1", port):
        pytest.skip(f"le port {port} est pris sur cette machine")
    site.pages.rename(site.corpus)  # pages put there by hand
    with serving(site, port=port) as (address, stop):
        assert get(f"{address}/api/v1/search?q=épicerie".replace("é", "%C3%A9"))[1]["total"] == 1
        status, said = stop()
        assert status == 0
        # Progress, the report, the next step and, last, the site's address and how to stop it.
        told = ("Lecture", "Génération 000001 : 1 ressources", "run.py import", f"{address}/ (Ctrl-C")
        places = [said.find(one) for one in told]
        assert places == sorted(places), said
        assert -1 not in places, said
        assert said.rstrip().endswith("(Ctrl-C pour l’arrêter).")


def test_run_alone_without_a_corpus_is_1(cli: Callable[..., Any]) -> None:
    outcome = cli()
    assert outcome.status == 1
    assert "importez d’abord des pages" in outcome.err
