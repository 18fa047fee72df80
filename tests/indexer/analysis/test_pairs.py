"""Pairs of text and query: whether the query must find the text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

OWN = Path(__file__).with_name("pairs.tsv")


def rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def own_rows() -> list[list[str]]:
    """Return the rows of `pairs.tsv`, the table of this folder, with its escapes replaced by invisible characters."""
    return [
        [re.sub(r"\\u([0-9A-F]{4})", lambda match: chr(int(match[1], 16)), cell) for cell in row] for row in rows(OWN)
    ]


@pytest.mark.parametrize(("text", "query", "match", "why"), own_rows())
def test_own_pairs(text, query, match, why, finds):
    assert finds(text, query) == (match == "1"), why


def test_shared_pairs(shared, finds):
    wrong = [
        (text, query, why)
        for text, query, match, why in rows(shared / "french" / "pairs.tsv")
        if finds(text, query) != (match == "1")
    ]
    assert not wrong
