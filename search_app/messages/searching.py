"""Sentences of the search page that its template does not hold: what to try when nothing is found, plots in words."""

from __future__ import annotations

from search_app.messages import NO_BREAK, typeset

ANY_WORD = "Chercher l’un ou l’autre de ces mots"
WORDS_ALONE = "Chercher les mots seuls, sans guillemets ni signes"
ANY_WORD_ANYWHERE = "Chercher l’un ou l’autre de ces mots, sans filtre"
NO_FILTER = "Retirer tous les filtres"
OTHER_TYPES = "Autres types"


def drop_filter(facet: str, values: str) -> str:
    """Offer to do without a filter."""
    return typeset(f"Retirer le filtre « {facet} :") + f" {values}{NO_BREAK}»"


def bar_title(year: str, count: str, *, many: bool) -> str:
    """What a bar of the years stands for."""
    return typeset(f"{year} :") + f" {count} ressource{'s' if many else ''}"
