"""`run.py publication check`: what is read of files, on the terminal and as JSON; nothing is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from search_app.cli import main
from tests.support.publications import PROSE, Sheet, pdf, scan
from tests.support.spaces import plain

LINES = PROSE.split("\n")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("corpus", "index", "data"):
        monkeypatch.setenv(f"RTES_{name.upper()}", str(tmp_path / name))
    sheets = [Sheet(LINES, header="Rapport annuel", footer=str(number)) for number in (1, 2)]
    (tmp_path / "guide.pdf").write_bytes(pdf([*sheets, Sheet(draw=scan)], label_from=2, title="Guide des épiceries"))
    (tmp_path / "secret.pdf").write_bytes(pdf(sheets, password="x"))
    return tmp_path


def test_on_the_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publication", "check", "guide.pdf", "secret.pdf"]) == 0
    lines = plain(capsys.readouterr().out).splitlines()
    assert lines[:5] == [
        "« guide.pdf » : PDF, 3 pages, lu.",
        "  La page 3 est sans texte.",
        "  Titre : Guide des épiceries",
        "  Pages 1 à 3, notées i à 1.",
        "  p. 1 : Rapport annuel Les collectivités adhérentes ont confié à une association la gestion de …",
    ]
    assert lines[6] == "« secret.pdf » : PDF, protégé par un mot de passe."
    assert lines[7].startswith("  Protégé par un mot de passe : enregistrez-le")


def test_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publication", "check", "guide.pdf", "secret.pdf", "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["publications"]
    assert first == {
        "path": "guide.pdf",
        "media_type": "application/pdf",
        "title": "Guide des épiceries",
        "status": "read",
        "reason": "la page 3 est sans texte.",
        "pages": 3,
        "labels": ["i", "ii", "1"],
        "empty_pages": [3],
    }
    assert (second["status"], second["pages"], second["labels"]) == ("password", 0, [])


def test_one_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publication", "check", "guide.pdf", "--page", "2"]) == 0
    said = capsys.readouterr().out
    assert "la gestion de l’épicerie solidaire du quartier" in said
    assert main(["publication", "check", "guide.pdf", "--page", "2", "--json"]) == 0
    page = json.loads(capsys.readouterr().out)["publications"][0]["page"]
    assert (page["number"], page["running"]) == (2, ["2"])
    assert main(["publication", "check", "guide.pdf", "--page", "9"]) == 0
    assert "Il n’y a pas de page 9" in plain(capsys.readouterr().out)


def test_a_file_that_cannot_be_opened(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publication", "check", "rien.pdf", "guide.pdf"]) == 1
    said = capsys.readouterr()
    assert "rien.pdf" in said.err
    assert "guide.pdf" in said.out


def test_nothing_is_kept(folder: Path) -> None:
    assert main(["publication", "check", "guide.pdf"]) == 0
    assert {path.name for path in folder.iterdir()} == {"guide.pdf", "secret.pdf"}
