"""A real nginx with deploy/nginx.conf, inside a main configuration like Debian's."""

from __future__ import annotations

import getpass
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.places import CHECKOUT
from tests.support.waiting import PATIENCE, free_port, wait_until

HOST = "archives.exemple.fr"
CONF = (CHECKOUT / "deploy" / "nginx.conf").read_text("utf-8")


@dataclass(frozen=True)
class Answer:
    """A response that a client of nginx gets."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Proxy:
    """A running nginx: its ports, and the folder of its files."""

    plain: int
    secure: int
    folder: Path

    def logs(self) -> dict[str, str]:
        """Return the content of all its log files, by name."""
        names = ("archive.log", "access.log", "error.log", "stderr.log")
        return {name: (self.folder / name).read_text("utf-8") for name in names if (self.folder / name).exists()}

    def ask(self, method: str, path: str, body: bytes | None = None, *, tls: bool = True, **headers: str) -> Answer:
        """Send a request as a browser would, accepting any certificate."""
        if tls:
            trusting = ssl._create_unverified_context()  # the test created the certificate itself
            made: http.client.HTTPConnection = http.client.HTTPSConnection(
                "127.0.0.1", self.secure, timeout=PATIENCE, context=trusting
            )
        else:
            made = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=PATIENCE)
        with closing(made) as connection:
            connection.request(method, path, body, {"Host": HOST, **headers})
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.headers), answer.read().decode("utf-8", "replace"))


@contextmanager
def proxied(site: str, folder: Path, *, replaced: Mapping[str, str] | None = None, added: str = "") -> Iterator[Proxy]:
    """Run nginx as a proxy in front of a site as long as the context is open, and yield it.

    Args:
        site: address of the site, `http://` with host and port.
        folder: folder for the files of nginx.
        replaced: new texts for parts of deploy/nginx.conf, by the text that they replace.
        added: directives to put before those of deploy/nginx.conf.
    """
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        pytest.skip("nginx or openssl is missing (Debian: apt-get install nginx-light openssl)")
    key, certificate = str(folder / "key.pem"), str(folder / "cert.pem")
    making = "openssl req -x509 -newkey rsa:2048 -nodes -days 1".split()
    making += ["-subj", f"/CN={HOST}", "-keyout", key, "-out", certificate]
    subprocess.run(making, check=True, capture_output=True)
    running = Proxy(free_port(), free_port(), folder)
    conf = CONF
    for pattern, place in (
        (r"listen \[::\].*\n", ""),
        (r"listen 80;", f"listen 127.0.0.1:{running.plain};"),
        (r"listen 443", f"listen 127.0.0.1:{running.secure}"),
        (r"127\.0\.0\.1:8000", site.removeprefix("http://")),
        (r"/etc/letsencrypt/\S+privkey\.pem", key),
        (r"/etc/letsencrypt/\S+fullchain\.pem", certificate),
        (r"/var/log/nginx/archive\.log", str(folder / "archive.log")),
    ):
        conf, changes = re.subn(pattern, place, conf)
        assert changes, f"deploy/nginx.conf has no {pattern}"
    for text, other in (replaced or {}).items():
        assert text in conf, f"deploy/nginx.conf has no {text}"
        conf = conf.replace(text, other)
    places = "".join(
        f"{name}_temp_path {folder / name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
    main = folder / "nginx.conf"
    # As on Debian, requests are logged completely, and errors too, unless the site's configuration changes that.
    main.write_text(
        f"{user} daemon off; pid {folder / 'pid'}; error_log {folder / 'error.log'};"
        f"events {{}} http {{ {places} access_log {folder / 'access.log'};\n{added}{conf} }}",
        "utf-8",
    )
    with (folder / "stderr.log").open("wb") as said:
        process = subprocess.Popen(["nginx", "-c", str(main), "-e", str(folder / "error.log")], stderr=said)
    try:
        wait_until(lambda: process.poll() is not None or _answers(running.secure), "nginx never answers")
        if process.poll() is not None:
            pytest.fail((folder / "error.log").read_text("utf-8") + (folder / "stderr.log").read_text("utf-8"))
        yield running
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
    except OSError:
        return False
    return True
