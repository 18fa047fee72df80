"""The credentials of a source, from a file that only its owner can read."""

from __future__ import annotations

import base64
import os
import stat
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from indexer.errors import GatheringError
from indexer.gathering.source import Source
from indexer.storage.os_errors import reason_of

_LARGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials for the hosts of one source. No `repr` shows a secret.

    Attributes:
        cookies: value of the header `Cookie`, or empty.
        authorization: value of the header `Authorization`, or empty.
        client_id, client_secret: those of OAuth2 client credentials, to be exchanged for a token, or empty.
    """

    cookies: str = field(default="", repr=False)
    authorization: str = field(default="", repr=False)
    client_id: str = field(default="", repr=False)
    client_secret: str = field(default="", repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """Return the HTTP headers that carry the credentials; client credentials need a token first."""
        held = {"Cookie": self.cookies, "Authorization": self.authorization}
        return {name: value for name, value in held.items() if value}


def credentials_of(source: Source) -> Credentials | None:
    """Return the credentials of a source, None for an anonymous one.

    Raises:
        GatheringError: their file cannot be read, others can read it, or it does not hold credentials.
    """
    if source.cookie_file is not None:
        return Credentials(cookies=_cookies(_read(source.cookie_file), source.cookie_file))
    if source.token_file is not None:
        return _token(_read(source.token_file), source.token_file)
    return None


def _read(path: Path) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_mode & 0o077 or found.st_uid != os.geteuid():
                raise GatheringError(
                    f"« {path} » ouvre un site, et d’autres que vous pourraient le lire : lancez « chmod 600 {path} », "
                    "sous le compte qui lance la récupération."
                )
            text = file.read(_LARGEST).decode("utf-8-sig")
    except OSError as error:
        raise GatheringError(f"« {path} » ne peut être lu {reason_of(error).then('vérifiez son nom')}.") from error
    except UnicodeDecodeError as error:
        raise GatheringError(f"« {path} » n’est pas du texte : vérifiez que c’est le bon fichier.") from error
    return text


def _cookies(text: str, path: Path) -> str:
    """Return the header `Cookie` made from the text of a file: cookies in Netscape's format, or a line as browsers
    send it.
    """
    pairs = []
    for line in text.splitlines():
        columns = line.removeprefix("#HttpOnly_").split("\t")
        if len(columns) == 7:
            pairs.append(f"{columns[5]}={columns[6]}")
        elif line.strip() and not line.startswith("#"):
            pairs.append(line.strip().removeprefix("Cookie:").strip())
    value = "; ".join(pairs)
    return _checked(value if "=" in value else "", path)


def _token(text: str, path: Path) -> Credentials:
    bare = text.strip()
    if "=" not in bare.rstrip("=") and len(bare.split()) <= 2:
        return Credentials(authorization=f"Bearer {_checked(bare.removeprefix('Bearer').strip(), path)}")
    try:
        held = {name: value for name, value in tomllib.loads(text).items() if isinstance(value, str) and value}
    except tomllib.TOMLDecodeError:
        held = {}
    if set(held) == {"token"}:
        return Credentials(authorization=f"Bearer {_checked(held['token'], path)}")
    if set(held) == {"user", "password"}:
        pair = base64.b64encode(f"{held['user']}:{held['password']}".encode()).decode("ascii")
        return Credentials(authorization=f"Basic {pair}")
    if set(held) == {"client_id", "client_secret"}:
        return Credentials(client_id=held["client_id"], client_secret=held["client_secret"])
    raise _unknown(path)


def _checked(value: str, path: Path) -> str:
    if not value or not value.isascii() or not value.isprintable():
        raise _unknown(path)
    return value


def _unknown(path: Path) -> GatheringError:
    # The message does not show what the file holds.
    return GatheringError(
        f"« {path} » ne se lit pas. Un fichier de cookies a le format de Netscape, ou une ligne « nom=valeur » ; un "
        "fichier de jeton a un jeton seul, ou user et password, ou client_id et client_secret, en TOML."
    )
