"""French messages of the command line: usage errors, help, accounts, the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from indexer.resource import Audience
from indexer.storage.os_errors import Reason
from search_app.messages import NO_BREAK, quoted, typeset

VERSION = "0.1.0"
"""The version in pyproject.toml, repeated here since a checkout has no installed distribution."""

# Help; click adds the colon after headings.
COMMANDS_HEADING = f"commandes{NO_BREAK}"
EXAMPLES = f"exemples{NO_BREAK}"
SETTINGS = f"réglages, par variables d’environnement ou dans le fichier de réglages{NO_BREAK}"


COMMANDS: Mapping[str, str] = {
    "import": "importe des pages (HTML, MHTML, WARC), des exports texte, des dossiers ou des zips dans le corpus",
    "index": "met l’index à jour d’après le corpus",
    "source": "gère les sites dont l’archive récupère elle-même les pages",
    "sync": "récupère ce qui a changé sur les sources, l’importe et l’indexe",
    "publication": "examine des publications : PDF, DOCX, ODT, PPTX",
    "search": "cherche dans l’archive",
    "check": "vérifie les réglages, le corpus et l’index",
    "profile": "essaie un profil d’import sur des pages",
    "correct": "corrige une ressource, à la place de ses pages ; sans option, montre l’état",
    "withdraw": "retire une ressource des recherches, sans toucher à ses pages",
    "serve": "sert le site au premier plan, jusqu’à SIGTERM",
    "job": "exécute un travail demandé depuis /gestion ; le site le lance lui-même",
    "user": "gère les comptes",
    "mail": "envoie les courriels en attente, essaie leur réglage",
    "audit": "montre le journal des connexions et des actions sur les comptes",
    "searches": "gère le journal des recherches, qui est sans nom",
    "backup": "sauvegarde le corpus et les données dans un fichier .tar.gz",
    "restore": "remet le corpus et les données d’une sauvegarde",
    "completion": "écrit de quoi compléter les commandes dans un shell",
}
"""Summaries of the commands, in the order of the help; kept here so that the help need not load the commands."""


# Wrong usage


def wrong(message: str) -> str:
    """Return the line with an error in a command line, shown below the usage of the command."""
    return f"{typeset('Erreur :')} {message}"


def see_help(command: str) -> str:
    """Return the line that says how to get a command's help."""
    return typeset(f"« {command} --help » montre ce qui est possible.")


def unknown(kind: str, given: str, near: Sequence[str] | None) -> str:
    """Return the message for an unknown command or option, with suggestions.

    Args:
        kind: French noun and adjective, such as « option inconnue ».
        given: what was typed.
        near: similar names, the nearest first; None or empty for no suggestion.
    """
    meant = f" ; vouliez-vous dire {near[0]} ?" if near else "."
    return f"{typeset(f'{kind} :')} {given}{typeset(meant)}"


def before_command(option: str, program: str) -> str:
    """Return the message for an option of the program given after a command's name."""
    return typeset(f"{option} se place avant la commande : « {program} {option} … »")


def excludes(one: str, other: str) -> str:
    """Return the message for two options that exclude each other."""
    return typeset(f"{one} ne va pas avec {other} : choisissez l’un des deux.")


def system_refuses(reason: Reason) -> str:
    """Return the message for a failed system call about which nothing more precise is known."""
    return typeset(
        f"Le système refuse de continuer {reason.then('remédiez-y')}, puis relancez la même commande ; "
        "« python run.py check » dit ce qui ne va pas."
    )


def choose(choices: Sequence[str]) -> str:
    """Return the message for a missing value, which lists the possible words."""
    return f"Choisissez parmi {', '.join(choices)}."


def no_choice(given: str, choices: Sequence[str]) -> str:
    """Return the message for a word that is not one of those possible."""
    return f"{quoted(given)} n’est pas possible{typeset(' ; ')}choisissez parmi {', '.join(choices)}."


def no_number(given: str, low: int, high: int) -> str:
    """Return the message for a value that is not a whole number from `low` to `high`."""
    return f"{quoted(given)} n’est pas un nombre de {low} à {high}."


def no_day(given: str) -> str:
    """Return the message for a value that is not a day in ISO 8601."""
    return f"{quoted(given)} n’est pas un jour{typeset(' :')} écrivez par exemple 2024-02-16."


# Accounts


def email_no_longer_fits(email: str) -> str:
    """Return the warning about an account of an earlier version whose address is no longer accepted."""
    shown = "".join(one if one.isprintable() else f"<U+{ord(one):04X}>" for one in email)
    return f"{quoted(shown, 254)} " + typeset(
        "n’est plus une adresse admise pour un compte : son mot de passe continue de l’ouvrir, l’authentification "
        "unique ne le trouve pas. Vérifiez à qui est ce compte ; « python run.py user add » en crée un à une adresse "
        "admise."
    )


def subject_unusable(most: int) -> str:
    """Return the message for a `sub` that cannot be the identifier of an identity; `most` is its largest length."""
    return typeset(
        f"Cet identifiant n’est pas utilisable : donnez le « sub » que le fournisseur d’identité donne à la personne, "
        f"de 1 à {most} caractères."
    )


NO_SIGN_ON = typeset(
    "L’authentification unique n’est pas réglée : donnez RTES_OIDC_ISSUER et les autres réglages, puis recommencez."
)


def account_line(email: str, role: Audience, *, disabled: bool, lapsed: bool, sso: bool) -> str:
    """Return the line of an account in a list on the terminal.

    Args:
        email: address of the account.
        role: its role.
        disabled: whether staff disabled it.
        lapsed: whether the sign-on provider revoked its role.
        sso: whether it is bound to an identity of the sign-on provider.
    """
    facts = [
        str(role),
        *(["désactivé"] if disabled else []),
        *(["rôle retiré par le fournisseur d’identité"] if lapsed else []),
        *(["authentification unique"] if sso else []),
    ]
    return f"{email} ({', '.join(facts)})"


# Mails
NO_MAIL_SERVER = typeset(
    "Aucun courriel ne part : donnez RTES_SMTP_HOST et RTES_SMTP_SENDER, puis « python run.py mail test ADRESSE »."
)
NO_ALERTS = typeset("Personne n’est prévenu : donnez une adresse par RTES_MAIL_ALERTS.")
MAIL_STATES: Mapping[str, str] = {
    "waiting": "en attente",
    "handed": "en cours d’envoi",
    "sent": "envoyés",
    "refused": "refusés",
    "dropped": "sans objet",
    "expired": "abandonnés",
}
"""The states of the queue of mails in French."""


# The audit log
ACTIONS: Mapping[str, str] = {
    "sign-in": "connexion",
    "sign-in-failed": "connexion refusée",
    "sign-in-blocked": "connexion bloquée, trop d’essais",
    "sign-out": "déconnexion",
    "sign-out-everywhere": "déconnexion partout",
    "account-added": "compte créé",
    "account-password": "mot de passe changé",
    "account-invited": "compte créé, invitation faite",
    "password-link": "lien pour un mot de passe fait",
    "password-by-link": "mot de passe choisi par un lien",
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
    "list-shared": "adresse de liste partagée créée",
    "list-unshared": "adresse de liste partagée supprimée",
    "searches-erased": "recherches effacées",
}
"""The actions of the audit log in French; an action that is missing here is shown as recorded."""

_ACTORS: Mapping[str, str] = {
    "command line": "ligne de commande",
    "unknown": "inconnu",
    "single sign-on": "authentification unique",
}


def entry_line(at: datetime, action: str, actor: str, subject: str, detail: str) -> str:
    """Return the line of an audit log entry, given the fields of `AuditEntry`; its time is shown in local time."""
    when = at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    facts = [ACTIONS.get(action, action), *([f"pour {subject}"] if subject else []), *([detail] if detail else [])]
    return f"{when}  {_ACTORS.get(actor, actor)} : {', '.join(facts)}"


TRY_AS: Mapping[Audience, str] = {
    Audience.MEMBER: typeset(
        "Pour essayer le site en adhérent : « python run.py user add adherent@exemple.fr --role member », puis "
        "« Connexion » sur le site."
    ),
    Audience.STAFF: typeset(
        "Pour l’essayer avec la page « Gestion » de l’équipe : « python run.py user add equipe@exemple.fr "
        "--role staff »."
    ),
}
"""How to create an account of each role; `run.py` without a command prints it for roles that nobody has yet."""

YOUR_OWN_PAGES = typeset(
    "Pour vos propres pages, dans un autre terminal : « python run.py import DOSSIER », puis « python run.py index » ; "
    "le site les montre aussitôt."
)
"""How to import and index pages of one's own; `run.py` without a command prints it."""
