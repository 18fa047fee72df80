"""Template texts from which staff write the texts about the site; facts known from the settings are filled in."""

from __future__ import annotations

from pathlib import Path

from search_app.messages import NO_BREAK
from search_app.settings import SiteSettings

_MODELS = Path(__file__).with_name("starting_texts")


def model_of(slug: str, settings: SiteSettings) -> str:
    """Return the template of a text about the site, in Markdown; staff must complete passages in square brackets.

    Args:
        slug: slug of the text, such as ``mentions-legales``.
        settings: settings of the site, for the facts that are filled in.
    """
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
    """Return a French sentence on how long the log of sign-ins and actions of staff is kept."""
    noted = "Les connexions et les actions de l’équipe sont notées dans un journal"
    return f"{noted}, gardé {days}{NO_BREAK}jours." if days else f"{noted}."
