"""Helpers for tests in a browser: Debian's Chromium, a real server, pages that report errors, axe."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

from tests.support.site import MEMBER, PASSWORD
from tests.support.waiting import PATIENCE_MS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CHROMIUM = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
"""Paths of Debian's Chromium, of which the first that exists is used: the headless shell takes half the time."""
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
NARROW: dict[str, Any] = {"viewport": {"width": 320, "height": 640}}
"""Options of a browser context with a narrow screen: 320 pixels, as wide as 1280 pixels at a zoom of 400 %."""
WIDE_AND_PHONE = [pytest.param(WIDE, id="wide"), pytest.param(PHONE, id="phone", marks=pytest.mark.slow)]
WIDE_AND_NARROW = [pytest.param(WIDE, id="wide"), pytest.param(NARROW, id="narrow", marks=pytest.mark.slow)]
THEMES = ("light", "dark")
OF_COLOURS = ("color-contrast", "link-in-text-block")
"""Rules of axe, the accessibility checker, that depend on the theme (light or dark): themes differ in colours only."""

SLOW_PAGES = float(os.environ.get("SLOW_PAGES", "0"))
"""Number of seconds that the server waits before each part of a response, to find tests that read a page before it is
complete; 0, the default, sends responses whole.
"""

START = 200
"""Size in bytes of the first part of a slow response: the page then has its address, but nothing of its body."""

expect.set_options(timeout=PATIENCE_MS)

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Return the path of Chromium. If it is missing, the test fails if CI is set, and is skipped otherwise."""
    for path in CHROMIUM:
        if path.exists():
            return path
    missing = f"Chromium is missing: {' and '.join(map(str, CHROMIUM))}"
    if os.environ.get("CI", "").casefold() == "true":
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object], chromium: Path) -> dict[str, object]:
    ours = {"executable_path": str(chromium), "args": ["--no-sandbox"], "timeout": PATIENCE_MS}
    return {**browser_type_launch_args, **ours}


@pytest.fixture
def context(browser: Browser, base_url: str, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """Yield a browser context; tests give it options by `@pytest.mark.parametrize("context", …, indirect=True)`."""
    context = browser.new_context(base_url=base_url, locale="fr-FR", **{**WIDE, **getattr(request, "param", {})})
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Yield a page on which script errors, refused content and requests to other hosts are failures."""
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda told: problems.append(told.text) if "Content Security Policy" in told.text else None)
    page.on(
        "request",
        lambda asked: problems.append(asked.url) if not asked.url.startswith(("http://127.0.0.1", "data:")) else None,
    )
    yield page
    assert problems == []


class Quiet(WSGIRequestHandler):
    """A request handler that logs nothing."""

    def log(self, type: str, message: str, *args: object) -> None:
        pass


class Slowly:
    """A WSGI application that sends another one's response in parts, with a wait before each, as on a slow line."""

    def __init__(self, app: WSGIApplication, wait: float) -> None:
        self.app, self.wait = app, wait

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = self.app(environ, start_response)
        return ClosingIterator(self._parts(body), getattr(body, "close", None))

    def _parts(self, body: Iterable[bytes]) -> Iterator[bytes]:
        for whole in body:
            for start, end in pairwise((0, START, max(START, len(whole) // 2), len(whole))):
                if part := whole[start:end]:
                    time.sleep(self.wait)
                    yield part


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an app on a free port of 127.0.0.1 as long as the context is open, and yield its address."""
    served = Slowly(app, SLOW_PAGES) if SLOW_PAGES else app
    server = make_server("127.0.0.1", 0, served, threaded=True, request_handler=Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sign_in(page: Page, email: str = MEMBER, password: str = PASSWORD) -> None:
    """Sign in with the form, and wait until the page shows the account's address."""
    enter(page, email, password)
    expect(page.get_by_text(email)).to_be_visible()


def enter(page: Page, email: str, password: str, path: str = "/connexion") -> None:
    """Open `path`, fill in the sign-in form there, and send it without waiting for the result."""
    page.goto(path)
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter").click()


def follow_latest_job(page: Page) -> None:
    """From a page of the desk, open the page of the latest job. The link « Suivre le travail » is there only if the job
    still ran when the page was made.
    """
    page.get_by_role("link", name="Travaux", exact=True).click()
    page.locator(".rows a").first.click()


def unfold(page: Page) -> None:
    """Open all folded parts of the page."""
    page.wait_for_load_state()
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")


def violations(page: Page, *rules: str) -> AxeResults:
    """Return the violations that axe finds in the page in its current state, by all rules or by the given ones."""
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    # The contrast of colours cannot be measured during transitions.
    ended = "document.getAnimations().forEach(one => one.finish())"
    return AxeResults(page.evaluate(f"options => {{ {ended}; return axe.run(document, options) }}", options))


def axe(page: Page) -> None:
    """Assert that axe finds no violation: by all rules in the light theme, and by the rules about colours in the dark
    one.

    Small screens are checked in the light theme only, since the width of the screen changes no colour.
    """
    for theme, rules in zip(THEMES, ((), OF_COLOURS), strict=True):
        if theme == "light" or page.evaluate("innerWidth") >= WIDE["viewport"]["width"]:
            page.emulate_media(color_scheme=theme)
            found = violations(page, *rules)
            assert found.violations_count == 0, f"{theme} theme: {found.generate_report()}"
    page.emulate_media(color_scheme=THEMES[0])


def fits(page: Page) -> None:
    """Assert that the page does not scroll horizontally."""
    page.wait_for_load_state()
    wide = page.evaluate(OVERFLOW)
    assert wide <= 0, f"{page.url} overflows by {wide}px"
