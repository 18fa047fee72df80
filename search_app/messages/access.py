"""French sentences on signing in, accounts and what is noted of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from indexer.resource import Audience
from search_app.messages import quoted, typeset

# Signing in
_FAILED = "Adresse ou mot de passe incorrect."


def sign_in_failed(wait: int) -> str:
    """The address or the password is wrong; `wait` seconds pass before the next try."""
    return _FAILED if not wait else typeset(f"{_FAILED} Prochain essai possible dans {duration(wait)}.")


def sign_in_blocked(wait: int) -> str:
    """Too many tries; the next one in `wait` seconds. Says nothing of the account, which was not looked at."""
    return typeset(
        f"Trop d’essais : par sécurité, celui-ci n’a pas été examiné. Réessayez dans {duration(wait)} ; "
        "si vous avez oublié le mot de passe, adressez-vous à l’équipe du réseau."
    )


def duration(seconds: int) -> str:
    """A time to wait, in words, never shorter than it is."""
    if seconds < 60:
        return f"{seconds} seconde{'s' if seconds > 1 else ''}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"


# Files
def store_unusable(path: str, reason: str) -> str:
    """A file of the data folder cannot be used."""
    return typeset(
        f"Le fichier {path} ne peut pas être utilisé ({reason}) : vérifiez ses droits d’accès et l’espace disque, "
        "ou restaurez-le d’une sauvegarde."
    )


def store_newer(path: str) -> str:
    """A file was written by a newer version of the program."""
    return typeset(
        f"Le fichier {path} vient d’une version plus récente du programme : mettez le programme à jour, "
        "ou restaurez la sauvegarde faite avant la mise à jour."
    )


# Addresses
def email_malformed(email: str) -> str:
    """The address is no e-mail address."""
    return f"{quoted(email)} " + typeset("n’est pas une adresse électronique : écrivez par exemple nom@exemple.fr.")


def email_unseen(code: int) -> str:
    """The address holds a character that nobody sees, or that reorders what is around it."""
    return typeset(f"Cette adresse contient un caractère invisible (U+{code:04X}) : retapez-la au lieu de la coller.")


def email_not_ascii(local: str) -> str:
    """What stands before the @ holds other letters than those without accents."""
    return f"{quoted(local)} " + typeset(
        "ne peut pas précéder l’arobase : seules les lettres de A à Z sans accent, les chiffres et quelques signes "
        "y sont admis. Employez l’adresse sans accent de la même boîte."
    )


def email_domain(domain: str) -> str:
    """What stands after the @ is no domain."""
    return f"{quoted(domain)} " + typeset("n’est pas un nom de domaine : écrivez par exemple nom@exemple.fr.")


def email_no_longer_fits(email: str) -> str:
    """An account made by an earlier version has an address that is no longer taken."""
    shown = "".join(one if one.isprintable() else f"<U+{ord(one):04X}>" for one in email)
    return f"{quoted(shown, 254)} " + typeset(
        "n’est plus une adresse admise pour un compte : son mot de passe continue de l’ouvrir, l’authentification "
        "unique ne le trouve pas. Vérifiez à qui est ce compte ; « python run.py user add » en crée un à une adresse "
        "admise."
    )


# Accounts
def no_account(email: str) -> str:
    """There is no account with this address."""
    return typeset("Aucun compte ne porte l’adresse") + f" {email}" + typeset(" : voyez « python run.py user list ».")


def identity_taken(email: str) -> str:
    """An identity of the provider opens another account already."""
    return typeset("Cette identité ouvre déjà un autre compte que") + f" {email}."


def subject_unusable(most: int) -> str:
    """What is given as the name of an identity is none."""
    return typeset(
        f"Cet identifiant n’est pas utilisable : donnez le « sub » que le fournisseur d’identité donne à la personne, "
        f"de 1 à {most} caractères."
    )


NO_SIGN_ON = typeset(
    "L’authentification unique n’est pas réglée : donnez RTES_OIDC_ISSUER et les autres réglages, puis recommencez."
)


def account_disabled(email: str) -> str:
    """The account is closed for now."""
    return typeset("Le compte") + f" {email} " + typeset("est désactivé : « python run.py user enable » le rouvre.")


def account_lapsed(email: str) -> str:
    """The provider took the role of the account away."""
    return (
        typeset("Le compte")
        + f" {email} "
        + typeset("n’a plus de rôle chez le fournisseur d’identité : « python run.py user role » lui en donne un ici.")
    )


# Tokens
def too_many_tokens(most: int) -> str:
    """The account has as many tokens as it may."""
    return typeset(f"Ce compte a déjà {most} jetons, le plus possible : révoquez ceux qui ne servent plus.")


def no_token(number: int) -> str:
    """The account has no token of this number."""
    return typeset(f"Ce compte n’a pas de jeton n° {number} : voyez la liste de ses jetons.")


TOKEN_REFUSED = (
    "Jeton refusé",
    "Ce jeton n’est pas valable : il a expiré ou a été révoqué, son compte est désactivé ou sans rôle, ou il est mal "
    "recopié. Créez-en un autre à la page « Mon compte », ou retirez l’en-tête Authorization pour lire ce qui est "
    "public.",
)

# One's own account
ROLES: Mapping[Audience, str] = {Audience.MEMBER: "adhérent", Audience.STAFF: "équipe"}


def account_line(email: str, role: Audience, *, disabled: bool, lapsed: bool, sso: bool) -> str:
    """One account in a list on the terminal."""
    facts = [
        str(role),
        *(["désactivé"] if disabled else []),
        *(["rôle retiré par le fournisseur d’identité"] if lapsed else []),
        *(["authentification unique"] if sso else []),
    ]
    return f"{email} ({', '.join(facts)})"


DONE: Mapping[str, str] = {
    "mot-de-passe": typeset("Le mot de passe est changé ; les autres sessions et les flux privés sont fermés."),
    "jeton-revoque": "Le jeton est révoqué.",
    "flux-termine": "Ce flux privé n’existe plus.",
}
PASSWORDS_DIFFER = typeset("Les deux nouveaux mots de passe diffèrent : recommencez.")
CURRENT_IS_ANOTHER = "Le mot de passe actuel n’est pas celui-ci."


def password_long(most: int) -> str:
    """The password is too long to be one."""
    return typeset(f"Le mot de passe est trop long : {most} caractères au plus.")


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


# Single sign-on
SIGN_ON_DOWN = typeset(
    "Le fournisseur d’identité ne répond pas pour l’instant : réessayez dans quelques minutes, "
    "ou connectez-vous avec un mot de passe si votre compte en a un."
)
SIGN_ON_EXPIRED = typeset("Cette demande de connexion n’est plus valable : recommencez depuis cette page.")
SIGN_ON_DENIED = (
    "Le fournisseur d’identité n’a pas donné son accord. Recommencez, ou choisissez une autre façon d’entrer."
)
SIGN_ON_UNSOUND = typeset(
    "La réponse du fournisseur d’identité n’est pas celle attendue : recommencez. Si cela se répète, "
    "prévenez l’équipe du réseau."
)
NO_ROLE = typeset(
    "Vous êtes bien identifié, mais aucun droit d’accès à cette archive n’est associé à votre identité : "
    "adressez-vous à l’équipe du réseau."
)
NO_EMAIL = typeset("Le fournisseur d’identité n’a pas transmis votre adresse électronique : adressez-vous à l’équipe.")
EMAIL_UNVERIFIED = typeset(
    "Votre adresse électronique n’est pas encore vérifiée chez le fournisseur d’identité : vérifiez-la, "
    "puis recommencez."
)
EMAIL_UNCONFIRMED = typeset(
    "Le fournisseur d’identité ne confirme pas que cette adresse électronique est la vôtre : adressez-vous à l’équipe, "
    "qui peut lier votre compte à votre identité avec « python run.py user link »."
)
EMAIL_OF_ANOTHER = typeset(
    "Un compte porte déjà cette adresse et s’ouvre par une autre identité : adressez-vous à l’équipe du réseau."
)
ROLE_OF_ANOTHER = typeset(
    "Un compte porte déjà cette adresse avec un autre rôle que celui que donne le fournisseur d’identité : "
    "adressez-vous à l’équipe, qui peut accorder les deux avec « python run.py user role », ou lier le compte à votre "
    "identité avec « python run.py user link »."
)
IDENTITY_DISABLED = typeset("Votre compte est désactivé : adressez-vous à l’équipe du réseau.")
FIRST_STAFF = typeset(
    "Le premier compte de l’équipe se crée sur le serveur, avec « python run.py user add EMAIL --role staff » : "
    "connectez-vous une fois qu’il existe."
)
