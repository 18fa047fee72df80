"""What a browser or a program is told when its request itself cannot be taken."""

from __future__ import annotations

from search_app.messages import typeset

WRONG_HOST = typeset(
    "Ce site ne répond pas sous ce nom : vérifiez l’adresse demandée. (Pour l’équipe : les noms acceptés se règlent "
    "avec RTES_HOSTS.)"
)


def rates_unusable(path: str, reason: str) -> str:
    """The file that counts requests cannot be used."""
    return typeset(
        f"Le fichier {path}, qui compte les demandes, ne peut pas être utilisé ({reason}) : vérifiez ses droits "
        "d’accès."
    )
