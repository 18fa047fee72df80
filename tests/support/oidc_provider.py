"""A real OpenID Connect provider in a separate process on loopback, and helpers for a person who uses it."""

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
    """Send a request with the content type `kind`; return status, body and Location, without following redirects."""

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
    """A running provider: its address, and actions of a person or its administrator."""

    def __init__(self, address: str) -> None:
        self.address = address

    def set_user(self, sub: str, **claims: object) -> None:
        body = json.dumps({"email": f"{sub}@exemple.fr", "email_verified": True, **claims}).encode()
        assert ask(f"{self.address}/users/{sub}", body, method="PUT", kind="application/json")[0] == 204

    def consent(self, address: str, **form: str) -> str:
        """Submit the provider's form at `address` with some fields, and return the address that it redirects to."""
        assert address.startswith(self.address)
        assert ask(address)[0] == 200
        status, _, location = ask(address, urlencode(form).encode())
        assert status == 302
        return location


@contextmanager
def running_provider() -> Iterator[Provider]:
    """Return a context manager around a provider on a free port."""
    port = free_port()
    # A separate process, because the provider's libraries emit warnings, which are errors in tests.
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
