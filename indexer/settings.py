"""Settings: one frozen table, read once from the environment and the command line.

Every setting has a row in `SETTINGS`, from which README's table is checked by a test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from indexer.colours import read_accent
from indexer.errors import SettingsError
from indexer.storage.os_errors import because

OWN_SYNONYMS = "synonyms.txt"
"""File of the site's own synonyms, in the data folder."""

ROOT = Path(__file__).resolve().parent.parent
ACCENT = "#8a2f1b"
WELCOME = "Toutes les ressources du réseau, à chercher par mots, par thème ou par année."
ADDRESS = "http://127.0.0.1:8000/"
"""Where a bare `run.py` serves the site."""
MAX_PROXIES = 5

_RATE = re.compile(r"([0-9]{1,6})\s*/\s*(\w+)")
_SPANS = {"seconde": 1, "second": 1, "minute": 60, "heure": 3600, "hour": 3600}
_HOST = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*")


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
    Setting("RTES_WELCOME", WELCOME, "phrase d’accueil de la page de recherche"),
    Setting("RTES_ACCENT", ACCENT, "couleur des liens et des boutons ; refusée si elle se lit mal sur le fond"),
    Setting(
        "RTES_HTTPS",
        "non",
        "« oui » quand le site est servi en HTTPS : les cookies de session ne voyagent alors que chiffrés",
    ),
    Setting(
        "RTES_PRIVATE",
        "hidden",
        "« title » : les visiteurs trouvent les ressources réservées par leurs titre, type et année, rien d’autre",
    ),
    Setting("RTES_SEARCH_LOG_DAYS", "90", "jours de conservation des recherches, notées sans leur auteur ; 0 : aucune"),
    Setting("RTES_AUDIT_DAYS", "365", "jours de conservation du journal des connexions et des actions ; 0 : sans fin"),
    Setting("RTES_OIDC_ISSUER", "", "adresse du fournisseur OpenID Connect ; vide, pas d’authentification unique"),
    Setting("RTES_OIDC_CLIENT_ID", "", "identifiant du site chez ce fournisseur"),
    Setting("RTES_OIDC_CLIENT_SECRET", "", "son secret ; à défaut, lu dans le fichier oidc.secret du dossier data"),
    Setting("RTES_OIDC_NAME", "le compte du réseau", "nom du fournisseur sur la page de connexion"),
    Setting(
        "RTES_OIDC_ROLE_CLAIM", "roles", "donnée du fournisseur qui dit le rôle (realm_access.roles chez Keycloak)"
    ),
    Setting("RTES_OIDC_MEMBER_VALUES", "", "valeurs de cette donnée qui font un adhérent, séparées par des virgules"),
    Setting("RTES_OIDC_STAFF_VALUES", "", "valeurs de cette donnée qui font un membre de l’équipe"),
    Setting("RTES_ADDRESS", ADDRESS, "adresse publique de cette archive, pour les flux, les fichiers et les robots"),
    Setting("RTES_PROXY", "0", "nombre de serveurs mandataires (proxys) de confiance devant le site"),
    Setting("RTES_HOSTS", "tous", "noms sous lesquels le site répond, séparés par des virgules"),
    Setting("RTES_RATE_LIMIT", "aucune", "demandes permises à chaque visiteur, par exemple 120/minute"),
)


@dataclass(frozen=True, slots=True)
class SignOn:
    """Single sign-on through an OpenID Connect provider.

    Attributes:
        issuer: address of the provider, as it names itself.
        client_id: what it calls this site.
        client_secret: shared with it.
        name: how the sign-in page calls it.
        role_claim: the claim that tells the role; dots lead into objects.
        member_values: values that make a member.
        staff_values: values that make staff; they win.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str = "le compte du réseau"
    role_claim: str = "roles"
    member_values: frozenset[str] = frozenset()
    staff_values: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds."""

    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are and how the site presents itself.

    Attributes:
        corpus, index, data: folders.
        site_url: address of the original site.
        site_name: name at the top of every page.
        https: whether readers come over HTTPS.
        proxies: how many proxies in front of the site are trusted to say who asks.
        hosts: names that the site answers under; none means any.
        rate: what one visitor may ask, or None.
        private_titles: whether visitors find private resources by their title, type and year.
    """

    corpus: Path
    index: Path
    data: Path
    site_url: str = "https://www.rtes.fr/"
    site_name: str = "Archives du réseau"
    welcome: str = WELCOME
    accent: str = ACCENT
    https: bool = False
    search_log_days: int = 90
    audit_days: int = 365
    sign_on: SignOn | None = None
    address: str | None = None
    proxies: int = 0
    hosts: tuple[str, ...] = ()
    rate: Rate | None = None
    private_titles: bool = False


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

    data_folder = place(data, "RTES_DATA", "data")
    https, proxies, rate = _yes(environ, "RTES_HTTPS"), _proxies(environ), _rate(environ)
    if rate is not None and https and not proxies:
        # Whoever speaks HTTPS for this site stands in front of it: all visitors would come from one address.
        raise SettingsError(
            "RTES_RATE_LIMIT compterait tous les visiteurs comme un seul, car le HTTPS passe par un proxy : "
            "indiquez aussi RTES_PROXY=1."
        )
    return Settings(
        corpus=place(corpus, "RTES_CORPUS", "corpus"),
        index=place(index, "RTES_INDEX", "index"),
        data=data_folder,
        site_url=_address(environ, "RTES_SITE_URL") or "https://www.rtes.fr/",
        site_name=environ.get("RTES_SITE_NAME", "").strip() or "Archives du réseau",
        welcome=environ.get("RTES_WELCOME", "").strip() or WELCOME,
        accent=_accent(environ),
        address=_address(environ, "RTES_ADDRESS"),
        search_log_days=_days(environ, "RTES_SEARCH_LOG_DAYS", 90),
        audit_days=_days(environ, "RTES_AUDIT_DAYS", 365),
        sign_on=_sign_on(environ, data_folder),
        https=https,
        private_titles=_private_titles(environ),
        proxies=proxies,
        hosts=_hosts(environ),
        rate=rate,
    )


def _address(environ: Mapping[str, str], variable: str) -> str | None:
    value = environ.get(variable, "").strip()
    try:
        parts = urlsplit(value)
    except ValueError:
        parts = urlsplit("")
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
        raise SettingsError(
            f"{variable} vaut « {value} », qui n’est pas une adresse : écrivez par exemple https://www.rtes.fr/"
        )
    return value or None


def _proxies(environ: Mapping[str, str]) -> int:
    value = environ.get("RTES_PROXY", "").strip()
    if not re.fullmatch(r"[0-9]?", value) or int(value or 0) > MAX_PROXIES:
        raise SettingsError(
            f"RTES_PROXY vaut « {value} » : écrivez combien de proxys de confiance précèdent le site, "
            f"de 0 à {MAX_PROXIES}."
        )
    return int(value or 0)


def _hosts(environ: Mapping[str, str]) -> tuple[str, ...]:
    names = environ.get("RTES_HOSTS", "").replace(",", " ").split()
    for name in names:
        if not _HOST.fullmatch(name.lower()):
            raise SettingsError(
                f"RTES_HOSTS contient « {name} », qui n’est pas un nom d’hôte : écrivez par exemple "
                "archives.exemple.fr, sans https:// ni port."
            )
    return tuple(dict.fromkeys(name.lower() for name in names))


def _rate(environ: Mapping[str, str]) -> Rate | None:
    value = environ.get("RTES_RATE_LIMIT", "").strip().casefold()
    if not value:
        return None
    found = _RATE.fullmatch(value)
    if found is None or found[2] not in _SPANS or int(found[1]) < 1:
        raise SettingsError(
            f"RTES_RATE_LIMIT vaut « {value} » : écrivez un nombre de demandes et une durée, par exemple 120/minute "
            "(ou seconde, heure)."
        )
    return Rate(int(found[1]), _SPANS[found[2]])


def _private_titles(environ: Mapping[str, str]) -> bool:
    value = environ.get("RTES_PRIVATE", "").strip().casefold()
    if value not in {"", "hidden", "title"}:
        raise SettingsError(f"RTES_PRIVATE vaut « {value} » : écrivez « hidden » ou « title ».")
    return value == "title"


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


def _sign_on(environ: Mapping[str, str], data: Path) -> SignOn | None:
    def given(name: str) -> str:
        return environ.get(f"RTES_OIDC_{name}", "").strip()

    def values(name: str) -> frozenset[str]:
        return frozenset(value.strip() for value in given(name).split(",") if value.strip())

    issuer = given("ISSUER")
    if not issuer:
        return None
    try:
        parts = urlsplit(issuer)
    except ValueError:
        parts = urlsplit("")
    local = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    # Over plain HTTP, whoever is on the way could sign in as anyone.
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise SettingsError(
            f"RTES_OIDC_ISSUER vaut « {issuer} » : écrivez l’adresse https du fournisseur, "
            "par exemple https://compte.exemple.fr/realms/reseau"
        )
    secret = given("CLIENT_SECRET") or _secret_of(data / "oidc.secret")
    missing = [
        variable
        for variable, value in (
            ("RTES_OIDC_CLIENT_ID", given("CLIENT_ID")),
            ("RTES_OIDC_CLIENT_SECRET", secret),
            ("RTES_OIDC_MEMBER_VALUES ou RTES_OIDC_STAFF_VALUES", values("MEMBER_VALUES") | values("STAFF_VALUES")),
        )
        if not value
    ]
    if missing:
        raise SettingsError(
            f"L’authentification unique est incomplète : donnez aussi {', '.join(missing)}, "
            "ou retirez RTES_OIDC_ISSUER pour vous en passer."
        )
    defaults = {setting.variable: setting.default for setting in SETTINGS}
    return SignOn(
        issuer=issuer,
        client_id=given("CLIENT_ID"),
        client_secret=secret,
        name=given("NAME") or defaults["RTES_OIDC_NAME"],
        role_claim=given("ROLE_CLAIM") or defaults["RTES_OIDC_ROLE_CLAIM"],
        member_values=values("MEMBER_VALUES"),
        staff_values=values("STAFF_VALUES"),
    )


def _secret_of(path: Path) -> str:
    if not path.exists():
        return ""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        why = because(error) if isinstance(error, OSError) else "ce n’est pas de l’UTF-8"
        raise SettingsError(f"Le secret « {path} » ne peut être lu ({why}) : vérifiez ses droits d’accès.") from error


def _accent(environ: Mapping[str, str]) -> str:
    value = environ.get("RTES_ACCENT", "").strip().casefold() or ACCENT
    try:
        read_accent(value)
    except ValueError as error:
        raise SettingsError(f"RTES_ACCENT vaut « {value} », {error}.") from None
    return value
