"""French texts that several pages share, and French typography.

A sentence is normally written in the code that raises or shows it, or in the template of its page. Texts that code of
two packages shows are defined here, so that the wording is the same: names of facets, errors by HTTP status. Texts that
several modules of one package show are in that package's `sentences`.

Sentences are written with plain spaces; `typeset` inserts no-break spaces as French typography requires.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from indexer.errors import ArchiveError
from indexer.query import Matching
from indexer.resource import TerritorySource

NO_BREAK = "\u00a0"
THIN = "\u202f"

_QUOTED_PATH = re.compile(r"""(?<=[«"'’“‘])(\s*)(/[^»"'’”\n]*?)(?=\s*[»"'’”])""")
_BARE_PATH = re.compile(
    r"""(https?://[^\s»]+|(?<![\w/.])/ressources/(?!\w))"""
    r"""|(?<![\w/.])(/+(?:[^\s/«»"'(),;]+/+)*[^\s/«»"'(),;:]*[^\s/«»"'(),;:.]/?)"""
)
"""Matches an absolute path of the server; also web addresses and addresses of this site, which are left unchanged."""


def typeset(text: str) -> str:
    """Return the sentence with no-break spaces inside guillemets and before double punctuation."""
    text = text.replace("« ", f"«{NO_BREAK}").replace(" »", f"{NO_BREAK}»").replace(" :", f"{NO_BREAK}:")
    return re.sub(r" ([;!?])", rf"{THIN}\1", text)


def quoted(value: str, limit: int = 60, *, inside: bool = False) -> str:
    """Return a text that a person typed between quotation marks, cut if it is longer than `limit`; its own spaces are
    not changed.

    Args:
        value: the text.
        limit: largest number of characters.
        inside: whether it stands inside another quotation, where French uses “ ” in place of guillemets.
    """
    short = value if len(value) <= limit else value[: limit - 1] + "…"
    return f"“{short}”" if inside else f"«{NO_BREAK}{short}{NO_BREAK}»"


def without_paths(text: str) -> str:
    """Return a sentence with every absolute path of the server reduced to its last component."""
    return _BARE_PATH.sub(_last_name, _QUOTED_PATH.sub(_last_name, text))


def said(error: ArchiveError) -> str:
    """Return an error's message as pages show it: the server's paths are for the log and the terminal only."""
    return without_paths(str(error))


def _last_name(found: re.Match[str]) -> str:
    before, path = found.groups(default="")
    return before + path.rstrip("/").rpartition("/")[2]


# Facets, filters, facts
FACETS: Mapping[str, str] = {
    "type": "Type",
    "theme": "Thème",
    "territory": "Territoire",
    "year": "Année",
    "private": "Accès",
    "publication": "Publication",
    "format": "Format",
}
NO_VALUE: Mapping[str, str] = {
    "type": "Sans type",
    "theme": "Sans thème",
    "territory": "Sans territoire",
    "year": "Sans année",
}
TERRITORY_SOURCES: Mapping[TerritorySource, str] = {
    TerritorySource.TEXT: "d’après le texte",
    TerritorySource.PAGE: "d’après la page",
    TerritorySource.STAFF: "corrigé par l’équipe",
}
RESERVED = "Réservée aux adhérents"
RECOGNISED = "texte reconnu automatiquement"
MATCH: Mapping[Matching, str] = {Matching.ALL: "tous", Matching.MOST: "la plupart"}
PUBLICATION_FILTER: Mapping[bool, str] = {True: "avec publication", False: "sans publication"}
FORMATS: Mapping[str, str] = {
    "pdf": "PDF",
    "docx": "Word (DOCX)",
    "odt": "OpenDocument (ODT)",
    "pptx": "PowerPoint (PPTX)",
}
"""Names of the formats of publications for people, by the short names that addresses use."""
PRIVATE_FILTER: Mapping[bool, str] = {True: "réservé aux adhérents", False: "public"}


def years_between(low: int | None, high: int | None) -> str:
    """Return a filter on years in French words, such as « depuis 1990 »; a bound that is not given is None."""
    if low is not None and high is not None:
        return f"de {low} à {high}"
    return f"depuis {low}" if low is not None else f"jusqu’à {high}"


# Errors: title and explanation by HTTP status
ERRORS: Mapping[int, tuple[str, str]] = {
    400: ("Demande incomprise", "La demande est mal formée, ou incomplète."),
    404: (
        "Page introuvable",
        "Il n’y a rien à cette adresse. Elle a peut-être changé, ou la page a été retirée.",
    ),
    405: ("Action impossible", "Cette adresse ne répond pas à ce type de demande."),
    411: ("Envoi sans longueur", "Ce qui est envoyé ici doit annoncer sa longueur (Content-Length)."),
    413: ("Envoi trop lourd", "Ce qui a été envoyé dépasse la taille acceptée."),
    414: (
        "Adresse trop longue",
        "Cette adresse est trop longue pour être lue. Cherchez avec moins de mots, ou moins de filtres.",
    ),
    415: ("Envoi d’un genre inattendu", "Cette adresse n’accepte pas ce genre de contenu."),
    429: (
        "Beaucoup de demandes à la fois",
        "Pour que la recherche reste rapide pour tout le monde, le nombre de demandes est limité. Attendez un "
        "instant, puis rechargez la page : rien n’est perdu.",
    ),
    500: (
        "Erreur de notre côté",
        "Un incident empêche d’afficher cette page. Il a été noté ; réessayez dans un moment.",
    ),
    503: (
        "Recherche indisponible",
        "La recherche ne répond pas pour l’instant. Réessayez dans quelques minutes.",
    ),
}


def error(status: int) -> tuple[str, str]:
    """Return the French title and explanation of an HTTP error."""
    return ERRORS.get(status) or ERRORS[400 if status < 500 else 500]
