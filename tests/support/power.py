"""A disk that loses what was not flushed: what would be left of a folder if the power went now."""

from __future__ import annotations

import os
import random
import resource
import stat
from collections.abc import Callable
from pathlib import Path

BLOCK = 4096

Keep = Callable[[bool], bool]
"""Whether something unflushed had reached the disk: the names in a folder (True), or a block of a file (False)."""


class Disk:
    """What of a folder is safe from a power cut, kept up to date by telling it of each flush.

    Nothing is safe but what was there at the beginning and what was flushed since: a file's bytes by an fsync of it,
    its name by one of its folder. Files are known by inode, and held open so that no number is given twice.

    Args:
        root: the folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._bytes: dict[int, bytes] = {}
        self._names: dict[int, dict[str, int]] = {}
        self._folders: set[int] = set()
        self._held: dict[int, int] = {}
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.flush_all()

    def flush_all(self) -> None:
        """Everything is safe, as after sync(2)."""
        for folder, _, files in os.walk(self.root):
            for path in (Path(folder), *(Path(folder) / name for name in files)):
                self.flush(path)

    def flush(self, path: Path) -> None:
        """A file's bytes, or a folder's names, are safe."""
        number = self._number(path)
        if number is None:
            return
        if number in self._folders:
            found = {entry.name: self._number(Path(entry.path)) for entry in os.scandir(path)}
            self._names[number] = {name: held for name, held in found.items() if held is not None}
        else:
            self._bytes[number] = path.read_bytes()

    def _number(self, path: Path) -> int | None:
        try:
            found = path.stat()
        except FileNotFoundError:
            return None
        if found.st_ino not in self._held:
            self._held[found.st_ino] = os.open(path, os.O_PATH)
            if stat.S_ISDIR(found.st_mode):
                self._folders.add(found.st_ino)
        return found.st_ino

    def cut(self, target: Path, keep: Keep) -> None:
        """Write into `target`, which does not exist yet, what a power cut would leave."""
        number = self._number(self.root)
        assert number is not None
        self._lay(number, self.root, target, keep)

    def _lay(self, number: int, live: Path | None, target: Path, keep: Keep) -> None:
        if live is not None and (not live.exists() or self._number(live) != number):
            live = None  # it has gone since, or another has its name
        if number not in self._folders:
            before = self._bytes.get(number, b"")
            target.write_bytes(before if live is None else _torn(before, live.read_bytes(), keep))
            return
        target.mkdir()
        names = self._names.get(number, {})
        if live is not None and keep(True):
            found = {entry.name: self._number(Path(entry.path)) for entry in os.scandir(live)}
            names = {name: held for name, held in found.items() if held is not None}
        for name, held in sorted(names.items()):
            self._lay(held, None if live is None else self._living(held, live, name), target / name, keep)

    def _living(self, number: int, folder: Path, name: str) -> Path | None:
        """Where a file is now: under its old name, or under a new one beside it."""
        if self._number(folder / name) == number:
            return folder / name
        return next((Path(e.path) for e in os.scandir(folder) if self._number(Path(e.path)) == number), None)

    def close(self) -> None:
        """Let go of the files."""
        for handle in self._held.values():
            os.close(handle)


def _torn(before: bytes, now: bytes, keep: Keep) -> bytes:
    """Some blocks as they are now, the others as they were flushed, or zeros where there was nothing."""
    if before == now:
        return now
    size = len(now) if keep(False) else len(before)
    return b"".join(
        (now if keep(False) else before)[start : start + BLOCK].ljust(BLOCK, b"\0") for start in range(0, size, BLOCK)
    )[:size]


def policies(seed: int) -> dict[str, Keep]:
    """Ways in which a power cut may fall: what was not flushed is lost; names alone got through; some of each did."""
    chance = random.Random(seed)
    return {"lost": lambda name: False, "names": lambda name: name, "torn": lambda name: chance.random() < 0.5}
