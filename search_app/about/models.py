"""Models of the texts about the site: staff complete them; what the settings say of the site is filled in."""

from __future__ import annotations

from pathlib import Path

from search_app.messages import NO_BREAK
from search_app.settings import SiteSettings

_MODELS = Path(__file__).with_name("starting_texts")


def model_of(slug: str, settings: SiteSettings) -> str:
    """Return a text to begin with, in Markdown; what is in square brackets is to be completed."""
    text = (_MODELS / f"{slug}.md").read_text("utf-8")
    known = {
        "{searches}": _searches(settings.search_log_days),
        "{messages}": _messages(settings.inbox_days),
        "{audit}": audit_sentence(settings.audit_days),
    }
    for name, sentence in known.items():
        text = text.replace(name, sentence)
    return text


def _searches(days: int) -> str:
    if not days:
        return "Les recherches ne sont pas notées."
    return f"Les mots cherchés sont comptés pendant {days}{NO_BREAK}jours, sans rien qui désigne leur auteur."


def _messages(days: int) -> str:
    if not days:
        return "[Dites ici combien de temps les messages sont gardés.]"
    return f"Le message est effacé {days}{NO_BREAK}jours après avoir été traité."


def audit_sentence(days: int) -> str:
    """Return how long sign-ins and what staff did are kept, in French."""
    noted = "Les connexions et les actions de l’équipe sont notées dans un journal"
    return f"{noted}, gardé {days}{NO_BREAK}jours." if days else f"{noted}."
