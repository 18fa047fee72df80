"""The commands `user …`, on accounts. The first staff account can only be created with `user add`."""

from __future__ import annotations

import getpass
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from indexer.pipeline import corrections_of
from search_app.accounts import MAX_TOKEN_DAYS, TOKEN_DAYS
from search_app.cli.command import Group, argument, option
from search_app.cli.context import CommandContext
from search_app.cli.options import email_argument, json_option, password_option
from search_app.cli.output import print_json, say
from search_app.cli.sentences import COMMANDS
from search_app.cli.types import ROLE, Number

if TYPE_CHECKING:
    from search_app.stores import Stores


user = Group("user", summary=COMMANDS["user"])


@user.command("add", summary="crée un compte")
@email_argument
@option("--role", type=ROLE, required=True, help="adhérent ou équipe")
@password_option
@click.pass_obj
def cmd_user_add(context: CommandContext, *, email: str, role: str, from_stdin: bool) -> int:
    """Create an account, with a password that is asked for or read from standard input; return 1 without a password."""
    password = asked_password(from_stdin=from_stdin)
    if password is None:
        return 1
    with changing(context, "account-added", email, role) as stores:
        account = stores.accounts.add(email, role, password)
    print(f"Compte créé : {account.email} ({account.role}).")
    return 0


@user.command(
    "invite",
    summary="crée un compte sans mot de passe, et invite la personne à en choisir un",
    examples=("python run.py user invite prenom.nom@exemple.fr --role member",),
)
@email_argument
@option("--role", type=ROLE, help="adhérent ou équipe ; sans rôle, renvoie un lien à un compte qui existe")
@option("--link", is_flag=True, help="montre le lien au lieu de l’envoyer par courriel")
@click.pass_obj
def cmd_user_invite(context: CommandContext, *, email: str, role: str | None, link: bool) -> int:
    """Invite a person or, without a role, send the owner of an existing account another link to set a password.

    Args:
        context: settings of the site.
        email: address of the account.
        role: role of the new account; None for an existing one.
        link: whether to print the link rather than mail it.
    """
    from search_app.accounts.audit import COMMAND_LINE
    from search_app.accounts.recovery import invite, send_link
    from search_app.mail import addresses
    from search_app.stores import open_stores

    stores, by_mail = open_stores(context.settings), context.settings.mail is not None and not link
    if role is None:
        invited = send_link(stores, email, actor=COMMAND_LINE, by_mail=by_mail)
    else:
        invited = invite(stores, email, role, actor=COMMAND_LINE, by_mail=by_mail)
    if invited.token is None:
        print(f"Invitation en attente d’envoi : {invited.account.email} ({invited.account.role}).")
        return 0
    # Standard output carries only the link, for scripts.
    print(addresses.password_link(context.settings, invited.token))
    say("Transmettez ce lien maintenant, par une voie sûre : il ne sera plus affiché, et ne sert qu’une fois.")
    return 0


@user.command("list", summary="liste les comptes")
@json_option("liste en JSON")
@click.pass_obj
def cmd_user_list(context: CommandContext, *, as_json: bool) -> int:
    """Print all accounts, each with its role and state."""
    from search_app.cli.sentences import account_line
    from search_app.stores import open_stores

    accounts = open_stores(context.settings).accounts.all()
    if as_json:
        keys = ("email", "role", "disabled", "lapsed", "has_password", "single_sign_on")
        print_json({"accounts": [{key: getattr(account, key) for key in keys} for account in accounts]})
        return 0
    for account in accounts:
        print(
            account_line(
                account.email,
                account.role,
                disabled=account.disabled,
                lapsed=account.lapsed,
                sso=account.single_sign_on,
            )
        )
    if not accounts:
        say("Aucun compte : « python run.py user add EMAIL --role staff » crée le premier.")
    return 0


@user.command("password", summary="change le mot de passe, ferme les sessions et les flux privés")
@email_argument
@password_option
@click.pass_obj
def cmd_user_password(context: CommandContext, *, email: str, from_stdin: bool) -> int:
    """Set the password of an account, which ends its sessions and private feeds; return 1 if no password is given."""
    password = asked_password(from_stdin=from_stdin)
    if password is None:
        return 1
    with changing(context, "account-password", email) as stores:
        account = stores.accounts.set_password(email, password)
    print(f"Mot de passe changé, sessions et flux privés fermés : {account.email}.")
    return 0


@user.command("role", summary="change le rôle et ferme les sessions")
@email_argument
@argument("role", metavar="ROLE", type=ROLE, help="member ou staff")
@click.pass_obj
def cmd_user_role(context: CommandContext, *, email: str, role: str) -> int:
    """Set the role of an account, which ends its sessions if the role changes."""
    with changing(context, "account-role", email, role) as stores:
        account = stores.accounts.set_role(email, role)
    print(f"Rôle : {account.email} ({account.role}).")
    return 0


@user.command("link", summary="lie le compte à une identité du fournisseur, à la place de toute autre")
@email_argument
@argument("sub", metavar="SUB", help="identifiant (« sub ») que le fournisseur donne à la personne")
@click.pass_obj
def cmd_user_link(context: CommandContext, *, email: str, sub: str) -> int:
    """Bind an account to the sign-on provider's identifier `sub`; return 1 without a provider or a usable `sub`."""
    from search_app.accounts.oidc import MAX_SUBJECT, subject_of
    from search_app.cli import sentences as messages

    sign_on = context.settings.sign_on
    subject = subject_of(sub, sign_on) if sign_on is not None else None
    if subject is None:
        say(messages.NO_SIGN_ON if sign_on is None else messages.subject_unusable(MAX_SUBJECT))
        return 1
    with changing(context, "account-bound", email) as stores:
        account = stores.accounts.bind(email, subject)
    print(f"Compte lié à l’identité du fournisseur : {account.email}.")
    return 0


@user.command("disable", summary="désactive le compte : ni session, ni jeton, ni flux ne valent plus")
@email_argument
@click.pass_obj
def cmd_user_disable(context: CommandContext, *, email: str) -> int:
    """Disable an account: its sessions end, and its tokens and feeds are refused until it is enabled."""
    with changing(context, "account-disabled", email) as stores:
        account = stores.accounts.set_disabled(email, True)
    print(f"Compte désactivé, sessions fermées : {account.email}.")
    return 0


@user.command("enable", summary="réactive le compte")
@email_argument
@click.pass_obj
def cmd_user_enable(context: CommandContext, *, email: str) -> int:
    """Enable a disabled account again."""
    with changing(context, "account-enabled", email) as stores:
        account = stores.accounts.set_disabled(email, False)
    print(f"Compte réactivé : {account.email}.")
    return 0


@user.command("remove", summary="supprime le compte et ses jetons")
@email_argument
@click.pass_obj
def cmd_user_remove(context: CommandContext, *, email: str) -> int:
    """Delete an account with its data, such as tokens; its traces in the audit log stay."""
    from search_app.accounts.audit import COMMAND_LINE
    from search_app.erasure import remove_account
    from search_app.stores import open_stores

    remove_account(open_stores(context.settings), email, actor=COMMAND_LINE)
    print(f"Compte supprimé : {email}.")
    return 0


@user.command("erase", summary="efface toute trace d’une personne : compte, jetons, essais, nom dans le journal")
@email_argument
@click.pass_obj
def cmd_user_erase(context: CommandContext, *, email: str) -> int:
    """Erase all data about the person with an e-mail address: account, tokens, mails, name in the audit log."""
    from search_app.accounts.audit import COMMAND_LINE
    from search_app.erasure import erase_person
    from search_app.stores import open_stores

    stores, corrections = open_stores(context.settings), corrections_of(context.settings)
    erased = erase_person(stores, corrections, email, actor=COMMAND_LINE)
    print(
        f"Traces effacées : compte : {'oui' if erased.account else 'aucun'} ; jetons : {erased.tokens} ; "
        f"essais : {erased.tries} ; lignes du journal rendues anonymes : {erased.entries} ; "
        f"corrections, choix, travaux et messages traités : {erased.work} ; messages : {erased.messages} ; "
        f"recherches suivies sans compte : {erased.followed} ; courriels en attente : {erased.mails}."
    )
    return 0


@user.command(
    "token",
    summary="crée un jeton pour l’interface JSON, ou les liste et les révoque",
    exclusive=("label", "listed", "revoke"),
)
@email_argument
@option("--days", metavar="N", type=Number(1, MAX_TOKEN_DAYS), help=f"jours de validité ({TOKEN_DAYS} sinon)")
@option("--label", metavar="NOM", default="", help="nom du jeton, pour le reconnaître")
@option("--list", "listed", is_flag=True, help="liste les jetons")
@option("--revoke", metavar="N", type=Number(1, 999_999_999), help="révoque le jeton de ce numéro")
@json_option("réponse en JSON")
@click.pass_obj
def cmd_user_token(
    context: CommandContext,
    *,
    email: str,
    days: int | None,
    label: str,
    listed: bool,
    revoke: int | None,
    as_json: bool,
) -> int:
    """Create, list or revoke the API tokens of an account."""
    from search_app.stores import open_stores

    if days is not None and (listed or revoke is not None):
        say("--days ne vaut que pour un nouveau jeton : retirez-le, ou retirez --list et --revoke.")
        return 2
    if listed:
        tokens = open_stores(context.settings).tokens.of(email)
        if as_json:
            shown = ("number", "label", "created", "used", "expires")
            print_json({"tokens": [{name: getattr(token, name) for name in shown} for token in tokens]})
            return 0
        for token in tokens:
            used = f"dernier usage le {token.used}" if token.used else "jamais utilisé"
            end = "a expiré" if token.expired else "expire"
            name = token.label or "sans nom"
            print(f"{token.number}  {name} (créé le {token.created}, {used}, {end} le {token.expires})")
        return 0
    if revoke is not None:
        with changing(context, "token-revoked", email, f"token {revoke}") as stores:
            stores.tokens.revoke(email, revoke)
        if as_json:
            print_json({"revoked": revoke})
        else:
            print(f"Jeton n° {revoke} révoqué.")
        return 0
    with changing(context, "token-made", email) as stores:
        secret = stores.tokens.make(email, label, days=days or TOKEN_DAYS)
    # Standard output carries only the token, for scripts.
    if as_json:
        print_json({"token": secret})
    else:
        print(secret)
        say(
            f"Copiez ce jeton maintenant : il ne sera plus affiché. Il vaut {days or TOKEN_DAYS} jours ; "
            "« --revoke » le révoque avant."
        )
    return 0


@contextmanager
def changing(context: CommandContext, action: str, email: str, detail: str = "") -> Iterator[Stores]:
    """Return a context manager around the stores in which to change an account; the change and its audit entry are
    saved together.

    Args:
        context: settings of the site.
        action: name of the action in the audit log.
        email: address of the account.
        detail: detail of the entry in the audit log.
    """
    from search_app.accounts.audit import COMMAND_LINE
    from search_app.accounts.email_address import key_of
    from search_app.stores import open_stores

    stores = open_stores(context.settings)
    account = stores.accounts.get(email)
    with stores.audit.recording(action, COMMAND_LINE, detail, subject=account.email if account else key_of(email)):
        yield stores


def asked_password(*, from_stdin: bool) -> str | None:
    """Ask for a password on the terminal (twice) or read it from standard input; return None after an error message."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            password, again = getpass.getpass("Mot de passe : "), getpass.getpass("Encore une fois : ")
    except (EOFError, getpass.GetPassWarning):
        say("Aucun terminal pour demander le mot de passe : passez-le sur l’entrée standard, --password-stdin.")
        return None
    if again != password:
        say("Les deux mots de passe diffèrent : recommencez.")
        return None
    return password
