"""Settings of commands: the settings file, what overrides it, what is refused, and the settings of jobs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.settings import find_settings_file
from search_app.accounts.store import Accounts
from search_app.jobs.launcher import start
from search_app.jobs.store import JobKind, Jobs, JobState
from search_app.settings import SETTINGS, read_settings
from tests.support.archive import write
from tests.support.places import CHECKOUT
from tests.support.site import PASSWORD, STAFF
from tests.support.waiting import PATIENCE, wait_until


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    folder = tmp_path / "ici"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def places(site: Any) -> str:
    return "".join(f"RTES_{name.upper()}={getattr(site, name)}\n" for name in ("corpus", "index", "data"))


def test_the_file_of_the_working_folder_is_read(bare: Callable[..., Any], indexed: Any, here: Path) -> None:
    write(here / "archive.env", places(indexed))
    assert bare("search", "épicerie", "--json").json["total"] == 1


def test_a_named_file_replaces_that_of_the_working_folder(bare: Callable[..., Any], indexed: Any, here: Path) -> None:
    write(here / "archive.env", "ceci n’est pas lu")
    named = write(here.parent / "nommé.env", places(indexed))
    assert bare("--settings", str(named), "search", "épicerie", "--json").json["total"] == 1
    assert bare("--settings", "../nommé.env", "search", "épicerie", "--json").json["total"] == 1


def test_folders_of_a_file_are_relative_to_it(bare: Callable[..., Any], indexed: Any, here: Path) -> None:
    named = write(indexed.folder / "archive.env", "RTES_CORPUS=corpus\nRTES_INDEX=index\nRTES_DATA=data\n")
    assert bare("--settings", str(named), "search", "épicerie", "--json").json["total"] == 1


def test_a_setting_that_nginx_has_taken_over_is_one_warning(
    bare: Callable[..., Any], indexed: Any, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(here / "archive.env", f"{places(indexed)}RTES_RATE_LIMIT=240/minute\n")
    monkeypatch.setenv("RTES_RATE_LIMIT", "120/minute")
    outcome = bare("search", "épicerie", "--json")
    assert (outcome.status, outcome.json["total"]) == (0, 1)
    assert len(outcome.err.splitlines()) == 1
    assert "RTES_RATE_LIMIT" in outcome.err
    assert "limit_req" in outcome.err


def test_the_environment_wins_over_the_file(
    bare: Callable[..., Any], indexed: Any, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(here / "archive.env", f"{places(indexed)}RTES_INDEX=/nulle/part\nRTES_HTTPS=bof\n")
    assert "RTES_HTTPS" in bare("search", "épicerie").err
    monkeypatch.setenv("RTES_INDEX", str(indexed.index))
    monkeypatch.setenv("RTES_HTTPS", "non")
    assert bare("search", "épicerie", "--json").json["total"] == 1


@pytest.mark.parametrize("command", [("check",), ("search", "x"), ("index",), ("serve",), ("user", "list"), ()])
def test_a_misspelt_variable_stops_every_command(
    cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("RTES_HTPS", "oui")
    outcome = cli(*command)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err == "RTES_HTPS n’est pas un réglage : vouliez-vous écrire RTES_HTTPS ?\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "il n’existe pas"),
        (b"\xff", "UTF-8"),
        (b"RTES_HTTPS", "à la ligne 1"),
        (b"\nRTES_HTPS=oui", "RTES_HTTPS ?"),
        (b"RTES_HTTPS=bof", "ligne 1) vaut « bof »"),
    ],
)
def test_a_file_that_cannot_be_used_is_1(
    cli: Callable[..., Any], tmp_path: Path, content: bytes | None, says: str
) -> None:
    file = tmp_path / "réglages.env"
    if content is not None:
        file.write_bytes(content)
    outcome = cli("--settings", str(file), "check")
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.count("\n") == 1
    assert str(file) in outcome.err
    assert says in outcome.err


def test_help_needs_no_settings(bare: Callable[..., Any], here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here / "archive.env", "rien de lisible")
    monkeypatch.setenv("RTES_HTPS", "oui")
    helped = bare("--help")
    assert helped.status == 0
    assert "--settings FICHIER" in helped.out
    assert [one.variable for one in SETTINGS] == [
        line.split()[0] for line in helped.out.splitlines() if line.startswith("  RTES_")
    ]


@pytest.mark.slow
def test_no_command_tells_a_secret(indexed: Any, here: Path) -> None:
    write(
        here / "archive.env",
        f"{places(indexed)}RTES_OIDC_ISSUER=https://compte.exemple.fr\nRTES_OIDC_CLIENT_ID=archives\n"
        "RTES_OIDC_CLIENT_SECRET=hunter2\nRTES_OIDC_STAFF_VALUES=equipe\n",
    )
    for command in (["check"], ["index"], ["search", "x"], ["--help"]):
        done = subprocess.run(
            [sys.executable, str(CHECKOUT / "run.py"), *command],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "hunter2" not in done.stdout + done.stderr


# Jobs: processes in the program's folder


def ended(data: Path, number: int) -> JobState:
    jobs = Jobs(data)

    def state() -> JobState:
        job = jobs.get(number)
        assert job is not None
        return job.state

    wait_until(lambda: state().is_over, "a job that does not end")
    return state()


@pytest.mark.slow
def test_a_job_reads_the_settings_of_its_site(
    cli: Callable[..., Any], indexed: Any, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index written by a job has the titles of private resources, as the settings file asks."""
    write(here / "archive.env", f"{places(indexed)}RTES_PRIVATE=title\n")
    settings = read_settings({}, file=find_settings_file(None))
    monkeypatch.chdir("/")
    Accounts(indexed.data / "accounts.sqlite").add(STAFF, "staff", PASSWORD)
    number = start(settings, JobKind.FULL, STAFF).number
    assert ended(indexed.data, number) is JobState.DONE
    # Without RTES_PRIVATE, with which the job wrote the index, the run must write it again.
    assert cli("index", "--json").json["switched"] is True
    number = start(settings, JobKind.FULL, STAFF).number
    assert ended(indexed.data, number) is JobState.DONE
    monkeypatch.setenv("RTES_PRIVATE", "title")
    assert cli("index", "--json").json["switched"] is False


def test_a_job_of_a_site_without_a_file_reads_none(indexed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job is started with an empty settings file, so that it does not read one in its working folder."""
    asked: list[list[str]] = []
    popen = subprocess.Popen

    def noted(command: list[str], **options: Any) -> Any:
        asked.append(command)
        return popen(command, **options)

    monkeypatch.setattr("search_app.jobs.launcher.subprocess.Popen", noted)
    settings = read_settings({}, corpus=str(indexed.corpus), index=str(indexed.index), data=str(indexed.data))
    Accounts(indexed.data / "accounts.sqlite").add(STAFF, "staff", PASSWORD)
    number = start(settings, JobKind.SURVEY, STAFF).number
    assert ended(indexed.data, number) is JobState.DONE
    (command,) = asked
    assert command[command.index("--settings") + 1] == "/dev/null"
