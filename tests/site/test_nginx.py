"""The site behind nginx as deploy/nginx.conf sets it up: what a reader gets, and what no reader can pretend."""

from __future__ import annotations

import getpass
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from browser_support import serving
from flask import Flask, request
from site_engine import FakeEngine
from site_support import make_app

from indexer.settings import ROOT, Settings

HOST = "archives.exemple.fr"


@dataclass(frozen=True)
class Answer:
    """An answer of the proxy."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Proxy:
    """A running nginx."""

    plain: int
    secure: int

    def ask(self, method: str, path: str, body: bytes | None = None, *, tls: bool = True, **headers: str) -> Answer:
        """Ask as a reader's browser would, whatever the certificate."""
        if tls:
            trusting = ssl._create_unverified_context()  # made by the test a moment ago
            made: http.client.HTTPConnection = http.client.HTTPSConnection(
                "127.0.0.1", self.secure, timeout=10, context=trusting
            )
        else:
            made = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=10)
        with closing(made) as connection:
            connection.request(method, path, body, {"Host": HOST, **headers})
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read().decode("utf-8", "replace"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@pytest.fixture
def behind(settings: Settings, engine: FakeEngine) -> Flask:
    """The app with the settings of deploy/archive.env; it tells who it believes has asked."""
    app = make_app(replace(settings, https=True, proxies=1, hosts=(HOST, "127.0.0.1")), engine)

    @app.get("/qui")
    def who() -> str:
        return f"{request.remote_addr} {request.scheme}"

    return app


@pytest.fixture
def proxy(behind: Flask, tmp_path: Path) -> Iterator[Proxy]:
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        pytest.skip("nginx or openssl is missing (Debian: apt-get install nginx-light openssl)")
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "cert.pem")
    making = "openssl req -x509 -newkey rsa:2048 -nodes -days 1".split()
    making += ["-subj", f"/CN={HOST}", "-keyout", key, "-out", certificate]
    subprocess.run(making, check=True, capture_output=True)
    running = Proxy(free_port(), free_port())
    with serving(behind) as address:
        conf = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
        for pattern, place in (
            (r"listen \[::\].*\n", ""),
            (r"listen 80;", f"listen 127.0.0.1:{running.plain};"),
            (r"listen 443", f"listen 127.0.0.1:{running.secure}"),
            (r"127\.0\.0\.1:8000", address.removeprefix("http://")),
            (r"/etc/letsencrypt/\S+privkey\.pem", key),
            (r"/etc/letsencrypt/\S+fullchain\.pem", certificate),
            (r"/var/log/nginx/archive\.log", str(tmp_path / "archive.log")),
        ):
            conf, changes = re.subn(pattern, place, conf)
            assert changes, f"deploy/nginx.conf has no {pattern}"
        places = "".join(
            f"{name}_temp_path {tmp_path / name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
        main = tmp_path / "nginx.conf"
        main.write_text(
            f"{user} daemon off; pid {tmp_path / 'pid'}; error_log {tmp_path / 'error.log'};"
            f"events {{}} http {{ {places} access_log off;\n{conf} }}",
            "utf-8",
        )
        process = subprocess.Popen(["nginx", "-c", str(main), "-e", str(tmp_path / "error.log")])
        try:
            for _ in range(100):
                if process.poll() is not None:
                    pytest.fail((tmp_path / "error.log").read_text("utf-8"))
                try:
                    socket.create_connection(("127.0.0.1", running.secure), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield running
        finally:
            process.terminate()
            process.wait(timeout=10)


def test_behind_nginx(proxy: Proxy, tmp_path: Path) -> None:
    page = proxy.ask("GET", "/?q=régie".replace("é", "%C3%A9"))
    assert page.status == 200
    assert "max-age" in page.headers["Strict-Transport-Security"]
    assert "Secure" in proxy.ask("GET", "/connexion").headers["Set-Cookie"]

    moved = proxy.ask("GET", "/themes", tls=False)
    assert (moved.status, moved.headers["Location"]) == (301, f"https://{HOST}/themes")

    # What a reader says of where they come from is not believed.
    forged = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "autre.example"}
    assert proxy.ask("GET", "/qui", **forged).body == "127.0.0.1 https"
    assert proxy.ask("GET", "/", Host="autre.example").status == 400

    # Large bodies stop at the proxy, but for the page that staff send files to.
    assert proxy.ask("POST", "/connexion", b"x" * (1 << 21)).status == 413
    assert proxy.ask("POST", "/gestion/import", b"x" * (1 << 21)).status != 413

    kept = (tmp_path / "archive.log").read_text("utf-8")
    assert '"GET /" 200' in kept
    assert "gie" not in kept, "what people look for is not logged"
    assert "192.0.2.7" not in kept
