"""The secret that signs session cookies: generated on the first run, never a default."""

from __future__ import annotations

import secrets
from pathlib import Path

from indexer.errors import SettingsError
from indexer.storage.files import create_atomically
from indexer.storage.os_errors import because
from search_app.messages import typeset

SECRET_BYTES = 32


def session_secret(folder: Path) -> bytes:
    """Return the secret of this site; generate it if it does not exist yet.

    If several workers start at once, one of them creates it, and all use the same.

    Args:
        folder: the data folder, created if missing.

    Raises:
        SettingsError: the secret cannot be read or created, or the file is damaged.
    """
    path = folder / "secret.key"
    try:
        if not path.exists():
            _make(path)
        # Restrict permissions again, in case a copy or a restore loosened them.
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        secret = path.read_bytes()
    except OSError as error:
        raise SettingsError(
            typeset(
                f"Le secret de session {path} ne peut pas être utilisé ({because(error)}) : "
                "vérifiez ses droits d’accès."
            )
        ) from error
    if len(secret) != SECRET_BYTES:
        raise SettingsError(
            typeset(
                f"Le secret de session {path} est incomplet : supprimez ce fichier, un nouveau sera créé au démarrage "
                "(les personnes connectées devront se reconnecter)."
            )
        )
    return secret


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    create_atomically(path, secrets.token_bytes(SECRET_BYTES))  # no effect if another worker was first
