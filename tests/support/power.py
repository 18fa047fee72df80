"""A simulated disk that loses unflushed data: what a power cut would leave of a folder."""

from __future__ import annotations

import os
import random
import resource
import stat
from collections.abc import Callable
from pathlib import Path

BLOCK = 4096

Keep = Callable[[bool], bool]
"""A function that returns whether an unflushed change survives a power cut. Its argument says what changed: True for
the names in a folder, False for a block of a file.
"""


class Disk:
    """The part of a folder that would survive a power cut; each flush must be reported to it.

    Only what existed at the beginning and what was flushed since survives: a file's content by an fsync of the file,
    its name by an fsync of its folder. Files are identified by inode, and kept open so that inode numbers are not
    reused.

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
        """Record that everything was flushed, as by sync(2)."""
        for folder, _, files in os.walk(self.root):
            for path in (Path(folder), *(Path(folder) / name for name in files)):
                self.flush(path)

    def flush(self, path: Path) -> None:
        """Record that a file's content, or a folder's names, were flushed."""
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
        """Write what a power cut now would leave of the folder to `target`, which must not exist.

        `keep` says what of the unflushed data survives.
        """
        number = self._number(self.root)
        assert number is not None
        self._lay(number, self.root, target, keep)

    def _lay(self, number: int, live: Path | None, target: Path, keep: Keep) -> None:
        if live is not None and (not live.exists() or self._number(live) != number):
            live = None  # it was deleted since, or another file has its name
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
        """Return the present path of the file with inode `number`, perhaps renamed in `folder`; None if it is gone."""
        if self._number(folder / name) == number:
            return folder / name
        return next((Path(e.path) for e in os.scandir(folder) if self._number(Path(e.path)) == number), None)

    def close(self) -> None:
        """Close the files that were kept open."""
        for handle in self._held.values():
            os.close(handle)


def _torn(before: bytes, now: bytes, keep: Keep) -> bytes:
    """Return a torn file: some blocks are current, the others as last flushed, or zeros if they are new."""
    if before == now:
        return now
    size = len(now) if keep(False) else len(before)
    return b"".join(
        (now if keep(False) else before)[start : start + BLOCK].ljust(BLOCK, b"\0") for start in range(0, size, BLOCK)
    )[:size]


def policies(seed: int) -> dict[str, Keep]:
    """Return the kinds of power cuts, by name: unflushed data is lost; only names survive; some of both survive."""
    chance = random.Random(seed)
    return {"lost": lambda name: False, "names": lambda name: name, "torn": lambda name: chance.random() < 0.5}
