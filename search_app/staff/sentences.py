"""French texts that several pages of the staff desk show."""

from __future__ import annotations

from collections.abc import Mapping

from search_app.messages import typeset

KINDS: Mapping[str, str] = {
    "index": "Indexation",
    "full": "Indexation complète",
    "previous": "Retour à la génération d’avant",
    "preview": "Aperçu d’un import",
    "import": "Import et indexation",
    "survey": "Relevé de ce qui est à vérifier",
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
ONE_AT_A_TIME = typeset("Un travail est déjà en cours : attendez sa fin, ou annulez-le.")


FIELDS: Mapping[str, str] = {
    "type": "Type",
    "year": "Année",
    "theme": "Thèmes",
    "territory": "Territoires",
    "private": "Accès",
    "withdrawn": "Retrait",
    "document": "Publications rattachées",
    "renamed": "Nom du thème",
}
