"""`run.py check`: the faults that it finds and its messages."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from search_app.accounts.secret_key import session_secret
from search_app.cli import archive
from search_app.cli.sentences import VERSION
from search_app.jobs.store import JobKind
from search_app.settings import SiteSettings
from search_app.stores import open_stores
from tests.support.archive import permissions_hold, write
from tests.support.spaces import plain
from tests.system.cli.test_cli import ENGLISH, add_user

# check


def test_check_finds_nothing_wrong(cli: Callable[..., Any], indexed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "COMPILED", True)
    add_user(cli, monkeypatch, "un mot de passe\n")
    outcome = cli("check")
    assert (outcome.status, outcome.out) == (0, "Tout est en ordre : réglages, corpus et index.\n")
    version, counts = plain(outcome.err).splitlines()
    settings = indexed
    assert version == (
        f"rtes-archive {VERSION} ; corpus : « {settings.corpus} » ; index : « {settings.index} » ; "
        f"données : « {settings.data} »."
    )
    assert counts == (
        "Corpus : 3 pages, 0 publications ; génération 000001 : 3 ressources, dont 2 publiques et 1 réservées."
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


@pytest.mark.slow
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


# Everything that `serve` and `index` open, damaged in turn


def filled(site: Any) -> None:
    """Create every file that a site keeps in its data folder."""
    settings = SiteSettings(corpus=site.corpus, index=site.index, data=site.data)
    session_secret(site.data)
    stores = open_stores(settings)
    stores.accounts.add("equipe@exemple.fr", "staff", "un mot de passe solide")
    stores.audit.record("sign-in", "equipe@exemple.fr")
    stores.searches.note("cantine", results=1, member=False, corrected=False)
    stores.throttle.begin("equipe@exemple.fr", "127.0.0.1")
    stores.jobs.add(JobKind.INDEX, "equipe@exemple.fr")
    write(site.data / "synonyms.txt", "cantine = restauration collective\n")


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def zeroed(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def lengthened(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def garbage(path: Path) -> None:
    path.write_bytes(b"rien de bon " * 100)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def no_utf8(path: Path) -> None:
    path.write_bytes("été = saison\n".encode("latin-1"))


def closed(path: Path) -> None:
    path.chmod(0)


def not_writable(path: Path) -> None:
    path.chmod(0o500 if path.is_dir() else 0o400)


def from_the_future(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 999")


def without_its_tables(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        (name,) = database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        ).fetchone()
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute(f'ALTER TABLE "{name}" RENAME TO other')
        database.commit()


DATABASES = [f"data/{name}.sqlite" for name in ("accounts", "throttle", "audit", "searches", "jobs")]
ROWS = [
    *(("data/secret.key", harm, "supprimez ce fichier, un nouveau sera créé") for harm in (emptied, zeroed, cut_short)),
    ("data/secret.key", lengthened, "supprimez ce fichier, un nouveau sera créé"),
    ("data/secret.key", a_folder, "c’est un dossier"),
    ("data/secret.key", closed, "droits insuffisants"),
    *((name, garbage, "abîmé") for name in DATABASES),
    *((name, emptied, "il est vide") for name in DATABASES),
    *((name, from_the_future, "version plus récente du programme") for name in DATABASES),
    *((name, without_its_tables, "son contenu est inattendu") for name in DATABASES),
    *((name, closed, "droits insuffisants") for name in DATABASES),
    ("data/accounts.sqlite", not_writable, "droits insuffisants"),
    ("data/synonyms.txt", garbage, "ligne 1"),
    ("data/synonyms.txt", no_utf8, "UTF-8"),
    ("data/synonyms.txt", closed, "droits insuffisants"),
    ("data/synonyms.txt", a_folder, "c’est un dossier"),
    ("data", not_writable, "droits insuffisants"),
    ("corpus", not_writable, "droits insuffisants"),
    ("corpus/pages", not_writable, "n’est pas accessible en écriture"),
    ("corpus/.lock", not_writable, "droits insuffisants"),
    ("corpus/catalogue.sqlite", garbage, "restaurez-le d’une sauvegarde"),
    ("corpus/catalogue.sqlite", from_the_future, "version plus récente"),
    ("corpus/catalogue.sqlite", closed, "droits insuffisants"),
    ("corpus/pages/regie.html", closed, "droits insuffisants"),
    ("index", not_writable, "droits insuffisants"),
    ("index", closed, "droits insuffisants"),
    ("index/generations", not_writable, "n’est pas accessible en écriture"),
    ("index/lock", closed, "droits insuffisants"),
    ("index/pages.sqlite", closed, "droits insuffisants"),
    ("index/pages.sqlite", a_folder, "supprimez-le, il sera refait"),
    ("index/current.json", closed, "droits insuffisants"),
    ("index/current.json", a_folder, "index --full"),
    ("index/generations/000001/manifest.json", closed, "droits insuffisants"),
    ("index/generations/000001/manifest.json", garbage, "index --full"),
    ("index/generations/000001/ids.json", closed, "droits insuffisants"),
]


@contextmanager
def as_anyone(harm: Callable[[Path], None]) -> Iterator[None]:
    """If `harm` takes permissions away, make file permissions apply to root too, as tests often run as root."""
    with permissions_hold() if harm in {closed, not_writable} else nullcontext():
        yield


@pytest.mark.parametrize(("name", "harm", "said"), ROWS, ids=lambda value: getattr(value, "__name__", str(value)))
def test_check_finds_what_serve_or_index_could_not_use(
    cli: Callable[..., Any], indexed: Any, name: str, harm: Callable[[Path], None], said: str
) -> None:
    filled(indexed)
    assert cli("check").status == 0
    path = indexed.folder / name
    mode = path.stat().st_mode
    harm(path)
    try:
        with as_anyone(harm):
            message = plain(faults(cli))
    finally:
        path.chmod(0o700 if path.is_dir() else mode)
    assert said in message
    assert path.name in message or "l’index" in message


def test_check_verifies_the_index_even_if_synonyms_are_faulty(cli: Callable[..., Any], indexed: Any) -> None:
    write(indexed.data / "synonyms.txt", "seul\n")
    rot(next((indexed.index / "generations" / "000001").rglob("norms.npy")))
    message = faults(cli)
    assert "synonymes" in message
    assert "norms.npy de la génération 000001 est abîmé" in message


def test_check_tries_the_temporary_folder(
    cli: Callable[..., Any], indexed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(indexed.folder / "absent"))
    assert "dossier temporaire" in faults(cli)


def test_check_wants_space_for_a_generation(
    cli: Callable[..., Any], indexed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = sum(p.stat().st_size for p in (indexed.index / "generations" / "000001").rglob("*") if p.is_file())
    usage = type(shutil.disk_usage(indexed.index))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10 * size, 9 * size, max(size, 1 << 20)))
    assert cli("check").status == 0
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10 * size, 9 * size, size - 1))
    assert "libérez de l’espace disque" in faults(cli)


def test_check_changes_nothing(cli: Callable[..., Any], indexed: Any) -> None:
    filled(indexed)
    cli("check")
    before = {path: path.read_bytes() for path in sorted(indexed.folder.rglob("*")) if path.is_file()}
    cli("check")
    assert {path: path.read_bytes() for path in sorted(indexed.folder.rglob("*")) if path.is_file()} == before


def test_serve_says_that_the_secret_is_damaged(cli: Callable[..., Any], indexed: Any) -> None:
    write(indexed.data / "secret.key", b"court").chmod(0o600)
    outcome = cli("serve")
    assert outcome.status == 1
    assert "supprimez ce fichier, un nouveau sera créé" in outcome.err
