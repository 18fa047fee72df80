"""Shell completion, examples in the help, and an access log that cannot be written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search_app.cli.completion import SHELLS
from tests.support.archive import write
from tests.support.places import CHECKOUT
from tests.support.spaces import plain
from tests.support.waiting import PATIENCE


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_asks_the_program(bare: Callable[..., Any], shell: str) -> None:
    script = bare("completion", shell)
    assert (script.status, script.err) == (0, "")
    assert f"_RUN_PY_COMPLETE={shell}_complete" in script.out


def complete(bare: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, shell: str, line: str) -> list[str]:
    """Return the program's lines in answer to a shell's request to complete a command line."""
    words = line.split(" ")
    monkeypatch.setenv("_RUN_PY_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", words[-1] if shell == "fish" else str(len(words) - 1))
    answered = bare()
    assert (answered.status, answered.err) == (0, "")
    return answered.out.splitlines()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("run.py with", ["plain,withdraw"]),
        ("run.py --ver", ["plain,--version"]),
        ("run.py index --prev", ["plain,--previous"]),
        ("run.py user dis", ["plain,disable"]),
        ("run.py user role a@b.fr ", ["plain,member", "plain,staff"]),
        ("run.py search --as m", ["plain,member"]),
        ("run.py search -mot --ye", ["plain,--year"]),
        ("run.py correct ID --clear th", ["plain,theme"]),
        ("run.py import pa", ["file,pa"]),
        ("run.py --corpus ", ["dir,"]),
    ],
)
def test_bash_is_told_what_may_follow(
    bare: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, line: str, found: list[str]
) -> None:
    assert complete(bare, monkeypatch, "bash", line) == found


def test_zsh_and_fish_are_told_what_it_does_too(bare: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    does = "retire une ressource des recherches, sans toucher à ses pages"
    assert complete(bare, monkeypatch, "zsh", "run.py with") == ["plain", "withdraw", does]
    assert complete(bare, monkeypatch, "fish", "run.py with") == [f"plain,withdraw\t{does}"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is missing")
def test_bash_completes(bare: Callable[..., Any], tmp_path: Path) -> None:
    program = write(tmp_path / "run.py", f'#!/bin/sh\nexec "{sys.executable}" "{CHECKOUT / "run.py"}" "$@"\n')
    program.chmod(0o700)
    script = bare("completion", "bash").out
    asked = f'COMP_WORDS=({program} with); COMP_CWORD=1; _runpy_completion {program}; echo "${{COMPREPLY[@]}}"'
    # This shell has no terminal, so the script cannot set up interactive completion.
    done = subprocess.run(["bash", "-c", script + asked], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stdout.strip() == "withdraw"


def test_another_shell(bare: Callable[..., Any]) -> None:
    assert bare("completion", "cmd.exe").status == 2


@pytest.mark.parametrize("command", ["import", "index", "search", "serve", "correct", "withdraw", "completion"])
def test_help_has_examples(bare: Callable[..., Any], command: str) -> None:
    shown = plain(bare(command, "--help").out)
    assert "exemples :" in shown
    assert f"python run.py {command}" in shown


def test_an_access_log_that_cannot_be_written(cli: Callable[..., Any], site: Any) -> None:
    refused = cli("serve", "--port", "1024", "--access-log", str(site.folder / "rien" / "acces.log"))
    assert refused.status == 1
    assert "acces.log" in refused.err
