"""The settings of the site, the list of all settings, and how they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
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
SMTP_SECRET = "smtp.secret"  # noqa: S105 - the name of its file
"""File with the password for the mail server, in the data folder."""

MAX_EMBEDDING = 20
"""Largest number of sites that may embed the search, since a response header names them all."""
EMBEDDED, OPENSEARCH = "embedded", "opensearch"
"""Values of RTES_ENGINE: the search engine of this program, or an OpenSearch cluster."""
MAX_SHARDS, MAX_REPLICAS = 100, 10

_INDEX_PREFIX = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
_HOST = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)
_LOCAL_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
_ANY_HOST, _WHERE_IT_LISTENS = "tous", "locale"
"""Default values of RTES_HOSTS (« any host name ») and RTES_ADDRESS (« the address that the site listens on »)."""


class MailSecurity(StrEnum):
    """How the connection to the mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "aucune"


# How the text of a setting is read; the message of each ValueError continues a French sentence


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
    """Return the origin of a site as browsers write it in the Origin header, such as ``https://www.exemple.fr``.

    Args:
        text: the address of the site, as a setting gives it.

    Raises:
        ValueError: it has a path or the like, or is not https (http is allowed on this machine); French message.
    """
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
    local = parts.hostname in _LOCAL_HOSTS
    # Over plain HTTP, anyone on the network path could sign in as anyone.
    if text and (not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local))):
        raise ValueError(
            "qui n’est pas sûr : écrivez l’adresse https du fournisseur, "
            "par exemple https://compte.exemple.fr/realms/reseau"
        )
    return text


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise ValueError("qui n’est pas un port : écrivez un nombre de 1 à 65535.")
    return int(text)


def _security(text: str) -> MailSecurity:
    try:
        return MailSecurity(text.casefold())
    except ValueError:
        raise ValueError("qui n’est pas un choix : écrivez « starttls », « tls » ou « aucune ».") from None


def _email(text: str) -> str:
    # The rules for addresses of accounts are in a higher layer than settings; an address for a mail server needs little
    # more.
    if text and not _EMAIL.fullmatch(text):
        raise ValueError("qui n’est pas une adresse électronique : écrivez par exemple archives@exemple.fr.")
    return text


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())


def _engine(text: str) -> str:
    value = text.casefold()
    if value not in {EMBEDDED, OPENSEARCH}:
        raise ValueError(f"qui n’est pas un moteur : écrivez « {EMBEDDED} » ou « {OPENSEARCH} ».")
    return value


def _cluster_hosts(text: str) -> tuple[str, ...]:
    return tuple(web_address(host.strip()).rstrip("/") for host in text.split(",") if host.strip())


def _index_prefix(text: str) -> str:
    if not _INDEX_PREFIX.fullmatch(text):
        raise ValueError(
            "qui n’est pas un préfixe : écrivez des minuscules, des chiffres et des tirets, comme « rtes »."
        )
    return text


def _shards(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= MAX_SHARDS):
        raise ValueError(f"qui n’est pas un nombre de partitions : écrivez un nombre, de 1 à {MAX_SHARDS}.")
    return int(text)


def _replicas(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= MAX_REPLICAS):
        raise ValueError(f"qui n’est pas un nombre de copies : écrivez un nombre, de 0 à {MAX_REPLICAS}.")
    return int(text)


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
    "RTES_OIDC_ISSUER", "", _issuer, "adresse du fournisseur OpenID Connect ; vide, aucun compte extérieur"
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
SMTP_HOST = Setting("RTES_SMTP_HOST", "", plain, "serveur d’envoi des courriels ; vide, le site n’en envoie aucun")
SMTP_PORT = Setting("RTES_SMTP_PORT", "587", _port, "son port : 587 avec starttls, 465 avec tls, souvent 25 sans rien")
SMTP_SECURITY = Setting(
    "RTES_SMTP_SECURITY", "starttls", _security, "chiffrement de la connexion : « starttls », « tls » ou « aucune »"
)
SMTP_USER = Setting("RTES_SMTP_USER", "", plain, "nom d’utilisateur chez ce serveur ; vide, sans authentification")
SMTP_PASSWORD_FILE = Setting(
    "RTES_SMTP_PASSWORD_FILE",
    "",
    plain,
    f"fichier de son mot de passe ; à défaut, le fichier {SMTP_SECRET} du dossier data",
)
SMTP_SENDER = Setting(
    "RTES_SMTP_SENDER", "", _email, "adresse de l’expéditeur, que les destinataires voient et à qui ils répondent"
)
MAIL_PRIVATE_TITLES = Setting(
    "RTES_MAIL_PRIVATE_TITLES",
    "non",
    _yes,
    "« oui » : les courriels donnent aussi aux adhérents les titres des ressources réservées, et pas seulement leur "
    "nombre",
)
MAIL_VISITORS = Setting(
    "RTES_MAIL_VISITORS", "non", _yes, "« oui » : les visiteurs peuvent suivre une recherche par courriel, sans compte"
)
MAIL_ALERTS = Setting(
    "RTES_MAIL_ALERTS", "", _email, "adresse prévenue quand un travail de nuit échoue ; vide, personne ne l’est"
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

ENGINE = Setting(
    "RTES_ENGINE",
    EMBEDDED,
    _engine,
    "moteur : « embedded » sur cette machine, « opensearch » sur une grappe OpenSearch",
)
CLUSTER = Setting(
    "RTES_OPENSEARCH", "", _cluster_hosts, "adresses des nœuds de la grappe OpenSearch, séparées par des virgules"
)
CLUSTER_USER = Setting("RTES_OPENSEARCH_USER", "", plain, "utilisateur de l’archive sur la grappe ; vide, sans")
CLUSTER_PASSWORD = Setting("RTES_OPENSEARCH_PASSWORD_FILE", "", plain, "fichier de son mot de passe")
CLUSTER_CA = Setting(
    "RTES_OPENSEARCH_CA",
    "",
    plain,
    "fichier de l’autorité qui a signé les certificats des nœuds ; vide, celles du système",
)
CLUSTER_CERTIFICATE = Setting(
    "RTES_OPENSEARCH_CERTIFICATE", "", plain, "fichier du certificat de l’archive, si la grappe en demande un"
)
CLUSTER_KEY = Setting("RTES_OPENSEARCH_KEY", "", plain, "fichier de la clé de ce certificat, si elle est à part")
CLUSTER_PREFIX = Setting(
    "RTES_OPENSEARCH_PREFIX", "rtes", _index_prefix, "début des noms des index de l’archive sur la grappe"
)
CLUSTER_SHARDS = Setting("RTES_OPENSEARCH_SHARDS", "1", _shards, "nombre de partitions de chaque index")
CLUSTER_REPLICAS = Setting(
    "RTES_OPENSEARCH_REPLICAS",
    "1",
    _replicas,
    "nombre de copies de chaque partition ; 0 pour une grappe d’un seul nœud",
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
    SMTP_HOST,
    SMTP_PORT,
    SMTP_SECURITY,
    SMTP_USER,
    SMTP_PASSWORD_FILE,
    SMTP_SENDER,
    MAIL_PRIVATE_TITLES,
    MAIL_VISITORS,
    MAIL_ALERTS,
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
    ENGINE,
    CLUSTER,
    CLUSTER_USER,
    CLUSTER_PASSWORD,
    CLUSTER_CA,
    CLUSTER_CERTIFICATE,
    CLUSTER_KEY,
    CLUSTER_PREFIX,
    CLUSTER_SHARDS,
    CLUSTER_REPLICAS,
)
"""Every setting, in the order in which README and the help of the command line list them."""

RETIRED = {
    "RTES_RATE_LIMIT": "n’a plus d’effet : le rythme des demandes se limite dans nginx, par limit_req "
    "(voir deploy/nginx.conf) ; retirez ce réglage.",
}
"""Names of former settings, each with the French warning, without the name, for those who still set one."""


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
class MailServer:
    """The server that sends the site's mails.

    Attributes:
        host, port: network address of the server.
        sender: e-mail address from which mails are sent.
        security: how the connection is encrypted.
        user: user name at the server; empty if it requires none.
        password: password of the user.
    """

    host: str
    sender: str
    port: int = SMTP_PORT.fallback
    security: MailSecurity = SMTP_SECURITY.fallback
    user: str = SMTP_USER.fallback
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """An OpenSearch cluster, as the settings describe it.

    Attributes:
        hosts: addresses of its nodes.
        user: user name of the archive on the cluster; empty if it requires none.
        password_file: path of a file with the password of the user, or empty.
        ca: path of the certificate of the authority that signed those of the nodes; empty for those of the system.
        certificate, key: paths of the client certificate and of its private key, or empty.
        prefix: beginning of the names of the archive's indexes.
        shards: number of shards of each index.
        replicas: number of copies of each shard.
    """

    hosts: tuple[str, ...] = CLUSTER.fallback
    user: str = CLUSTER_USER.fallback
    password_file: str = CLUSTER_PASSWORD.fallback
    ca: str = CLUSTER_CA.fallback
    certificate: str = CLUSTER_CERTIFICATE.fallback
    key: str = CLUSTER_KEY.fallback
    prefix: str = CLUSTER_PREFIX.fallback
    shards: int = CLUSTER_SHARDS.fallback
    replicas: int = CLUSTER_REPLICAS.fallback


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
        mail: the server that sends mails, or None if none is configured: then nothing is sent.
        mail_private_titles: whether mails to members give the titles of private resources, not only their number.
        mail_visitors: whether visitors may follow a search by e-mail.
        mail_alerts: e-mail address to which failures of nightly jobs are reported; empty for none.
        address: public address of this archive; None for the address that it listens on.
        proxies: number of proxies in front of the site whose forwarded client address is trusted.
        hosts: host names that the site accepts; empty accepts any.
        embed: origins of the sites that may embed the search.
        assistants: whether assistants may use the archive by MCP.
        engine: `EMBEDDED` or `OPENSEARCH`.
        cluster: the OpenSearch cluster, used only with the engine `OPENSEARCH`.
        warnings: French sentences on given settings that have no effect.
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
    mail: MailServer | None = None
    mail_private_titles: bool = MAIL_PRIVATE_TITLES.fallback
    mail_visitors: bool = MAIL_VISITORS.fallback
    mail_alerts: str = MAIL_ALERTS.fallback
    address: str | None = ADDRESS.fallback
    proxies: int = PROXY.fallback
    hosts: tuple[str, ...] = HOSTS.fallback
    embed: tuple[str, ...] = EMBED.fallback
    assistants: bool = ASSISTANTS.fallback
    engine: str = ENGINE.fallback
    cluster: ClusterSettings = ClusterSettings()
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
        mail=_mail_server(given, data_folder),
        mail_private_titles=MAIL_PRIVATE_TITLES.read(given),
        mail_visitors=MAIL_VISITORS.read(given),
        mail_alerts=MAIL_ALERTS.read(given),
        address=ADDRESS.read(given),
        proxies=PROXY.read(given),
        hosts=HOSTS.read(given),
        embed=EMBED.read(given),
        assistants=ASSISTANTS.read(given),
        engine=ENGINE.read(given),
        cluster=_cluster(given),
        warnings=warnings,
        file=file,
    )


def _cluster(given: Mapping[str, Given]) -> ClusterSettings:
    found = ClusterSettings(
        hosts=CLUSTER.read(given),
        user=CLUSTER_USER.read(given),
        password_file=_path_of(CLUSTER_PASSWORD, given),
        ca=_path_of(CLUSTER_CA, given),
        certificate=_path_of(CLUSTER_CERTIFICATE, given),
        key=_path_of(CLUSTER_KEY, given),
        prefix=CLUSTER_PREFIX.read(given),
        shards=CLUSTER_SHARDS.read(given),
        replicas=CLUSTER_REPLICAS.read(given),
    )
    if ENGINE.read(given) == OPENSEARCH and not found.hosts:
        raise SettingsError(
            f"{ENGINE.variable} vaut « {OPENSEARCH} », mais {CLUSTER.variable} est vide : donnez-y l’adresse des "
            f"nœuds, comme https://a:9200,https://b:9200, ou retirez {ENGINE.variable}."
        )
    open_hosts = [host for host in found.hosts if not _is_safe(host)]
    if found.user and open_hosts:
        raise SettingsError(
            f"{CLUSTER.variable} enverrait le mot de passe de {CLUSTER_USER.variable} en clair à {open_hosts[0]} : "
            f"écrivez une adresse https, ou retirez {CLUSTER_USER.variable}."
        )
    return found


def _path_of(setting: Setting[str], given: Mapping[str, Given]) -> str:
    """Return the path of a file that a setting names; a relative one starts from the folder of the settings file."""
    text = setting.read(given)
    return str(given[setting.variable].folder / text) if text else ""


def _is_safe(host: str) -> bool:
    """Return whether requests to an address cannot be read on the way: it is on this machine, or begins with https."""
    parts = urlsplit(host)
    return parts.scheme == "https" or parts.hostname in _LOCAL_HOSTS


def read_secret(path: str, said: str) -> str:
    """Return the secret that a file holds, without spaces around it; empty if `path` is empty.

    Args:
        path: the file, or empty.
        said: the end of the error message: what to write into the file (French).

    Raises:
        SettingsError: the file does not exist, is empty or cannot be read.
    """
    if not path:
        return ""
    secret = _secret_of(Path(path), said)
    if not secret:
        raise SettingsError(f"Le secret « {path} » manque ou est vide : {said}.")
    return secret


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


def _mail_server(given: Mapping[str, Given], data: Path) -> MailServer | None:
    host = SMTP_HOST.read(given)
    # Read in any case, so that a wrong value is reported even before a server is named.
    port, security, sender = SMTP_PORT.read(given), SMTP_SECURITY.read(given), SMTP_SENDER.read(given)
    user, named = SMTP_USER.read(given), SMTP_PASSWORD_FILE.read(given)
    if not host:
        return None
    if not sender:
        raise SettingsError(
            f"L’envoi de courriels est incomplet : donnez aussi {SMTP_SENDER.variable}, "
            f"ou retirez {SMTP_HOST.variable} pour n’en envoyer aucun."
        )
    mend = "remettez-y le mot de passe du serveur d’envoi"
    if named:
        path = given[SMTP_PASSWORD_FILE.variable].folder / Path(named)
        password = _secret_of(path, mend)
        if not password:
            raise SettingsError(f"Le secret « {path} » manque ou est vide : {mend}.")
    else:
        password = _secret_of(data / SMTP_SECRET, mend)
    if user and not password:
        raise SettingsError(
            f"{SMTP_USER.variable} est donné sans mot de passe : écrivez-le dans un fichier, et donnez le chemin de "
            f"ce fichier par {SMTP_PASSWORD_FILE.variable}."
        )
    if user and security is MailSecurity.NONE and host.casefold() not in _LOCAL_HOSTS:
        raise SettingsError(
            f"Le mot de passe de {SMTP_USER.variable} voyagerait en clair : écrivez « starttls » ou « tls » dans "
            f"{SMTP_SECURITY.variable}."
        )
    return MailServer(host, sender, port, security, user, password if user else "")


def _secret_of(path: Path, mend: str = "remettez-y le secret du fournisseur") -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else Reason("ce n’est pas de l’UTF-8")
        raise SettingsError(f"Le secret « {path} » ne peut être lu {reason.then(mend)}.") from error
