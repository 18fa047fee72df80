"""Serves the demonstration archive temporarily."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright

from search_app.accounts.store import Accounts

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "un mot de passe pour la visite"
READERS = {"member": "adherente@exemple.fr", "staff": "equipe@exemple.fr"}
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Demo:
    """A running site with the demonstration archive.

    Attributes:
        address: its web address.
        folder: folder of its corpus, index and data.
    """

    address: str
    folder: Path


@contextmanager
def served() -> Iterator[Demo]:
    """Index `corpus/exemple` in a temporary folder, create an account of each role, and serve it on a free port of
    127.0.0.1.

    Raises:
        RuntimeError: the site does not answer.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "corpus" / "exemple", folder / "corpus" / "exemple")
        accounts = Accounts(folder / "data" / "accounts.sqlite")
        (folder / "data").mkdir()
        for role, email in READERS.items():
            accounts.add(email, role, PASSWORD)
        places = [option for place in ("corpus", "index", "data") for option in (f"--{place}", str(folder / place))]
        command = [sys.executable, str(ROOT / "run.py"), *places]
        subprocess.run([*command, "index"], check=True, capture_output=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        with subprocess.Popen(
            [*command, "serve", "--port", str(port), "--workers", "1"], stderr=subprocess.DEVNULL
        ) as site:
            try:
                address = f"http://127.0.0.1:{port}"
                _wait(address)
                yield Demo(address, folder)
            finally:
                site.terminate()


def chromium(playwright: Playwright) -> Browser:
    """Start Debian's Chromium without a window, and return it."""
    return playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])


def sign_in(page: Page, role: str) -> None:
    """Sign in with the form of the site, with the account of a role (``member`` or ``staff``)."""
    page.goto("/connexion")
    page.locator("#email").fill(READERS[role])
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url("**/")


def _wait(address: str) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{address}/healthz"):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError(f"{address} does not answer")
