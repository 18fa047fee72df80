"""Documents mention only files that exist, and README and CONTRIBUTING contain the test commands of `.ci/run`."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.places import CHECKOUT
from tests.support.waiting import PATIENCE

DOCUMENTS = (CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md")))
TOPS = ("indexer", "search_app", "tests", "bench", "docs", "deploy")
MADE_LATER = frozenset({"current.json", "ids.json", "manifest.json", "data/synonyms.txt", "profile.toml", "robots.txt"})
"""Names of files that documents mention, but that are not in the checkout: the program or its users write them."""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_are_named_exist(document: Path) -> None:
    held = [path.relative_to(CHECKOUT).as_posix() for top in TOPS for path in (CHECKOUT / top).rglob("*.*")]
    held += [path.name for path in CHECKOUT.iterdir()]
    text = document.read_text("utf-8")
    named = re.findall(r"`((?:[\w-]+/)*[\w-]+\.(?:py|pyx|html|js|css|conf|txt|json|toml))`", text)
    named += re.findall(r"(?<![\w/.])(?:tests|bench|docs|deploy)/[\w/-]+\.\w+", text)
    missing = {one for one in named if not any(path == one or path.endswith(f"/{one}") for path in held)}
    assert missing - MADE_LATER == set()


# README, CONTRIBUTING and .ci/run

PYTEST = ".venv-tests/bin/python -m pytest -n auto"
SET_UP = "python3 -m venv .venv-tests && .venv-tests/bin/pip install -r tests/requirements.txt"


def run_by_ci() -> list[str]:
    """Return the commands that `.ci/run` extracts from README, by running its own extraction."""
    (line,) = re.findall(r"^test_commands=.*$", (CHECKOUT / ".ci" / "run").read_text("utf-8"), re.MULTILINE)
    script = f'set -euo pipefail\n{line}\necho "$test_commands"'
    done = subprocess.run(
        ["bash", "-c", script], cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    return done.stdout.splitlines()


def test_ci_runs_the_two_test_commands_of_readme_which_leave_nothing_out() -> None:
    commands = run_by_ci()
    readme = (CHECKOUT / "README.md").read_text("utf-8")
    assert all(f"\n{command}\n" in readme for command in commands)
    assert commands == [f'{SET_UP} && {PYTEST} -m "not slow"', f"{PYTEST} -m slow"]


def test_contributors_are_told_the_same_commands() -> None:
    told = (CHECKOUT / "docs" / "CONTRIBUTING.md").read_text("utf-8").splitlines()
    for command in (SET_UP, f'{PYTEST} -m "not slow"', f"{PYTEST} -m slow"):
        assert [line for line in told if line.split("  #")[0].rstrip() == command], command
