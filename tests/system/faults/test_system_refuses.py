"""The system refuses to open, read or write: every command and the site say why in the same words, and nothing takes a
refusal for damage.
"""

from __future__ import annotations

import errno
import gc
import logging
import os
import re
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from indexer.engine.embedded import EmbeddedEngine
from indexer.engine.embedded.storage.document_store import DocumentStoreReader
from indexer.errors import IndexDamagedError, IndexRefusedError
from indexer.query import SearchRequest
from indexer.resource import Audience
from search_app import create_app
from search_app.cli import serve
from search_app.errors import StoreError
from tests.support.archive import Models, analyzer, page
from tests.support.fault_scenarios import indexed
from tests.support.faults import Outcome, Trial, answers
from tests.support.refusals import descriptors, refusing
from tests.support.site import PASSWORD, STAFF, signed_in
from tests.support.spaces import plain

ENGLISH = re.compile(r"traceback|errno|permission|denied|too many|no space|read-only|unable to", re.I)


@dataclass(frozen=True)
class Row:
    """How a message explains an error of the system, what it says to do, and whether it takes the file for damaged."""

    why: str
    remedy: str
    damage: bool = False


ERRORS = {
    errno.EMFILE: Row("autant de fichiers que permis", "ulimit -n"),
    errno.ENFILE: Row("la machine a ouvert autant de fichiers que permis", "fs.file-max"),
    errno.ENOSPC: Row("il n’y a plus de place sur le disque", "libérez de l’espace disque"),
    errno.EDQUOT: Row("le quota de disque est atteint", "faites relever ce quota"),
    errno.EROFS: Row("le disque est en lecture seule", "remontez-le en écriture"),
    errno.EACCES: Row("droits insuffisants", "vérifiez les droits"),
    errno.EPERM: Row("opération interdite", "vérifiez les droits"),
    errno.EIO: Row("le disque a une panne", "vérifiez l’état du disque", damage=True),
    errno.ENOMEM: Row("la mémoire manque", "libérez de la mémoire"),
    errno.ESTALE: Row("le disque ne répond plus", "vérifiez qu’il est branché"),
}
each_error = pytest.mark.parametrize("error", ERRORS, ids=errno.errorcode.get)


@pytest.fixture
def archive(trial: Trial, models: Models) -> Trial:
    """An archive with an index."""
    return models.copy(indexed, trial)


def said(outcome: Outcome, row: Row) -> None:
    assert outcome.status == 1
    message = plain(outcome.err)
    assert row.why in message
    assert row.remedy in message
    assert "inattendu" not in message
    assert ("index --full" in message) is False or row.damage
    assert not ENGLISH.search(message)


COMMANDS: dict[str, tuple[str, Callable[[Trial], list[str]]]] = {
    "import": ("corpus", lambda archive: ["import", str(archive.pages)]),
    "import, the pages": ("pages", lambda archive: ["import", str(archive.pages)]),
    "index": ("corpus", lambda archive: ["index"]),
    "index, the index": ("index", lambda archive: ["index", "--full"]),
    "check, the corpus": ("corpus", lambda archive: ["check"]),
    "check, the index": ("index", lambda archive: ["check"]),
    "check, the data": ("data", lambda archive: ["check"]),
    "search": ("index", lambda archive: ["search", "épicerie"]),
    "serve, the secret": ("data", lambda archive: ["serve"]),
    "user": ("data", lambda archive: ["user", "list"]),
    "backup": ("corpus", lambda archive: ["backup", str(archive.folder / "sauvegarde.tar.gz")]),
}


@pytest.mark.parametrize(
    ("name", "error"),
    [
        pytest.param(
            name,
            error,
            id=f"{name}-{errno.errorcode[error]}",
            marks=() if error == errno.EMFILE or name == "check, the data" else pytest.mark.slow,
        )
        for name in COMMANDS
        for error in ERRORS
    ],
)
def test_a_command_says_why(archive: Trial, name: str, error: int) -> None:
    archive.write("regie.html", page("Une régie qui a changé"))
    archive.accounts.add("ancienne@exemple.fr", "staff", "un mot de passe solide")
    place, argv = COMMANDS[name]
    folder = archive.pages if place == "pages" else archive.state / place
    before = archive.generations()
    with refusing(folder, error):
        outcome = archive.command(*argv(archive))
    if name == "import, the pages" and outcome.status == 1:
        said(outcome, ERRORS[error])
    elif name == "user":  # SQLite opens its files by itself
        assert outcome.status == 0
    else:
        said(outcome, ERRORS[error])
    assert archive.generations() == before
    assert archive.command("check").status == 0


@each_error
def test_serving_says_why_the_index_is_refused(
    archive: Trial, error: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serve, "is_free", lambda host, port: False)  # it says what it found, and stops there
    with refusing(archive.settings.index, error):
        outcome = archive.command("serve")
    message = plain(outcome.err)
    assert ERRORS[error].why in message
    assert ERRORS[error].remedy in message
    assert "Rien n’est encore indexé" not in message


@each_error
def test_the_site_answers_503(archive: Trial, error: int, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(archive.settings, EmbeddedEngine(archive.settings.index, analyzer()))
    client = app.test_client()
    with caplog.at_level(logging.ERROR), refusing(archive.settings.index, error):
        for path in ("/?q=regie", "/api/v1/search?q=regie"):
            answer = client.get(path)
            assert answer.status_code == 503, path
            assert answer.headers["Retry-After"] == "60"
            assert "Réessayez dans quelques minutes" in (
                answer.json["error"]["message"] if answer.is_json else answer.text
            )
            assert ERRORS[error].why not in answer.text
            assert str(archive.state) not in answer.text
    assert ERRORS[error].why in caplog.text
    assert ("index --full" in caplog.text) is ERRORS[error].damage
    assert client.get("/?q=regie").status_code == 200


@each_error
def test_the_desk_says_why(archive: Trial, error: int) -> None:
    archive.accounts.add(STAFF, "staff", PASSWORD)
    app = create_app(archive.settings, EmbeddedEngine(archive.settings.index, analyzer()))
    client = signed_in(app, STAFF)
    with refusing(archive.settings.index, error):
        desk = client.get("/gestion/")
    assert desk.status_code == 200
    assert ERRORS[error].why in plain(desk.text)
    assert ERRORS[error].why not in plain(client.get("/gestion/").text)


@each_error
def test_a_page_whose_template_is_refused(archive: Trial, error: int, caplog: pytest.LogCaptureFixture) -> None:
    """Even the error page cannot be rendered, so the response is plain text."""
    app = create_app(archive.settings, EmbeddedEngine(archive.settings.index, analyzer()))
    with caplog.at_level(logging.ERROR), refusing(Path(app.root_path) / "templates", error):
        answer = app.test_client().get("/?q=regie")
    assert answer.status_code == 503
    assert answer.mimetype == "text/plain"
    assert "Réessayez dans quelques minutes" in answer.text
    assert ERRORS[error].why in caplog.text
    assert app.test_client().get("/?q=regie").status_code == 200


# A refusal is no damage


@each_error
def test_only_damage_has_the_older_generation_answer(two: Trial, error: int) -> None:
    asked = SearchRequest(audience=Audience.VISITOR, query="café")
    row = ERRORS[error]
    with EmbeddedEngineOf(two) as engine:
        with refusing(two.settings.index / "generations" / "000002" / "segments", error):
            if row.damage:
                assert engine.status().degraded
                assert engine.status().generation == "000001"
            else:
                with pytest.raises(IndexRefusedError, match=row.why):
                    engine.search(asked)
                assert engine.status().generation is None
                assert row.why in (engine.status().degraded or "")
        if not row.damage:
            assert engine.search(asked).total == 1


@each_error
def test_the_document_store_tells_a_refusal_from_damage(two: Trial, error: int) -> None:
    folder = sorted((two.settings.index / "generations" / "000002" / "records").iterdir())[0]
    kind = IndexDamagedError if ERRORS[error].damage else IndexRefusedError
    with refusing(folder, error), pytest.raises(kind):
        DocumentStoreReader(folder)


class EmbeddedEngineOf:
    """A context manager that opens an engine over the index of an archive, and closes it."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial

    def __enter__(self) -> EmbeddedEngine:
        self.engine = EmbeddedEngine(self._trial.settings.index, analyzer())
        return self.engine

    def __exit__(self, *_: object) -> None:
        self.engine.close()


# With nothing made up


@pytest.mark.parametrize("free", [0, 1, 5, 20])
def test_too_few_descriptors(two: Trial, free: int) -> None:
    with EmbeddedEngineOf(two) as engine:
        with descriptors(free), pytest.raises(IndexRefusedError, match="autant de fichiers que permis"):
            engine.search(SearchRequest(audience=Audience.VISITOR, query="café"))
        assert answers(engine) is not None
        assert engine.status().degraded is None


@pytest.mark.parametrize("free", [1, 4, 9])
def test_check_says_that_descriptors_are_too_few(two: Trial, free: int) -> None:
    with descriptors(free):
        outcome = two.command("check")
    said(outcome, ERRORS[errno.EMFILE])


def test_check_counts_the_descriptors_that_a_switch_needs(two: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` fails if descriptors are enough to check the index, but not to serve it while a generation is opened."""
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    with EmbeddedEngineOf(two) as engine:
        engine.status()
        taken = len(os.listdir("/proc/self/fd")) - before
    with monkeypatch.context() as patch:
        patch.setattr(resource, "getrlimit", lambda _: (taken + 50, taken + 50))
        outcome = two.command("check")
    assert outcome.status == 1
    assert re.search(r"peut ouvrir \d+ fichiers à la fois, et il lui en faut environ \d+", plain(outcome.err))
    assert two.command("check").status == 0


@pytest.mark.parametrize("free", [0, 1])
def test_accounts_and_too_few_descriptors(archive: Trial, free: int) -> None:
    """SQLite says only that it cannot open its file; the message of the accounts says why."""
    archive.accounts.add("ancienne@exemple.fr", "staff", "un mot de passe solide")
    with descriptors(free), pytest.raises(StoreError, match="autant de fichiers que permis"):
        archive.accounts.add("autre@exemple.fr", "staff", "un mot de passe solide")


@pytest.fixture
def full(archive: Trial) -> Iterator[Trial]:
    """Yield the archive on a disk of its own that is full."""
    start = archive.folder / "start"
    shutil.copytree(archive.state, start)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "essai", str(archive.state)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("seul root peut monter un petit disque")
    try:
        shutil.copytree(start, archive.state, dirs_exist_ok=True)
        free = os.statvfs(archive.state).f_bavail * os.statvfs(archive.state).f_frsize
        (archive.state / "ballast").write_bytes(b"\1" * free)
        yield archive
    finally:
        subprocess.run(["umount", "--lazy", str(archive.state)], check=True)


def test_check_says_that_the_disk_is_full(full: Trial) -> None:
    said(full.command("check"), ERRORS[errno.ENOSPC])
    (full.state / "ballast").unlink()
    assert full.command("check").status == 0


def test_a_disk_that_is_mounted_read_only(full: Trial) -> None:
    (full.state / "ballast").unlink()
    full.accounts.add("ancienne@exemple.fr", "staff", "un mot de passe solide")
    full.write("neuve.html", page("Une page neuve"))
    mounted = subprocess.run(["mount", "-o", "remount,ro", str(full.state)], check=False, capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("ce système ne remonte pas un disque en lecture seule")
    for argv in (
        ["check"],
        ["index", "--full"],
        ["import", str(full.pages)],
        ["user", "disable", "ancienne@exemple.fr"],
    ):
        said(full.command(*argv), ERRORS[errno.EROFS])
    with EmbeddedEngineOf(full) as engine:
        assert engine.status().degraded is None  # who only reads is not disturbed
