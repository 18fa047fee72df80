"""The documents name files that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.places import CHECKOUT

DOCUMENTS = (CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md")))
TOPS = ("indexer", "search_app", "tests", "bench", "docs", "deploy")
MADE_LATER = frozenset({"current.json", "ids.json", "manifest.json", "data/synonyms.txt", "profile.toml"})
"""Files that the program makes."""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_are_named_exist(document: Path) -> None:
    held = [path.relative_to(CHECKOUT).as_posix() for top in TOPS for path in (CHECKOUT / top).rglob("*.*")]
    held += [path.name for path in CHECKOUT.iterdir()]
    text = document.read_text("utf-8")
    named = re.findall(r"`((?:[\w-]+/)*[\w-]+\.(?:py|pyx|html|js|css|conf|txt|json|toml))`", text)
    named += re.findall(r"(?<![\w/.])(?:tests|bench|docs|deploy)/[\w/-]+\.\w+", text)
    missing = {one for one in named if not any(path == one or path.endswith(f"/{one}") for path in held)}
    assert missing - MADE_LATER == set()
