"""The secret that signs session cookies: generated on the first run, never a default."""

from __future__ import annotations

import secrets
from pathlib import Path

from indexer.errors import SettingsError
from indexer.storage.files import create_atomically
from indexer.storage.os_errors import reason_of
from search_app.messages import typeset

SECRET_BYTES = 32
SECRET_FILE = "secret.key"  # noqa: S105 - the name of its file
"""Name of the file in the data folder that holds the secret."""


def session_secret(folder: Path) -> bytes:
    """Return the secret of this site; generate it if it does not exist yet.

    If several workers start at once, one of them creates it, and all use the same.

    Args:
        folder: the data folder, created if missing.

    Raises:
        SettingsError: the secret cannot be read or created, or the file is damaged.
    """
    path = folder / SECRET_FILE
    try:
        if not path.exists():
            _make(path)
        # Restrict permissions again, in case a copy or a restore loosened them.
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise _unusable(path, error) from error
    return read_secret(path)


def read_secret(path: Path) -> bytes:
    """Return the secret that a file holds.

    Raises:
        SettingsError: the file cannot be read, or is damaged.
    """
    try:
        with path.open("rb") as file:
            secret = file.read(SECRET_BYTES + 1)
    except OSError as error:
        raise _unusable(path, error) from error
    # After a power cut, some file systems leave zeros in place of what was not flushed.
    if len(secret) != SECRET_BYTES or len(set(secret)) == 1:
        raise SettingsError(
            typeset(
                f"Le secret de session {path} est abîmé : supprimez ce fichier, un nouveau sera créé au démarrage "
                "(les personnes connectées devront se reconnecter)."
            )
        )
    return secret


def _unusable(path: Path, error: OSError) -> SettingsError:
    return SettingsError(
        typeset(
            f"Le secret de session {path} ne peut pas être utilisé "
            f"{reason_of(error).then('vérifiez ce qui est à cette place')}."
        )
    )


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    create_atomically(path, secrets.token_bytes(SECRET_BYTES))  # no effect if another worker was first
