"""Helpers for fault tests: an archive on a fast disk, the laboratory that causes faults, and what must still hold
afterwards.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from indexer.corpus.catalogue import Catalogue
from indexer.corpus.corrections import CORRECTIONS, Correction, Corrections
from indexer.corpus.store import CATALOGUE
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.engine.embedded.generations import KEPT
from indexer.errors import ArchiveError, IndexMissingError
from indexer.query.request import SearchRequest
from indexer.resource import Audience
from search_app import cli
from search_app.accounts.audit import Audit
from search_app.accounts.store import Accounts
from tests.support.archive import Archive
from tests.support.places import CHECKOUT
from tests.support.waiting import PATIENCE

PASSWORD = "un mot de passe solide"
WRITES = ("rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "fsync", "fdatasync", "sync", "syncfs")
"""System calls that change the disk, but succeed even if it is full, since they need no space."""
SIGN_ON = {
    "RTES_OIDC_ISSUER": "https://id.exemple.fr",
    "RTES_OIDC_CLIENT_ID": "archives",
    "RTES_OIDC_CLIENT_SECRET": "secret",
    "RTES_OIDC_MEMBER_VALUES": "adherent",
}
"""Settings of a sign-on provider that is never contacted; accounts are bound to its identities."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a command.

    Attributes:
        status: exit status; None if it was killed.
        out, err: its output.
        calls: name and paths, relative to the archive, of every system call that changed the disk.
        cuts: states that a power cut at some calls would have left: index of the call, kind of cut, folder.
    """

    status: int | None
    out: str
    err: str
    calls: tuple[tuple[str, list[str]], ...] = ()
    cuts: tuple[tuple[int, str, Path], ...] = ()


class Laboratory:
    """A process that runs commands and causes faults in them.

    Attributes:
        refused: why faults cannot be caused on this machine, or None if they can.
    """

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.support.laboratory"]
        self._process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            env={**os.environ, **SIGN_ON},
        )
        self.refused: str | None = self._answer()["refused"]

    def run(
        self,
        archive: Trial,
        *argv: str,
        input: str = "",
        kill_at: int | None = None,
        refuse: dict[str, Any] | None = None,
        cuts: Iterable[int] = (),
    ) -> Outcome:
        """Run a command.

        Args:
            archive: its archive.
            argv: the command line, without the folders.
            input: its standard input.
            kill_at: kill it before the call that changes the disk with this index, from 0; None does not kill it.
            refuse: which calls fail; see `full_disk` and `forbidden`.
            cuts: indexes of calls at which to record what a power cut would leave; if there are any, the state at the
                end is recorded too.
        """
        request = {
            "root": str(archive.state),
            "argv": [*archive.places, *argv],
            "input": input,
            "kill_at": kill_at,
            "refuse": refuse,
            "cuts": list(cuts),
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._answer()
        calls = tuple((name, paths) for name, paths in answer["calls"])
        cut = tuple((place, policy, Path(folder)) for place, policy, folder in answer["cuts"])
        return Outcome(answer["status"], answer["out"], answer["err"], calls, cut)

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """Stop the laboratory's process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()


def full_disk(since: int = 0, under: str = "") -> dict[str, Any]:
    """Return a fault: from the call with index `since` on, nothing can be written below the folder `under` of the
    archive, as on a full disk; files can still be renamed and deleted.
    """
    return {"error": errno.ENOSPC, "since": since, "under": under, "allowed": WRITES}


def forbidden(under: str = "", error: int = errno.EACCES, since: int = 0) -> dict[str, Any]:
    """Return a fault: from the call with index `since` on, nothing can change below the archive's folder `under`."""
    return {"error": error, "since": since, "under": under, "allowed": ()}


class Trial(Archive):
    """An archive with corpus, index and data in one folder, so that a test can put back an earlier state of them."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.state = folder / "state"
        self.state.mkdir()
        places = {name: self.state / name for name in ("corpus", "index", "data")}
        self.settings = replace(self.settings, **places)

    @property
    def places(self) -> tuple[str, ...]:
        """Options of the command line that name the folders of this archive."""
        return tuple(f"--{name}={self.state / name}" for name in ("corpus", "index", "data"))

    def command(self, *argv: str, input: str = "") -> Outcome:
        """Run a command on this archive without faults."""
        out, err, before = io.StringIO(), io.StringIO(), sys.stdin
        sys.stdin = io.StringIO(input)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                status = cli.main([*self.places, *argv])
        finally:
            sys.stdin = before
        return Outcome(status, out.getvalue(), err.getvalue())

    @property
    def accounts(self) -> Accounts:
        """The accounts of this archive, opened again at each access."""
        return Accounts(self.settings.data / "accounts.sqlite")

    @property
    def backup(self) -> Path:
        """Path of the back-up of this archive."""
        return self.state / "sauvegarde.tar.gz"

    def set(self, folder: Path) -> None:
        """Replace corpus, index and data by the copy of them that a folder holds."""
        shutil.rmtree(self.state)
        shutil.copytree(folder, self.state)

    def files(self) -> set[str]:
        """Return the relative paths of all files, except those of generations: those names depend on earlier runs."""
        names = (path.relative_to(self.state) for path in self.state.rglob("*") if path.is_file())
        return {str(name) for name in names if name.parts[:2] != ("index", "generations")}

    def generations(self) -> list[str]:
        """Return the names of the generations (versions of the index) on the disk, sorted."""
        folder = self.settings.index / "generations"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


# What a reader sees


def answers(engine: EmbeddedEngine) -> object:
    """Return what an engine answers to two fixed searches, and all its resources; None if nothing is indexed."""
    asked = (
        SearchRequest(audience=Audience.VISITOR, per_page=100, snippets=False),
        SearchRequest(audience=Audience.MEMBER, query="coopérative parts sociales", per_page=100),
    )
    try:
        responses = [replace(engine.search(request), took_ms=0.0) for request in asked]
        everything = engine.search(SearchRequest(audience=Audience.MEMBER, per_page=100, snippets=False)).hits
        return responses, [engine.get(hit.id, audience=Audience.MEMBER) for hit in everything]
    except IndexMissingError:
        return None


@dataclass(frozen=True)
class Holdings:
    """Everything that must not be lost, at one moment.

    Attributes:
        pages: path and bytes of each page of the corpus.
        ids, themes: ids of resources and themes of pages in the catalogue.
        accounts: address, role, whether it is disabled, and the hash of its password.
        tokens: address and label.
        corrections: by id of the resource.
        selected: members' selections: key of the account and id of the resource.
        noted: actions in the audit log.
    """

    pages: tuple[tuple[str, bytes], ...]
    ids: tuple[object, ...]
    themes: tuple[object, ...]
    accounts: frozenset[tuple[object, ...]]
    tokens: frozenset[tuple[object, ...]]
    corrections: tuple[tuple[str, Correction], ...]
    selected: frozenset[tuple[object, ...]]
    noted: tuple[str, ...]


def holdings(archive: Trial) -> Holdings:
    """Return everything that must not be lost, as a new process reads it."""
    corpus, data = archive.settings.corpus, archive.settings.data
    ids: tuple[object, ...] = ()
    themes: tuple[object, ...] = ()
    if (corpus / CATALOGUE).exists():
        catalogue = Catalogue(corpus / CATALOGUE)
        ids = tuple((identity.key, identity.id) for identity in catalogue.identities())
        themes = tuple((row.path, row.themes) for row in catalogue.pages())
        catalogue.close()
    accounts = archive.accounts.all()  # migrates the file before it is read
    listed = rows(data / "accounts.sqlite", "SELECT email, role, disabled, password FROM accounts")
    assert {row[0] for row in listed} == {account.email for account in accounts}
    return Holdings(
        pages=tuple((path, raw) for path, raw in archive.corpus_files().items() if not path.startswith(".")),
        ids=ids,
        themes=themes,
        accounts=frozenset(listed),
        tokens=frozenset(
            rows(data / "accounts.sqlite", "SELECT email, label FROM tokens JOIN accounts ON key = account")
        ),
        corrections=tuple(sorted(Corrections(corpus / CORRECTIONS).all().items())),
        selected=frozenset(
            rows(data / "shelf.sqlite", "SELECT account, resource FROM lists JOIN items ON lists.id = items.list")
        ),
        noted=tuple(entry.action for entry in Audit(data / "audit.sqlite").entries()),
    )


def rows(path: Path, question: str) -> list[tuple[object, ...]]:
    """Return the rows of a query on a SQLite file; none if the file or the table does not exist."""
    if not path.exists():
        return []
    with contextlib.closing(sqlite3.connect(path)) as database:
        made = database.execute("SELECT 1 FROM sqlite_schema").fetchone()
        return database.execute(question).fetchall() if made else []


def seen(archive: Trial) -> object:
    """Return the `answers` of a newly opened engine, and assert that no file of its index is damaged."""
    with archive.engine() as engine:
        found = answers(engine)
        assert engine.check() == []
        assert engine.status().degraded is None
        return found


# Scenarios


@dataclass(frozen=True)
class Scenario:
    """A command that changes something, over an archive prepared for it.

    Attributes:
        prepare: creates the state before the command.
        argv: the command; "PAGES" stands for the folder of pages to import, "BACKUP" for the file of a back-up.
        input: its standard input.
        done: output of a second run if the first one had done everything.
        proof: returns whether the command has been carried out.
        kills: number of calls at which tests kill it.
        alone: whether it is only tested with kills, because failing disks are covered by another scenario.
    """

    name: str
    prepare: Callable[[Trial], None]
    argv: Sequence[str]
    input: str = ""
    done: str | None = None
    proof: Callable[[Trial], bool] = lambda archive: True
    kills: int = 24
    alone: bool = False

    @property
    def kind(self) -> str:
        """The name of the command, without its arguments."""
        return self.argv[0]


class Stage:
    """A scenario that can be run repeatedly: the state before, and the result of a run without faults."""

    def __init__(self, scenario: Scenario, folder: Path, laboratory: Laboratory) -> None:
        self.scenario = scenario
        self.laboratory = laboratory
        self.trial = Trial(folder)
        scenario.prepare(self.trial)
        self.start = folder / "start"
        shutil.copytree(self.trial.state, self.start)
        self.kept, self.old = holdings(self.trial), seen(self.trial)
        undisturbed = self.play()
        assert undisturbed.status == 0, undisturbed.err
        assert scenario.proof(self.trial)
        self.calls = undisturbed.calls
        self.done, self.new = holdings(self.trial), seen(self.trial)
        if scenario.kind in {"import", "index"}:
            self.trial.index()
        self.end = holdings(self.trial), seen(self.trial)
        self.files = self.trial.files()

    @property
    def argv(self) -> list[str]:
        words = {"PAGES": str(self.trial.pages), "BACKUP": str(self.trial.backup)}
        return [words.get(word, word) for word in self.scenario.argv]

    def play(self, **harm: Any) -> Outcome:
        """Run the command with faults, given as to `Laboratory.run` (`kill_at`, `refuse`, `cuts`)."""
        return self.laboratory.run(self.trial, *self.argv, input=self.scenario.input, **harm)

    def again(self) -> Outcome:
        """Run the command again without faults; it may find that everything was already done."""
        outcome = self.trial.command(*self.argv, input=self.scenario.input)
        done = self.scenario.done is not None and self.scenario.done in outcome.err
        return replace(outcome, status=0) if done else outcome

    def instants(self, wanted: int) -> list[int]:
        """Return the indexes in `calls` of `wanted` system calls at which to cause a fault: the same ones each time."""
        chance = random.Random(self.scenario.name)
        return sorted(chance.sample(range(len(self.calls)), min(wanted, len(self.calls))))

    def assert_mended(self, *, spare: int = 0) -> None:
        """Assert that the next run completes the work, that nothing is lost, and that no temporary files remain.

        Args:
            spare: number of surplus generations (versions of the index) that may stay until the next one is published.
        """
        outcome = self.again()
        assert outcome.status == 0, outcome.err
        assert self.scenario.proof(self.trial)
        # An import that does not know the provenance of the current generation publishes all changes, even those of
        # indexing.
        assert seen(self.trial) in (self.new, *([self.end[1]] if self.scenario.kind == "import" else []))
        if self.scenario.kind == "import":
            self.trial.index()
        found = holdings(self.trial)
        assert self.told(found) == self.told(self.end[0])
        assert list(found.noted[: len(self.kept.noted)]) == list(self.kept.noted)
        assert seen(self.trial) == self.end[1]
        assert self.trial.files() == self.files
        assert len(self.trial.generations()) <= KEPT + spare
        assert all(name.isdigit() for name in self.trial.generations())
        assert not list(self.trial.state.rglob("*.new"))

    def told(self, found: Holdings) -> Holdings:
        """Return holdings in a form that can be compared: password hashes are replaced by whether they existed before
        the command, and the audit log, to which a second run adds entries, is left out.
        """
        before = {row[-1] for row in self.kept.accounts}
        accounts = frozenset((*row[:-1], row[-1] in before) for row in found.accounts)
        return replace(found, accounts=accounts, noted=())

    def assert_nothing_lost(self) -> None:
        """Assert that no page or id is lost; accounts and corrections are those before or after the command."""
        found, old, new = (self.told(each) for each in (holdings(self.trial), self.kept, self.done))
        if self.scenario.kind == "restore":
            self._assert_pages_kept(dict(found.pages), dict(new.pages))
            return
        assert dict(found.pages).keys() >= dict(old.pages).keys()
        assert set(found.ids) >= set(old.ids)
        for name in ("accounts", "tokens", "corrections", "selected"):
            assert getattr(found, name) in (getattr(old, name), getattr(new, name)), name

    def _assert_pages_kept(self, found: dict[str, bytes], restored: dict[str, bytes]) -> None:
        """Assert that either exactly the restored pages are found, or no page from before the restore is missing.

        Pages that the restore moved to its folder of replaced files are not missing. Pages are given by path.
        """
        if found != restored:
            aside = self.trial.settings.corpus / ".replaced"
            held = {*found.values(), *(path.read_bytes() for path in aside.rglob("*") if path.is_file())}
            assert held >= set(dict(self.kept.pages).values())


@contextlib.contextmanager
def engine_before(trial: Trial) -> Iterator[EmbeddedEngine]:
    """Yield an engine that is opened and searched now, to be asked again after the fault."""
    with trial.engine() as engine:
        with contextlib.suppress(ArchiveError):
            answers(engine)
        yield engine
