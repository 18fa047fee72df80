"""The settings of the site, the list of all settings, and how they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from indexer.errors import SettingsError
from indexer.settings import (
    CONTACT,
    CORPUS,
    DATA,
    GONE_DAYS,
    INDEX,
    PRIVATE,
    PUBLICATION_GRACE_DAYS,
    SITE_URL,
    Given,
    Setting,
    Settings,
    collect,
    days,
    plain,
    web_address,
)
from indexer.storage.os_errors import Reason, reason_of
from search_app.colours import read_accent

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8000
"""Address on which `run.py serve` listens by default."""
LOCAL_ADDRESS = f"http://{DEFAULT_HOST}:{DEFAULT_PORT}/"
"""Address on which `run.py` without a command serves the site."""
MAX_PROXIES = 5
OIDC_SECRET = "oidc.secret"  # noqa: S105 - the name of its file
"""File with the client secret of single sign-on, in the data folder."""

MAX_EMBEDDING = 20
"""Largest number of sites that may embed the search: they are all named in a header."""
_LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost"})
_HOST = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_ANY_HOST, _WHERE_IT_LISTENS = "tous", "locale"
"""Defaults that are words, for what no value could write."""


# How texts are read


def _yes(text: str) -> bool:
    value = text.casefold()
    if value in {"non", "no", "0", "false"}:
        return False
    if value in {"oui", "yes", "1", "true"}:
        return True
    raise ValueError("qui n’est pas une réponse : écrivez « oui » ou « non ».")


def _accent(text: str) -> str:
    value = text.casefold()
    try:
        read_accent(value)
    except ValueError as error:
        raise ValueError(f"{error}.") from None
    return value


def _address(text: str) -> str | None:
    return None if text.casefold() == _WHERE_IT_LISTENS else web_address(text)


def _proxies(text: str) -> int:
    if not re.fullmatch(r"[0-9]", text) or int(text) > MAX_PROXIES:
        raise ValueError(
            "qui n’est pas un nombre possible : écrivez combien de proxys de confiance précèdent le site, "
            f"de 0 à {MAX_PROXIES}."
        )
    return int(text)


def _hosts(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text.casefold().replace(",", " ").split()))
    if names == (_ANY_HOST,):
        return ()
    for name in names:
        if not _HOST.fullmatch(name) or name == _ANY_HOST:
            raise ValueError(
                f"où « {name} » n’est pas un nom d’hôte : écrivez par exemple archives.exemple.fr, "
                f"sans https:// ni port, ou « {_ANY_HOST} » seul."
            )
    if not names:
        raise ValueError(f"sans aucun nom d’hôte : écrivez par exemple archives.exemple.fr, ou « {_ANY_HOST} ».")
    return names


def _origins(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(_origin(one) for one in text.replace(",", " ").split()))
    if len(found) > MAX_EMBEDDING:
        raise ValueError(f"qui nomme {len(found)} sites : {MAX_EMBEDDING} au plus.")
    return found


def _origin(text: str) -> str:
    """Return an origin as browsers write it in the header of that name."""
    try:
        parts = urlsplit(text.casefold())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    local = host in _LOCAL_HOSTS
    bare = parts.path in {"", "/"} and not (parts.query or parts.fragment or parts.username or "@" in parts.netloc)
    if not (bare and _HOST.fullmatch(host) and not host.startswith(".")) or not (
        parts.scheme == "https" or (parts.scheme == "http" and local)
    ):
        raise ValueError(
            f"où « {text} » n’est pas l’adresse d’un site : écrivez par exemple https://www.exemple.fr, sans rien "
            "après le nom ; http n’est accepté que pour cette machine."
        )
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if port in {None, usual} else f":{port}")


def _issuer(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    local = parts.hostname in {"::1", *_LOCAL_HOSTS}
    # Over plain HTTP, anyone on the network path could sign in as anyone.
    if text and (not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local))):
        raise ValueError(
            "qui n’est pas sûr : écrivez l’adresse https du fournisseur, "
            "par exemple https://compte.exemple.fr/realms/reseau"
        )
    return text


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())


# Settings of the site

SITE_NAME = Setting("RTES_SITE_NAME", "Archives du réseau", plain, "nom affiché en haut des pages")
SEARCH_LOG_DAYS = Setting(
    "RTES_SEARCH_LOG_DAYS", "90", days, "jours de conservation des recherches, notées sans leur auteur ; 0 : aucune"
)
AUDIT_DAYS = Setting(
    "RTES_AUDIT_DAYS", "365", days, "jours de conservation du journal des connexions et des actions ; 0 : sans fin"
)
INBOX_DAYS = Setting(
    "RTES_INBOX_DAYS", "180", days, "jours de conservation des messages de lecteurs, une fois traités ; 0 : sans fin"
)
OIDC_ISSUER = Setting(
    "RTES_OIDC_ISSUER", "", _issuer, "adresse du fournisseur OpenID Connect ; vide, pas d’authentification unique"
)
OIDC_CLIENT_ID = Setting("RTES_OIDC_CLIENT_ID", "", plain, "identifiant du site chez ce fournisseur")
OIDC_CLIENT_SECRET = Setting(
    "RTES_OIDC_CLIENT_SECRET", "", plain, f"son secret ; à défaut, lu dans le fichier {OIDC_SECRET} du dossier data"
)
OIDC_NAME = Setting("RTES_OIDC_NAME", "le compte du réseau", plain, "nom du fournisseur sur la page de connexion")
OIDC_ROLE_CLAIM = Setting(
    "RTES_OIDC_ROLE_CLAIM", "roles", plain, "donnée du fournisseur qui dit le rôle (realm_access.roles chez Keycloak)"
)
OIDC_MEMBER_VALUES = Setting(
    "RTES_OIDC_MEMBER_VALUES", "", _words, "valeurs de cette donnée qui font un adhérent, séparées par des virgules"
)
OIDC_STAFF_VALUES = Setting(
    "RTES_OIDC_STAFF_VALUES", "", _words, "valeurs de cette donnée qui font un membre de l’équipe"
)
WELCOME = Setting(
    "RTES_WELCOME",
    "Toutes les ressources du réseau, à chercher par mots, par thème ou par année.",
    plain,
    "phrase d’accueil de la page de recherche",
)
ACCENT = Setting(
    "RTES_ACCENT",
    "#8a2f1b",
    _accent,
    "couleur des liens et des boutons ; refusée si elle se lit mal sur le fond",
)
ADDRESS = Setting(
    "RTES_ADDRESS",
    _WHERE_IT_LISTENS,
    _address,
    "adresse publique de cette archive, pour les flux, les fichiers et les robots ; "
    f"« {_WHERE_IT_LISTENS} » : celle où le site écoute",
)
HTTPS = Setting(
    "RTES_HTTPS",
    "non",
    _yes,
    "« oui » quand le site est servi en HTTPS : les cookies de session ne voyagent alors que chiffrés",
)
PROXY = Setting("RTES_PROXY", "0", _proxies, "nombre de serveurs mandataires (proxys) de confiance devant le site")
HOSTS = Setting("RTES_HOSTS", _ANY_HOST, _hosts, "noms sous lesquels le site répond, séparés par des virgules")
EMBED = Setting(
    "RTES_EMBED",
    "",
    _origins,
    "sites qui peuvent intégrer la recherche dans leurs pages, séparés par des virgules ; vide, aucun",
)
ASSISTANTS = Setting(
    "RTES_MCP", "non", _yes, "« oui » : des assistants cherchent et lisent à /mcp, avec les droits de leur jeton"
)

SETTINGS: tuple[Setting[Any], ...] = (
    CORPUS,
    INDEX,
    DATA,
    SITE_URL,
    SITE_NAME,
    SEARCH_LOG_DAYS,
    AUDIT_DAYS,
    INBOX_DAYS,
    OIDC_ISSUER,
    OIDC_CLIENT_ID,
    OIDC_CLIENT_SECRET,
    OIDC_NAME,
    OIDC_ROLE_CLAIM,
    OIDC_MEMBER_VALUES,
    OIDC_STAFF_VALUES,
    WELCOME,
    ACCENT,
    ADDRESS,
    PRIVATE,
    CONTACT,
    GONE_DAYS,
    PUBLICATION_GRACE_DAYS,
    HTTPS,
    PROXY,
    HOSTS,
    EMBED,
    ASSISTANTS,
)
"""Every setting, in the order in which README and the help of the command line list them."""

RETIRED = {
    "RTES_RATE_LIMIT": "n’a plus d’effet : le rythme des demandes se limite dans nginx, par limit_req "
    "(voir deploy/nginx.conf) ; retirez ce réglage.",
}
"""Names that were settings, and what to say of one that is still given."""


@dataclass(frozen=True, slots=True)
class SignOn:
    """Single sign-on through an OpenID Connect provider.

    Attributes:
        issuer: issuer identifier of the provider (a web address).
        client_id: identifier of this site at the provider.
        client_secret: secret shared with the provider.
        name: name of the provider on the sign-in page.
        role_claim: name of the claim that holds the role; dots separate nested keys.
        member_values: values of the claim that make a member.
        staff_values: values of the claim that make staff; they take precedence.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    name: str = OIDC_NAME.fallback
    role_claim: str = OIDC_ROLE_CLAIM.fallback
    member_values: frozenset[str] = OIDC_MEMBER_VALUES.fallback
    staff_values: frozenset[str] = OIDC_STAFF_VALUES.fallback


@dataclass(frozen=True, slots=True)
class SiteSettings(Settings):
    """Settings of the archive, and of the appearance and protection of the site.

    Attributes:
        site_name: name at the top of every page.
        welcome: sentence at the top of the search page.
        accent: colour of links and buttons, ``#rrggbb``.
        https: whether the site is reached over HTTPS.
        search_log_days: number of days for which searches are kept; 0 keeps none.
        audit_days: number of days for which the audit log is kept; 0 keeps it for ever.
        inbox_days: number of days for which a message of a reader is kept once dealt with; 0 keeps it for ever.
        sign_on: single sign-on, or None if it is not configured.
        address: public address of this archive; None for the address that it listens on.
        proxies: number of proxies in front of the site whose forwarded client address is trusted.
        hosts: host names that the site accepts; empty accepts any.
        embed: origins of the sites that may embed the search.
        assistants: whether assistants may use the archive by MCP.
        warnings: sentences on given settings that have no effect.
        file: the settings file that was read, or None; background jobs read the same file.
    """

    site_name: str = SITE_NAME.fallback
    welcome: str = WELCOME.fallback
    accent: str = ACCENT.fallback
    https: bool = HTTPS.fallback
    search_log_days: int = SEARCH_LOG_DAYS.fallback
    audit_days: int = AUDIT_DAYS.fallback
    inbox_days: int = INBOX_DAYS.fallback
    sign_on: SignOn | None = None
    address: str | None = ADDRESS.fallback
    proxies: int = PROXY.fallback
    hosts: tuple[str, ...] = HOSTS.fallback
    embed: tuple[str, ...] = EMBED.fallback
    assistants: bool = ASSISTANTS.fallback
    warnings: tuple[str, ...] = ()
    file: Path | None = None


def read_settings(
    environ: Mapping[str, str],
    *,
    file: Path | None = None,
    corpus: str | None = None,
    index: str | None = None,
    data: str | None = None,
) -> SiteSettings:
    """Read the settings. The command line takes precedence over the environment, and the environment over the file.

    Args:
        environ: environment variables, usually ``os.environ``.
        file: a settings file, or None.
        corpus: folder of the pages, as given on the command line, or None.
        index: folder of the index, or None.
        data: folder of accounts and secrets, or None.

    Raises:
        SettingsError: a value cannot be used, a given name is not a setting, or the file cannot be read.
    """
    given = collect(environ, file, SETTINGS, retired=RETIRED)
    warnings = tuple(
        f"{name}{given.pop(name).source} {sentence}" for name, sentence in RETIRED.items() if name in given
    )
    for setting, text in ((CORPUS, corpus), (INDEX, index), (DATA, data)):
        if text:
            given[setting.variable] = Given(text, Path())
    data_folder = DATA.read(given)
    return SiteSettings(
        corpus=CORPUS.read(given),
        index=INDEX.read(given),
        data=data_folder,
        site_url=SITE_URL.read(given),
        private_titles=PRIVATE.read(given),
        contact=CONTACT.read(given),
        gone_days=GONE_DAYS.read(given),
        publication_grace_days=PUBLICATION_GRACE_DAYS.read(given),
        site_name=SITE_NAME.read(given),
        welcome=WELCOME.read(given),
        accent=ACCENT.read(given),
        https=HTTPS.read(given),
        search_log_days=SEARCH_LOG_DAYS.read(given),
        audit_days=AUDIT_DAYS.read(given),
        inbox_days=INBOX_DAYS.read(given),
        sign_on=_sign_on(given, data_folder),
        address=ADDRESS.read(given),
        proxies=PROXY.read(given),
        hosts=HOSTS.read(given),
        embed=EMBED.read(given),
        assistants=ASSISTANTS.read(given),
        warnings=warnings,
        file=file,
    )


def _sign_on(given: Mapping[str, Given], data: Path) -> SignOn | None:
    issuer = OIDC_ISSUER.read(given)
    if not issuer:
        return None
    found = SignOn(
        issuer=issuer,
        client_id=OIDC_CLIENT_ID.read(given),
        client_secret=OIDC_CLIENT_SECRET.read(given) or _secret_of(data / OIDC_SECRET),
        name=OIDC_NAME.read(given),
        role_claim=OIDC_ROLE_CLAIM.read(given),
        member_values=OIDC_MEMBER_VALUES.read(given),
        staff_values=OIDC_STAFF_VALUES.read(given),
    )
    missing = [
        variable
        for variable, value in (
            (OIDC_CLIENT_ID.variable, found.client_id),
            (OIDC_CLIENT_SECRET.variable, found.client_secret),
            (
                f"{OIDC_MEMBER_VALUES.variable} ou {OIDC_STAFF_VALUES.variable}",
                found.member_values | found.staff_values,
            ),
        )
        if not value
    ]
    if missing:
        raise SettingsError(
            f"L’authentification unique est incomplète : donnez aussi {', '.join(missing)}, "
            f"ou retirez {OIDC_ISSUER.variable} pour vous en passer."
        )
    return found


def _secret_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else Reason("ce n’est pas de l’UTF-8")
        raise SettingsError(
            f"Le secret « {path} » ne peut être lu {reason.then('remettez-y le secret du fournisseur')}."
        ) from error
