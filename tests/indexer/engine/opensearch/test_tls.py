"""A cluster behind TLS: the authority that its certificate is checked against, and the archive's own certificate."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from indexer.engine.opensearch.client import Access, Client
from indexer.errors import EngineError


@dataclass(frozen=True)
class Secured:
    """A host that asks for certificates of its own authority.

    Attributes:
        access: its address and certificate authority, for the client of a cluster.
        stranger: the certificate file of an authority that did not sign its certificate.
        users: the Authorization header of each request that it received, or None.
    """

    access: Access
    stranger: Path
    users: list[str | None]


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def authority(folder: Path, name: str) -> Path:
    """Make the key and certificate of an authority."""
    making = f"req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN={name} -keyout {name}.key -out {name}.pem"
    openssl(folder, *making.split())
    return folder / f"{name}.pem"


def signed(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a certificate that `authority` has signed, for 127.0.0.1, and return it and its key."""
    (folder / f"{name}.ext").write_text("subjectAltName=IP:127.0.0.1\n", "ascii")
    openssl(folder, *f"req -newkey rsa:2048 -nodes -subj /CN={name} -keyout {name}.key -out {name}.csr".split())
    signing = f"x509 -req -in {name}.csr -CA grappe.pem -CAkey grappe.key -CAcreateserial -days 1"
    openssl(folder, *signing.split(), "-extfile", f"{name}.ext", "-out", f"{name}.pem")
    return folder / f"{name}.pem", folder / f"{name}.key"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("tls")
    try:
        ca, stranger = authority(folder, "grappe"), authority(folder, "inconnue")
    except FileNotFoundError:
        pytest.skip("openssl is missing")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(ca))
    context.load_cert_chain(*signed(folder, "noeud"))
    context.verify_mode = ssl.CERT_REQUIRED
    users: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            users.append(self.headers.get("Authorization"))
            self.send_response(200)
            self.send_header("Content-Length", "11")
            self.end_headers()
            self.wfile.write(b'{"ok":true}')

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Print nothing about TLS handshakes that fail."""

    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        certificate, key = signed(folder, "archive")
        access = Access((f"https://127.0.0.1:{server.server_port}",), ca=ca, certificate=certificate, key=key)
        yield Secured(access, stranger, users)
        server.shutdown()
        thread.join()


def ask(access: Access) -> object:
    client = Client(access, attempts=2, pause=0.0)
    try:
        return client.call("GET", "/")
    finally:
        client.close()


def test_the_authority_and_the_certificate_that_are_given_are_used(secured: Secured) -> None:
    assert ask(secured.access) == {"ok": True}


def test_a_password_travels_inside_of_the_encryption(secured: Secured) -> None:
    ask(replace(secured.access, user="archive", password="mot de passe"))
    assert secured.users[-1] == "Basic YXJjaGl2ZTptb3QgZGUgcGFzc2U="


@pytest.mark.parametrize("ca", ["stranger", "the system's"])
def test_a_certificate_of_another_authority_is_refused(secured: Secured, ca: str) -> None:
    asked = len(secured.users)
    trusted = secured.stranger if ca == "stranger" else None
    with pytest.raises(EngineError, match="RTES_OPENSEARCH_CA"):
        ask(replace(secured.access, ca=trusted, user="archive", password="mot de passe"))
    assert len(secured.users) == asked, "a password was sent to a host that nobody vouches for"


def test_a_certificate_for_another_name_is_refused(secured: Secured) -> None:
    with pytest.raises(EngineError, match="RTES_OPENSEARCH_CA"):
        ask(replace(secured.access, hosts=(secured.access.hosts[0].replace("127.0.0.1", "localhost"),)))


def test_a_cluster_may_ask_for_a_certificate(secured: Secured) -> None:
    asked = len(secured.users)
    with pytest.raises(EngineError):
        ask(replace(secured.access, certificate=None, key=None))
    assert len(secured.users) == asked
