"""`python -m bench.tools.lock`: write deploy/requirements.lock and deploy/sbom.json from requirements.txt.

The lock file contains the same versions with the hashes that PyPI lists, for `pip install --require-hashes`; the SBOM
lists them for programs (CycloneDX). Both are written by tools that are installed in a temporary folder. Run this
whenever requirements.txt changes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from bench.speed.pages import ROOT

TOOLS = ("uv==0.13.9", "cyclonedx-bom==7.5.0")
INDEX = "https://pypi.org/simple"
REQUIREMENTS, LOCK, SBOM = (
    ROOT / name for name in ("requirements.txt", "deploy/requirements.lock", "deploy/sbom.json")
)
HEADER = """\
# Made by `python -m bench.tools.lock` from requirements.txt: the same versions, with the hashes of their files on PyPI.
# For `pip install --require-hashes -r`. The engine's kernels are installed by a command of their own: OPERATIONS.md.
"""


def pinned(text: str) -> list[str]:
    """Return the pinned distributions of a requirements file, without those from this checkout, which have no hash."""
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith(("-", "./"))]


def main() -> int:
    """Run the tool, and return the exit status."""
    argparse.ArgumentParser(prog="python -m bench.tools.lock", description=__doc__).parse_args()
    # Ignore pip settings of this machine: the hashes of a mirror or of a folder of wheels would get into the lock file.
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    clean |= {name: os.environ[name] for name in ("PIP_CERT",) if name in os.environ}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        venv.create(folder / "tools", with_pip=True)
        programs = folder / "tools" / "bin"
        subprocess.run([programs / "pip", "install", "--quiet", *TOOLS], env=clean, check=True)
        wanted, lock = folder / "requirements.in", folder / "requirements.lock"
        wanted.write_text("\n".join(pinned(REQUIREMENTS.read_text("utf-8"))), "utf-8")
        options = ["--no-config", "--no-cache", "--no-annotate", "--no-header", "--quiet", "--default-index", INDEX]
        options += ["--generate-hashes", "--python", sys.executable, "--output-file", str(lock)]
        subprocess.run([programs / "uv", "pip", "compile", *options, wanted], env=clean, check=True)
        locked = HEADER + lock.read_text("utf-8")
        lock.write_text(locked, "utf-8")
        sbom = folder / "sbom.json"
        options = ["--pyproject", str(ROOT / "pyproject.toml"), "--output-reproducible", "--output-file", str(sbom)]
        subprocess.run([programs / "cyclonedx-py", "requirements", *options, lock], env=clean, check=True)
        LOCK.write_text(locked, "utf-8")
        SBOM.write_text(sbom.read_text("utf-8"), "utf-8")
    print(f"{LOCK.relative_to(ROOT)} and {SBOM.relative_to(ROOT)} are written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
