"""The laboratory: runs commands in child processes, and kills them, refuses their writes or records their changes of
the disk.

It is a separate process, from which children are forked with everything imported. It reads one JSON request per line,
and answers each with one line; tests send requests with `tests.support.faults.Laboratory`.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from search_app import cli
from tests.support import power, tracing
from tests.support.archive import Archive, page


def warm_up() -> None:
    """Import everything that children will need."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        archive = Archive(Path(folder))
        archive.write("a.html", page())
        archive.import_()
        archive.index()
        archive.hits("coopérative")
        places = [f"--{name}={archive.folder / name}" for name in ("corpus", "index", "data")]
        sys.stdin = io.StringIO("un mot de passe\n")
        cli.main([*places, "user", "add", "a@exemple.fr", "--role", "member", "--password-stdin"])
        cli.main([*places, "user", "erase", "a@exemple.fr"])
        cli.main([*places, "withdraw", *archive.ids().values(), "--later"])
        cli.main([*places, "backup", str(archive.folder / "sauvegarde.tar.gz")])


class Experiment:
    """One command, with the faults to cause."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.root = Path(request["root"])
        self.argv: list[str] = request["argv"]
        self.input: str = request["input"]
        self.kill_at: int | None = request["kill_at"]
        self.refuse: dict[str, Any] | None = request["refuse"]
        self.cuts: set[int] = set(request["cuts"])
        self.calls: list[tuple[str, list[str]]] = []
        self.folder = Path(tempfile.mkdtemp(dir=self.root.parent))
        self.cut_folders: list[tuple[int, str, str]] = []
        self._cut_seen: set[bytes] = set()
        self._disk = power.Disk(self.root) if self.cuts else None

    def perform(self) -> dict[str, Any]:
        """Run the command with its faults; return its status, output and calls, and what power cuts would leave."""
        out, err = self.folder / "out", self.folder / "err"
        status = tracing.run_traced(lambda: self._command(out, err), self._decide)
        if self._disk is not None:
            self._cut_seen.clear()  # the state at the end is always recorded
            self._cut(len(self.calls))
            self._disk.close()
        answer = {
            "status": status,
            "out": out.read_text("utf-8"),
            "err": err.read_text("utf-8"),
            "calls": self.calls,
            "cuts": self.cut_folders,
        }
        out.unlink()
        err.unlink()
        return answer

    def _command(self, out: Path, err: Path) -> int:
        for number, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.stdin = io.StringIO(self.input)
        sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), encoding="utf-8", write_through=True)
        sys.stderr = io.TextIOWrapper(io.FileIO(2, "w"), encoding="utf-8", write_through=True)
        try:
            return cli.main(self.argv)
        except SystemExit as stop:
            return int(stop.code or 0)
        except BaseException:
            import traceback

            traceback.print_exc()
            return 99

    def _decide(self, call: tracing.Call) -> tracing.Verdict:
        inside = [path for path in call.paths if Path(path).is_relative_to(self.root)]
        if call.name == "sync" or inside:
            place = len(self.calls)
            self.calls.append((call.name, [str(Path(path).relative_to(self.root)) for path in inside]))
            if place == self.kill_at:
                return tracing.KILL
            if place in self.cuts:
                self._cut(place)
            if self.refuse is not None and self._is_refused(call, place):
                return int(self.refuse["error"])
        if call.name not in tracing.FLUSHES:
            return None
        if self._disk is not None and call.name in {"sync", "syncfs"}:
            self._disk.flush_all()
        elif self._disk is not None and inside and call.descriptor is not None:
            self._disk.flush(Path(inside[0]))
        return 0  # recorded, but not carried out, to save time

    def _is_refused(self, call: tracing.Call, place: int) -> bool:
        assert self.refuse is not None
        under = Path(self.root, self.refuse["under"])
        if place < self.refuse["since"] or call.name in self.refuse["allowed"]:
            return False
        return any(Path(path).is_relative_to(under) for path in call.paths)

    def _cut(self, place: int) -> None:
        assert self._disk is not None
        for policy, keep in power.policies(place).items():
            target = self.folder / f"{place}-{policy}"
            self._disk.cut(target, keep)
            seen = _digest(target)
            if seen in self._cut_seen:
                shutil.rmtree(target)
            else:
                self._cut_seen.add(seen)
                self.cut_folders.append((place, policy, str(target)))


def _digest(folder: Path) -> bytes:
    digest = hashlib.blake2b()
    for path in sorted(folder.rglob("*")):
        digest.update(str(path.relative_to(folder)).encode() + b"\0")
        if path.is_file():
            digest.update(hashlib.blake2b(path.read_bytes()).digest())
    return digest.digest()


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    reason = tracing.why_not()
    if reason is None:
        warm_up()
    print(json.dumps({"refused": reason}), file=answers, flush=True)
    for line in io.TextIOWrapper(os.fdopen(0, "rb"), encoding="utf-8"):
        print(json.dumps(Experiment(json.loads(line)).perform()), file=answers, flush=True)


if __name__ == "__main__":
    main()
