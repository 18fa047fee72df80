"""French of what members keep: their selection and their saved searches."""

from __future__ import annotations

from search_app.messages import THIN, typeset


def selection_full(most: int) -> str:
    """No more can be selected."""
    count = f"{most:,}".replace(",", THIN)
    return typeset(f"Votre sélection est pleine ({count} ressources) : retirez-en avant d’en ajouter.")


def too_many_searches(most: int) -> str:
    """No more searches can be saved."""
    return typeset(f"Vous suivez déjà {most} recherches : supprimez-en une avant d’en enregistrer une autre.")


def news_of(name: str) -> str:
    """Title of a saved search's feed."""
    return typeset("Nouveautés :") + f" {name}"


FEED_SUBTITLE = "Les ressources que cette recherche a trouvées depuis son enregistrement, les dernières en tête."
