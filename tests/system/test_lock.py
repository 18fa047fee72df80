"""Lock file and SBOM agree with requirements.txt; container image and docs/OPERATIONS.md install from the lock file."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from bench.tools.lock import LOCK, REQUIREMENTS, SBOM, pinned
from tests.support.places import CHECKOUT

AGAIN = "requirements.txt has changed: run `python -m bench.tools.lock`"
KERNELS = "indexer/engine/embedded/kernels/compiled"


def key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).casefold()


@pytest.fixture(scope="module")
def locked() -> dict[str, tuple[str, list[str]]]:
    """Return version and hashes of each distribution in the lock file."""
    joined = LOCK.read_text("utf-8").replace("\\\n", " ")
    lines = [line.split() for line in joined.splitlines() if line and not line.startswith("#")]
    return {
        key(name): (version, [one.removeprefix("--hash=sha256:") for one in hashes])
        for pin, *hashes in lines
        for name, version in [pin.split("==")]
    }


def test_the_lock_names_the_same_versions(locked: dict[str, tuple[str, list[str]]]) -> None:
    wanted = dict(line.split("==") for line in pinned(REQUIREMENTS.read_text("utf-8")))
    assert {name: version for name, (version, _) in locked.items()} == {
        key(name): version for name, version in wanted.items()
    }, AGAIN


def test_everything_has_hashes_and_nothing_has_an_address(locked: dict[str, tuple[str, list[str]]]) -> None:
    for name, (_, hashes) in locked.items():
        assert hashes, name
        assert all(re.fullmatch("[0-9a-f]{64}", one) for one in hashes), name
    content = "".join(line for line in LOCK.read_text("utf-8").splitlines(keepends=True) if line[0] != "#")
    assert not re.search(r"://|--(?:extra-)?index|--find-links|@ |/", content)


def test_the_sbom_lists_the_same_files(locked: dict[str, tuple[str, list[str]]]) -> None:
    sbom: Any = json.loads(SBOM.read_text("utf-8"))
    assert sbom["bomFormat"] == "CycloneDX"
    assert sbom["metadata"]["component"]["name"] == "rtes-archive"
    listed = {
        key(one["name"]): (
            one["version"],
            [found["content"] for place in one["externalReferences"] for found in place["hashes"]],
        )
        for one in sbom["components"]
    }
    assert {name: (version, sorted(hashes)) for name, (version, hashes) in listed.items()} == {
        name: (version, sorted(hashes)) for name, (version, hashes) in locked.items()
    }, AGAIN
    places = {place["url"] for one in sbom["components"] for place in one["externalReferences"]}
    assert all(place.startswith("https://pypi.org/simple/") for place in places)


@pytest.mark.parametrize("path", ["deploy/Containerfile", "docs/OPERATIONS.md"])
def test_what_is_installed_is_what_is_locked(path: str) -> None:
    text = (CHECKOUT / path).read_text("utf-8")
    assert re.search(r"pip install (?:--no-cache-dir )?--require-hashes -r (?:deploy/)?requirements\.lock", text)
    assert re.search(rf"pip install (?:--no-cache-dir )?--no-deps \./{KERNELS}", text)
    assert "-r requirements.txt" not in text
    assert f"./{KERNELS}" in REQUIREMENTS.read_text("utf-8")
