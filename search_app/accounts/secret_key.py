"""The secret that signs sessions: made on the first run, never a default."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from indexer.errors import SettingsError
from indexer.storage.os_errors import because
from search_app import messages

SECRET_BYTES = 32


def session_secret(folder: Path) -> bytes:
    """The secret of this site, made if it does not exist yet.

    Several workers may start at once: each writes a whole secret under a name of its own, and the first to link
    it under the final name wins. A reader therefore never sees a file that is half written.

    Args:
        folder: the data folder, made if missing.

    Raises:
        SettingsError: the secret cannot be read or made, or the file is damaged.
    """
    path = folder / "secret.key"
    try:
        if not path.exists():
            _make(path)
        # Tightened in case a copy or a restore loosened it.
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        secret = path.read_bytes()
    except OSError as error:
        raise SettingsError(messages.secret_unusable(str(path), because(error))) from error
    if len(secret) != SECRET_BYTES:
        raise SettingsError(messages.secret_damaged(str(path)))
    return secret


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return  # another worker was first: its secret is the one
    finally:
        draft.unlink()
