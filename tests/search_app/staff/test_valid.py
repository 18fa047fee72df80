"""Every state of the staff desk: HTML and CSS are valid, axe finds no violation, nothing overflows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from playwright.sync_api import Page, Route
from werkzeug.test import TestResponse

from search_app import cli, create_app
from tests.support.archive import Archive
from tests.support.browser import NARROW, WIDE, axe, fits, unfold
from tests.support.desk_states import RESULTS, rendered
from tests.support.html_checker import complaints, java, written
from tests.support.places import STATIC
from tests.support.site import BufferedClient

__all__ = ["java"]
REFUSED = {"403": 403, "unavailable": 503}
PARTS = 3
"""Number of parts into which the tested pages are divided, so that processes can test them in parallel."""
MOVED = ("text: moved", "bulk: changed since")


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory, desk_model: Path) -> dict[str, TestResponse]:
    folder = tmp_path_factory.mktemp("states") / "archive"
    shutil.copytree(desk_model, folder)
    archive = Archive(folder)
    engine = cli.open_engine(archive.settings)
    app = create_app(archive.settings, engine)
    app.test_client_class = BufferedClient
    app.config["PROPAGATE_EXCEPTIONS"] = False
    found = rendered(archive, app)
    engine.close()
    return found


def test_states_are_what_they_are_called(states: dict[str, TestResponse]) -> None:
    codes = {name: answer.status_code for name, answer in states.items()}
    refused = {name: 400 for name in codes if "refused" in name or "faulty" in name}
    assert codes == dict.fromkeys(codes, 200) | refused | dict.fromkeys(MOVED, 409) | REFUSED
    texts: dict[str, list[str]] = {}
    for name, answer in states.items():
        texts.setdefault(answer.text, []).append(name)
    assert [names for names in texts.values() if len(names) > 1] == []


def test_the_menu_says_where_one_is(states: dict[str, TestResponse]) -> None:
    for name, answer in states.items():
        current = BeautifulSoup(answer.text, "lxml").select(".desk-nav [aria-current]")
        assert len(current) == (name not in {*REFUSED, RESULTS}), name


def test_no_line_begins_with_a_sign(states: dict[str, TestResponse]) -> None:
    """Spaces before « : ; ! ? » and inside guillemets are no-break, in the templates and in messages."""
    for name, answer in states.items():
        page = BeautifulSoup(answer.text, "lxml")
        for literal in page.select("pre, code, textarea, option, li a, .snippet"):  # text that people typed
            literal.decompose()
        assert re.findall(r".{0,20}(?:« | »| [:;!?] ).{0,20}", page.body.text if page.body else "") == [], name


def test_every_state_is_valid(java: str, tmp_path: Path, states: dict[str, TestResponse]) -> None:
    pages = written(tmp_path, {name: answer.text for name, answer in states.items()})
    assert complaints(java, *pages, STATIC / "staff.css") == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("context", [WIDE, NARROW], ids=["wide", "narrow"], indirect=True)
def test_axe_finds_nothing_in_any_state(page: Page, app: Flask, states: dict[str, TestResponse], part: int) -> None:
    """Neither axe (a checker of accessibility) nor a test of widths finds a fault in a page of the desk."""
    shown: list[TestResponse] = []

    def answer(route: Route) -> None:
        route.fulfill(status=shown[-1].status_code, headers=dict(shown[-1].headers), body=shown[-1].text)

    page.route("**/gestion/etat", answer)
    for state in [*states.values()][part::PARTS]:
        shown.append(state)
        page.goto("/gestion/etat")
        unfold(page)
        axe(page)
        fits(page)
