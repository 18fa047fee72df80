"""French messages of the command line: usage errors, help, accounts, the audit log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from indexer.resource import Audience
from indexer.storage.os_errors import Reason
from search_app.messages import NO_BREAK, quoted, typeset

# Help. Click writes the colon after a heading.
COMMANDS_HEADING = f"commandes{NO_BREAK}"
EXAMPLES = f"exemples{NO_BREAK}"
SETTINGS = f"réglages, par variables d’environnement ou dans le fichier de réglages{NO_BREAK}"


COMMANDS: Mapping[str, str] = {
    "import": "importe des pages (HTML, MHTML, WARC), des exports texte, des dossiers ou des zips dans le corpus",
    "index": "met l’index à jour d’après le corpus",
    "publication": "examine des publications : PDF, DOCX, ODT, PPTX",
    "search": "cherche dans l’archive",
    "check": "vérifie les réglages, le corpus et l’index",
    "profile": "essaie un profil d’import sur des pages",
    "correct": "corrige une ressource, à la place de ses pages ; sans option, montre l’état",
    "withdraw": "retire une ressource des recherches, sans toucher à ses pages",
    "serve": "sert le site au premier plan, jusqu’à SIGTERM",
    "job": "exécute un travail demandé depuis /gestion ; le site le lance lui-même",
    "user": "gère les comptes",
    "audit": "montre le journal des connexions et des actions sur les comptes",
    "searches": "gère le journal des recherches, qui est sans nom",
    "backup": "sauvegarde le corpus et les données dans un fichier .tar.gz",
    "restore": "remet le corpus et les données d’une sauvegarde",
    "completion": "écrit de quoi compléter les commandes dans un shell",
}
"""What each command does, in the order of the help, which is shown without loading them."""


# Wrong usage


def wrong(message: str) -> str:
    """Return the error message about a command line, as shown below its usage."""
    return f"{typeset('Erreur :')} {message}"


def see_help(command: str) -> str:
    """Return a sentence that says how to show the help of a command."""
    return typeset(f"« {command} --help » montre ce qui est possible.")


def unknown(kind: str, given: str, near: Sequence[str] | None) -> str:
    """Return that a command or an option is unknown, and which one may be meant.

    Args:
        kind: the noun and its adjective.
        given: what was typed.
        near: names spelt much like it, nearest first.
    """
    meant = f" ; vouliez-vous dire {near[0]} ?" if near else "."
    return f"{typeset(f'{kind} :')} {given}{typeset(meant)}"


def before_command(option: str, program: str) -> str:
    """Return that an option of the program stands after a command's name."""
    return typeset(f"{option} se place avant la commande : « {program} {option} … »")


def excludes(one: str, other: str) -> str:
    """Return the message for two options that exclude each other."""
    return typeset(f"{one} ne va pas avec {other} : choisissez l’un des deux.")


def system_refuses(reason: Reason) -> str:
    """Return that a call of the system failed where nothing more precise is known."""
    return typeset(
        f"Le système refuse de continuer {reason.then('remédiez-y')}, puis relancez la même commande ; "
        "« python run.py check » dit ce qui ne va pas."
    )


def choose(choices: Sequence[str]) -> str:
    """Return a sentence that lists the possible words."""
    return f"Choisissez parmi {', '.join(choices)}."


def no_choice(given: str, choices: Sequence[str]) -> str:
    """Return the message for a word that is not one of the possible ones."""
    return f"{quoted(given)} n’est pas possible{typeset(' ; ')}choisissez parmi {', '.join(choices)}."


def no_number(given: str, low: int, high: int) -> str:
    """Return the message for a value that is not a number within bounds."""
    return f"{quoted(given)} n’est pas un nombre de {low} à {high}."


def no_day(given: str) -> str:
    """Return the message for a value that is not a day."""
    return f"{quoted(given)} n’est pas un jour{typeset(' :')} écrivez par exemple 2024-02-16."


# Accounts


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
    """Return an account as one line of a list on the terminal."""
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
    """Return an entry of the audit log as one line, in local time."""
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
"""How to get an account of each role, after `run.py` alone, as long as there is none."""

YOUR_OWN_PAGES = typeset(
    "Pour vos propres pages, dans un autre terminal : « python run.py import DOSSIER », puis « python run.py index » ; "
    "le site les montre aussitôt."
)
"""What to do next, after `run.py` alone."""
