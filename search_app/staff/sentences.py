"""French texts that several pages of the staff desk show."""

from __future__ import annotations

from collections.abc import Mapping

from indexer.corpus import Field
from indexer.territories import gazetteer
from search_app.messages import NO_VALUE, PRIVATE_FILTER, THIN, typeset

KINDS: Mapping[str, str] = {
    "index": "Indexation",
    "full": "Indexation complète",
    "previous": "Retour à la génération d’avant",
    "preview": "Aperçu d’un import",
    "import": "Import et indexation",
    "survey": "Relevé de ce qui est à vérifier",
    "recognise": "Reconnaissance du texte des pages numérisées",
    "sync": "Récupération d’une source",
    "sync-accepting": "Récupération d’une source, disparitions acceptées",
}
STATES: Mapping[str, str] = {
    "waiting": "en attente",
    "running": "en cours",
    "done": "terminé",
    "failed": "échoué",
    "cancelled": "annulé",
    "crashed": "interrompu",
}
UNITS: Mapping[str, str] = {
    "Lecture des pages": "pages",
    "Lecture des publications": "publications",
    "Indexation": "ressources",
}
"""French words for what each stage of an indexing run counts as its progress, by the name of the stage."""
ONE_AT_A_TIME = typeset("Un travail est déjà en cours : attendez sa fin, ou annulez-le.")


FIELDS: Mapping[str, str] = {
    "type": "Type",
    "year": "Année",
    "theme": "Thèmes",
    "territory": "Territoires",
    "private": "Accès",
    "withdrawn": "Retrait",
    "document": "Publications rattachées",
    "title": "Titre",
    "summary": "Résumé",
    "date": "Date",
    "address": "Adresse d’origine",
    "renamed": "Nom du thème",
}

_FEMININE = {Field.DATE, Field.ADDRESS}


def value_in_words(field: str, value: object) -> str:
    """Return the corrected value of a field in French words. Publications, of which corrections hold only digests, are
    named by the callers.
    """
    if field == Field.PRIVATE:
        return PRIVATE_FILTER[value is True]
    if field == Field.WITHDRAWN:
        return "retirée" if value else "présente"
    if field == Field.TERRITORIES and isinstance(value, list | tuple):
        return f"{THIN}; ".join(map(gazetteer().name, value)) or NO_VALUE["territory"]
    if isinstance(value, list | tuple):
        return f"{THIN}; ".join(value) or NO_VALUE["theme"]
    if value is None:
        return NO_VALUE.get(field, "aucune" if field in _FEMININE else "aucun")
    return str(value)
