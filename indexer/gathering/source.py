"""The settings of a source: a site that the archive gathers pages from, and which of its pages it may read."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from indexer.analysis import slug
from indexer.errors import GatheringError
from indexer.parsing.urls import site_of

DELAY = 1.0
"""Default number of seconds between two requests."""
LONGEST_DELAY = 3600.0
PARAMETERS = ("page",)
"""Query parameters that addresses may have by default: the one that numbers the pages of a listing."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class SourceKind(StrEnum):
    """How a source is read: the pages of a site by crawling, or the nodes of a Drupal site through JSON:API."""

    SITE = "site"
    DRUPAL = "drupal"


@dataclass(frozen=True, slots=True)
class Source:
    """A site that the archive gathers.

    Attributes:
        name: its name; its folder in the corpus has the same name, unless another folder has it already.
        address: where gathering begins.
        kind: pages of a site, or nodes of Drupal's JSON:API.
        hosts: hosts that requests may go to, without "www." and default ports.
        delay: seconds between two requests, at least.
        paths: patterns of paths to read, with "*" for anything; empty: every path below that of `address`.
        excluded: patterns of paths never to read.
        parameters: query parameters that addresses may have; an address with another is not read.
        depth: largest number of links between `address` and a page, or None for any.
        local: whether its hosts may have private addresses (a site on the same machine or network).
        cookie_file, token_file: files with the credentials for the site; None for an anonymous source.
    """

    name: str
    address: str
    kind: SourceKind = SourceKind.SITE
    hosts: tuple[str, ...] = ()
    delay: float = DELAY
    paths: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    parameters: tuple[str, ...] = PARAMETERS
    depth: int | None = None
    local: bool = False
    cookie_file: Path | None = None
    token_file: Path | None = None

    @property
    def origin(self) -> str:
        """Return the name under which the catalogue of the corpus knows the source."""
        return f"source {self.name} {self.address}"

    @property
    def signs_in(self) -> bool:
        """Return whether the source has a file with credentials."""
        return self.cookie_file is not None or self.token_file is not None

    def as_json(self) -> str:
        """Return the settings as JSON."""
        return json.dumps(asdict(self), default=str, ensure_ascii=False)


def read_source_settings(text: str) -> Source:
    """Return the source that `Source.as_json` wrote.

    Raises:
        ValueError, KeyError, TypeError: `as_json` did not write the text.
    """
    held = json.loads(text)
    for name in ("hosts", "paths", "excluded", "parameters"):
        held[name] = tuple(held[name])
    for name in ("cookie_file", "token_file"):
        held[name] = None if held[name] is None else Path(held[name])
    return Source(**{**held, "kind": SourceKind(held["kind"])})


def checked(source: Source) -> Source:
    """Check the settings of a source, and return it with its name and hosts filled in from its address.

    Raises:
        GatheringError: a setting makes no sense; the message says which.
    """
    try:
        parts = urlsplit(source.address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise GatheringError(
            f"« {source.address} » n’est pas l’adresse d’un site : écrivez par exemple https://www.rtes.fr/."
        )
    if parts.username is not None or parts.password is not None:
        raise GatheringError(
            "L’adresse contient un identifiant : retirez-le, et donnez-le dans un fichier par --token-file ou "
            "--cookie-file."
        )
    name = source.name or slug(site_of(source.address))[:40].strip("-")
    if not _NAME.fullmatch(name):
        raise GatheringError(
            f"« {name} » ne peut nommer une source : donnez un nom de 1 à 40 lettres sans accent, chiffres ou tirets, "
            "par --name."
        )
    if not 0 <= source.delay <= LONGEST_DELAY:
        raise GatheringError(f"Le délai se donne en secondes, de 0 à {LONGEST_DELAY:.0f}.")
    if source.cookie_file is not None and source.token_file is not None:
        raise GatheringError("--cookie-file ne va pas avec --token-file : choisissez l’un des deux.")
    address = parts._replace(path=parts.path or "/", fragment="").geturl()
    hosts = tuple(dict.fromkeys((site_of(address), *(site_of(f"//{host}") for host in source.hosts))))
    return replace(source, name=name, address=address, hosts=hosts)
