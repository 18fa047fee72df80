"""Files that survive a power cut: flushed to disk, and replaced atomically."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

_TRIAL_BYTES = 64 * 1024


def flush(path: Path) -> None:
    """Flush a file's content, or a folder's list of names, to disk, so that it survives a power cut.

    Raises:
        OSError: it cannot be opened or flushed.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(path: Path, mode: int) -> None:
    """Create a folder with permissions `mode`, and its missing parents with the usual ones, flushed to disk.

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
    """Write a file atomically: a reader finds either the old content or the new content, complete.

    Args:
        path: the file; its folder exists.
        content: its bytes.
        mode: permissions of the file.
        flushed: whether the new content survives a power cut once this returns. If False, a power cut may lose the new
            content, but never mixes it with the old; for callers that flush many files at once.
        own_draft: whether other processes may be writing the same file; the temporary file then has a unique name.

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
        with suppress(OSError):  # frees space if the disk is full
            draft.unlink(missing_ok=True)
        raise
    if flushed:
        flush(path.parent)


def create_atomically(path: Path, content: bytes, *, mode: int = 0o600) -> bool:
    """Create a file atomically and flush it, unless it exists. If several processes try at once, one of them succeeds.

    Returns:
        Whether this call created the file.

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


def try_writing(folder: Path) -> None:
    """Write and flush a small file in a folder and delete it, to find out whether files can be written there.

    Raises:
        OSError: it cannot be written.
    """
    path = folder / f".{secrets.token_hex(8)}.new"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        path.unlink()
        file.write(bytes(_TRIAL_BYTES))
        file.flush()
        os.fsync(file.fileno())


def draft_of(path: Path, ending: str = "new") -> Path:
    """Return the path of the hidden file, in the same folder, to which the file's next content is written first.

    Args:
        path: the file.
        ending: suffix of the hidden file's name.
    """
    return path.with_name(f".{path.name}.{ending}")
