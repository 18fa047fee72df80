"""What a shell completes, examples in the help, and the access log that cannot be written."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from search_app.cli.main import SHELLS
from tests.support.waiting import PATIENCE


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_names_commands_and_options(bare: Callable[..., Any], shell: str) -> None:
    script = bare("completion", shell)
    assert script.status == 0
    for word in ("import", "withdraw", "--previous"):
        assert word.removeprefix("--") in script.out


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is missing")
def test_bash_completes(bare: Callable[..., Any]) -> None:
    asked = 'COMP_WORDS=(run.py with); COMP_CWORD=1; _shtab_run_py; echo "${COMPREPLY[@]}"'
    script = bare("completion", "bash").out + asked
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True, timeout=PATIENCE)
    assert done.stdout.strip() == "withdraw"


def test_another_shell(bare: Callable[..., Any]) -> None:
    assert bare("completion", "cmd.exe").status == 2


@pytest.mark.parametrize("command", ["import", "index", "search", "serve", "correct", "withdraw", "completion"])
def test_help_has_examples(bare: Callable[..., Any], command: str) -> None:
    shown = bare(command, "--help").out
    assert "exemples :" in shown
    assert f"python run.py {command}" in shown


def test_an_access_log_that_cannot_be_written(cli: Callable[..., Any], site: Any) -> None:
    refused = cli("serve", "--port", "1024", "--access-log", str(site.folder / "rien" / "acces.log"))
    assert refused.status == 1
    assert "acces.log" in refused.err
