"""French that several pages share, and what sets it in type.

A sentence stands beside the code that raises or shows it, or in the template of its page. It comes here when code of
two packages says the same thing, so that it is said in the same words: names of facets, errors by HTTP status.
Sentences that several modules of one package say stand in its `sentences`.

Sentences are written with plain spaces; `typeset` makes them no-break where French wants it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from indexer.errors import ArchiveError

NO_BREAK = "\u00a0"
THIN = "\u202f"

_QUOTED_PATH = re.compile(r"""(?<=[«"'’“‘])(\s*)(/[^»"'’”\n]*?)(?=\s*[»"'’”])""")
_BARE_PATH = re.compile(
    r"""(https?://[^\s»]+|(?<![\w/.])/ressources/(?!\w))"""
    r"""|(?<![\w/.])(/+(?:[^\s/«»"'(),;]+/+)*[^\s/«»"'(),;:]*[^\s/«»"'(),;:.]/?)"""
)
"""A path; or, to be left as it is, the address of a page of the web or of the site."""


def typeset(text: str) -> str:
    """Return the sentence with no-break spaces inside guillemets and before double punctuation."""
    text = text.replace("« ", f"«{NO_BREAK}").replace(" »", f"{NO_BREAK}»").replace(" :", f"{NO_BREAK}:")
    return re.sub(r" ([;!?])", rf"{THIN}\1", text)


def quoted(value: str, limit: int = 60) -> str:
    """Return what a person typed, between guillemets, cut if it is long; its own spaces are left alone."""
    short = value if len(value) <= limit else value[: limit - 1] + "…"
    return f"«{NO_BREAK}{short}{NO_BREAK}»"


def without_paths(text: str) -> str:
    """Return a sentence in which files and folders of the server are called by their last name alone."""
    return _BARE_PATH.sub(_last_name, _QUOTED_PATH.sub(_last_name, text))


def said(error: ArchiveError) -> str:
    """Return what a page shows of an error. Where files are is for the log and the terminal: every page asks here."""
    return without_paths(str(error))


def _last_name(found: re.Match[str]) -> str:
    before, path = found.groups(default="")
    return before + path.rstrip("/").rpartition("/")[2]


# Facets, filters, facts
FACETS: Mapping[str, str] = {"type": "Type", "theme": "Thème", "year": "Année", "private": "Accès"}
NO_VALUE: Mapping[str, str] = {"type": "Sans type", "theme": "Sans thème", "year": "Sans année"}
RESERVED = "Réservée aux adhérents"
PRIVATE_FILTER: Mapping[bool, str] = {True: "réservé aux adhérents", False: "public"}


def years_between(low: int | None, high: int | None) -> str:
    """Return the filter on a span of years, in words."""
    if low is not None and high is not None:
        return f"de {low} à {high}"
    return f"depuis {low}" if low is not None else f"jusqu’à {high}"


# Errors: title and explanation by status
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
    """Return title and explanation for an HTTP status."""
    return ERRORS.get(status) or ERRORS[400 if status < 500 else 500]
