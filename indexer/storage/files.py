"""Files that a power cut leaves whole: flushed, and replaced in one step."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path


def flush(path: Path) -> None:
    """Make a file's bytes, or a folder's names, survive a power cut.

    Raises:
        OSError: it cannot be read, or the disk refuses.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(path: Path, mode: int) -> None:
    """Make a folder that survives a power cut, and those above it.

    Raises:
        OSError: it cannot be made.
    """
    if path.is_dir():
        return
    make_folder(path.parent, 0o777)
    path.mkdir(mode=mode, exist_ok=True)
    flush(path.parent)


def write_atomically(
    path: Path, content: bytes, *, mode: int = 0o600, flushed: bool = True, own_draft: bool = False
) -> None:
    """Write a file in one step: whoever reads it finds the old content or the new, whole.

    Args:
        path: the file; its folder exists.
        content: its bytes.
        mode: rights of the file.
        flushed: whether the new content survives a power cut once this returns. Without it the content may be lost,
            never mixed with the old, where the caller flushes many files at once.
        own_draft: whether other processes may be writing the same file: the draft then has a name of its own.

    Raises:
        OSError: it cannot be written; nothing is left of the attempt.
    """
    draft = draft_of(path, secrets.token_hex(8) if own_draft else "new")
    try:
        with open(draft, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(content)
            if flushed:
                file.flush()
                os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):  # a full disk needs the room
            draft.unlink(missing_ok=True)
        raise
    if flushed:
        flush(path.parent)


def create_atomically(path: Path, content: bytes, *, mode: int = 0o600) -> bool:
    """Make a file in one step, flushed, unless there is one: of several processes that try at once, one wins.

    Returns:
        Whether the file was made.

    Raises:
        OSError: it cannot be written; nothing is left of the attempt.
    """
    draft = draft_of(path, secrets.token_hex(8))
    try:
        with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
    flush(path.parent)
    return True


def draft_of(path: Path, ending: str = "new") -> Path:
    """Return the hidden file, beside the file, in which its next content is written."""
    return path.with_name(f".{path.name}.{ending}")
