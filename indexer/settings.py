"""Settings: one frozen table, read once from the environment and the command line.

Every setting has a row in `SETTINGS`, from which README's table is checked by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from indexer.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its name, its default as people would write it, and what it does (French)."""

    variable: str
    default: str
    help: str


SETTINGS: tuple[Setting, ...] = (
    Setting("RTES_CORPUS", "corpus", "dossier des pages importées"),
    Setting("RTES_INDEX", "index", "dossier de l’index, toujours reconstructible depuis le corpus"),
    Setting("RTES_DATA", "data", "dossier des comptes, du secret de session et des journaux"),
    Setting("RTES_SITE_URL", "https://www.rtes.fr/", "adresse du site d’origine, pour résoudre les liens relatifs"),
    Setting("RTES_SITE_NAME", "Archives du réseau", "nom affiché en haut des pages"),
    Setting(
        "RTES_HTTPS",
        "non",
        "« oui » quand le site est servi en HTTPS : les cookies de session ne voyagent alors que chiffrés",
    ),
    Setting("RTES_SEARCH_LOG_DAYS", "90", "jours de conservation des recherches, notées sans leur auteur ; 0 : aucune"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how the site presents itself."""

    corpus: Path
    index: Path
    data: Path
    site_url: str = "https://www.rtes.fr/"
    site_name: str = "Archives du réseau"
    https: bool = False
    search_log_days: int = 90


def read_settings(
    environ: Mapping[str, str],
    *,
    corpus: str | None = None,
    index: str | None = None,
    data: str | None = None,
) -> Settings:
    """Read settings from environment variables; places given on the command line win.

    Args:
        environ: environment variables, usually ``os.environ``.
        corpus: folder of the pages, as given on the command line, or None.
        index: folder of the index, or None.
        data: folder of accounts and secrets, or None.

    Raises:
        SettingsError: a variable has a value that cannot be used.
    """

    def place(given: str | None, variable: str, default: str) -> Path:
        chosen = given or environ.get(variable, "").strip()
        return Path(chosen).expanduser().resolve() if chosen else ROOT / default

    site_url = environ.get("RTES_SITE_URL", "").strip() or "https://www.rtes.fr/"
    try:
        parts = urlsplit(site_url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(
            f"RTES_SITE_URL vaut « {site_url} », qui n’est pas une adresse : écrivez par exemple https://www.rtes.fr/"
        )
    return Settings(
        corpus=place(corpus, "RTES_CORPUS", "corpus"),
        index=place(index, "RTES_INDEX", "index"),
        data=place(data, "RTES_DATA", "data"),
        site_url=site_url,
        site_name=environ.get("RTES_SITE_NAME", "").strip() or "Archives du réseau",
        https=_yes(environ, "RTES_HTTPS"),
        search_log_days=_days(environ, "RTES_SEARCH_LOG_DAYS", 90),
    )


def _yes(environ: Mapping[str, str], variable: str) -> bool:
    value = environ.get(variable, "").strip().casefold()
    if value in {"", "non", "no", "0", "false"}:
        return False
    if value in {"oui", "yes", "1", "true"}:
        return True
    raise SettingsError(f"{variable} vaut « {value} » : écrivez « oui » ou « non ».")


def _days(environ: Mapping[str, str], variable: str, default: int) -> int:
    value = environ.get(variable, "").strip()
    if not value:
        return default
    if not (value.isascii() and value.isdecimal() and len(value) <= 4):
        raise SettingsError(f"{variable} vaut « {value} » : écrivez un nombre de jours, de 0 à 9999.")
    return int(value)
