"""docs/LICENCES.md lists the licence of every installed distribution; those needed at run time are pinned."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.places import CHECKOUT

RUNS, TESTS, BENCHES = (CHECKOUT / folder / "requirements.txt" for folder in (".", "tests", "bench"))


def required(*files: object) -> list[Requirement]:
    lines = [line.partition("#")[0].strip() for file in files for line in file.read_text("utf-8").splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith(("-", "./"))]


def needed(requirements: list[Requirement]) -> dict[str, Distribution]:
    """Return the installed distributions of some requirements, and of their own requirements."""
    found: dict[str, Distribution] = {}
    waiting = [(one.name, tuple(sorted(one.extras))) for one in requirements]
    met = set()
    while waiting:
        name, extras = waiting.pop()
        key = canonicalize_name(name)
        if (key, extras) in met:
            continue
        met.add((key, extras))
        try:
            found[key] = distribution(name)
        except PackageNotFoundError:
            continue  # not for this machine, or not installed for these tests
        for line in found[key].requires or ():
            inner = Requirement(line)
            if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                waiting.append((inner.name, tuple(sorted(inner.extras))))
    return found


def sections() -> dict[str, dict[str, str]]:
    text = (CHECKOUT / "docs" / "LICENCES.md").read_text("utf-8")
    return {
        part.splitlines()[0]: {
            canonicalize_name(name): licence
            for name, licence in re.findall(r"^\| ([\w.-]+) \| ([^|]+) \|$", part, re.MULTILINE)
            if name != "distribution"
        }
        for part in text.split("\n## ")[1:]
    }


def test_every_licence_is_listed() -> None:
    listed = {name for section in sections().values() for name in section}
    assert set(needed(required(RUNS, TESTS, BENCHES))) - listed == set()


def test_licences_of_what_runs_stand_with_what_runs() -> None:
    runs = needed(required(RUNS))
    assert {"flask", "werkzeug", "soupsieve"} <= set(runs)
    assert set(runs) - set(sections()["What runs"]) == set()


@pytest.mark.parametrize("file", [RUNS, TESTS, BENCHES], ids=["runs", "tests", "benches"])
def test_requirements_are_pinned(file: object) -> None:
    for one in required(file):
        assert re.fullmatch(r"==[\w.]+", str(one.specifier)), one.name


def test_what_runs_is_pinned_to_the_last_distribution() -> None:
    pinned = {canonicalize_name(one.name): one for one in required(RUNS)}
    for name, installed in needed(required(RUNS)).items():
        assert name in pinned, f"pin {name}=={installed.version} in requirements.txt"
        assert pinned[name].specifier.contains(installed.version), name


def test_declared_licences_agree() -> None:
    """If a distribution declares a licence expression, its licence in docs/LICENCES.md begins with that."""
    everything = {name: licence for section in sections().values() for name, licence in section.items()}
    compared = 0
    for name, installed in needed(required(RUNS, TESTS)).items():
        declared = installed.metadata.get("License-Expression")
        if declared is not None:
            assert everything[name].startswith(declared), f"{name}: {declared}"
            compared += 1
    assert compared > 15
