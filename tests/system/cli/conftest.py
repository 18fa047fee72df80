"""Fixtures that run the command line over an archive of three resources."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from search_app.cli import main
from tests.support.archive import page, write
from tests.support.spaces import plain


@dataclass(frozen=True)
class Outcome:
    """The exit status and output of a command."""

    status: int
    out: str
    err: str

    @property
    def plain_err(self) -> str:
        """Standard error with no-break spaces replaced by plain ones."""
        return plain(self.err)

    @property
    def json(self) -> Any:
        """The JSON object on standard output, which must be a single line."""
        assert self.out.endswith("\n")
        assert self.out.count("\n") == 1
        return json.loads(self.out)


class Site:
    """The folders of an archive, and the options that name them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages, self.corpus, self.index, self.data = (folder / n for n in ("pages", "corpus", "index", "data"))

    @property
    def places(self) -> tuple[str, ...]:
        return ("--corpus", str(self.corpus), "--index", str(self.index), "--data", str(self.data))

    def write_page(self, name: str, title: str, **fields: Any) -> Path:
        """Write a page to import, with its own address, and return its path."""
        return write(self.pages / name, page(title, address=f"https://reseau.example/{Path(name).stem}", **fields))


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty archive and one page to import."""
    site = Site(tmp_path)
    site.write_page("epicerie.html", "Monter une épicerie solidaire", theme="Alimentation")
    return site


Command = Callable[..., Outcome]


@pytest.fixture
def bare(capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs a command line as given."""

    def command(*arguments: str) -> Outcome:
        capsys.readouterr()
        try:
            status = main(arguments)
        except SystemExit as stop:
            status = int(stop.code or 0)
        captured = capsys.readouterr()
        return Outcome(status, captured.out, captured.err)

    return command


@pytest.fixture
def cli(site: Site, bare: Command) -> Command:
    """Return a function that runs a command over the test's own archive."""
    return lambda *arguments: bare(*site.places, *arguments)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three resources, indexed once for all tests."""
    site = Site(tmp_path_factory.mktemp("modele"))
    site.write_page("epicerie.html", "Monter une épicerie solidaire", theme="Alimentation", published="3 mars 2021")
    site.write_page("regie.html", "Ouvrir une régie de quartier", theme="Ruralité", published="2 juillet 2024")
    site.write_page("charte.html", "Charte des achats", type="Autres", private="Oui")
    assert main([*site.places, "import", str(site.pages)]) == 0
    assert main([*site.places, "index"]) == 0
    return site.folder


@pytest.fixture
def indexed(site: Site, model: Path) -> Site:
    """The archive, with three resources indexed."""
    shutil.copytree(model, site.folder, dirs_exist_ok=True)
    return site
