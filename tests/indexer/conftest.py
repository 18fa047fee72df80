"""Fixtures of tests of the archive: each test gets its own archive."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.archive import CHARTE, EPICERIE, REGIE, Archive, Models, page


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


def _three(archive: Archive) -> None:
    archive.write("epicerie.html", page(EPICERIE, address="https://reseau.example/epicerie"))
    archive.write("regie.html", page(REGIE, address="https://reseau.example/regie"))
    archive.write("charte.html", page(CHARTE, address="https://reseau.example/charte", private="Oui"))
    archive.import_(theme="Coopération")
    archive.index()


@pytest.fixture
def three(archive: Archive, models: Models) -> Archive:
    """Three resources, indexed: the last one is private."""
    return models.copy(_three, archive)
