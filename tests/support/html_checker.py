"""Runs the W3C's checker of HTML and CSS (vnu).

Needs Java and vnu.jar (`npm install vnu-jar`), found under node_modules/ or named by VNU_JAR.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.places import CHECKOUT
from tests.support.waiting import PATIENCE

JAR = Path(os.environ.get("VNU_JAR") or CHECKOUT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar")


UNKNOWN = re.compile(r"“container-type”.*doesn't exist|Unrecognized at-rule “@container”")
"""Complaints to ignore: the checker does not know container queries, which browsers have supported since 2023."""


@pytest.fixture(scope="module")
def java() -> str:
    """Return the path of Java; skip the test if Java or the checker is missing."""
    found = shutil.which("java")
    if found is None or not JAR.is_file():
        pytest.skip(f"the HTML checker is missing: java, or {JAR} (npm install vnu-jar, or VNU_JAR)")
    return found


def complaints(java: str, *files: Path) -> list[str]:
    checked = subprocess.run(
        [java, "-jar", str(JAR), "--format", "json", "--also-check-css", *map(str, files)],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    messages = [one for one in json.loads(checked.stderr)["messages"] if not UNKNOWN.search(one["message"])]
    return [f"{Path(one['url']).name}:{one.get('lastLine')}: {one['message']}" for one in messages]


def written(folder: Path, pages: Mapping[str, str]) -> list[Path]:
    """Write pages to files for the checker, and return their paths."""
    files = []
    for name, text in pages.items():
        assert text.startswith("<!doctype html>"), name
        files.append(folder / f"{re.sub(r'[^a-z0-9]+', '-', name.casefold())}.html")
        files[-1].write_text(text, "utf-8")
    assert len({*files}) == len(files)
    return files
