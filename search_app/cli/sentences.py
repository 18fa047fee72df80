"""French sentences on accounts and on the audit log, as several commands print them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from indexer.resource import Audience
from search_app.messages import quoted, typeset


def email_no_longer_fits(email: str) -> str:
    """An account made by an earlier version has an address that is no longer taken."""
    shown = "".join(one if one.isprintable() else f"<U+{ord(one):04X}>" for one in email)
    return f"{quoted(shown, 254)} " + typeset(
        "n’est plus une adresse admise pour un compte : son mot de passe continue de l’ouvrir, l’authentification "
        "unique ne le trouve pas. Vérifiez à qui est ce compte ; « python run.py user add » en crée un à une adresse "
        "admise."
    )


def subject_unusable(most: int) -> str:
    """What is given as the name of an identity is none."""
    return typeset(
        f"Cet identifiant n’est pas utilisable : donnez le « sub » que le fournisseur d’identité donne à la personne, "
        f"de 1 à {most} caractères."
    )


NO_SIGN_ON = typeset(
    "L’authentification unique n’est pas réglée : donnez RTES_OIDC_ISSUER et les autres réglages, puis recommencez."
)


def account_line(email: str, role: Audience, *, disabled: bool, lapsed: bool, sso: bool) -> str:
    """One account in a list on the terminal."""
    facts = [
        str(role),
        *(["désactivé"] if disabled else []),
        *(["rôle retiré par le fournisseur d’identité"] if lapsed else []),
        *(["authentification unique"] if sso else []),
    ]
    return f"{email} ({', '.join(facts)})"


# The audit log
ACTIONS: Mapping[str, str] = {
    "sign-in": "connexion",
    "sign-in-failed": "connexion refusée",
    "sign-in-blocked": "connexion bloquée, trop d’essais",
    "sign-out": "déconnexion",
    "sign-out-everywhere": "déconnexion partout",
    "account-added": "compte créé",
    "account-password": "mot de passe changé",
    "account-role": "rôle changé",
    "account-disabled": "compte désactivé",
    "account-enabled": "compte réactivé",
    "account-lapsed": "rôle retiré par le fournisseur d’identité",
    "account-bound": "compte lié à une identité",
    "account-removed": "compte supprimé",
    "account-erased": "traces d’une personne effacées",
    "token-made": "jeton créé",
    "token-revoked": "jeton révoqué",
    "feed-opened": "adresse de flux privé créée",
    "feed-closed": "adresse de flux privé supprimée",
    "searches-erased": "recherches effacées",
}
"""What was done, in words; an action without any is shown as it is noted."""

_ACTORS: Mapping[str, str] = {
    "command line": "ligne de commande",
    "unknown": "inconnu",
    "single sign-on": "authentification unique",
}


def entry_line(at: datetime, action: str, actor: str, subject: str, detail: str) -> str:
    """One line of the audit log, in local time."""
    when = at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    facts = [ACTIONS.get(action, action), *([f"pour {subject}"] if subject else []), *([detail] if detail else [])]
    return f"{when}  {_ACTORS.get(actor, actor)} : {', '.join(facts)}"


YOUR_OWN_PAGES = typeset(
    "Pour vos propres pages, dans un autre terminal : « python run.py import DOSSIER », puis « python run.py index » ; "
    "le site les montre aussitôt."
)
"""What to do next, after `run.py` alone."""
