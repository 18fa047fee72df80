"""HTML and CSS as the W3C's checker reads them (vnu): every kind of page, for every reader.

Needs Java and vnu.jar (`npm install vnu-jar`), found under node_modules/ or named by VNU_JAR.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from site_engine import FakeEngine

from indexer.errors import IndexMissingError

ROOT = Path(__file__).resolve().parents[2]
JAR = Path(os.environ.get("VNU_JAR") or ROOT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar")
PATHS = (
    "/",
    "/?q=coop*&year=2023&year=none&type=Guides",
    "/?per_page=2&page=6",
    "/?q=monaie",
    "/?q=xylophone&year=2023",
    "/?q=coop*&year_from=20l4",
    "/?page=900",
    "/ressources/r-00?q=cantine",
    "/ressources/r-02",
    "/ressources/r-04",
    "/ressources/r-31",
    "/ressources/r-hostile",
    "/themes",
    "/annees",
    "/aide",
    "/connexion",
    "/api",
    "/rien",
)
SIGNED_IN = ("/?private=oui", "/ressources/r-04", "/ressources/r-10", "/compte", "/selection", "/recherches")
"""Pages that show members or staff something more."""


@pytest.fixture(scope="module")
def java() -> str:
    """Java, where there are it and the checker."""
    found = shutil.which("java")
    if found is None or not JAR.is_file():
        pytest.skip(f"the HTML checker is missing: java, or {JAR} (npm install vnu-jar, or VNU_JAR)")
    return found


def complaints(java: str, *files: Path) -> list[str]:
    checked = subprocess.run(
        [java, "-jar", str(JAR), "--format", "json", "--also-check-css", *map(str, files)],
        capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    messages = json.loads(checked.stderr)["messages"]
    return [f"{Path(one['url']).name}:{one.get('lastLine')}: {one['message']}" for one in messages]


@pytest.mark.timeout(300)
def test_every_page_is_valid(
    java: str, tmp_path: Path, client: FlaskClient, member: FlaskClient, staff: FlaskClient, engine: FakeEngine
) -> None:
    pages = {
        f"{who}-{number}": reader.get(path).text
        for who, reader, paths in (
            ("visitor", client, PATHS),
            ("member", member, SIGNED_IN),
            ("staff", staff, SIGNED_IN),
        )
        for number, path in enumerate(paths)
    }
    engine.failure = IndexMissingError("x")
    pages["unavailable"] = client.get("/").text
    files = []
    for name, text in pages.items():
        assert text.startswith("<!doctype html>"), name
        files.append(tmp_path / f"{name}.html")
        files[-1].write_text(text, "utf-8")
    assert complaints(java, *files, ROOT / "search_app" / "static" / "style.css") == []


@pytest.mark.timeout(300)
def test_the_checker_does_look(java: str, tmp_path: Path) -> None:
    page = tmp_path / "wrong.html"
    page.write_text("<!doctype html><html lang=fr><title>x</title><p><div></p><img>", "utf-8")
    assert complaints(java, page)
