"""`run.py check`: the faults that it finds and its messages."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search_app.cli import archive
from tests.support.archive import write
from tests.system.cli.test_cli import ENGLISH, add_user

# check


def test_check_finds_nothing_wrong(cli: Callable[..., Any], indexed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "COMPILED", True)
    add_user(cli, monkeypatch, "un mot de passe\n")
    outcome = cli("check")
    assert (outcome.status, outcome.out, outcome.err) == (
        0,
        "Tout est en ordre : réglages, corpus et index.\n",
        "",
    )


def rot(path: Path) -> None:
    """Change a byte of a file but not its size or modification time."""
    before, raw = path.stat(), bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    path.write_bytes(raw)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def faults(cli: Callable[..., Any]) -> str:
    outcome = cli("check")
    assert (outcome.status, outcome.out) == (1, "")
    assert not ENGLISH.search(outcome.err)
    return str(outcome.err)


def test_check_finds_a_damaged_index_file(cli: Callable[..., Any], indexed: Any) -> None:
    folder = indexed.index / "generations" / "000001"
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "manifest.json" and p.stat().st_size):
        raw = path.read_bytes()
        rot(path)
        assert f"Le fichier {path.relative_to(folder).as_posix()} de la génération 000001 est abîmé." in faults(cli)
        path.write_bytes(raw)


def test_check_finds_an_index_file_gone(cli: Callable[..., Any], indexed: Any) -> None:
    path = next(p for p in (indexed.index / "generations" / "000001").rglob("*.npy"))
    path.unlink()
    said = faults(cli)
    assert f"{path.name} de la génération 000001 manque." in said
    assert "lancez « python run.py index --full »" in said
    # What it says to do is what mends it.
    assert cli("index", "--full").status == 0
    assert cli("check").status == 0


def test_check_finds_a_pointer_that_cannot_be_read(cli: Callable[..., Any], indexed: Any) -> None:
    write(indexed.index / "current.json", "{")
    assert "current.json" in faults(cli)


def test_check_finds_a_rotten_page(cli: Callable[..., Any], indexed: Any) -> None:
    rot(indexed.corpus / "pages" / "regie.html")
    assert "La page pages/regie.html est abîmée : réimportez-la." in faults(cli)
    # What it says to do is what mends it.
    assert cli("import", str(indexed.pages / "regie.html"), "--json").json["imported"] == 1
    assert cli("check").status == 0


def test_check_finds_a_page_gone(cli: Callable[..., Any], indexed: Any) -> None:
    (indexed.corpus / "pages" / "regie.html").unlink()
    assert "pages/regie.html" in faults(cli)
    cli("index")
    assert cli("check").status == 0


def test_check_does_not_mind_a_page_that_was_edited(cli: Callable[..., Any], indexed: Any) -> None:
    path = indexed.corpus / "pages" / "regie.html"
    write(path, path.read_text() + "\n")
    os.utime(path, ns=(1, 1))
    assert cli("check").status == 0


def test_check_says_what_is_not_there_yet(cli: Callable[..., Any], site: Any) -> None:
    said = faults(cli)
    assert "n’existe pas : importez des pages" in said
    assert "Rien n’est encore indexé" in said


@pytest.mark.parametrize("name", ["secret.key", "accounts.sqlite"])
def test_check_finds_secrets_that_others_can_read(cli: Callable[..., Any], indexed: Any, name: str) -> None:
    write(indexed.data / name, b"").chmod(0o644)
    assert f"chmod 600 {indexed.data / name}" in faults(cli)


def test_check_finds_damaged_accounts(cli: Callable[..., Any], indexed: Any) -> None:
    write(indexed.data / "accounts.sqlite", b"rien de bon " * 100).chmod(0o600)
    assert "restaurez-les d’une sauvegarde" in faults(cli)


def test_check_finds_a_damaged_catalogue(cli: Callable[..., Any], indexed: Any) -> None:
    write(indexed.corpus / "catalogue.sqlite", b"rien de bon " * 100)
    assert "restaurez-le d’une sauvegarde" in faults(cli)


@pytest.mark.parametrize("compiled", [True, False])
def test_check_says_when_searches_are_slower_than_they_need_be(
    cli: Callable[..., Any], indexed: Any, monkeypatch: pytest.MonkeyPatch, compiled: bool
) -> None:
    monkeypatch.setattr(archive, "COMPILED", compiled)
    ended = cli("check")
    assert ended.status == 0
    assert ("sans compilateur C" in ended.err) is not compiled
