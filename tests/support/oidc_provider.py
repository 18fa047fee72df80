"""A real OpenID Connect provider, in a process of its own on loopback, and a person who uses it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from tests.support.waiting import PATIENCE, free_port


def ask(address: str, data: bytes | None = None, *, method: str | None = None, kind: str = "") -> tuple[int, str, str]:
    """Status, body and Location, without following it."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any, **__: Any) -> None:
            return None

    request = urllib.request.Request(address, data, {"Content-Type": kind} if kind else {}, method=method)
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode(), ""
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers.get("Location", "")


class Provider:
    """The provider's address, and what a person or its keeper does there."""

    def __init__(self, address: str) -> None:
        self.address = address

    def set_user(self, sub: str, **claims: object) -> None:
        body = json.dumps({"email": f"{sub}@exemple.fr", "email_verified": True, **claims}).encode()
        assert ask(f"{self.address}/users/{sub}", body, method="PUT", kind="application/json")[0] == 204

    def consent(self, address: str, **form: str) -> str:
        """Send the provider's form; the address that it leads back to."""
        assert address.startswith(self.address)
        assert ask(address)[0] == 200
        status, _, location = ask(address, urlencode(form).encode())
        assert status == 302
        return location


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider on a free port, stopped in the end."""
    port = free_port()
    # A process of its own: the provider's libraries warn, and warnings are errors here.
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONWARNINGS": "ignore"}
    )
    try:
        address, deadline = f"http://127.0.0.1:{port}", time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None, "the provider stopped by itself"
            assert time.monotonic() < deadline, "the provider never answered"
            try:
                ask(f"{address}/.well-known/openid-configuration")
                break
            except OSError:
                time.sleep(0.05)
        yield Provider(address)
    finally:
        process.terminate()
        process.wait(PATIENCE)
