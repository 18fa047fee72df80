"""What tests of faults share: an archive on a quick disk, the laboratory that harms it, and what must still be true."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archive_support import Archive, listing, node, page

import run
from indexer.catalogue import Catalogue
from indexer.corpus import CATALOGUE
from indexer.engine.embedded.engine import EmbeddedEngine
from indexer.engine.embedded.generations import KEPT
from indexer.errors import ArchiveError, IndexMissingError
from indexer.query.request import SearchRequest
from indexer.resource import Audience
from search_app.accounts import Accounts

PASSWORD = "un mot de passe solide"
WRITES = ("rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "fsync", "fdatasync", "sync", "syncfs")
"""Calls that a full disk does not refuse."""


@dataclass(frozen=True)
class Outcome:
    """What became of a command.

    Attributes:
        status: exit status; None if it was killed.
        out, err: what it said.
        calls: every call that changed the disk: its name, and paths within the archive.
        cuts: what a power cut would have left at some of them: place among the calls, kind of cut, folder.
    """

    status: int | None
    out: str
    err: str
    calls: tuple[tuple[str, list[str]], ...] = ()
    cuts: tuple[tuple[int, str, Path], ...] = ()


class Laboratory:
    """Runs commands and harms them; see `laboratory`."""

    def __init__(self) -> None:
        command = [sys.executable, str(Path(__file__).with_name("laboratory.py"))]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8"
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
            argv: the command line, places apart.
            input: its standard input.
            kill_at: kill it before its n-th call that changes the disk.
            refuse: see `full_disk` and `forbidden`.
            cuts: calls at which to see what a power cut would leave; at the end, too, if any.
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
        """Stop it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()


def full_disk(since: int = 0, under: str = "") -> dict[str, Any]:
    """From the n-th call on, nothing below a folder finds room; what is there can still be renamed and removed."""
    return {"error": errno.ENOSPC, "since": since, "under": under, "allowed": WRITES}


def forbidden(under: str = "", error: int = errno.EACCES, since: int = 0) -> dict[str, Any]:
    """Nothing below a folder may be changed."""
    return {"error": error, "since": since, "under": under, "allowed": ()}


class Trial(Archive):
    """An archive whose corpus, index and data are in one folder, which can be put back as it was."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.state = folder / "state"
        self.state.mkdir()
        places = {name: self.state / name for name in ("corpus", "index", "data")}
        self.settings = replace(self.settings, **places)

    @property
    def places(self) -> tuple[str, ...]:
        """Options that name its folders."""
        return tuple(f"--{name}={self.state / name}" for name in ("corpus", "index", "data"))

    def command(self, *argv: str, input: str = "") -> Outcome:
        """Run a command here, unharmed."""
        out, err, before = io.StringIO(), io.StringIO(), sys.stdin
        sys.stdin = io.StringIO(input)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                status = run.main([*self.places, *argv])
        finally:
            sys.stdin = before
        return Outcome(status, out.getvalue(), err.getvalue())

    @property
    def accounts(self) -> Accounts:
        """Its accounts."""
        return Accounts(self.settings.data / "accounts.sqlite")

    def set(self, folder: Path) -> None:
        """Put everything in the state that a folder holds."""
        shutil.rmtree(self.state)
        shutil.copytree(folder, self.state)

    def files(self) -> set[str]:
        """Names of all files but those inside generations, whose numbers depend on what went before."""
        names = (path.relative_to(self.state) for path in self.state.rglob("*") if path.is_file())
        return {str(name) for name in names if name.parts[:2] != ("index", "generations")}

    def generations(self) -> list[str]:
        """Names of the generations, and of whatever else is beside them."""
        folder = self.settings.index / "generations"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


# What is seen


def answers(engine: EmbeddedEngine) -> object:
    """What an engine answers, to be compared; None before the first index."""
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
    """Everything that must not be lost, as it is at one moment."""

    pages: tuple[tuple[str, bytes], ...]
    ids: tuple[object, ...]
    themes: tuple[object, ...]
    accounts: tuple[tuple[str, Audience], ...]


def holdings(archive: Trial) -> Holdings:
    """Look at everything, as a process that starts now would."""
    catalogue_file = archive.settings.corpus / CATALOGUE
    ids: tuple[object, ...] = ()
    themes: tuple[object, ...] = ()
    if catalogue_file.exists():
        catalogue = Catalogue(catalogue_file)
        ids = tuple((identity.key, identity.id) for identity in catalogue.identities())
        themes = tuple((row.path, row.themes) for row in catalogue.pages())
        catalogue.close()
    known = tuple(archive.accounts.get(email) for email in ("ancienne@exemple.fr", "nouveau@exemple.fr"))
    accounts = tuple((account.email, account.role) for account in known if account is not None)
    pages = tuple((path, raw) for path, raw in archive.corpus_files().items() if not path.startswith("."))
    return Holdings(pages, ids, themes, accounts)


def seen(archive: Trial) -> object:
    """What a process that starts now answers, from a generation whose every byte is right."""
    with archive.engine() as engine:
        found = answers(engine)
        assert engine.check() == []
        assert engine.status().degraded is None
        return found


# What happens


@dataclass(frozen=True)
class Scenario:
    """A command that changes something, over an archive prepared for it.

    Attributes:
        prepare: makes the state before.
        argv: the command; "PAGES" stands for the folder of pages to import.
        input: its standard input.
    """

    name: str
    prepare: Callable[[Trial], None]
    argv: Sequence[str]
    input: str = ""


def address(name: str) -> str:
    return f"https://reseau.example/{name}"


def some_pages(archive: Trial) -> None:
    """Four pages of five resources, one of them private."""
    archive.write("regie.html", page("Ouvrir une régie", address=address("regie"), theme="Ruralité"))
    archive.write("charte.html", page("Charte des achats", address=address("charte"), private="Oui"))
    archive.write("sous/bail.html", page("Le bail réel solidaire", address=address("bail"), published="3 mars 2021"))
    archive.write("liste.html", listing(node("Une épicerie", link="/epicerie"), node("Une cantine", link="/cantine")))


def imported(archive: Trial) -> None:
    some_pages(archive)
    archive.import_(theme="Premier thème")


def indexed(archive: Trial) -> None:
    imported(archive)
    archive.index()


def with_an_account(archive: Trial) -> None:
    indexed(archive)
    archive.accounts.add("ancienne@exemple.fr", "staff", PASSWORD)


def changed_pages(archive: Trial) -> None:
    """Two generations, and pages that have changed since: one edited, one new, one turned private."""
    with_an_account(archive)
    archive.write("cafe.html", page("Un café associatif", address=address("cafe")))
    archive.import_()
    archive.index()
    archive.write("regie.html", page("Ouvrir une régie de quartier", address=address("regie")))
    archive.write("sous/bail.html", page("Le bail réel solidaire", address=address("bail"), private="Oui"))
    archive.write("jardin.html", page("Jardins partagés", address=address("jardin")))


def to_index(archive: Trial) -> None:
    """Pages that have changed in the corpus, one of them gone."""
    changed_pages(archive)
    archive.import_()
    (archive.settings.corpus / "pages" / "charte.html").unlink()


ADD = ("user", "add", "nouveau@exemple.fr", "--role", "member", "--password-stdin")
SCENARIOS = (
    Scenario("first import", some_pages, ("import", "PAGES", "--theme", "Premier thème")),
    Scenario("import of changes", changed_pages, ("import", "PAGES")),
    Scenario("first index", imported, ("index",)),
    Scenario("incremental index", to_index, ("index",)),
    Scenario("full index", to_index, ("index", "--full")),
    Scenario("first account", indexed, ADD, PASSWORD + "\n"),
    Scenario("another account", with_an_account, ADD, PASSWORD + "\n"),
    Scenario("account changed", with_an_account, ("user", "role", "ancienne@exemple.fr", "member")),
)


class Stage:
    """A scenario ready to be played again and again: the state before, and what an undisturbed run gives."""

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
        self.calls = undisturbed.calls
        self.new = seen(self.trial)
        self.trial.index()
        self.end = holdings(self.trial), seen(self.trial)
        self.files = self.trial.files()

    @property
    def argv(self) -> list[str]:
        return [str(self.trial.pages) if word == "PAGES" else word for word in self.scenario.argv]

    def play(self, **harm: Any) -> Outcome:
        """Put the state before back and run the command."""
        return self.laboratory.run(self.trial, *self.argv, input=self.scenario.input, **harm)

    def again(self) -> Outcome:
        """Run the command once more, undisturbed; an account that was made already is there."""
        outcome = self.trial.command(*self.argv, input=self.scenario.input)
        made = self.scenario.argv[0] == "user" and "existe déjà" in outcome.err
        return replace(outcome, status=0) if made else outcome

    def instants(self, wanted: int) -> list[int]:
        """Some of the command's calls, drawn over the whole of the run; always the same."""
        chance = random.Random(self.scenario.name)
        return sorted(chance.sample(range(len(self.calls)), min(wanted, len(self.calls))))

    def assert_mended(self, *, spare: int = 0) -> None:
        """The next run finishes the work, nothing is lost, and nothing is left lying about.

        Args:
            spare: generations too many that may wait for the next switch.
        """
        outcome = self.again()
        assert outcome.status == 0, outcome.err
        if self.argv[0] == "import":
            self.trial.index()
        assert holdings(self.trial) == self.end[0]
        if self.argv[0] != "user":
            assert seen(self.trial) == self.end[1]
        assert self.trial.files() == self.files
        assert len(self.trial.generations()) <= KEPT + spare
        assert all(name.isdigit() for name in self.trial.generations())
        assert not list(self.trial.state.rglob("*.new"))

    def assert_nothing_lost(self) -> None:
        """Pages, ids and accounts that there were are there."""
        kept = holdings(self.trial)
        assert dict(kept.pages).keys() >= dict(self.kept.pages).keys()
        assert set(kept.ids) >= set(self.kept.ids)
        assert {email for email, _ in kept.accounts} >= {email for email, _ in self.kept.accounts}


@contextlib.contextmanager
def engine_before(trial: Trial) -> Iterator[EmbeddedEngine]:
    """An engine that was opened, and asked, before what follows."""
    with trial.engine() as engine:
        with contextlib.suppress(ArchiveError):
            answers(engine)
        yield engine
