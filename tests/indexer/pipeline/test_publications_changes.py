"""In whatever order pages and files come, an incremental run gives resources the same publications as a full run."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from indexer.document.pages import Page
from indexer.pipeline import publications
from indexer.publications import Publication, Status
from tests.support.archive import SITE, Archive, page
from tests.support.depth import part

NAMES = ("rapport.pdf", "rapport_0.pdf", "bilan d’été.pdf")
FOLDERS = ("", "a/", "b/", "reseau.example/files/")
HREFS = ("{name}", "a/{name}", f"{SITE}/files/{{name}}", "/files/{name}?itok=1", "https://ailleurs.example/{name}")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    document = Publication("application/pdf", Status.READ, "", (Page(1, None, "Le texte"),))
    monkeypatch.setattr(publications, "read_open_file", lambda _, **__: document)


class Life:
    """An archive that changes at random: pages and files come, change, turn private and go."""

    def __init__(self, archive: Archive, seed: int) -> None:
        self.archive, self.chance = archive, random.Random(seed)

    def change(self) -> None:
        chance = self.chance
        for _ in range(chance.randint(1, 3)):
            what = chance.randrange(5)
            if what < 2:
                self._write_page()
            elif what < 4:
                name = chance.choice(FOLDERS) + chance.choice(NAMES)
                self.archive.write(name, f"%PDF-1.7 {chance.randrange(4)}".encode())
            else:
                self._drop_page()
        if any(path.is_file() for path in self.archive.pages.rglob("*")):
            self.archive.import_(origin=chance.choice([None, None, "envois"]))

    def _write_page(self) -> None:
        chance = self.chance
        number = chance.randrange(6)
        hrefs = [chance.choice(HREFS).format(name=chance.choice(NAMES)) for _ in range(chance.randrange(3))]
        body = tuple(f'<a href="{href}">La publication</a>' for href in hrefs) or "Rien à télécharger."
        self.archive.write(
            f"{chance.choice(FOLDERS[:3])}fiche-{number}.html",
            page(f"Fiche {number}", address=f"{SITE}/fiche-{number}", body=body, private=chance.choice(["Non", "Oui"])),
        )

    def _drop_page(self) -> None:
        found = sorted(self.archive.settings.corpus.glob("*/**/*.html"))
        if found:
            self.chance.choice(found).unlink()


def documents(archive: Archive) -> dict[str, list[tuple[int, str, str]]]:
    found = archive.resources().values()
    return {one.id: [(each.n, each.name, each.digest) for each in one.documents] for one in found}


LIGHT, FULL = 2, 40
"""Number of random archives that are tested without the slow tests, and with them."""


@pytest.mark.parametrize(
    "seed", [*range(LIGHT), *(pytest.param(seed, marks=pytest.mark.slow) for seed in part(range(LIGHT, FULL), step=2))]
)
def test_an_incremental_run_gives_what_a_full_one_gives(tmp_path: Path, seed: int) -> None:
    archive = Archive(tmp_path / "archive")
    life = Life(archive, seed)
    attached = 0
    for step in range(6):
        life.change()
        if not archive.settings.corpus.is_dir():
            continue
        archive.index()
        other = Archive(tmp_path / f"again-{step}")
        shutil.copytree(archive.settings.corpus, other.settings.corpus)
        other.index()
        assert documents(archive) == documents(other)
        attached += sum(map(len, documents(archive).values()))
    assert attached or seed >= LIGHT  # some archives happen to attach nothing, not all
