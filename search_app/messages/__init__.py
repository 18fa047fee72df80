"""Every French sentence that is not in a template.

Sentences are written with plain spaces; `typeset` makes them no-break where French wants it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from indexer.query.request import MAX_FILTERS, MAX_PER_PAGE, MAX_REACH, Sort
from indexer.resource import YearSource

NO_BREAK = "\u00a0"
THIN = "\u202f"


def typeset(text: str) -> str:
    """The sentence with no-break spaces inside guillemets and before double punctuation."""
    text = text.replace("« ", f"«{NO_BREAK}").replace(" »", f"{NO_BREAK}»").replace(" :", f"{NO_BREAK}:")
    return re.sub(r" ([;!?])", rf"{THIN}\1", text)


def quoted(value: str, limit: int = 60) -> str:
    """What a person typed, between guillemets, cut if it is long; its own spaces are left alone."""
    short = value if len(value) <= limit else value[: limit - 1] + "…"
    return f"«{NO_BREAK}{short}{NO_BREAK}»"


# Facets, filters, facts
FACETS: Mapping[str, str] = {"type": "Type", "theme": "Thème", "year": "Année", "private": "Accès"}
NO_VALUE: Mapping[str, str] = {"type": "Sans type", "theme": "Sans thème", "year": "Sans année"}
RESERVED = "Réservée aux adhérents"
PRIVATE_FILTER: Mapping[bool, str] = {True: "réservé aux adhérents", False: "public"}
SORTS: Mapping[Sort, str] = {
    Sort.RELEVANCE: "Pertinence",
    Sort.NEWEST: "Plus récentes",
    Sort.OLDEST: "Plus anciennes",
    Sort.TITLE: "Titre",
}
YEAR_SOURCES: Mapping[YearSource, str] = {
    YearSource.STAFF: "corrigée par l’équipe",
    YearSource.PAGE: "d’après la page",
    YearSource.TITLE: "d’après le titre",
    YearSource.TEXT: "d’après le texte",
}
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)

HOME = "Chercher dans les archives"
FILTERED = "Ressources choisies"
ALL_RESOURCES = "Toutes les ressources"


def results_for(query: str) -> str:
    """Heading of the results of some words."""
    return f"Résultats pour {quoted(query, 120)}"


def filtered_by(facet: str, value: str) -> str:
    """Heading of the resources that one filter leaves."""
    return typeset(f"{facet} :") + f" {value}"


def years_between(low: int | None, high: int | None) -> str:
    """The filter on a span of years, in words."""
    if low is not None and high is not None:
        return f"de {low} à {high}"
    return f"depuis {low}" if low is not None else f"jusqu’à {high}"


# Malformed arguments
def not_a_year(value: str) -> str:
    """The argument is no year."""
    return f"{quoted(value)} " + typeset("n’est pas une année : écrivez quatre chiffres, par exemple 2024.")


def not_a_page(value: str) -> str:
    """The argument is no page number."""
    return f"{quoted(value)} " + typeset("n’est pas un numéro de page : les pages commencent à 1.")


def not_a_page_size(value: str) -> str:
    """The argument is no page size."""
    return f"{quoted(value)} " + typeset(
        f"n’est pas un nombre de ressources par page : choisissez de 1 à {MAX_PER_PAGE}."
    )


def not_a_sort(value: str) -> str:
    """The argument is no sort."""
    return f"{quoted(value)} " + typeset("n’est pas un tri : choisissez relevance, -date, date ou title.")


def not_a_yes(value: str) -> str:
    """The argument is neither oui nor non."""
    return f"{quoted(value)} " + typeset("n’est pas une réponse possible ici : écrivez oui ou non.")


TOO_FAR = typeset(
    f"Cette page est trop loin : seules les {MAX_REACH // 1000}{THIN}000 premières ressources "
    "d’une recherche se feuillettent. Précisez la recherche pour atteindre les autres."
)

TOO_MANY_FILTERS = typeset(
    f"La recherche compte plus de {MAX_FILTERS} filtres : retirez-en pour que tous soient pris en compte."
)

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
RESOURCE_NOT_FOUND = "Aucune ressource ne porte cet identifiant."
INDEX_MISSING = (
    "Index en attente",
    "L’index n’est pas encore construit. Une fois les pages importées, la commande "
    "« python run.py index » le construit ; les recherches répondront ensuite d’elles-mêmes.",
)
ACCOUNTS_UNAVAILABLE = (
    "Comptes indisponibles",
    "Les comptes ne peuvent pas être lus pour l’instant. Réessayez dans quelques minutes.",
)
CSRF_FAILED = (
    "Formulaire expiré",
    "Par sécurité, ce formulaire n’est plus valable : il est resté ouvert trop longtemps, ou votre navigateur "
    "refuse les cookies. Revenez à la page, rechargez-la et recommencez.",
)


def error(status: int) -> tuple[str, str]:
    """Title and explanation for an HTTP status."""
    return ERRORS.get(status) or ERRORS[400 if status < 500 else 500]
