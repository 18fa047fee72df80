"""No log contains a secret after visits with a browser; the site is run by `run.py serve`, behind nginx."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from search_app.accounts.store import Accounts
from search_app.settings import SETTINGS
from tests.support.archive import CHECKOUT, Archive
from tests.support.archive import page as resource_page
from tests.support.browser import WIDE, enter, follow_latest_job
from tests.support.nginx import Proxy, proxied
from tests.support.site import MEMBER, STAFF
from tests.support.waiting import PATIENCE, PATIENCE_MS, free_port

PRIVATE_TITLE, TURNED, SENT = "Licenciements de Zanzibar", "Négociation de Samarcande", "Vente de Tombouctou"
BODY = "Le directeur démissionne en ornithorynque."
PASSWORD, WRONG, NEW = "sésame-du-baobab-1234", "mauvais-okapi-9876", "nouveau-pangolin-5555"
SEARCHED = ("ornithorynque", "kakapo", "axolotl")
ELSEWHERE = "127.0.0.77"
"""The network address of the client that is not a browser."""

ACCESS = re.compile(r"\S+T\S+ ([A-Z]+) (\S+) \d{3} \d+ \d+ms")
ERROR = re.compile(r"\d{4}-\d\d-\d\d [\d:]+ [+-]\d{4} \[\d+\] \[[A-Z]+\] .*")
STARTED = "Le site écoute sur http://127.0.0.1:"


@dataclass
class Served:
    """A running site behind nginx, and its secrets, which tests add when they are created."""

    archive: Archive
    said: Path
    port: int
    proxy: Proxy
    process: subprocess.Popen[bytes]
    secrets: set[str] = field(default_factory=set)

    def words(self) -> dict[str, str]:
        """Return the content of every log: of the server, of nginx and of jobs."""
        logs = {path.name: path.read_text("utf-8", "replace") for path in self.archive.settings.data.rglob("*.log")}
        return {"server": self.said.read_text("utf-8"), **self.proxy.logs(), **logs}


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.variable, raising=False)
    archive = Archive(tmp_path)
    archive.write("public.html", resource_page("Monter une épicerie", address="https://reseau.example/epicerie"))
    archive.write(
        "prive.html", resource_page(PRIVATE_TITLE, private="Oui", body=BODY, address="https://reseau.example/z")
    )
    archive.write("autre.html", resource_page(TURNED, private="Oui", address="https://reseau.example/s"))
    archive.import_()
    archive.index()
    accounts = Accounts(archive.settings.data / "accounts.sqlite")
    accounts.add(MEMBER, "member", PASSWORD)
    accounts.add(STAFF, "staff", PASSWORD)
    said, port, folder = tmp_path / "serveur.txt", free_port(), tmp_path / "nginx"
    folder.mkdir()
    places = [f"--{name}={getattr(archive.settings, name)}" for name in ("corpus", "index", "data")]
    # As the systemd unit in deploy/ does.
    unit = (CHECKOUT / "deploy" / "rtes-archive.service").read_text("utf-8")
    found = re.search(r"run\.py (serve .*)", unit)
    assert found
    options = found[1].replace("--port 8000", f"--port {port}").split()
    with said.open("wb") as output:
        command = [sys.executable, str(CHECKOUT / "run.py"), *places, *options]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + PATIENCE
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
                break
            assert process.poll() is None, said.read_text("utf-8")
            assert time.monotonic() < until
            time.sleep(0.1)
        with proxied(f"http://127.0.0.1:{port}", folder) as proxy:
            yield Served(archive, said, port, proxy, process)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(PATIENCE)


@contextmanager
def browsing(browser: Browser, served: Served) -> Iterator[Page]:
    """Return a context manager that opens a page of a new browser on the address of nginx."""
    context: BrowserContext = browser.new_context(
        base_url=f"https://127.0.0.1:{served.proxy.secure}", locale="fr-FR", ignore_https_errors=True, **WIDE
    )
    context.set_default_timeout(PATIENCE_MS)
    try:
        yield context.new_page()
        served.secrets |= {cookie["value"] for cookie in context.cookies() if cookie["name"] == "session"}
    finally:
        context.close()


def look_about(page: Page) -> None:
    """Search as a visitor, and request addresses that do not exist."""
    for word in SEARCHED:
        page.goto("/")
        page.get_by_role("searchbox").or_(page.get_by_role("combobox")).first.press_sequentially(word)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(f"q={word}"))
    page.goto("/ressources/licenciements-de-zanzibar-00000000")
    page.goto("/licenciements-de-zanzibar%0aFORGED%1b%5b31m")
    page.goto("/?year=kakapo")
    for path in ("/themes", "/annees", "/aide", "/api", "/export.csv?q=axolotl", "/flux.atom?q=axolotl"):
        page.request.get(path)


def read_as_a_member(page: Page, served: Served) -> None:
    """As a member, read a private resource, select it, and create a private feed and a token."""
    enter(page, MEMBER, WRONG)
    expect(page.get_by_role("alert")).to_be_visible()
    enter(page, MEMBER, PASSWORD)
    expect(page.get_by_text(MEMBER)).to_be_visible()
    page.goto("/?q=ornithorynque")
    page.get_by_role("link", name=PRIVATE_TITLE).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(PRIVATE_TITLE)
    served.secrets.add(page.url.split("/ressources/")[1].split("?")[0])
    page.request.get(page.url.split("?")[0] + "/citation.bib")
    page.goto("/?q=ornithorynque")
    page.get_by_role("button", name="Suivre cette recherche").click()
    page.get_by_label("Nom", exact=True).fill("Veille de l’ornithorynque")
    page.get_by_role("button", name="Renommer").click()
    page.get_by_role("button", name=re.compile("adresse")).first.click()
    feed = page.locator("#adresse-flux").input_value()
    served.secrets.add(feed.rsplit("/", 1)[1])
    answer = page.request.get(f"/recherches/flux/{feed.rsplit('/', 1)[1]}")
    assert answer.ok
    page.goto("/compte")
    page.get_by_label("Nom du nouveau jeton").fill("tableau de bord")
    page.keyboard.press("Enter")
    token = page.locator("p.path code").first.inner_text()
    served.secrets.add(token)
    found = page.request.get("/api/v1/search?q=ornithorynque", headers={"Authorization": f"Bearer {token}"})
    assert PRIVATE_TITLE in found.text()
    page.request.get("/api/v1/search", headers={"Authorization": f"Bearer {token}x"})
    page.get_by_label("Mot de passe actuel").fill(PASSWORD)
    page.get_by_label("Nouveau mot de passe").fill(NEW)
    page.get_by_label("Le même").fill(NEW)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_be_visible()


def work_as_staff(page: Page, served: Served) -> None:
    """As staff, import a private page, correct another, and read the search statistics."""
    enter(page, STAFF, PASSWORD, "/connexion?next=/gestion/import")
    content = resource_page(SENT, private="Oui", address="https://reseau.example/t")
    page.get_by_label("Fichiers").set_input_files(
        [
            {"name": "vente-de-tombouctou.html", "mimeType": "text/html", "buffer": content.encode()},
            {"name": "tombouctou-vide.html", "mimeType": "text/html", "buffer": b"rien"},
        ]
    )
    page.get_by_role("button", name="Voir ce que cela changerait").click()
    page.get_by_role("button", name="Importer et indexer").click(timeout=PATIENCE_MS)
    expect(page.get_by_text("répond.", exact=False).first).to_be_visible(timeout=PATIENCE_MS)
    page.goto("/?q=samarcande")
    page.get_by_role("link", name=TURNED).first.click()
    served.secrets.add(page.url.split("/ressources/")[1].split("?")[0])
    page.get_by_role("link", name="Corriger ou retirer cette ressource").click()
    page.get_by_label("Année").fill("2019")
    page.get_by_role("button", name="Enregistrer et publier").click()
    follow_latest_job(page)
    expect(page.get_by_text("Modifiées", exact=True)).to_be_visible(timeout=PATIENCE_MS)
    for path in ("/gestion/recherches", "/gestion/comptes", "/gestion/a-verifier", "/metrics"):
        page.goto(path)


RAW = (
    b"GET /ressources/licenciements-de-zanzibar%0aFORGED%1b[31m HTTP/1.1\r\nHost: kakapo\r\nConnection: close\r\n\r\n",
    b"FORGED /kakapo HTTP/1.1\r\nHost: kakapo\r\nConnection: close\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n",
    b"GET /kakapo FORGED\r\n\r\n",
    b"GET /kakapo HTTP/1.1\r\nFORGED: kakapo\r\nkakapo okapi: x\r\n\r\n",
    b"GET /kakapo HTTP/9.9\r\n\r\n",
    b"GET /" + b"kakapo" * 2000 + b" HTTP/1.1\r\n\r\n",
    b"POST /connexion HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: kakapo\r\n\r\n",
    b"POST /connexion HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nkakapo\r\n",
    b"kakapo\x1b[31m\x00\r\n\r\n",
)


def attack(port: int) -> None:
    """Send requests that no browser sends, from another network address."""
    for raw in RAW:
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE, source_address=(ELSEWHERE, 0)) as client,
        ):
            client.sendall(raw)
            client.recv(4096)  # the beginning of the response; some servers would then wait for another request


def damage(served: Served) -> None:
    """Make the site fail: kill a worker, and make the index and the accounts unreadable."""
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)
    for path in served.archive.settings.index.joinpath("generations").rglob("*"):
        if path.is_file():
            path.write_bytes(b"")
    (served.archive.settings.index / "current.json").write_bytes(b"{}")
    (served.archive.settings.data / "accounts.sqlite").write_bytes(b"kakapo" * 1000)
    for path in ("/?q=kakapo", "/ressources/licenciements-de-zanzibar", "/healthz"):
        with suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{served.port}{path}", timeout=PATIENCE).close()


@pytest.mark.slow
def test_no_log_holds_what_is_private(browser: Browser, served: Served) -> None:
    with browsing(browser, served) as page:
        look_about(page)
    with browsing(browser, served) as page:
        read_as_a_member(page, served)
    with browsing(browser, served) as page:
        work_as_staff(page, served)
    # No file, whether a log or not, contains credentials, except as hashes; the session is only in the browser.
    opening = {
        PASSWORD,
        WRONG,
        NEW,
        *(secret for secret in served.secrets if len(secret) > 30 and "-de-" not in secret),
    }
    assert len(opening) == 7, "three passwords, a feed, a token, two sessions"
    for path in served.archive.settings.data.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert not [one for one in opening if one.encode() in held], path
    for port in (served.port, served.proxy.plain, served.proxy.secure):
        attack(port)
    damage(served)
    served.process.terminate()
    assert served.process.wait(PATIENCE) == 0

    logs = served.words()
    assert {"server", "archive.log", "1.log"} <= logs.keys()
    said = [line for line in logs["server"].splitlines() if line]
    assert len([line for line in said if line.startswith(STARTED)]) == 1
    everything = "\n".join([*(logs[name] for name in logs if name != "server"), *said]).replace(STARTED, "")
    secrets = {
        *served.secrets, PASSWORD, WRONG, NEW, *SEARCHED, MEMBER, STAFF, ELSEWHERE, "127.0.0.1", "192.0.2.7", "FORGED",
        "zanzibar", "samarcande", "tombouctou", "démission", "okapi", "Mozilla", "\x1b", "%0a", "%1b", "?q=",
    }  # fmt: skip
    assert len(served.secrets) >= 6
    for secret in secrets:
        assert secret.casefold() not in everything.casefold(), secret

    # This file is a log too.
    routes = {found[2] for line in said if (found := ACCESS.fullmatch(line))}
    assert routes >= {"pages.search", "resources.page", "api.search", "static", "unknown"}
    assert "demande illisible refusée" in logs["server"]
    assert "a reçu SIGKILL" in logs["server"]
    assert "recherche impossible" in logs["server"]
    assert " GET ressources 200 " in logs["archive.log"]
    assert " GET recherches 200 " in logs["archive.log"]
    frames = re.compile(r"  \S+:\d+ \S+|[\w.]+")
    for line in said:
        assert ACCESS.fullmatch(line) or ERROR.fullmatch(line) or frames.fullmatch(line) or line.startswith(STARTED), (
            line
        )
