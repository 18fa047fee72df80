"""A real Chromium on a real server. Missing, it fails where CI is set and is skipped elsewhere."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from site_archive import demo_resources
from site_engine import FakeEngine
from site_support import make_app
from werkzeug.serving import WSGIRequestHandler, make_server

from indexer.settings import Settings

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="session", autouse=True)
def _chromium() -> None:
    if CHROMIUM.exists():
        return
    if os.environ.get("CI", "").casefold() == "true":
        pytest.fail(f"Chromium is missing: {CHROMIUM}")
    pytest.skip(f"Chromium is missing: {CHROMIUM}")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object], _chromium: None) -> dict[str, object]:
    return {**browser_type_launch_args, "executable_path": str(CHROMIUM), "args": ["--no-sandbox"]}


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site_app(tmp_path_factory: pytest.TempPathFactory, data_template: Path) -> Flask:
    folder = tmp_path_factory.mktemp("site")
    (folder / "data").mkdir()
    (folder / "data" / "accounts.sqlite").write_bytes((data_template / "accounts.sqlite").read_bytes())
    settings = Settings(folder / "corpus", folder / "index", folder / "data", site_name="Archives d’essai")
    return make_app(settings, FakeEngine(demo_resources()))


@pytest.fixture(scope="module")
def base_url(site_app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, site_app, threaded=True, request_handler=Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def context(browser: Browser, base_url: str, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A context whose options a test may give with `@pytest.mark.parametrize("context", …, indirect=True)`."""
    options = {"viewport": {"width": 1280, "height": 900}, **getattr(request, "param", {})}
    context = browser.new_context(base_url=base_url, locale="fr-FR", **options)
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which any script error, refused content or request to another host is a failure."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "console",
        lambda message: problems.append(message.text) if "Content Security Policy" in message.text else None,
    )
    page.on(
        "request",
        lambda asked: problems.append(asked.url) if not asked.url.startswith(("http://127.0.0.1", "data:")) else None,
    )
    yield page
    assert problems == []
