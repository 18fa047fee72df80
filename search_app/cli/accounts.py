"""Commands on accounts. The first staff account can be made here and nowhere else."""

from __future__ import annotations

import argparse
import getpass
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from indexer.pipeline import corrections_of
from search_app.accounts import MAX_TOKEN_DAYS, TOKEN_DAYS
from search_app.cli.context import AddCommand, Command, CommandContext
from search_app.cli.output import FrenchParser, number, print_json, say

if TYPE_CHECKING:
    from search_app.stores import Stores


def register(command: AddCommand) -> None:
    """Add these commands to the command line."""
    user = command("user", cmd_user_list, "gère les comptes")
    users = user.add_subparsers(
        title="commandes", metavar="COMMANDE", parser_class=FrenchParser, required=True, dest="action"
    )

    def action(name: str, run: Command, help: str, *, email: bool = True) -> FrenchParser:
        sub: FrenchParser = users.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
        sub.set_defaults(run=run)
        if email:
            sub.add_argument("email", metavar="EMAIL")
        return sub

    def asks_password(sub: FrenchParser) -> None:
        sub.add_argument("--password-stdin", action="store_true", help="lit le mot de passe sur l’entrée standard")

    sub = action("add", cmd_user_add, "crée un compte")
    sub.add_argument("--role", choices=("member", "staff"), required=True, help="adhérent ou équipe")
    asks_password(sub)
    sub = action("list", cmd_user_list, "liste les comptes", email=False)
    sub.add_argument("--json", action="store_true", help="liste en JSON")
    asks_password(
        action("password", cmd_user_password, "change le mot de passe, ferme les sessions et les flux privés")
    )
    sub = action("role", cmd_user_role, "change le rôle et ferme les sessions")
    sub.add_argument("role", metavar="ROLE", choices=("member", "staff"), help="member ou staff")
    sub = action("link", cmd_user_link, "lie le compte à une identité du fournisseur, à la place de toute autre")
    sub.add_argument("sub", metavar="SUB", help="identifiant (« sub ») que le fournisseur donne à la personne")
    action("disable", cmd_user_disable, "désactive le compte : ni session, ni jeton, ni flux ne valent plus")
    action("enable", cmd_user_enable, "réactive le compte")
    action("remove", cmd_user_remove, "supprime le compte et ses jetons")
    action("erase", cmd_user_erase, "efface toute trace d’une personne : compte, jetons, essais, nom dans le journal")
    sub = action("token", cmd_user_token, "crée un jeton pour l’interface JSON, ou les liste et les révoque")
    sub.add_argument(
        "--days", metavar="N", type=number(1, MAX_TOKEN_DAYS), help=f"jours de validité ({TOKEN_DAYS} sinon)"
    )
    what = sub.add_mutually_exclusive_group()
    what.add_argument("--label", metavar="NOM", default="", help="nom du jeton, pour le reconnaître")
    what.add_argument("--list", action="store_true", help="liste les jetons")
    what.add_argument("--revoke", metavar="N", type=number(1, 999_999_999), help="révoque le jeton de ce numéro")
    sub.add_argument("--json", action="store_true", help="réponse en JSON")


def cmd_user_add(context: CommandContext, args: argparse.Namespace) -> int:
    """Add an account."""
    password = asked_password(from_stdin=args.password_stdin)
    if password is None:
        return 1
    with changing(context, "account-added", args.email, args.role) as stores:
        account = stores.accounts.add(args.email, args.role, password)
    print(f"Compte créé : {account.email} ({account.role}).")
    return 0


def cmd_user_list(context: CommandContext, args: argparse.Namespace) -> int:
    """List accounts."""
    from search_app.cli.sentences import account_line
    from search_app.stores import open_stores

    accounts = open_stores(context.settings).accounts.all()
    if args.json:
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


def cmd_user_password(context: CommandContext, args: argparse.Namespace) -> int:
    """Change a password."""
    password = asked_password(from_stdin=args.password_stdin)
    if password is None:
        return 1
    with changing(context, "account-password", args.email) as stores:
        account = stores.accounts.set_password(args.email, password)
    print(f"Mot de passe changé, sessions et flux privés fermés : {account.email}.")
    return 0


def cmd_user_role(context: CommandContext, args: argparse.Namespace) -> int:
    """Change a role."""
    with changing(context, "account-role", args.email, args.role) as stores:
        account = stores.accounts.set_role(args.email, args.role)
    print(f"Rôle : {account.email} ({account.role}).")
    return 0


def cmd_user_link(context: CommandContext, args: argparse.Namespace) -> int:
    """Tie an account to an identity."""
    from search_app.accounts.oidc import MAX_SUBJECT, subject_of
    from search_app.cli import sentences as messages

    sign_on = context.settings.sign_on
    subject = subject_of(args.sub, sign_on) if sign_on is not None else None
    if subject is None:
        say(messages.NO_SIGN_ON if sign_on is None else messages.subject_unusable(MAX_SUBJECT))
        return 1
    with changing(context, "account-bound", args.email) as stores:
        account = stores.accounts.bind(args.email, subject)
    print(f"Compte lié à l’identité du fournisseur : {account.email}.")
    return 0


def cmd_user_disable(context: CommandContext, args: argparse.Namespace) -> int:
    """Disable an account."""
    with changing(context, "account-disabled", args.email) as stores:
        account = stores.accounts.set_disabled(args.email, True)
    print(f"Compte désactivé, sessions fermées : {account.email}.")
    return 0


def cmd_user_enable(context: CommandContext, args: argparse.Namespace) -> int:
    """Enable an account."""
    with changing(context, "account-enabled", args.email) as stores:
        account = stores.accounts.set_disabled(args.email, False)
    print(f"Compte réactivé : {account.email}.")
    return 0


def cmd_user_remove(context: CommandContext, args: argparse.Namespace) -> int:
    """Remove an account."""
    from search_app.accounts.audit import COMMAND_LINE
    from search_app.erasure import remove_account
    from search_app.stores import open_stores

    remove_account(open_stores(context.settings), args.email, actor=COMMAND_LINE)
    print(f"Compte supprimé : {args.email}.")
    return 0


def cmd_user_erase(context: CommandContext, args: argparse.Namespace) -> int:
    """Erase all traces of a person."""
    from search_app.accounts.audit import COMMAND_LINE
    from search_app.erasure import erase_person
    from search_app.stores import open_stores

    stores, corrections = open_stores(context.settings), corrections_of(context.settings)
    erased = erase_person(stores, corrections, args.email, actor=COMMAND_LINE)
    print(
        f"Traces effacées : compte : {'oui' if erased.account else 'aucun'} ; jetons : {erased.tokens} ; "
        f"essais : {erased.tries} ; lignes du journal rendues anonymes : {erased.entries} ; "
        f"corrections et travaux : {erased.work}."
    )
    return 0


def cmd_user_token(context: CommandContext, args: argparse.Namespace) -> int:
    """Make, list or revoke tokens."""
    from search_app.stores import open_stores

    if args.days is not None and (args.list or args.revoke is not None):
        say("--days ne vaut que pour un nouveau jeton : retirez-le, ou retirez --list et --revoke.")
        return 2
    if args.list:
        tokens = open_stores(context.settings).tokens.of(args.email)
        if args.json:
            shown = ("number", "label", "created", "used", "expires")
            print_json({"tokens": [{name: getattr(token, name) for name in shown} for token in tokens]})
            return 0
        for token in tokens:
            used = f"dernier usage le {token.used}" if token.used else "jamais utilisé"
            end = "a expiré" if token.expired else "expire"
            name = token.label or "sans nom"
            print(f"{token.number}  {name} (créé le {token.created}, {used}, {end} le {token.expires})")
        return 0
    if args.revoke is not None:
        with changing(context, "token-revoked", args.email, f"token {args.revoke}") as stores:
            stores.tokens.revoke(args.email, args.revoke)
        if args.json:
            print_json({"revoked": args.revoke})
        else:
            print(f"Jeton n° {args.revoke} révoqué.")
        return 0
    with changing(context, "token-made", args.email) as stores:
        secret = stores.tokens.make(args.email, args.label, days=args.days or TOKEN_DAYS)
    # The token alone on standard output, so that a script can take it from there.
    if args.json:
        print_json({"token": secret})
    else:
        print(secret)
        say(
            f"Copiez ce jeton maintenant : il ne sera plus affiché. Il vaut {args.days or TOKEN_DAYS} jours ; "
            "« --revoke » le révoque avant."
        )
    return 0


@contextmanager
def changing(context: CommandContext, action: str, email: str, detail: str = "") -> Iterator[Stores]:
    """What accounts are changed with; the change and its line in the audit log happen together, or neither does."""
    from search_app.accounts.audit import COMMAND_LINE
    from search_app.accounts.email_address import key_of
    from search_app.stores import open_stores

    stores = open_stores(context.settings)
    account = stores.accounts.get(email)
    with stores.audit.recording(action, COMMAND_LINE, detail, subject=account.email if account else key_of(email)):
        yield stores


def asked_password(*, from_stdin: bool) -> str | None:
    """The password, from a terminal (twice) or from standard input; None, with a message, if there is none."""
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
